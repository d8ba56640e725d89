"""How credit rules and reviews are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.accounts.model import Account
from guanxi.crm.credit.keeping import keep_accounts
from guanxi.crm.credit.model import MARKS, CreditPolicy, CreditReview
from guanxi.crm.credit.queries import policy
from guanxi.crm.starting import currency_of, today
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, MoneyKind, Percent, options
from guanxi.entity.registry import entity_named
from guanxi.record.memory import tell_everyone
from guanxi.record.reach import reachable
from guanxi.record.refusals import Forbidden

CLASSES = Choice(
    options(
        ("A", gettext_lazy("A"), "good"),
        ("B", gettext_lazy("B"), "info"),
        ("C", gettext_lazy("C"), "warn"),
        ("D", gettext_lazy("D"), "bad"),
    ),
    plain=False,
)
MODES = Choice(
    options(
        ("none", gettext_lazy("Nothing happens")),
        ("warn", gettext_lazy("It takes a reason")),
        ("release", gettext_lazy("It takes a release")),
        ("stop", gettext_lazy("It is stopped")),
    ),
    plain=True,
)
RELATIVE = gettext_lazy("Weights are relative: those of the marks that were given count as the whole.")
WEIGHTS = tuple(f"{mark}_weight" for mark in MARKS)


def check_policy(rules: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Some weight is given, and the classes follow one another."""
    weights = [Decimal(getattr(rules, name)) for name in WEIGHTS]
    if any(weight < 0 for weight in weights) or not sum(weights):
        return {WEIGHTS[0]: _("A weight is not below zero, and one at least is above it.")}
    if not 100 >= rules.a_from >= rules.b_from >= rules.c_from >= 0:
        return {"a_from": _("Class A does not begin below B, nor B below C; at most at 100.")}
    return {"unreviewed": _("A limit is not below zero.")} if rules.unreviewed is not None and rules.unreviewed < 0 else {}


def derive(review: Any, changed: set[str]) -> None:
    """The score by the weights in use, over the marks that were given; the class by its borders."""
    rules = policy() or CreditPolicy()
    given = [(Decimal(getattr(rules, f"{mark}_weight")), getattr(review, mark)) for mark in MARKS if getattr(review, mark) is not None]
    whole = sum(weight for weight, _mark in given)
    if changed & {*MARKS} or not review.grade:
        review.score = (sum(weight * mark for weight, mark in given) / whole).quantize(Decimal("0.01")) if whole else Decimal(0)
        borders = (("A", rules.a_from), ("B", rules.b_from), ("C", rules.c_from))
        review.grade = next((name for name, border in borders if review.score >= border), "D")
    review.currency = review.currency or currency_of(review)
    review.name = f"{review.grade} · {review.score.normalize():f}"


def check(review: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """There is a mark, marks are out of 100, and the person may decide on the account's credit."""
    for mark in MARKS:
        if getattr(review, mark) is not None and not 0 <= getattr(review, mark) <= 100:
            return {mark: _("A mark is between 0 and 100.")}
    if all(getattr(review, mark) is None for mark in MARKS):
        return {"character": _("Give at least one mark.")}
    if review.limit is not None and review.limit < 0:
        return {"limit": _("A limit is not below zero.")}
    if review.valid_until and review.reviewed_on and review.valid_until < review.reviewed_on:
        return {"valid_until": _("It would be over before it begins.")}
    return {} if may_decide({review.account_id}, by) else {"account": _("Only who may approve decides on an account's credit.")}


def may_decide(accounts: set[int], by: Actor) -> bool:
    """Whether somebody may decide on the credit of all these accounts."""
    return by.rights.everything or reachable(entity_named("accounts"), "approve", by).filter(pk__in=accounts).count() == len(accounts)


def follow(writes: Sequence[Write], by: Actor) -> None:
    """Nobody else writes reviews in any way; the accounts say what counts now."""
    keys = {key for one in writes for key in (one.record.account_id, one.before.get("account")) if key}
    if not may_decide(keys, by):
        raise Forbidden(_("Only who may approve decides on an account's credit."))
    keep_accounts(keys, by.locale.today, by=by, origin=writes[0].origin)


CREDIT_POLICIES = Entity(
    path="credit_policies",
    model=CreditPolicy,
    noun=Noun(gettext_lazy("credit rule"), gettext_lazy("credit rules")),
    icon="shield-check",
    title="name",
    settings=True,
    searchable=False,
    order=("id",),
    fields_declared=[
        Field("name", glance=True),
        Field("active", glance=True),
        Field("mode", kind=MODES, glance=True),
        Field("overdue_days", glance=True, hint=gettext_lazy("Such as 30: who owes something that fell due more than 30 days ago.")),
        Field(
            "unreviewed",
            kind=MoneyKind(),
            hint=gettext_lazy("In the company's currency. Empty: accounts without a valid review have no limit."),
        ),
        *(Field(name, kind=Percent(), hint=RELATIVE) for name in WEIGHTS),
        Field("a_from"),
        Field("b_from"),
        Field("c_from"),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Credit rule"), ("name", "active", "mode", "overdue_days", "unreviewed")),
        Section(gettext_lazy("Weights"), WEIGHTS),
        Section(gettext_lazy("Classes, by the score"), ("a_from", "b_from", "c_from")),
    ],
    check=check_policy,
    follow=tell_everyone,
)

CREDIT_REVIEWS = Entity(
    path="credit_reviews",
    model=CreditReview,
    noun=Noun(gettext_lazy("credit review"), gettext_lazy("credit reviews")),
    icon="shield-check",
    title="name",
    searchable=False,
    part_of="account",
    parent="account",
    order=("-reviewed_on",),
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("account", glance=True),
        Field("reviewed_on", glance=True, default=today),
        Field("valid_until", glance=True),
        *(one for mark in MARKS for one in (Field(mark), Field(f"{mark}_note"))),
        Field("score", read_only=True, glance=True),
        Field("grade", kind=CLASSES, read_only=True, glance=True),
        Field("limit", kind=MoneyKind(), glance=True),
        Field("currency", kind=Currency(), read_only=True),
        Field("days", glance=True),
        Field("external_id"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Credit review"), ("account", "reviewed_on", "valid_until", "score", "grade", "limit", "days")),
        Section(gettext_lazy("Marks"), tuple(name for mark in MARKS for name in (mark, f"{mark}_note"))),
    ],
    derive=derive,
    check=check,
    follow=follow,
    may_delete=lambda user: Q(account__in=Account.objects.filter(user.rights.where("approve", "accounts"))),
)
