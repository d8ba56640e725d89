"""Addresses of exports."""

from django.urls import path

import guanxi.surfaces.converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.exports import pages

urlpatterns = [path("<entity:entity>/export", pages.export, name="export")]
