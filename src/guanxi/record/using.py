"""Whether records that are set up once are in use: a stage with deals in it is not thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import PROTECT, Q
from django.utils.translation import gettext as _

from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities
from guanxi.record.refusals import Refused


def refuse_used(entity: Entity, records: Sequence[Any]) -> None:
    """What living records cannot be without stays: that which the database would protect too. Refused, with the first such."""
    links = [link for link in entity.model._meta.related_objects if getattr(link, "on_delete", None) is PROTECT]
    by_model = {other.model: other for other in entities()}
    for link in links:
        other = by_model.get(link.related_model)
        if other is None:
            continue
        name = link.field.name
        used = other.model._default_manager.filter(Q(**{f"{name}__in": records}), deleted_at__isnull=True)
        first = used.values_list(name, flat=True).first()
        if first is not None:
            count = used.filter(**{name: first}).count()
            said = {"count": count, "many": other.noun.many if count > 1 else other.noun.one, "record": _title(entity, records, first)}
            raise Refused({"": _("“%(record)s” is in use: by %(count)d %(many)s. Change them first.") % said})


def _title(entity: Entity, records: Sequence[Any], key: int) -> str:
    return next(entity.title_of(record) for record in records if record.pk == key)
