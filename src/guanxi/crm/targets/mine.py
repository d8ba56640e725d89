"""One's own targets on the first page, and how far one is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.crm.forecast.spans import UNITS, containing
from guanxi.crm.targets.measures import MEASURES
from guanxi.crm.targets.pages import held_in_words, in_words, place
from guanxi.crm.targets.queries import Aim, key_of, sees_values
from guanxi.crm.targets.results import may_measure, results
from guanxi.crm.targets.standing import standing
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.surfaces.home.blocks import Progress, Reached

MOST = 1


def mine(user: User) -> list[Reached]:
    """One's own targets of the present month, quarter and year, and how far one is; the shortest period of each measure."""
    if not sees_values(user):
        return []
    spans = {span.name: span for span in (containing(user.locale.today, unit) for unit in UNITS)}
    rows = visible(entity_named("targets"), to=user).filter(owner=user.pk, period__in=spans, pipeline=None, product=None, family="")
    chosen: dict[str, Any] = {}
    for one in rows:
        if one.measure not in chosen or UNITS.index(spans[one.period].unit) < UNITS.index(spans[chosen[one.measure].period].unit):
            chosen[one.measure] = one
    found: list[Reached] = []
    for name in MEASURES:
        one = chosen.get(name)
        aim = Aim(spans[one.period], name) if one is not None else None
        if (
            one is not None
            and aim is not None
            and may_measure(aim, user)
            and one.currency in {"", user.locale.currency}
            and len(found) < MOST
        ):
            found.append(_reached(aim, one, user))
    return found


def _reached(aim: Aim, target: Any, user: User) -> Reached:
    held = standing(results(aim, user, only=user.pk).of(key_of(target)), target.value, aim.span, user.locale.today)
    words = held_in_words(aim, held, user)
    label = _("%(measure)s, %(period)s") % {"measure": aim.by.label, "period": aim.span.label(user.locale.language)}
    if held.weekly:
        hint = _("%(share)s of %(target)s; %(weekly)s needed a week") % {
            "share": words["attained"],
            "target": words["target"],
            "weekly": words["weekly"],
        }
    else:
        hint = _("%(share)s of %(target)s") % {"share": words["attained"], "target": words["target"]}
    return Reached(label, in_words(aim, held.done, user), hint, place(aim, None), words["share"], words["tone"])


MINE = Progress("my targets", "targets", gettext_lazy("My targets"), mine, rank=5)
