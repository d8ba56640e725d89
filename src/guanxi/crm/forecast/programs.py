"""The forecast for programs: its figures, and what people say of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.crm.forecast.figures import CENT, MONEY, SCHEMA, TEXT, told
from guanxi.crm.forecast.judging import Subject, asked_of, history, holding, judge, judgement, subject_of, undo
from guanxi.crm.forecast.model import Judgement
from guanxi.entity.field import Field
from guanxi.entity.kinds import Currency, LongText, Number, Text, Whole
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.api.figures import Figures, Judged
from guanxi.surfaces.api.parameters import LARGEST

KEY = Whole(1, LARGEST)
_MAYBE_KEY = {"type": ["integer", "null"]}
_SAID: dict[str, Any] = {
    "id": {"type": "integer"}, "kind": {"type": "string", "enum": ["own", "override"]}, "period": TEXT, "pipeline": _MAYBE_KEY,
    "owner": _MAYBE_KEY, "team": _MAYBE_KEY, "amount": MONEY, "currency": TEXT, "note": TEXT, "by": _MAYBE_KEY, "at": TEXT,
    "holds": {"type": "boolean"},
    "undone": {"type": ["object", "null"], "required": ["by", "at"], "properties": {"by": _MAYBE_KEY, "at": TEXT}},
}  # fmt: skip


def _tell(user: User, asked: Mapping[str, str]) -> Any:
    return told(user, *asked_of(asked, user))


def _tell_said(user: User, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    span, pipeline = asked_of(asked, user)
    subject = _subject(_key(asked.get("owner")), _key(asked.get("team")), user)
    said = history(subject, span, pipeline, to=user)
    hold = holding(said)
    return [_said(one, holds=one.pk in hold) for one in said]


def _say(
    user: User, *, period: str, pipeline: int | None, owner: int | None, team: int | None, amount: Decimal, currency: str, note: str
) -> dict[str, Any]:
    if currency and currency != user.locale.currency:
        raise Refused({"currency": _("Give the amount in %(currency)s.") % {"currency": user.locale.currency}})
    try:
        span, known = asked_of({"period": period, "pipeline": str(pipeline or "")}, user)
    except Missing as missing:
        raise Refused({"pipeline": str(missing)}) from None
    try:
        subject = _subject(owner, team, user)
    except Missing as missing:
        raise Refused({"owner" if owner else "team": str(missing)}) from None
    return _said(judge(subject, span, known, by=user, amount=amount, note=note), holds=True)


def _subject(owner: int | None, team: int | None, user: User) -> Subject:
    if (owner is None) == (team is None):
        words = _("Say whose forecast is meant: either the owner of the deals or a team.")
        raise Refused({"owner": words})
    return subject_of(person=owner, team=team, to=user)


def _key(text: str | None) -> int | None:
    """A key as it stands in a question. Missing when it cannot be one."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST):
        raise Missing(_("There is no such forecast, or you may not see it."))
    return int(text)


def _undo(user: User, key: int) -> dict[str, Any]:
    undo(key, by=user)
    return _said(judgement(key, to=user), holds=False)


def _said(one: Judgement, *, holds: bool) -> dict[str, Any]:
    undone = getattr(one, "undone", None)
    return {
        "id": one.pk, "kind": one.kind, "period": one.period, "pipeline": one.pipeline_id, "owner": one.person_id, "team": one.team_id,
        "amount": None if one.amount is None else str(one.amount.quantize(CENT)), "currency": one.currency, "note": one.note,
        "by": one.by_id, "at": one.at.isoformat(), "holds": holds,
        "undone": {"by": undone.by_id, "at": undone.at.isoformat()} if undone else None,
    }  # fmt: skip


JUDGED = Judged(
    tell=_tell_said,
    say=_say,
    undo=_undo,
    fields=(
        Field("period", kind=Text(), label=gettext_lazy("Period"), hint=gettext_lazy("2026, 2026-Q4 or 2026-11; the present quarter when left out.")),
        Field("pipeline", kind=KEY, label=gettext_lazy("Pipeline"), hint=gettext_lazy("Its number; all pipelines when left out.")),
        Field("owner", kind=KEY, label=gettext_lazy("Owner"), hint=gettext_lazy("The number of the user whose forecast is meant, or else a team.")),
        Field("team", kind=KEY, label=gettext_lazy("Team"), hint=gettext_lazy("The number of the team whose forecast is meant, or else an owner.")),
        Field("amount", kind=Number(), label=gettext_lazy("Amount"), required=True),
        Field("currency", kind=Currency(), label=gettext_lazy("Currency"), hint=gettext_lazy("The company's; another one is refused.")),
        Field("note", kind=LongText(), label=gettext_lazy("Note"), hint=gettext_lazy("Needed of who judges others.")),
    ),
    schema={"type": "object", "additionalProperties": False, "required": list(_SAID), "properties": _SAID},
)  # fmt: skip

FORECAST = Figures("deals", "forecast", gettext_lazy("Forecast"), _tell, SCHEMA, judged=JUDGED)
