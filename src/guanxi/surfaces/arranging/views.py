"""The records of an arranged entity in their order, each with those that belong to it; dragging or keys change the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.access.models import User
from guanxi.access.sight import readable, shown_html
from guanxi.access.titles import titles_for
from guanxi.entity.entity import Entity, Related
from guanxi.entity.kinds import Choice
from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import edit
from guanxi.record.reach import visible
from guanxi.record.refusals import Refused
from guanxi.surfaces.answers import done, one_submit, undo_of
from guanxi.surfaces.forms.inputs import capital
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.pages import answering, must_see, render, user_of


@dataclass(frozen=True)
class Item:
    """A record in its place."""

    key: int
    title: str
    url: str
    edit_url: str
    notes: list[SafeString]
    parts: Items | None = None


@dataclass(frozen=True)
class Items:
    """Records in order, and where their order and a new one go."""

    label: str
    one: str
    order_url: str
    new_url: str
    items: list[Item] = field(default_factory=list)


def arranged() -> list[Entity]:
    """The entities whose order has a page of its own: not those that are shown with what they belong to."""
    below = {related.entity for one in entities() if one.arranged for related in [_parts(one)] if related}
    return [one for one in entities() if one.arranged and one.settings and one.path not in below]


@answering
@require_http_methods(["GET", "POST"])
def arrange(request: HttpRequest, entity: Entity) -> HttpResponse:
    """See the order, or change it: `ids` are the records in their new order."""
    user = user_of(request)
    if not entity.arranged or (request.method == "GET" and not entity.settings):
        raise Http404(_("There is no such page."))
    must_see(entity, user, "edit")
    if request.method == "POST":
        return _put_in_order(entity, request.POST.get("ids", ""), user)
    shown = _items(entity, list(visible(entity, to=user).order_by(entity.arranged, "pk")), user)
    return render(request, "surfaces/arranging.html", "items", entity=entity, shown=shown, here=entity.path)


def _put_in_order(entity: Entity, ids: str, user: User) -> HttpResponse:
    keys = [int(text) for text in ids.split(",")[:1000] if text.isascii() and text.isdigit() and len(text) < 19]
    records = {record.pk: record for record in visible(entity, to=user).filter(pk__in=keys)}
    if not keys or len(records) != len(keys):
        raise Refused({"": _("The list has changed meanwhile; open it again.")})
    origin = one_submit()
    for place, key in enumerate(keys):
        if getattr(records[key], entity.arranged) != place:
            edit(records[key], {entity.arranged: place}, by=user, origin=origin)
    return done(entity, None, _("The new order is saved."), undo=undo_of(origin))


def _parts(entity: Entity) -> Related | None:
    """The related list of what belongs to such a record and has an order too."""
    return next((one for one in entity.related if entity_named(one.entity).arranged), None)


def _items(entity: Entity, records: Sequence[Any], user: User, *, hidden: str = "", given: dict[str, int] | None = None) -> Items:
    parts = _parts(entity)
    below = _below(parts, records, user) if parts else {}
    name = title_for(entity, to=user)
    fields = readable(entity, [one for one in entity.glance if one.name not in {entity.title, entity.arranged, hidden}], to=user)
    known = titles_for(records, fields, to=user)
    may_edit = user.rights.may("edit", entity.path)

    def note(one: Any, record: Any) -> SafeString:
        html = shown_html(entity, one, record, to=user, locale=user.locale, titles=known)
        return html if isinstance(one.k, Choice) else format_html("{} {}", capital(one.label), html)

    items = [
        Item(
            key=record.pk, title=name(record), url=f"/{entity.path}/{record.pk}",
            edit_url=f"/{entity.path}/{record.pk}/edit" if may_edit else "",
            notes=[note(one, record) for one in fields if not one.k.is_empty(one.of(record))],
            parts=_items(entity_named(parts.entity), below.get(record.pk, []), user, hidden=parts.by, given={parts.by: record.pk}) if parts else None,
        )
        for record in records
    ]  # fmt: skip
    query = "?" + urlencode(given) if given else ""
    new_url = f"/{entity.path}/new{query}" if user.rights.may("create", entity.path) else ""
    order_url = f"/settings/order/{entity.path}" if may_edit else ""
    return Items(capital(entity.noun.many), capital(entity.noun.one), order_url, new_url, items)


def _below(parts: Related, records: Sequence[Any], user: User) -> dict[int, list[Any]]:
    """What belongs to each of the records, in order. One query."""
    other = entity_named(parts.entity)
    by = other.fields[parts.by]
    found: dict[int, list[Any]] = {}
    wanted = {f"{by.lookup}__in": [record.pk for record in records]}
    for record in visible(other, to=user).filter(**wanted).order_by(other.arranged, "pk"):
        found.setdefault(by.of(record), []).append(record)
    return found
