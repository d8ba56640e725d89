"""Addresses of timelines."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.timeline import views

urlpatterns = [
    path("<entity:entity>/<int:key>/timeline", views.events, name="timeline"),
    path("<entity:entity>/<int:key>/compose", views.compose, name="compose"),
]
