"""Entities in addresses."""

from __future__ import annotations

from django.urls import register_converter

from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named


class EntityConverter:
    """`<entity:entity>` matches a registered entity and hands it to the view."""

    regex = "[a-z_]+"

    def to_python(self, value: str) -> Entity:
        try:
            return entity_named(value)
        except LookupError:
            raise ValueError(value) from None

    def to_url(self, value: Entity | str) -> str:
        return value if isinstance(value, str) else value.path


register_converter(EntityConverter, "entity")
