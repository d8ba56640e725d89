"""Addresses of imports."""

from django.urls import path

import guanxi.surfaces.converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.imports import pages

urlpatterns = [
    path("<entity:entity>/import", pages.start, name="import-start"),
    path("<entity:entity>/import/template.csv", pages.template, name="import-template"),
    path("imports/<int:key>/columns", pages.columns, name="import-columns"),
    path("imports/<int:key>", pages.progress, name="import"),
    path("imports/<int:key>/rejected.csv", pages.rejected, name="import-rejected"),
    path("imports/<int:key>/<str:action>", pages.act, name="import-act"),
]
