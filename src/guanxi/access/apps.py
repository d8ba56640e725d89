"""Registers the room with Django, and its nouns with the registry."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "guanxi.access"
    label = "access"

    def ready(self) -> None:
        # Models are ready only now.
        from guanxi.access.entity import ABSENCES, ROLES, TEAMS, USERS
        from guanxi.entity.registry import complete, register

        register(USERS, TEAMS, ROLES, ABSENCES)
        complete()
