"""Which sources there are; few, and remembered."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.crm.choices import SOURCES
from guanxi.crm.sources.model import Source
from guanxi.crm.sources.starting import NAMES
from guanxi.entity.kinds.choices import Option
from guanxi.record.memory import remember


def sources() -> dict[str, Source]:
    """Every source by key, those in the trash included: records keep them."""
    return remember("sources", lambda: {one.key: one for one in Source.objects.order_by("position", "id")})


def options() -> Sequence[Option]:
    """The sources as choices; the usual ones in a company that has set up none."""
    return remember("source options", _options)


def _options() -> Sequence[Option]:
    usual = {one.value: one for one in SOURCES}
    return tuple(_option(one, usual.get(one.key)) for one in sources().values() if one.deleted_at is None) or SOURCES


def _option(source: Source, usual: Option | None) -> Option:
    """One still called as it was at the start reads in each person's own language."""
    if usual is None:
        return Option(source.key, source.name)
    names = NAMES.get(source.key, ())
    return Option(source.key, usual.label if source.name in names else source.name, also=(*usual.also, *names))


def label_of(key: str) -> str | None:
    """What a source is called that is offered no more."""
    gone = sources().get(key)
    return gone.name if gone else None
