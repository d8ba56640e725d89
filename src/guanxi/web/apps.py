"""Registers the roof with Django; here all rooms are known."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "guanxi.web"
    label = "web"
