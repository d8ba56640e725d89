"""Addresses of the calendar."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.calendar import pages

urlpatterns = [path("<entity:entity>/<int:key>/day", pages.move, name="move-day")]
