"""What was agreed when a contract was signed or renewed: kept as it was, and compared with how it is now."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear, readable
from guanxi.access.titles import titles as titles_of
from guanxi.base.files import size_text
from guanxi.base.moments import format_day
from guanxi.base.money import format_money
from guanxi.crm.contracts.model import Agreement
from guanxi.entity.actors import SYSTEM, Actor
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.files import files_of, told
from guanxi.surfaces.detail.asides import Aside, Figure

TERMS = ("account", "contact", "our_party", "value", "currency", "starts_on", "ends_on", "renewal", "notice_days", "terms")
LINES = ("name", "quantity", "price", "discount", "tax_rate", "gross")
LONGEST = 160


def keep_agreement(contract: Any, why: str, *, by: Actor) -> Agreement:
    """A frozen copy of what the contract says, with the lines of the quote it was made of, and of which files were attached."""
    entity = entity_named("contracts")
    terms = {name: entity.fields[name].k.dump(entity.fields[name].of(contract)) for name in TERMS}
    files = [told(one) for one in files_of(contract, to=SYSTEM).order_by("at", "id")]
    return Agreement.objects.create(contract=contract, why=why, terms=terms, lines=_lines(contract), files=files, by_id=by.pk)


def _lines(contract: Any) -> list[dict[str, Any]]:
    if contract.quote_id is None:
        return []
    fields = entity_named("quote_lines").fields
    lines = contract.quote.lines.filter(Q(optional=False) | Q(taken=True), deleted_at__isnull=True).order_by("position", "pk")
    return [{name: fields[name].k.dump(fields[name].of(line)) for name in LINES} for line in lines]


def agreed(contract: Any, reader: User) -> Sequence[Figure]:
    """What was agreed last: what has changed since, lines and files as they were; of what the reader may see. One query, titles, files."""
    found = Agreement.objects.filter(contract=contract.pk).select_related("by").order_by("-at", "-pk").first()
    if found is None:
        return []
    day = format_day(found.at.astimezone(reader.locale.zone).date(), reader.locale.today, reader.locale.language)
    label = _("Renewed") if found.why == "renewed" else _("Signed")
    figures = [Figure(label, f"{day} · {found.by or '–'}"), *_changed(contract, found, reader)]
    attached = _attached(contract, found, reader)
    if len(figures) == 1 and not any(one.tone for one in attached):
        figures.append(Figure(_("Nothing has changed since."), ""))
    return [*figures, *_as_lines(found, reader), *attached]


def _attached(contract: Any, found: Agreement, reader: User) -> list[Figure]:
    """The files that were attached then, told apart from those that are not there any more; known by content, not by name."""
    if not found.files:
        return []
    present = set(files_of(contract, to=reader).values_list("sha256", flat=True))
    return [
        Figure(one["name"], size_text(one["size"])) if one["sha256"] in present else Figure(one["name"], _("removed since"), tone="warn")
        for one in found.files[:20]
    ]


def _changed(contract: Any, found: Agreement, reader: User) -> list[Figure]:
    entity: Entity = entity_named("contracts")
    figures = []
    for one in readable(entity, [entity.fields[name] for name in TERMS], to=reader):
        if not clear(entity, one, to=reader) or one.name not in found.terms:
            continue
        if one.k.dump(one.of(contract)) != found.terms[one.name]:
            then = one.k.load(found.terms[one.name])
            target = one.k.linked()
            titles = titles_of({target: {then}}, to=reader) if target and then else {}
            copy = type(contract)(currency=found.terms.get("currency") or contract.currency)
            copy.__dict__[one.attribute] = then
            text = one.k.format(one.of(copy), reader.locale, titles) or "–"
            figures.append(Figure(_("%(field)s, as agreed") % {"field": one.label}, text[:LONGEST], tone="warn"))
    return figures


def _as_lines(found: Agreement, reader: User) -> list[Figure]:
    lines = entity_named("quote_lines")
    if not reader.rights.may("see", "quotes") or not all(
        clear(lines, lines.fields[name], to=reader) for name in ("name", "quantity", "gross")
    ):
        return []
    currency, language = found.terms.get("currency") or reader.locale.currency, reader.locale.language
    return [
        Figure(f"{line['name']} × {line['quantity']}", format_money(Decimal(line["gross"] or 0), currency, language))
        for line in found.lines[:20]
    ]


AGREED = Aside("contracts", "agreed", gettext_lazy("As agreed"), agreed)
