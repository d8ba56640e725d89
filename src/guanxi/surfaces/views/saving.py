"""Keeping views: saved, renamed, shared, put in order, deleted. A person's own, and shared ones by an administrator too."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.entity.conditions import to_json
from guanxi.entity.entity import Entity
from guanxi.record.models import SavedView
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.views.view import KEPT, View

LONGEST_NAME = 80
MOST_VIEWS = 100


def keep(view: View, name: str, *, by: User, shared: bool = False) -> SavedView:
    """A new saved view that shows what `view` shows. Refused."""
    own = SavedView.objects.filter(entity=view.entity.path, owner=by)
    if own.count() >= MOST_VIEWS:
        raise Refused({"name": _("You have %(most)d views here; delete one first.") % {"most": MOST_VIEWS}})
    last = SavedView.objects.filter(entity=view.entity.path).aggregate(last=Max("position"))["last"] or 0
    row = SavedView(entity=view.entity.path, owner=by, name=_named(name), shared=shared, position=last + 1)
    return _filled(row, view)


def save(row: SavedView, view: View) -> SavedView:
    """The saved view, showing what `view` shows from now on."""
    return _filled(row, view)


def _filled(row: SavedView, view: View) -> SavedView:
    row.condition = to_json(view.condition) if view.condition else None
    row.columns, row.order, row.shape = list(view.columns), list(view.order), view.shape
    row.chart = {name: view.option(name) for name in KEPT if view.option(name)}
    row.save()
    return row


def rename(row: SavedView, name: str, *, shared: bool) -> SavedView:
    """The view under another name, shared or not. Refused."""
    row.name, row.shared = _named(name), shared
    row.save(update_fields=["name", "shared"])
    return row


def move(row: SavedView, by: int) -> None:
    """The view some places further among the saved ones; it may not pass the ends."""
    with transaction.atomic():
        rows = list(SavedView.objects.filter(entity=row.entity).select_for_update())
        seen = [one for one in rows if one.owner_id == row.owner_id or one.shared]
        at = next(place for place, one in enumerate(seen) if one.pk == row.pk)
        to = max(0, min(len(seen) - 1, at + by))
        if to == at:
            return
        rows.remove(row)
        rows.insert(rows.index(seen[to]) + (1 if to > at else 0), row)
        for position, one in enumerate(rows):
            one.position = position
        SavedView.objects.bulk_update(rows, ["position"])


def own_view(entity: Entity, key: int, *, by: User) -> SavedView:
    """The saved view for changing it. Missing when it is out of sight, Forbidden when it is another's."""
    row = SavedView.objects.filter(entity=entity.path, pk=key).first()
    if row is None or not (row.shared or row.owner_id == by.pk):
        raise Missing(_("This view is not there any more, or it is not shared with you."))
    if row.owner_id != by.pk and not by.rights.everything:
        raise Forbidden(_("This view is %(name)s's; save your own instead.") % {"name": row.owner})
    return row


def _named(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise Refused({"name": _("Give the view a name.")})
    if len(name) > LONGEST_NAME:
        raise Refused({"name": _("At most %(most)d characters.") % {"most": LONGEST_NAME}})
    return name
