"""Addresses of the list."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.listing import cells, pages

urlpatterns = [
    path("<entity:entity>", pages.many, name="many"),
    path("<entity:entity>/tabs", pages.tab_counts, name="tab-counts"),
    path("<entity:entity>/count", pages.short_count, name="short-count"),
    path("<entity:entity>/totals", pages.foot, name="totals"),
    path("<entity:entity>/columns", pages.columns, name="columns"),
    path("<entity:entity>/catalogue", pages.catalogue, name="catalogue"),
    path("<entity:entity>/condition", pages.condition, name="condition"),
    path("<entity:entity>/<int:key>/cell/<str:name>", cells.cell, name="cell"),
    path("<entity:entity>/<int:key>/row", cells.row, name="row"),
]
