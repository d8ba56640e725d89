"""Addresses of the board."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.board import pages

urlpatterns = [
    path("<entity:entity>/board/lane", pages.more, name="lane"),
    path("<entity:entity>/board/heads", pages.lane_heads, name="lane-heads"),
    path("<entity:entity>/<int:key>/move", pages.move, name="move-card"),
]
