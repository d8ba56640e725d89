"""Addresses of dashboards."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.dashboards import pages

urlpatterns = [
    path("dashboards/new", pages.new, name="new-dashboard"),
    path("dashboards/<int:key>", pages.dashboard, name="dashboard"),
    path("dashboards/<int:key>/settings", pages.settings, name="dashboard-settings"),
    path("dashboards/<int:key>/copy", pages.copy, name="dashboard-copy"),
    path("dashboards/<int:key>/delete", pages.delete, name="dashboard-delete"),
    path("dashboards/<int:key>/arrange", pages.arrange, name="dashboard-arrange"),
    path("dashboards/<int:key>/tiles/new", pages.add, name="dashboard-add"),
    path("dashboards/<int:key>/tiles/<int:tile_key>", pages.tile, name="dashboard-tile"),
    path("dashboards/<int:key>/tiles/<int:tile_key>/edit", pages.edit_tile, name="dashboard-tile-edit"),
    path("<entity:entity>/tile", pages.keep, name="keep-tile"),
]
