"""The declaration of lines, for every noun that has some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.lines.pricing import check_taxed_line, priced_for, tax_of
from guanxi.entity.actors import Actor, Locale, Titles
from guanxi.entity.entity import Entity, Noun, Related, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Currency, LongText, MoneyKind, Number, Percent, UnitPrice
from guanxi.entity.registry import entity_named
from guanxi.entity.rollup import Rollup
from guanxi.record.changes import Origin, create_many
from guanxi.record.refusals import Refused
from guanxi.record.together import linked


class Contents(LongText):
    """What a bundle consists of, a line for each part; side by side where there is but one line."""

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        return escape(value or "").replace("\n", " · ")

    def whole(self, value: Any, locale: Locale, titles: Titles) -> str:
        return escape(value or "").replace("\n", "<br>")


PRICED = ("product", "name", "quantity", "price", "discount", "contents")


def line_fields(whole: str, worth: str = "total") -> list[Field]:
    """The fields of every line, as lists show them; `worth` is what their whole adds them up in."""
    tells = (f"{whole}.{worth}",)
    return [
        Field("name", glance=True),
        Field(whole, glance=True),
        Field("product", glance=True),
        Field("quantity", kind=Number(14, 4), glance=True),
        Field("price", kind=UnitPrice(), glance=True, tells=tells),
        Field("discount", kind=Percent()),
        Field("total", kind=MoneyKind(), read_only=True, glance=True, total=True, tells=tells),
        Field("currency", kind=Currency(), read_only=True),
        Field("contents", kind=Contents(4000)),
        Field("position"),
        Field("external_id"),
        Field("id", read_only=True),
    ]


def taxed_lines(
    path: str,
    model: type[models.Model],
    whole: type[models.Model],
    link: str,
    noun: Noun,
    more: Sequence[Field] = (),
    related: Sequence[Related] = (),
) -> Entity:
    """Lines with tax. They stand as they are once the whole is no draft any more."""
    price = priced_for(link)

    def derive(line: Any, changed: set[str]) -> None:
        price(line, changed)
        tax_of(line)

    settled = [one.name for one in more if one.rollup is None]

    def check(line: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
        if changed & {*PRICED, "tax_rate", "position", link, *settled} and getattr(linked(line, link), "status", "") != "draft":
            return {link: _("This is no draft any more: its lines stand as they were agreed.")}
        return check_taxed_line(line, changed, by)

    def follow(writes: Sequence[Write], by: Actor) -> None:
        back = {getattr(one.record, f"{link}_id") for one in writes if "deleted_at" in one.before and one.record.deleted_at is None}
        if back and whole._default_manager.filter(status="draft", pk__in=back).count() < len(back):
            raise Refused({link: _("This is no draft any more: its lines stand as they were agreed.")})

    taxed = [
        Field("tax_rate", kind=Percent(), glance=True),
        Field("tax", kind=MoneyKind(), read_only=True, total=True, tells=(f"{link}.total",)),
        Field("gross", kind=MoneyKind(), read_only=True, glance=True, total=True, tells=(f"{link}.total",)),
    ]
    return Entity(
        path=path,
        model=model,
        noun=noun,
        icon="list-numbers",
        title="name",
        searchable=False,
        part_of=link,
        parent=link,
        order=("position",),
        arranged="position",
        fields_declared=[*line_fields(link), *taxed, *more],
        sections=[Section(gettext_lazy("Line"), (link, *PRICED, "tax_rate", *settled))],
        related=related,
        follow=follow,
        derive=derive,
        check=check,
        may_delete=lambda user: Q(**{f"{link}__status": "draft"}),
    )


def sums_of_lines(where: str = "") -> list[Field]:
    """What a whole is worth: its lines added up, or those that match."""
    return [
        Field("net", kind=MoneyKind(), rollup=Rollup("lines", sum="total", where=where)),
        Field("tax", kind=MoneyKind(), rollup=Rollup("lines", sum="tax", where=where)),
        Field("total", kind=MoneyKind(), rollup=Rollup("lines", sum="gross", where=where), glance=True, card=True, total=True),
    ]


def copied(line: Any, to: str) -> dict[str, Any]:
    """What a line says, for a line of another noun (`to`, its path) at the price it has; its whole comes with it."""
    fields = entity_named(to).fields
    names = [name for name in (*PRICED, "tax_rate", "position", "optional") if name in fields and hasattr(line, name)]
    return {name: getattr(line, f"{name}_id" if name == "product" else name) for name in names}


def copy_lines(lines: Any, to: str, link: str, whole: Any, *, by: Actor, origin: Origin) -> list[Any]:
    """The same lines for another whole of the same currency, at the prices they have."""
    rows = [{link: whole.pk, **copied(line, to)} for line in lines.filter(deleted_at__isnull=True).order_by("position", "pk")]
    return create_many(entity_named(to), rows, by=by, origin=origin) if rows else []
