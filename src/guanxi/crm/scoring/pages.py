"""How a score is explained: on a record, which facts push it up and down; on its own page, how well it foretells."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import titles
from guanxi.crm.scoring.bayes import weight
from guanxi.crm.scoring.facts import Reader, fact_of, score_for
from guanxi.crm.scoring.leaking import TOO_GOOD, suspects
from guanxi.crm.scoring.model import Score
from guanxi.entity.field import Field
from guanxi.entity.kinds import MoneyKind
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Missing
from guanxi.surfaces.api.figures import Figures
from guanxi.surfaces.detail.asides import Aside, Figure

MOST = 7
LITTLE = math.log(1.05)
"""What changes the odds by less is not told."""


def why(path: str) -> Callable[[Any, User], Sequence[Figure]]:
    """The facts of a record that make its score what it is, the weightiest first; the person's own estimate apart."""

    def figures(record: Any, reader: User) -> Sequence[Figure]:
        if record.score is None:
            return []
        score = score_for(path, getattr(record, "pipeline_id", None))
        if score is None or score.learnt_at is None:
            return []
        entity = entity_named(path)
        found = []
        if clear(entity, entity.fields["score"], to=reader):
            found.append(Figure(_("Chance by experience"), _percent(float(record.score)), share=round(float(record.score) * 100)))
        own = entity.bound.get("probability")
        if own is not None and clear(entity, own, to=reader) and record.probability is not None:
            found.append(Figure(_("Own estimate"), _percent(float(record.probability)), share=round(float(record.probability) * 100)))
        return [*found, *_pushes(score, record, reader)]

    return figures


def _pushes(score: Score, record: Any, reader: User) -> list[Figure]:
    """Only what is said by fields that the reader may read."""
    entity, read = entity_named(score.of), Reader(score, score.counted)
    fields = [one for one in read.fields if clear(entity, one, to=reader)]
    facts = {one.name: _fact(one, record, read, score) for one in fields}
    weights = _weights(score, facts)
    told = sorted((one for one in fields if abs(weights.get(one.name, 0)) >= LITTLE), key=lambda one: -abs(weights[one.name]))[:MOST]
    known = titles({one.k.linked() or "": {one.of(record)} for one in told if one.k.linked() and one.of(record)}, to=reader)
    return [_push(one, record, reader, known, weights[one.name]) for one in told]


def _fact(one: Field, record: Any, read: Reader, score: Score) -> str:
    beside = getattr(one.k, "currency", "") if isinstance(one.k, MoneyKind) else ""
    foreign = beside and getattr(record, beside) not in {"", read.currency}
    return fact_of(one, None if foreign else getattr(record, one.attribute), score.edges)


def _weights(score: Score, facts: dict[str, str]) -> dict[str, float]:
    """What each fact adds to the log-odds; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT field, won, lost, number FROM (SELECT field, value, won, lost, count(*) OVER (PARTITION BY field) AS number "
            "FROM crm_scorecount WHERE score_id = %s AND (won > 0 OR lost > 0)) AS counted "
            "JOIN unnest(%s::text[], %s::text[]) AS asked (f, v) ON f = field AND v = value",
            [score.pk, list(facts), list(facts.values())],
        )
        return {name: weight(won, lost, score.won, score.lost, number) for name, won, lost, number in cursor.fetchall()}


def _push(one: Field, record: Any, reader: User, known: Any, weighs: float) -> Figure:
    value = one.of(record)
    said = _("nothing given") if one.k.is_empty(value) else one.k.format(value, reader.locale, known)
    times = f"{math.exp(abs(weighs)):.1f}"
    arrow = _("▲ odds × %(times)s") if weighs > 0 else _("▼ odds ÷ %(times)s")
    return Figure(f"{one.label}: {said}", arrow % {"times": times}, tone="good" if weighs > 0 else "bad")


def quality(score: Any, reader: User) -> Sequence[Figure]:
    """How well the newest outcomes were foretold from the older ones, and for each tenth of the chances how many came true. No query."""
    if score.learnt_at is None:
        return []
    found = [Figure(_("Learnt from"), _("%(won)s won, %(lost)s lost") % {"won": score.won, "lost": score.lost})]
    told = score.quality
    if not told or told.get("auc") is None:
        return [*found, Figure(_("Too few outcomes"), _("to say how well it foretells"), tone="warn")]
    good = told["auc"] >= 0.7
    return [
        *found,
        *_too_good(score, reader),
        Figure(
            _("Foretold from the older %(number)s") % {"number": told["learnt_from"]},
            _("the newest %(number)s") % {"number": told["held_out"]},
        ),
        Figure(_("AUC (0.5 is chance, 1 perfect)"), f"{told['auc']:.3f}", tone="good" if good else "warn" if told["auc"] < 0.6 else ""),
        Figure(_("Brier score (%(base)s without any facts)") % {"base": f"{told['base']:.3f}"}, f"{told['brier']:.3f}"),
        *(_tenth(*row) for row in told["tenths"]),
    ]


def _too_good(score: Any, reader: User) -> list[Figure]:
    """That it foretells better than anything honest could, and by which facts; those that the reader may read."""
    if (score.quality["auc"] or 0) < TOO_GOOD:
        return []
    entity, alone = entity_named(score.of), _alone(score, reader)
    words = _(
        "A fact probably tells the answer itself: it is filled in only once the end is near, so that it says nothing of what is still open. Look at the strongest, and take out what was not known beforehand."
    )
    named = [name for name in suspects(score.quality) if name in alone]
    return [
        Figure(_("Too good to be true"), words, tone="warn", wide=True),
        *(Figure(_("“%(field)s” alone: AUC") % {"field": entity.bound[name].label}, f"{alone[name]:.3f}", tone="warn") for name in named),
    ]


def _alone(score: Any, reader: User) -> dict[str, float | None]:
    """How well each fact that the reader may read foretells by itself."""
    entity = entity_named(score.of)
    alone = score.quality.get("alone", {})
    return {name: value for name, value in alone.items() if name in entity.bound and clear(entity, entity.bound[name], to=reader)}


def _tenth(tenth: int, number: int, won: int, mean: float) -> Figure:
    label = _("Said %(from)s–%(to)s%%: of %(number)s came true") % {"from": tenth * 10, "to": tenth * 10 + 10, "number": number}
    return Figure(label, _percent(won / number), share=round(100 * won / number))


def _percent(share: float) -> str:
    return f"{share * 100:.0f}%"


# ——— for programs ———


def _tell(reader: User, asked: Mapping[str, str]) -> Any:
    """How well each score that the reader sees foretells; nothing measured is null."""
    entity = entity_named("scores")
    if not reader.rights.may("see", entity.path):
        raise Missing(_("There are no such figures."))
    return {"data": [_told(one, reader) for one in visible(entity, to=reader).order_by("of", "pk")]}


def _told(score: Score, reader: User) -> dict[str, Any]:
    quality, alone = score.quality, _alone(score, reader)
    return {
        "id": score.pk, "name": score.name, "of": score.of, "learnt_at": score.learnt_at.isoformat() if score.learnt_at else None,
        "won": score.won, "lost": score.lost, **{name: quality.get(name) for name in ("auc", "brier", "base", "held_out", "learnt_from")},
        "alone": alone, "suspects": [name for name in suspects(quality) if name in alone],
    }  # fmt: skip


_NUMBER = {"type": ["number", "null"]}
_WHOLE = {"type": ["integer", "null"]}
_ROW = {
    "id": {"type": "integer"}, "name": {"type": "string"}, "of": {"type": "string"}, "learnt_at": {"type": ["string", "null"]},
    "won": {"type": "integer"}, "lost": {"type": "integer"}, **dict.fromkeys(("auc", "brier", "base"), _NUMBER),
    **dict.fromkeys(("held_out", "learnt_from"), _WHOLE),
    "alone": {"type": "object", "additionalProperties": _NUMBER, "description": "AUC of each fact alone"},
    "suspects": {"type": "array", "items": {"type": "string"}, "description": "Facts that probably tell the answer itself"},
}  # fmt: skip
SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["data"],
    "properties": {
        "data": {"type": "array", "items": {"type": "object", "additionalProperties": False, "required": list(_ROW), "properties": _ROW}},
    },
}  # fmt: skip
QUALITY = Figures("scores", "quality", gettext_lazy("How well it foretells"), _tell, SCHEMA, takes=frozenset())

WHY = (
    Aside("leads", "score", gettext_lazy("Score"), why("leads"), later=True),
    Aside("deals", "score", gettext_lazy("Score"), why("deals"), later=True),
    Aside("scores", "quality", gettext_lazy("How well it foretells"), quality),
)
