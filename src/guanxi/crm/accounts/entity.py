"""How accounts are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy

from guanxi.crm.accounts.keeping import may_delete
from guanxi.crm.accounts.model import Account, OwnerPeriod
from guanxi.crm.activities.choices import LAST_CONTACT, NEXT_CONTACT
from guanxi.crm.choices import INDUSTRIES
from guanxi.crm.claims.entity import cost_field, cost_list
from guanxi.crm.credit.entity import CLASSES
from guanxi.crm.credit.verbs import review
from guanxi.crm.payments.declaring import BILLED, CONVERTED, OWED, PLANNED
from guanxi.crm.pools.deriving import check_pool, derive_pool, settle_pool
from guanxi.crm.pools.queries import open_to, veil
from guanxi.crm.pools.verbs import claim, give_back, put
from guanxi.crm.pools.views import opened, taken_along
from guanxi.crm.sources.entity import SOURCE
from guanxi.crm.starting import own_currency
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Preset, Related, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import (
    Address,
    Choice,
    CreditCode,
    Currency,
    Emails,
    Links,
    MoneyKind,
    Name,
    Phones,
    Tags,
    Url,
    Year,
    options,
)
from guanxi.entity.rollup import Rollup

KINDS = Choice(options(("company", gettext_lazy("Company")), ("person", gettext_lazy("Person"))), plain=True)
RELATIONSHIPS = Choice(
    options(
        ("customer", gettext_lazy("Customer"), "good"),
        ("prospect", gettext_lazy("Prospect"), "info"),
        ("partner", gettext_lazy("Partner"), "acc"),
        ("distributor", gettext_lazy("Distributor"), "acc"),
        ("supplier", gettext_lazy("Supplier"), ""),
        ("competitor", gettext_lazy("Competitor"), "warn"),
    )
)


def check(account: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """A pool is for accounts."""
    return check_pool(account, "accounts", changed)


def follow(writes: Sequence[Write], by: Actor) -> None:
    """Owner history."""
    moved = [write.record for write in writes if write.changed("owner")]
    if not moved:
        return
    old = [write.record.pk for write in writes if not write.created and write.changed("owner")]
    if old:
        moment = Account.objects.filter(pk=OuterRef("account_id")).values("changed_at")
        OwnerPeriod.objects.filter(account__in=old, ended_at__isnull=True).update(ended_at=Subquery(moment))
    OwnerPeriod.objects.bulk_create(
        OwnerPeriod(account_id=account.pk, owner_id=account.owner_id, began_at=account.changed_at, by_id=account.changed_by_id)
        for account in moved
        if account.owner_id is not None
    )


def follow_sweep(swept: str, names: frozenset[str]) -> None:
    """Owner history, of very many."""
    if "owner" not in names:
        return
    with connection.cursor() as cursor:
        now_owned = f"FROM {swept} s JOIN crm_account a ON a.id = s.id"
        cursor.execute(f"UPDATE crm_ownerperiod p SET ended_at = a.changed_at {now_owned} WHERE p.account_id = s.id AND p.ended_at IS NULL")
        cursor.execute(
            "INSERT INTO crm_ownerperiod (account_id, owner_id, began_at, by_id) "
            f"SELECT a.id, a.owner_id, a.changed_at, a.changed_by_id {now_owned} WHERE a.owner_id IS NOT NULL"
        )


ACCOUNTS = Entity(
    path="accounts",
    model=Account,
    noun=Noun(gettext_lazy("account"), gettext_lazy("accounts")),
    icon="building",
    title="name",
    group="sell",
    order=("name",),
    subtitle=("relationship", "industry"),
    fields_declared=[
        Field("name", kind=Name(200), glance=True, search="A", identity=True),
        Field("relationship", kind=RELATIONSHIPS, glance=True),
        Field("kind", kind=KINDS),
        Field("industry", kind=Choice(INDUSTRIES, plain=True), glance=True, search="D"),
        Field("parent"),
        Field("employees"),
        Field("revenue", kind=MoneyKind()),
        Field("currency", kind=Currency(), default=own_currency),
        Field("founded", kind=Year()),
        Field("source", kind=SOURCE),
        Field("phones", kind=Phones(), glance=True, search="B", identity=True),
        Field("emails", kind=Emails(), search="B", identity=True),
        Field("website", kind=Url(500), search="C"),
        Field("address", kind=Address(), search="D"),
        Field("registration_number", kind=CreditCode(40), search="B", identity=True),
        Field("tags", kind=Tags(), search="C"),
        Field("description"),
        Field("owner", glance=True),
        Field("team"),
        Field("pool", write=put),
        Field("pooled_at", read_only=True),
        Field("owned_since", read_only=True),
        Field("warned_at", read_only=True),
        Field("co_workers", kind=Links("users")),
        Field("readers", kind=Links("users")),
        Field("last_contact_at", rollup=LAST_CONTACT, glance=True),
        Field("next_contact_at", rollup=NEXT_CONTACT),
        Field("open_deals", rollup=Rollup("deals", where='outcome = "open"')),
        Field("open_amount", kind=MoneyKind(), rollup=Rollup("deals", sum="amount", where='outcome = "open"', on="opened_on")),
        Field("won_amount", kind=MoneyKind(), rollup=Rollup("deals", sum="amount", where='outcome = "won"', on="closed_on")),
        Field("last_won_on", rollup=Rollup("deals", max="closed_on", where='outcome = "won"')),
        BILLED,
        Field("received", kind=MoneyKind(), rollup=Rollup("payments", sum="amount", on="received_on"), hint=CONVERTED),
        OWED,
        PLANNED,
        Field("to_receive", kind=MoneyKind(), rollup=Rollup("instalments", sum="open", on="due_on"), hint=CONVERTED),
        cost_field(),
        Field("credit_class", kind=CLASSES, read_only=True),
        Field("credit_limit", kind=MoneyKind(), read_only=True),
        Field("credit_days", read_only=True),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("changed_at", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Account"), ("name", "relationship", "kind", "industry", "parent", "tags")),
        Section(gettext_lazy("Reach"), ("phones", "emails", "website", "address")),
        Section(
            gettext_lazy("Company"),
            ("registration_number", "employees", "revenue", "currency", "founded", "source", "description"),
        ),
        Section(
            gettext_lazy("Money"),
            (
                "won_amount",
                "open_amount",
                "billed",
                "received",
                "owed",
                "to_receive",
                "claimed",
                "credit_class",
                "credit_limit",
                "credit_days",
            ),
        ),
        Section(gettext_lazy("Responsible"), ("owner", "team", "pool", "co_workers", "readers")),
    ],
    verbs=(claim, give_back, review),
    related=[
        Related("deals", "deals", "account", gettext_lazy("Deals"), ("stage", "amount", "closes_on"), "-id"),
        Related("contacts", "contacts", "account", gettext_lazy("Contacts"), ("title", "buying_role"), "name"),
        Related(
            "affiliations",
            "affiliations",
            "account",
            gettext_lazy("Also acting here"),
            ("title", "buying_role"),
            "name",
        ),
        Related("quotes", "quotes", "account", gettext_lazy("Quotes"), ("status", "total"), "-id"),
        Related("orders", "orders", "account", gettext_lazy("Orders"), ("state", "ordered_on", "total"), "-ordered_on"),
        Related("contracts", "contracts", "account", gettext_lazy("Contracts"), ("status", "ends_on", "value"), "-id"),
        Related("instalments", "instalments", "account", gettext_lazy("Instalments"), ("due_on", "state", "open"), "-due_on"),
        Related("payments", "payments", "account", gettext_lazy("Payments"), ("received_on", "amount"), "-received_on"),
        Related("invoices", "invoices", "account", gettext_lazy("Invoices"), ("number", "status", "issued_on", "total"), "-id"),
        Related("credit_reviews", "credit_reviews", "account", gettext_lazy("Credit reviews"), ("reviewed_on", "limit"), "-reviewed_on"),
        cost_list("account"),
        Related("children", "accounts", "parent", gettext_lazy("Subsidiaries"), ("industry",), "name"),
        Related("activities", "activities", "account", gettext_lazy("Activities"), ("kind", "at"), "-at", aside=False),
    ],
    about="account",
    mergeable=True,
    settles=settle_pool,
    views=[
        Preset("mine", gettext_lazy("My accounts"), "owner = me", ("name",)),
        Preset(
            "cold",
            gettext_lazy("Going cold"),
            'relationship = "customer" and owner = me and last_contact_at < -60d',
            ("last_contact_at",),
        ),
        Preset("pool", gettext_lazy("In pools"), "pool is not empty", ("-pooled_at",)),
        Preset("all", gettext_lazy("All accounts"), "", ("name",)),
    ],
    open_to=partial(open_to, "accounts"),
    veil=partial(veil, "accounts"),
    opened=opened,
    taken_along=taken_along,
    may_delete=may_delete,
    derive=derive_pool,
    check=check,
    follow=follow,
    follow_sweep=follow_sweep,
)
