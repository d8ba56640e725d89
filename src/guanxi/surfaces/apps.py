"""Registers the room with Django."""

from django.apps import AppConfig


class SurfacesConfig(AppConfig):
    name = "guanxi.surfaces"
    label = "surfaces"
