"""Addresses of saved views."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.views import pages

urlpatterns = [
    path("<entity:entity>/views/new", pages.new, name="new-view"),
    path("<entity:entity>/views/save", pages.save, name="save-view"),
    path("<entity:entity>/views/<int:key>", pages.rename, name="rename-view"),
    path("<entity:entity>/views/<int:key>/move", pages.move, name="move-view"),
    path("<entity:entity>/views/<int:key>/delete", pages.delete, name="delete-view"),
]
