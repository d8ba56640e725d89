"""Addresses of forms, editors in place and pickers."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.forms import addresses, fields, pickers, views

urlpatterns = [
    path("regions", addresses.regions, name="regions"),
    path("<entity:entity>/new", views.new, name="new"),
    path("<entity:entity>/suggest", pickers.suggest, name="suggest"),
    path("<entity:entity>/quick", pickers.quick, name="quick"),
    path("<entity:entity>/duplicates", pickers.duplicates, name="duplicates"),
    path("<entity:entity>/input/<str:name>", fields.again, name="input"),
    path("<entity:entity>/<int:key>/edit", views.change, name="edit"),
    path("<entity:entity>/<int:key>/field/<str:name>", fields.field, name="field"),
]
