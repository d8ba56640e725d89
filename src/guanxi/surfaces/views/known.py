"""Which views there are for a person: those that come with the product, their own, and those others share."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.entity.conditions import ConditionError, Tree, from_json, parse
from guanxi.entity.entity import Entity, Preset
from guanxi.record.models import SavedView
from guanxi.record.refusals import Missing
from guanxi.surfaces.views.view import KEPT, SHAPES, View


def views_of(entity: Entity, *, to: User) -> list[View]:
    """The tabs of an entity: presets first, then saved views in their order. One query."""
    saved = SavedView.objects.filter(Q(owner=to) | Q(shared=True), entity=entity.path)
    return [*presets_of(entity), *(saved_view(entity, row, to=to) for row in saved)]


def presets_of(entity: Entity) -> list[View]:
    """The views that come with the product; at least one."""
    presets = entity.views or (Preset("all", _("All %(many)s") % {"many": entity.noun.many}),)
    return [
        View(entity, preset.name, preset.label, _parsed(preset.condition), order=tuple(preset.order), shape=preset.shape)
        for preset in presets
    ]


@lru_cache(maxsize=500)
def _parsed(text: str) -> Tree | None:
    return parse(text) if text else None


def saved_view(entity: Entity, row: SavedView, *, to: User) -> View:
    """A saved view as its reader meets it. What the reader may not see of it is found out where it is used."""
    try:
        condition = from_json(row.condition) if row.condition else None
    except ConditionError:
        condition = None
    options = row.chart if isinstance(row.chart, dict) else {}
    return View(
        entity, str(row.pk), row.name, condition, order=tuple(row.order or ()), columns=tuple(row.columns or ()),
        shape=row.shape if row.shape in SHAPES else "table",
        options={name: str(options[name]) for name in KEPT if options.get(name)},
        saved=row.pk, mine=row.owner_id == to.pk, shared=row.shared,
    )  # fmt: skip


def pick(views: list[View], key: str) -> View:
    """The view of that key, the first one when no key is given. Missing."""
    if not key:
        return views[0]
    for view in views:
        if view.key == key:
            return view
    raise Missing(_("This view is not there any more, or it is not shared with you."))
