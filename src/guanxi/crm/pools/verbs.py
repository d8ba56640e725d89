"""What can be done between owners and pools: claim, give back, put."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.access.models import User
from guanxi.crm.conditions import condition_of
from guanxi.crm.pools.events import AccountClaimed, AccountReturned, LeadClaimed, LeadReturned
from guanxi.crm.pools.model import Pool, PoolMove
from guanxi.crm.pools.queries import administers, belongs, pool_for, pools
from guanxi.crm.pools.rules import may_claim, may_give_back
from guanxi.crm.pools.telling import tell_returned
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Link, LongText
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import UI, Origin, update, write
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Refused
from guanxi.record.verbs import verb

CLAIMED = {"leads": LeadClaimed, "accounts": AccountClaimed}
RETURNED = {"leads": LeadReturned, "accounts": AccountReturned}
TOLD_FOR = dt.timedelta(hours=24)
"""So long after somebody took a record, those who could have had it are told who."""


def who_was_faster(entity: Entity, key: int, by: Actor) -> str:
    """Why a record cannot be claimed any more; who has it, for those who saw it in the pool a while ago. Nothing of what never was in a pool, nor of what is out of sight to others."""
    last = PoolMove.objects.filter(entity=entity.path, record_id=key).select_related("owner_after").order_by("-at", "-id").first()
    if last is None or last.owner_after is None:
        return ""
    if last.at > timezone.now() - TOLD_FOR:
        pool = pools().get(last.pool_before_id or 0)
        if last.owner_after_id == by.pk:
            return _("It is yours already.")
        if pool is not None and isinstance(by, User) and belongs(by, pool):
            return _("It is not in the pool any more: %(name)s was faster.") % {"name": last.owner_after.name}
    if not visible(entity, to=by).filter(pk=key).exists():
        return ""
    return _("It is not in the pool any more: somebody else was faster.")


@verb(
    gettext_lazy("Claim"),
    icon="hand-grab",
    tone="good",
    rule=may_claim,
    action="see",
    primary=True,
    key="g",
    done=gettext_lazy("%(record)s is yours."),
    too_late=who_was_faster,
)
def claim(record: Any, *, by: Actor, origin: Origin) -> Any:
    """The locked record taken from its pool. Refused when one of the pool's limits is reached."""
    pool, entity = pools()[record.pool_id], entity_of(record)
    if not isinstance(by, User):
        raise Forbidden(_("Only a person can claim something."))
    if not belongs(by, pool):
        raise Forbidden(_("“%(pool)s” is not open to you.") % {"pool": pool.name})
    one_at_a_time(pool, by.pk)
    if not administers(by, pool):
        _check_clocks(pool, entity, record, by)
        _check_claims(pool, by)
    _check_capacity(pool, entity, by)
    write(record, by=by, event=CLAIMED[entity.path], origin=origin, owner=by.pk, pool=None)
    _contacts_to(record, None, by.pk, by=by, origin=origin)
    note(record, "claim", by=by, pool_before=pool.pk, owner_after=by.pk)
    return record


def one_at_a_time(pool: Pool, user: int) -> None:
    """One person's claims wait for each other, or two at once would each be the last that is allowed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('claim', %s))", [pool.pk * 2**20 + user])


def _check_clocks(pool: Pool, entity: Entity, record: Any, by: User) -> None:
    now = timezone.now()
    free = record.pooled_at + dt.timedelta(days=pool.embargo_days) if record.pooled_at else now
    if free > now:
        raise Refused({"": _("This is new in the pool; it can be claimed from %(day)s.") % {"day": _day(free, by)}})
    left = (
        PoolMove.objects.filter(entity=entity.path, record_id=record.pk, owner_before=by, owner_after__isnull=True)
        .order_by("-at").values_list("at", flat=True).first()
    )  # fmt: skip
    free = left + dt.timedelta(days=pool.cooling_days) if left else now
    if free > now:
        raise Refused({"": _("It was yours; you may claim it again from %(day)s.") % {"day": _day(free, by)}})


def _day(moment: dt.datetime, by: User) -> str:
    return moment.astimezone(by.locale.zone).date().isoformat()


def _check_claims(pool: Pool, by: User) -> None:
    if pool.claims_a_day is None:
        return
    done = taken_today(pool, by)
    if done >= pool.claims_a_day:
        said = ngettext(
            "You may claim %(count)d record a day from “%(pool)s”.",
            "You may claim %(count)d records a day from “%(pool)s”.",
            pool.claims_a_day,
        )
        raise Refused({"": said % {"count": pool.claims_a_day, "pool": pool.name}})


def taken_today(pool: Pool, user: User) -> int:
    """How many records of the pool the user claimed or was given on their present day."""
    midnight = user.locale.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return PoolMove.objects.filter(why__in=["claim", "give"], owner_after=user, at__gte=midnight, pool_before=pool).count()


def _check_capacity(pool: Pool, entity: Entity, by: User) -> None:
    if pool.capacity is None:
        return
    if owned_of(pool, entity, by.pk)[: pool.capacity].count() >= pool.capacity:
        said = {"many": entity.noun.many, "count": pool.capacity}
        raise Refused(
            {"": _("You own %(count)d %(many)s, as many as “%(pool)s” allows; give some back first.") % {**said, "pool": pool.name}}
        )


def starting_pool(record: Any, by: Actor) -> dict[str, Any]:
    """What the dialog proposes: the pool that the owner's records go back to."""
    owner = User.objects.filter(pk=record.owner_id).first()
    found = pool_for(entity_of(record).path, owner)
    return {"pool": found.pk if found else None}


def owned_of(pool: Pool, entity: Entity, user: int) -> Any:
    """The records a person owns that count for the pool's capacity."""
    owned = entity.model._default_manager.filter(owner=user, deleted_at__isnull=True)
    if pool.not_counted:
        owned = owned.exclude(pk__in=entity.model._default_manager.filter(condition_of(pool.not_counted, entity), owner=user).values("pk"))
    return owned


@verb(
    gettext_lazy("Give back"),
    icon="pool",
    rule=may_give_back,
    fields=(
        Field("pool", kind=Link("pools"), label=gettext_lazy("Pool")),
        Field("reason", kind=LongText(), label=gettext_lazy("Reason"), required=True),
    ),
    starts=starting_pool,
    done=gettext_lazy("%(record)s is back in the pool."),
)
def give_back(record: Any, *, by: Actor, origin: Origin, pool: int | None, reason: str) -> Any:
    """The locked record into a pool; without one, into that of its owner. Refused."""
    chosen = pool or starting_pool(record, by)["pool"]
    return put(record, chosen, by=by, origin=origin, reason=reason)


def put(record: Any, to: int | None, *, by: Actor, origin: Origin = UI, reason: str = "") -> Any:
    """A locked record into a pool; what setting `pool` means. Refused."""
    entity, pool = entity_of(record), pools().get(to or 0)
    if to is None and record.pool_id is not None:
        raise Refused({"pool": _("It leaves the pool when somebody claims it or is made its owner.")})
    if pool is None or pool.of != entity.path or not pool.active:
        raise Refused({"pool": _("There is no such pool for %(many)s.") % {"many": entity.noun.many}})
    before, team, home = record.owner_id, record.team_id, record.pool_id
    write(record, by=by, event=RETURNED[entity.path], origin=origin, pool=pool.pk, owner=None)
    if before:
        _contacts_to(record, before, None, by=by, origin=origin)
    note(record, "return" if before else "put", by=by, owner_before=before, pool_before=home, pool_after=pool.pk, reason=reason)
    tell_returned(record, pool, before, team, by=by, reason=reason)
    return record


def _contacts_to(record: Any, owner: int | None, to: int | None, *, by: Actor, origin: Origin) -> None:
    """An account's contacts that had its owner go where it goes."""
    entity = entity_of(record)
    if entity.path != "accounts":
        return
    contacts = entity_named("contacts")
    theirs = contacts.model._default_manager.filter(account=record, owner=owner, deleted_at__isnull=True)
    pairs = [(one, {"owner": to}) for one in theirs.order_by("pk").select_for_update(of=("self",))]
    update(contacts, pairs, by=by, event="edited", origin=origin)


def note(record: Any, why: str, *, by: Actor, reason: str = "", **keys: int | None) -> None:
    """One step of the record's way between owners and pools."""
    PoolMove.objects.create(
        entity=entity_of(record).path, record_id=record.pk, at=record.changed_at, why=why, by_id=by.pk, reason=reason,
        **{f"{name}_id": key for name, key in keys.items()},
    )  # fmt: skip
