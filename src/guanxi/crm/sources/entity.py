"""How sources and prospecting methods are shown."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy

from guanxi.base.pinyin import pinyin
from guanxi.crm.choices import SOURCES
from guanxi.crm.sources.model import Method, Source
from guanxi.crm.sources.queries import label_of, options
from guanxi.crm.starting import own_currency
from guanxi.entity.entity import Entity, Noun, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Currency, MoneyKind, Offered
from guanxi.record.memory import tell_everyone

SOURCE = Offered(options, label_of)
"""The kind of every field that says where a record came from."""


def _in_letters(name: str) -> str:
    return re.sub(r"[^\x00-\x7f]+", lambda found: f" {pinyin(found[0])} ", name)


def derive_source(source: Any, changed: set[str]) -> None:
    """A key of its own, once; one that other systems and old records know when it is called like a usual one."""
    if source.key:
        return
    usual = next((one.value for one in SOURCES if source.name.casefold() in {str(one.label).casefold(), *one.also}), "")
    wanted = usual or re.sub(r"[^a-z0-9]+", "_", _in_letters(source.name).casefold()).strip("_")[:34] or "source"
    taken = set(Source.objects.filter(key__startswith=wanted).values_list("key", flat=True))
    source.key = next(key for key in (wanted, *(f"{wanted}_{number}" for number in range(2, len(taken) + 3))) if key not in taken)


METHODS = Entity(
    path="methods",
    model=Method,
    noun=Noun(gettext_lazy("prospecting method"), gettext_lazy("prospecting methods")),
    icon="user-search",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    arranged="position",
    fields_declared=[
        Field("name", glance=True),
        Field("position", glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Prospecting method"), ("name", "position"))],
    related=[
        Related("sources", "sources", "method", gettext_lazy("Sources"), ("cost_each",), "position"),
        Related("leads", "leads", "method", gettext_lazy("Leads"), ("status", "prospect"), "-id"),
    ],
    follow=tell_everyone,
)

SOURCES_OF_RECORDS = Entity(
    path="sources",
    model=Source,
    noun=Noun(gettext_lazy("source"), gettext_lazy("sources")),
    icon="map-pin",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    arranged="position",
    fields_declared=[
        Field("name", glance=True),
        Field("method", glance=True),
        Field("cost_each", kind=MoneyKind(), glance=True),
        Field("currency", kind=Currency(), default=own_currency),
        Field("position", glance=True),
        Field("key", read_only=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Source"), ("name", "method", "cost_each", "currency", "position"))],
    derive=derive_source,
    follow=tell_everyone,
)
