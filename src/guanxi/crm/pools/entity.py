"""How pools and their rules are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.assignment.model import AssignmentRule
from guanxi.crm.conditions import ConditionText, wrong_in
from guanxi.crm.pools.model import Pool, PoolRule
from guanxi.crm.pools.queries import pools
from guanxi.crm.pools.tasks import distribute_pool, recycle_pool
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Links, Several, options
from guanxi.entity.registry import entity_named
from guanxi.record.memory import tell_everyone
from guanxi.record.veiling import can_be_masked, can_be_veiled
from guanxi.record.verbs import verb

ROUNDS = Choice(
    options(("hand", gettext_lazy("By hand")), ("hourly", gettext_lazy("Every hour")), ("daily", gettext_lazy("Every morning"))), plain=True
)
OF = Choice(options(("leads", gettext_lazy("Leads")), ("accounts", gettext_lazy("Accounts"))), plain=True)


def hideable() -> dict[str, str]:
    """Fields that pooled records can keep back, by name, with their labels."""
    return {one.name: str(one.label) for one in _fields() if can_be_veiled(one)}


def maskable() -> dict[str, str]:
    """Those of which they can show a part."""
    return {one.name: str(one.label) for one in _fields() if can_be_masked(one)}


def _fields() -> list[Field]:
    return [one for path in ("leads", "accounts") for one in entity_named(path).fields.values()]


def check_pool(pool: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """What is not counted is a condition of the pool's records, and what gives them out a rule of such."""
    wrong = wrong_in(pool.not_counted, pool.of)
    if wrong:
        return {"not_counted": wrong}
    rule = AssignmentRule.objects.filter(pk=pool.given_by_id).first()
    if rule is not None and (rule.of != pool.of or rule.way in {"pool", "parent"}):
        return {"given_by": _("Choose a rule for such records that names people or territories.")}
    return {}


def check_rule(rule: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """A rule is a condition of the pool's records."""
    pool = pools().get(rule.pool_id)
    wrong = wrong_in(rule.condition, pool.of) if pool else ""
    return {"condition": wrong} if wrong else {}


def may_recycle(user: Actor) -> Q:
    """Pools in use that have rules."""
    return Q(active=True, rules__deleted_at__isnull=True, rules__isnull=False)


@verb(gettext_lazy("Recycle now"), icon="recycle", rule=may_recycle, bulk=False, done=gettext_lazy("The rules of %(record)s are at work."))
def recycle(pool: Any, *, by: Actor) -> None:
    transaction.on_commit(lambda: recycle_pool.defer(pool=pool.pk))


def may_distribute(user: Actor) -> Q:
    """Pools in use that say by which rule they are given out."""
    return Q(active=True, given_by__isnull=False)


@verb(
    gettext_lazy("Give out now"),
    icon="users-group",
    rule=may_distribute,
    bulk=False,
    done=gettext_lazy("What is in %(record)s is being given out."),
)
def distribute(pool: Any, *, by: Actor) -> None:
    transaction.on_commit(lambda: distribute_pool.defer(pool=pool.pk))


POOLS = Entity(
    path="pools",
    model=Pool,
    noun=Noun(gettext_lazy("pool"), gettext_lazy("pools")),
    icon="pool",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    arranged="position",
    fields_declared=[
        Field("name", glance=True),
        Field("of", kind=OF, glance=True),
        Field("active", glance=True),
        Field("people", kind=Links("users"), glance=True),
        Field("teams", kind=Links("teams"), glance=True),
        Field("roles", kind=Links("roles"), glance=True),
        Field("admin_people", kind=Links("users")),
        Field("admin_roles", kind=Links("roles")),
        Field("claims_a_day", glance=True),
        Field("capacity", glance=True),
        Field("not_counted", kind=ConditionText(), hint=gettext_lazy('A condition, such as: relationship = "customer"')),
        Field("hidden", kind=Several(hideable)),
        Field("masked", kind=Several(maskable)),
        Field("views_a_day", hint=gettext_lazy("How many of its records a person may open a day")),
        Field(
            "given_by",
            hint=gettext_lazy("An assignment rule: its condition, people and way; of everybody in the pool when it names nobody"),
        ),
        Field("each_round"),
        Field("rounds", kind=ROUNDS),
        Field("cooling_days"),
        Field("embargo_days"),
        Field("protect_days"),
        Field("position"),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Pool"), ("name", "of", "active", "position")),
        Section(
            gettext_lazy("Who may take from it; everybody, when nobody is named"),
            ("people", "teams", "roles", "admin_people", "admin_roles"),
        ),
        Section(
            gettext_lazy("How much"),
            ("claims_a_day", "capacity", "not_counted", "hidden", "masked", "cooling_days", "embargo_days", "protect_days", "views_a_day"),
        ),
        Section(gettext_lazy("Given out"), ("given_by", "each_round", "rounds")),
    ],
    verbs=(distribute, recycle),
    related=[
        Related("rules", "pool_rules", "pool", gettext_lazy("Recycle rules"), ("condition", "warn_days"), "position"),
        Related("leads", "leads", "pool", gettext_lazy("Leads"), ("company", "pooled_at"), "-id"),
        Related("accounts", "accounts", "pool", gettext_lazy("Accounts"), ("industry", "pooled_at"), "-id"),
    ],
    check=check_pool,
    follow=tell_everyone,
)

POOL_RULES = Entity(
    path="pool_rules",
    model=PoolRule,
    noun=Noun(gettext_lazy("recycle rule"), gettext_lazy("recycle rules")),
    icon="recycle",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    fields_declared=[
        Field("name", glance=True),
        Field("pool", glance=True),
        Field("condition", kind=ConditionText(), glance=True, hint=gettext_lazy("Such as: last_contact_at < -30d and open_deals = 0")),
        Field("warn_days", glance=True),
        Field("position"),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Recycle rule"), ("name", "pool", "condition", "warn_days", "position"))],
    check=check_rule,
    follow=tell_everyone,
)
