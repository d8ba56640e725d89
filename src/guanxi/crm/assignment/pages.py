"""How assignment is said: on the timeline with its reason, and to those who are given something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import people
from guanxi.crm.pools.queries import pools
from guanxi.entity.registry import entity_named
from guanxi.record.models import Change
from guanxi.surfaces.history.told import Saying
from guanxi.surfaces.inbox.words import Said

SAYINGS = {"assigned": Saying(gettext_lazy("A rule assigned %(what)s"), "route", "info")}
NEWS: Mapping[str, Said] = {
    "assigned": Said("route", gettext_lazy("%(record)s is yours now, by the rule “%(rule)s”"), "info"),
    "covered": Said("route", gettext_lazy("%(count)s of your %(many)s went to others while you are away"), "info"),
    "assigned many": Said("route", gettext_lazy("%(count)s %(many)s are yours now, by rules"), "info"),
}


def reason(told: Any, change: Change, to: User) -> str:
    """Why this person, in words. How much others have is told only to those who hand such records over."""
    entity = entity_named(change.entity)
    if not isinstance(told, dict) or not clear(entity, entity.fields["owner"], to=to):
        return ""
    counts = to.rights.may("reassign", entity.path)
    said = _way(told, counts=counts)
    if told.get("away"):
        said = _("%(why)s, while %(who)s is away") % {"why": said, "who": people().get(told["away"], "–")}
    name = told.get("name") or "–"
    return _("Rule “%(rule)s”: %(why)s") % {"rule": name, "why": said}


def _way(told: Mapping[str, Any], *, counts: bool) -> str:
    names = people()
    who, after = names.get(told.get("to") or 0, "–"), names.get(told.get("after") or 0)
    way = told.get("way")
    if way == "in_turn":
        return (
            _("in turn, %(who)s after %(before)s") % {"who": who, "before": after} if after else _("in turn, %(who)s first") % {"who": who}
        )
    if way == "weighted":
        return _("by weight, %(who)s gets %(share)s of %(of)s") % {"who": who, "share": told.get("share"), "of": told.get("of")}
    if way == "least_loaded":
        return _loaded(told, who, counts=counts)
    if way == "territory":
        return _("%(who)s for the territory %(territory)s") % {"who": who, "territory": told.get("territory_name", "–")}
    if way == "parent":
        return _("%(who)s, who owns what it belongs to") % {"who": who}
    if way == "pool":
        pool = pools().get(told.get("pool") or 0)
        return _("into the pool %(pool)s") % {"pool": pool.name if pool else "–"}
    return _("%(who)s, the first who is there") % {"who": who}


def _loaded(told: Mapping[str, Any], who: str, *, counts: bool) -> str:
    if not counts:
        return _("least loaded, %(who)s") % {"who": who}
    load = int(told.get("load") or 0)
    if told.get("others") is None:
        return _("least loaded, %(who)s with %(load)s open") % {"who": who, "load": load}
    return _("least loaded, %(who)s: %(load)s open against %(others)s") % {"who": who, "load": load, "others": told["others"]}
