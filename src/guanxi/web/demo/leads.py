"""The demo company's leads: those its deals came from, those being worked on, and those given up."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from guanxi.crm.models import Conversion
from guanxi.entity.registry import entity_named
from guanxi.record.changes import update
from guanxi.web.demo import words
from guanxi.web.demo.author import BY, ORIGIN
from guanxi.web.demo.pools import make_pools

if TYPE_CHECKING:
    from guanxi.web.demo.company import Customer, Demo, Person

NEEDS = ("Scanners for two warehouses", "Cold chain monitoring", "Replace the fleet telematics", "Dock scheduling for one site",
         "A pilot with ten handhelds")  # fmt: skip
NEEDS_ZH = ("两个仓库的扫码设备", "冷链温度监控", "更换车队远程信息系统", "单个园区的月台预约", "十台手持终端试点")
CAMPAIGNS = {"fair": ("LogiMAT 2026", "Shanghai cold chain fair"), "website": ("Spring white paper", ""), "social": ("WeChat series", "")}
WHO = ("the buyer", "the warehouse manager", "their CFO, by phone")
WHO_ZH = ("采购经理", "仓储经理", "财务总监（电话）")


def make_leads(demo: Demo, number: int) -> None:
    """So many leads; two of five became deals that are there already. Some wait in pools."""
    past = [one for one in demo.deals if one[1].created_at > demo.now - dt.timedelta(days=700)]
    became = demo.chance.sample(past, min(number * 2 // 5, len(past)))
    rows: list[tuple[Person, dict[str, Any]]] = []
    moments: list[dt.datetime] = []
    for customer, deal, _road in became:
        moments.append(deal.created_at - dt.timedelta(days=demo.chance.randint(2, 30)))
        rows.append((customer.seller, _from(demo, customer, deal)))
    for _number in range(number - len(rows)):
        moments.append(demo.moment(240, 0, growth=0.8))
        rows.append(_fresh(demo, (demo.now - moments[-1]).days))
    made = demo.insert("leads", rows, moments)
    _convert(list(zip(became, made, strict=False)))
    _contacts(demo, rows[len(became) :], made[len(became) :])
    make_pools(demo)


def _from(demo: Demo, customer: Customer, deal: Any) -> dict[str, Any]:
    contact = customer.contacts[0] if customer.contacts else None
    return {
        "name": contact.name if contact else customer.account.name, "company": customer.account.name, "title": contact.title if contact else "",
        "phones": contact.phones if contact else [], "emails": contact.emails if contact else [], "status": "qualified",
        "industry": customer.account.industry, "budget": deal.amount, "currency": deal.currency, **_origin(demo, customer.account.source),
        "has_money": "yes", "has_authority": demo.weighted(yes=8, no=2), "has_need": "yes", "timeline": demo.weighted(now=2, quarter=5, half=3),
        "need": demo.pick(NEEDS_ZH if customer.chinese else NEEDS), "owner": customer.seller.user.pk, "address": customer.account.address,
        "need_by": demo.pick(WHO_ZH if customer.chinese else WHO),
    }  # fmt: skip


def _origin(demo: Demo, source: str) -> dict[str, Any]:
    cost = {"fair": (60, 140), "website": (4, 15), "social": (6, 20), "call": (9, 25), "partner": (0, 60)}.get(source)
    return {
        "source": source, "campaign": demo.pick(CAMPAIGNS[source]) if source in CAMPAIGNS else "",
        **({"cost": demo.chance.randint(*cost)} if cost else {}),
    }  # fmt: skip


def _fresh(demo: Demo, age: int) -> tuple[Person, dict[str, Any]]:
    seller = demo.pick(demo.sellers)
    chinese = seller.chinese
    company, industry, reach = demo.named(chinese, set())
    who = f"{demo.pick(words.FAMILY_ZH)}{demo.pick(words.GIVEN_ZH)}" if chinese else f"{demo.pick(words.GIVEN)} {demo.pick(words.FAMILY)}"
    phone = f"139{demo.chance.randint(0, 99_999_999):08}" if chinese else f"+1617555{demo.chance.randint(1000, 9999)}"
    early = demo.weighted(new=6, working=4) if age < 10 else demo.weighted(new=1, working=4, nurturing=3, qualified=2, disqualified=4)
    knows = early in {"qualified", "disqualified", "nurturing"}
    values: dict[str, Any] = {
        "name": who, "company": company, "title": demo.pick(words.TITLES_ZH if chinese else words.TITLES), "phones": [phone], "industry": industry,
        "address": reach["address"], "website": reach["website"], "status": early, "owner": seller.user.pk,
        "currency": "CNY" if chinese else "USD", "need": demo.pick(NEEDS_ZH if chinese else NEEDS) if demo.chance.random() < 0.8 else "",
        **_origin(demo, demo.weighted(website=30, fair=24, call=16, referral=12, social=12, partner=6)),
    }  # fmt: skip
    if early == "disqualified":
        values["reason"] = demo.weighted(need=5, money=4, unreachable=4, rival=2, timing=2, duplicate=1)
    if demo.chance.random() < 0.6:
        values["budget"] = demo.chance.randint(4, 120) * (7000 if chinese else 1000)
    for name, note in (("money", "budget"), ("authority", "title"), ("need", "need")):
        if knows or demo.chance.random() < 0.35:
            likely = {"qualified": 9, "disqualified": 3}.get(early, 6)
            values[f"has_{name}"] = demo.weighted(yes=likely, no=10 - likely, unknown=0 if early == "qualified" else 3)
            if values[f"has_{name}"] != "unknown":
                values[f"{name}_by"] = demo.pick(WHO_ZH if chinese else WHO)
                values[f"{name}_note"] = str(values.get(note, ""))[:120] if note != "budget" else ""
    return seller, values


def _convert(pairs: list[Any]) -> None:
    """What the deals came from is converted on the day the deal was opened."""
    changes = []
    for (customer, deal, _road), lead in pairs:
        parts = {"account": customer.account.pk, "contact": deal.contact_id, "deal": deal.pk}
        values = {
            "status": "converted",
            "converted_at": deal.created_at,
            "changed_at": deal.created_at,
            "changed_by_id": deal.owner_id,
            **parts,
        }
        changes.append((lead, values))
        Conversion.objects.create(
            lead=lead, at=deal.created_at, by_id=deal.owner_id, status_before="qualified", made=["deal"],
            **{f"{name}_id": key for name, key in parts.items()},
        )  # fmt: skip
    update(entity_named("leads"), changes, by=BY, event="lead.converted", origin=ORIGIN)


def _contacts(demo: Demo, rows: list[tuple[Person, dict[str, Any]]], leads: list[Any]) -> None:
    """Calls and mails with those being worked on, and what is planned."""
    entries, moments = [], []
    for (seller, values), lead in zip(rows, leads, strict=True):
        said = words.SAID_ZH if seller.chinese else words.SAID
        for _number in range(0 if values["status"] == "new" else demo.chance.randint(1, 3)):
            kind = demo.weighted(call=6, email=4)
            moments.append(demo.between(lead.created_at, demo.now))
            entries.append((seller, {
                "kind": kind, "done_at": moments[-1], "body": demo.pick(said[kind]), "lead": lead.pk, "owner": seller.user.pk,
                "result": demo.weighted(reached=6, missed=4, interested=2) if kind == "call" else "",
            }))  # fmt: skip
    order = sorted(range(len(entries)), key=lambda place: moments[place])
    demo.insert("activities", [entries[place] for place in order], [moments[place] for place in order])
