"""People's own say on a forecast: given, undone, and which one holds. Nothing of it is ever written over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guanxi.access.models import Team, User
from guanxi.crm.forecast.model import Judgement
from guanxi.crm.forecast.rights import hears, reach, sees, sees_forecast
from guanxi.crm.forecast.rolling import Rollup, Sums
from guanxi.crm.forecast.spans import Span, containing, named
from guanxi.crm.pipelines.queries import stages
from guanxi.record.refusals import Forbidden, Missing, Refused

MOST = Decimal(10) ** 15


@dataclass(frozen=True)
class Subject:
    """Whose forecast is judged: a person's or a team's."""

    person: User | None = None
    team: Team | None = None

    @property
    def name(self) -> str:
        return str(self.person or self.team)


def kind_of(subject: Subject, by: User) -> str:
    """What a say of this person's on it would be. Forbidden where they have none."""
    if sees_forecast(by) and sees("amount", by) and by.rights.may("edit", "deals"):
        if subject.person is not None and subject.person.pk == by.pk:
            return "own"
        team = subject.person.team_id if subject.person is not None else subject.team.pk if subject.team else None
        if reach(by, "reassign").over(team=team):
            return "override"
    raise Forbidden(_("You may not judge this forecast."))


def judge(subject: Subject, span: Span, pipeline: int | None, *, by: User, amount: Decimal, note: str = "") -> Judgement:
    """Say what a period will bring. Forbidden, Refused."""
    kind = kind_of(subject, by)
    errors = {}
    if not abs(amount) < MOST:
        errors["amount"] = _("This amount is too large.")
    if kind == "override" and not note.strip():
        errors["note"] = _("Say why.")
    if errors:
        raise Refused(errors)
    return Judgement.objects.create(
        kind=kind, person=subject.person, team=subject.team, period=span.name, pipeline_id=pipeline,
        amount=amount, currency=by.locale.currency, note=note.strip(), by_id=by.pk,
    )  # fmt: skip


def undo(key: int, *, by: User) -> Judgement:
    """Take a say back, so that the one before it holds again. Missing, Forbidden, Refused."""
    said = judgement(key, to=by)
    subject = Subject(said.person, said.team)
    if kind_of(subject, by) != said.kind:
        raise Forbidden(_("You may not judge this forecast."))
    try:
        with transaction.atomic():
            return Judgement.objects.create(
                kind=said.kind, person=said.person, team=said.team, period=said.period, pipeline_id=said.pipeline_id,
                currency=said.currency, by_id=by.pk, undoes=said,
            )  # fmt: skip
    except IntegrityError:
        raise Refused({"": _("This was undone already.")}) from None


def judgement(key: int, *, to: User) -> Judgement:
    """What was said, by its key. Missing, also when the reader may not know of it."""
    said = Judgement.objects.select_related("person", "team", "undone").filter(pk=key, undoes__isnull=True).first()
    if said is None or not _may_know(said, to):
        raise Missing(_("There is no such judgement, or you may not see it."))
    return said


def _may_know(said: Judgement, reader: User) -> bool:
    if not sees_forecast(reader) or not sees("amount", reader):
        return False
    mine = said.kind == "own" and said.person_id == reader.pk
    return mine or hears(reader, person=said.person, team=said.team_id)


def history(subject: Subject, span: Span, pipeline: int | None, *, to: User) -> Sequence[Judgement]:
    """Everything that was said of it and taken back, as far as the reader may know, newest first."""
    said = Judgement.objects.filter(period=span.name, pipeline=pipeline, person=subject.person, team=subject.team)
    found = said.select_related("by", "person", "team", "undone", "undone__by").filter(undoes__isnull=True).order_by("-at", "-pk")
    return [one for one in found if _may_know(one, to)]


def holding(said: Sequence[Judgement]) -> set[int]:
    """Which of these, the newest first, hold: of each kind the last that was not taken back."""
    return set({one.kind: one.pk for one in reversed(said) if not hasattr(one, "undone")}.values())


@dataclass
class Said:
    """What holds of everything that was said of a period."""

    own: Mapping[int, Judgement] = field(default_factory=dict)
    """By person."""
    overrides: Mapping[tuple[str, int], Judgement] = field(default_factory=dict)
    """By (`person` or `team`, key)."""


def said_of(found: Rollup, pipeline: int | None, *, to: User) -> Said:
    """The judgements that hold, of people and teams of a roll-up, as far as the reader may know. One query."""
    if not sees("amount", to):
        return Said()
    own: dict[int, Judgement] = {}
    overrides: dict[tuple[str, int], Judgement] = {}
    rows = Judgement.objects.filter(
        period=found.span.name, pipeline=pipeline, undoes__isnull=True, undone__isnull=True, currency=found.currency
    )
    everything, managed = reach(to).everyone, reach(to, "reassign")
    for one in rows.order_by("at", "pk"):
        person = found.people.get(one.person_id) if one.person_id else None
        if one.person_id and person is None:
            continue
        team = person.team_id if person else one.team_id
        known = everything or managed.over(team=team)
        if one.kind == "own" and person and (known or person.pk == to.pk):
            own[person.pk] = one
        elif one.kind == "override" and known and not (person and person.pk == to.pk):
            overrides["person" if person else "team", person.pk if person else one.team_id or 0] = one
    return Said(own, overrides)


def expected(found: Rollup, said: Said) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """What each person and team is forecast to bring: the override, else one's own say, else what is won and committed; teams their people's."""
    people = {key: _expected(key, found.by_person.get(key), said) for key in found.people}
    teams: dict[int, Decimal] = {}

    def of(team: int) -> Decimal:
        below = sum((of(key) for key in found.teams_under(team)), Decimal(0))
        here = sum((people[one.pk] for one in found.people_in(team)), Decimal(0))
        override = said.overrides.get(("team", team))
        teams[team] = override.amount if override and override.amount is not None else below + here
        return teams[team]

    for top in found.teams_under(None):
        of(top)
    return people, teams


def _expected(key: int, sums: Sums | None, said: Said) -> Decimal:
    one = said.overrides.get(("person", key)) or said.own.get(key)
    if one is not None and one.amount is not None:
        return one.amount
    return sums.raw if sums is not None else Decimal(0)


def subject_of(*, person: int | None, team: int | None, to: User) -> Subject:
    """The person or team of these keys, when the reader may see their forecast. Missing."""
    if person is not None:
        one = User.objects.filter(pk=person).first()
        if one is not None and (one.pk == to.pk or reach(to).over(team=one.team_id)):
            return Subject(person=one)
    elif team is not None:
        group = Team.objects.filter(pk=team, deleted_at__isnull=True).first()
        if group is not None and reach(to).over(team=group.pk):
            return Subject(team=group)
    raise Missing(_("There is no such forecast, or you may not see it."))


def span_named(name: str) -> Span:
    """The period of that name. Refused."""
    try:
        return named(name)
    except ValueError as wrong:
        raise Refused({"period": str(wrong)}) from None


def asked_of(asked: Mapping[str, str], user: User) -> tuple[Span, int | None]:
    """The period and pipeline that are asked for. Refused, Missing."""
    text = asked.get("period", "")
    span = span_named(text) if text else containing(user.locale.today, "quarter")
    pipeline = asked.get("pipeline", "")
    known = {str(stage.pipeline_id) for stage in stages().values()}
    if pipeline and pipeline not in known:
        raise Missing(_("There is no such pipeline."))
    return span, int(pipeline) if pipeline else None
