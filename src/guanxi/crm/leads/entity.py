"""How leads are shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.activities.choices import LAST_CONTACT, NEXT_CONTACT
from guanxi.crm.choices import INDUSTRIES
from guanxi.crm.leads.choices import ANSWERS, OPEN, PROSPECTS, REASONS, STATUSES, TIMELINES
from guanxi.crm.leads.conversion import PARTS, into_account, into_contact
from guanxi.crm.leads.man import advice, class_of
from guanxi.crm.leads.model import Lead
from guanxi.crm.leads.verbs import convert, disqualify, move, reopen, unconvert
from guanxi.crm.pools.deriving import check_pool, derive_pool, settle_pool
from guanxi.crm.pools.queries import open_to, veil
from guanxi.crm.pools.verbs import claim, give_back, put
from guanxi.crm.pools.views import opened, taken_along
from guanxi.crm.scoring.entity import score_field
from guanxi.crm.sources.entity import SOURCE
from guanxi.crm.sources.queries import sources
from guanxi.crm.starting import own_currency
from guanxi.entity.actors import Actor, Level
from guanxi.entity.entity import Board, Entity, Kin, Noun, Page, Preset, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Choice, Currency, Emails, Links, MoneyKind, Name, Phones, Tags, Url


def derive(lead: Any, changed: set[str]) -> None:
    """What it is called, its class, the method and cost of its source, when it was qualified."""
    derive_pool(lead, changed)
    lead.name = lead.name or lead.company[:160]
    lead.prospect = class_of(lead.has_money, lead.has_authority, lead.has_need)
    source = sources().get(lead.source)
    if "source" in changed and "method" not in changed:
        lead.method_id = source.method_id if source else None
    if source and lead.pk is None and lead.cost is None and source.cost_each is not None and source.currency in {"", lead.currency}:
        lead.cost = source.cost_each
    if lead.status in {"qualified", "converted"}:
        lead.qualified_at = lead.qualified_at or timezone.now()


def check(lead: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """A lead is somebody; what is given up has a reason; only a conversion converts."""
    if not lead.name:
        return {"name": _("Say who it is: a person or a company.")}
    if lead.pk is None and lead.status == "converted":
        return {"status": _("A lead becomes converted by being converted: choose “Convert”.")}
    if lead.status == "disqualified" and not lead.reason and {"status", "reason"} & changed:
        return {"reason": _("Say why it is given up.")}
    return check_pool(lead, "leads", changed)


def settle(kept: Any, gone: Any) -> dict[str, Any]:
    """Of two leads that are one: where either was converted, the lead is, into what that one became."""
    converted = next((one for one in (kept, gone) if one.status == "converted"), None)
    if converted is None:
        return settle_pool(kept, gone)
    became = {name: getattr(converted, f"{name}_id") for name in PARTS}
    status = {"status": "converted", "converted_at": converted.converted_at, "reason": "", "reason_note": ""}
    return {**settle_pool(kept, gone), **status, **became}


def advise(lead: Any, reader: Actor) -> str:
    """What the qualification calls for; nothing for closed leads, and for those who may not read it."""
    answers = ("has_money", "has_authority", "has_need", "prospect")
    if lead.status not in OPEN or any(reader.rights.level("leads", name) <= Level.MASKED for name in answers):
        return ""
    return advice(lead.has_money, lead.has_authority, lead.has_need)


LEADS = Entity(
    path="leads",
    model=Lead,
    noun=Noun(gettext_lazy("lead"), gettext_lazy("leads")),
    icon="user-plus",
    title="name",
    group="sell",
    order=("-created_at",),
    subtitle=("company", "status"),
    fields_declared=[
        Field("name", kind=Name(160), glance=True, search="A", also=("full name", "contact", "联系人", "姓名")),
        Field("company", kind=Name(200), glance=True, card=True, search="A", identity=True, also=("account", "organization", "公司")),
        Field("status", kind=STATUSES, glance=True, write=move, also=("lead status", "线索状态")),
        Field("prospect", kind=PROSPECTS, glance=True, card=True, read_only=True),
        Field("source", kind=SOURCE, glance=True, also=("lead source", "线索来源")),
        Field("phones", kind=Phones(), glance=True, search="B", identity=True),
        Field("emails", kind=Emails(), search="B", identity=True),
        Field("owner", glance=True, card=True),
        score_field("leads"),
        Field("budget", kind=MoneyKind(negative=False), glance=True, card=True, total=True),
        Field("created_at", read_only=True, glance=True),
        Field("currency", kind=Currency(), default=own_currency),
        Field("title", search="C"),
        Field("website", kind=Url(500), search="C"),
        Field("address", kind=Address(), search="D"),
        Field("industry", kind=Choice(INDUSTRIES, plain=True), search="D"),
        Field("employees"),
        Field("method"),
        Field("campaign", search="D"),
        Field("cost", kind=MoneyKind(), total=True),
        Field("need", search="D"),
        Field("timeline", kind=TIMELINES),
        Field("has_money", kind=ANSWERS),
        Field("money_note"),
        Field("money_by"),
        Field("has_authority", kind=ANSWERS),
        Field("authority_note"),
        Field("authority_by"),
        Field("has_need", kind=ANSWERS),
        Field("need_note"),
        Field("need_by"),
        Field("next_step"),
        Field("description", search="D"),
        Field("tags", kind=Tags(), search="C"),
        Field("reason", kind=REASONS),
        Field("reason_note"),
        Field("qualified_at", read_only=True),
        Field("converted_at", read_only=True),
        Field("account", read_only=True),
        Field("contact", read_only=True),
        Field("deal", read_only=True),
        Field("team"),
        Field("pool", write=put),
        Field("pooled_at", read_only=True),
        Field("owned_since", read_only=True),
        Field("warned_at", read_only=True),
        Field("co_workers", kind=Links("users")),
        Field("readers", kind=Links("users")),
        Field("last_contact_at", rollup=LAST_CONTACT),
        Field("next_contact_at", rollup=NEXT_CONTACT),
        Field("external_id", search="D"),
        Field("created_by", read_only=True),
        Field("changed_at", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Lead"), ("name", "company", "title", "status", "tags")),
        Section(gettext_lazy("Reach"), ("phones", "emails", "website", "address")),
        Section(gettext_lazy("What they want"), ("need", "budget", "currency", "timeline", "next_step", "description")),
        Section(
            gettext_lazy("Qualification (money, authority, need)"),
            (
                "prospect",
                "has_money",
                "money_note",
                "money_by",
                "has_authority",
                "authority_note",
                "authority_by",
                "has_need",
                "need_note",
                "need_by",
            ),
        ),
        Section(gettext_lazy("Where it came from"), ("source", "method", "campaign", "cost", "industry", "employees")),
        Section(gettext_lazy("Outcome"), ("account", "contact", "deal", "converted_at", "reason", "reason_note")),
        Section(gettext_lazy("Responsible"), ("owner", "team", "pool", "co_workers", "readers")),
    ],
    verbs=(claim, convert, disqualify, reopen, give_back, unconvert),
    related=[Related("activities", "activities", "lead", gettext_lazy("Activities"), ("kind", "at"), "-at", aside=False)],
    about="lead",
    board=Board(by="status", total="budget"),
    calendar="created_at",
    parent="account",
    mergeable=True,
    settles=settle,
    kin=(Kin("accounts", "company", into_account), Kin("contacts", "name", into_contact)),
    joins="convert",
    advice=advise,
    pages=(Page("yield", gettext_lazy("Yield by method"), "chart-funnel"),),
    views=[
        Preset(
            "mine", gettext_lazy("My open leads"), 'owner = me and status in ("new", "working", "nurturing", "qualified")', ("-created_at",)
        ),
        Preset(
            "ideal", gettext_lazy("Ideal prospects"), 'prospect = "ideal" and status in ("new", "working", "qualified")', ("-created_at",)
        ),
        Preset(
            "ask", gettext_lazy("To find out"), 'owner = me and prospect = "unknown" and status in ("new", "working")', ("-created_at",)
        ),
        Preset(
            "likely",
            gettext_lazy("Best chances"),
            'owner = me and status in ("new", "working", "nurturing") and score is not empty',
            ("-score",),
        ),
        Preset("board", gettext_lazy("Board"), 'status != "converted"', ("-created_at",), "board"),
        Preset("pool", gettext_lazy("In pools"), "pool is not empty", ("-pooled_at",)),
        Preset("all", gettext_lazy("All leads"), "", ("-created_at",)),
    ],
    open_to=partial(open_to, "leads"),
    veil=partial(veil, "leads"),
    opened=opened,
    taken_along=taken_along,
    derive=derive,
    check=check,
)
