"""How scores are shown and set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.scoring.facts import SCORED, usable
from guanxi.crm.scoring.model import Score
from guanxi.crm.scoring.tasks import learn_score
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Percent, Several, options
from guanxi.entity.registry import entity_named
from guanxi.record.memory import raise_epoch, remember
from guanxi.record.verbs import verb

OF = Choice(options(("leads", gettext_lazy("Leads")), ("deals", gettext_lazy("Deals"))), plain=True)


def offered() -> dict[str, str]:
    """The fields of leads and deals that can be used, by name, with their labels."""
    return {one.name: str(one.label) for path in SCORED for one in usable(entity_named(path))}


def check_score(score: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Facts are fields of what is judged; only deals have pipelines."""
    entity = entity_named(score.of)
    known = {one.name for one in usable(entity)}
    strange = [name for name in score.uses if name not in known]
    if strange:
        labels = offered()
        return {"uses": _("%(many)s have no “%(field)s”.") % {"many": entity.noun.many, "field": labels.get(strange[0], strange[0])}}
    return {"pipeline": _("Only deals move through pipelines.")} if score.pipeline_id and score.of != "deals" else {}


def follow(writes: Sequence[Write], by: Actor) -> None:
    """What is used now is learnt from; and whoever may not see it may not see the score."""
    raise_epoch()
    for one in writes:
        if one.record.deleted_at is None and any(one.changed(name) for name in ("of", "pipeline", "uses", "active")):
            _learn_later(one.record.pk)


def _learn_later(key: int) -> None:
    transaction.on_commit(lambda: learn_score.defer(score=key))


def used_by(path: str) -> tuple[str, ...]:
    """The fields from which a score of an entity's records is made; the score tells of them."""

    def read() -> tuple[str, ...]:
        several = Score.objects.filter(of=path, deleted_at__isnull=True).values_list("uses", "counted")
        return tuple(sorted({name for uses, counted in several for name in (*uses, *counted)}))

    used = remember(("fields of scores", path), read)
    return tuple(name for name in used if name in entity_named(path).bound)


def score_field(path: str) -> Field:
    """The field of leads and deals that holds their score."""
    return Field("score", kind=Percent(), read_only=True, tells=lambda: used_by(path))


def may_learn(user: Actor) -> Q:
    """Scores in use."""
    return Q(active=True)


@verb(gettext_lazy("Learn anew"), icon="refresh", rule=may_learn, bulk=False, done=gettext_lazy("%(record)s is being learnt anew."))
def learn_anew(score: Any, *, by: Actor) -> None:
    _learn_later(score.pk)


SCORES = Entity(
    path="scores",
    model=Score,
    noun=Noun(gettext_lazy("score"), gettext_lazy("scores")),
    icon="gauge",
    title="name",
    settings=True,
    searchable=False,
    order=("name",),
    fields_declared=[
        Field("name", glance=True),
        Field("of", kind=OF, glance=True),
        Field(
            "pipeline", glance=True, hint=gettext_lazy("Only its deals; those of all pipelines without a score of their own, when empty")
        ),
        Field("uses", kind=Several(offered), glance=True, hint=gettext_lazy("What was known before the end, and can make a difference")),
        Field("active", glance=True),
        Field("learnt_at", read_only=True, glance=True),
        Field("won", read_only=True),
        Field("lost", read_only=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Score"), ("name", "of", "pipeline", "uses", "active"))],
    verbs=(learn_anew,),
    check=check_score,
    follow=follow,
)
