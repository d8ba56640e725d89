"""Customers and leads somebody entered a second time: other words, a slip of the finger, half of what there was. And a search that found them."""

from __future__ import annotations

from typing import Any

from guanxi.access.models import User
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import Origin, create
from guanxi.surfaces.dedupe.tasks import find_duplicates, new_search

ORIGIN = Origin("demo")
EACH = 6
"""So many accounts, contacts and leads."""


def enter_twice() -> None:
    """The doubles, and the queue that shows them."""
    for path in ("accounts", "contacts", "leads"):
        entity = entity_named(path)
        rows = entity.model._default_manager.filter(deleted_at__isnull=True).exclude(phones=[]).order_by("pk")
        step = max(rows.count() // (EACH + 1), 1)
        found: list[Any] = list(rows[step : step * EACH + 1 : step])
        for place, record in enumerate(found):
            create(entity, _again(record, place), by=User.objects.get(pk=record.owner_id) if record.owner_id else SYSTEM, origin=ORIGIN)
        find_duplicates(new_search(entity, None).pk)


def _again(record: Any, place: int) -> dict[str, Any]:
    """The record as somebody else would have typed it."""
    values = {"name": _slip(record.name, place), "phones": record.phones[:1], "owner": record.owner_id}
    if entity_of(record).path == "contacts":
        values |= {"account": record.account_id, "title": ""}
    elif entity_of(record).path == "leads":
        values |= {"company": record.company, "source": record.source, "currency": record.currency}
    else:
        values["address"] = {part: text for part, text in record.address.items() if part != "postcode"}
    if place % 2 == 0:
        values["emails"] = record.emails
    return values


def _slip(name: str, place: int) -> str:
    if not name.isascii():
        for form in ("股份有限公司", "有限责任公司", "有限公司"):
            name = name.removesuffix(form)
        return name
    if place % 2 and len(name) > 5:
        return name[:3] + name[4] + name[3] + name[5:]
    return name.upper()
