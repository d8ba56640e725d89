"""Registers the room with Django, and its checks of what others declare."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import models

from guanxi.record.memory import at_new_epoch
from guanxi.record.several import Several


class RecordConfig(AppConfig):
    name = "guanxi.record"
    label = "record"

    def ready(self) -> None:
        # Models are ready only now.
        from guanxi.record.custom import refresh

        at_new_epoch(refresh)  # whatever process this is, the fields that people added belong to its entities
        models.Field.register_lookup(Several)
        checks.register(check_rollups)


def check_rollups(**_given: Any) -> list[checks.CheckMessage]:
    """Every roll-up can be kept."""
    # The registry is full, and models are ready, only when checks run.
    from guanxi.record.rollups import problems

    return [checks.Error(wrong, obj=place, id="record.E001") for place, wrong in problems().items()]
