"""The demo company's credit and expenses: how far customers are trusted, what sellers spent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, update
from guanxi.record.files import add
from guanxi.record.keeping import staged
from guanxi.web.demo.author import BY, ORIGIN

if TYPE_CHECKING:
    from guanxi.web.demo.company import Demo

NOTES = {
    False: ("Audited accounts seen", "Bank reference is good", "Guarantee of the parent company", "A steady market"),
    True: ("已核对审计报告", "银行资信良好", "母公司担保", "行业景气稳定"),
}
SPENT = {
    False: ("Taxi to the customer", "Train, two days", "Hotel, one night", "Lunch with the buyer", "Samples by courier"),
    True: ("打车拜访客户", "高铁往返", "酒店一晚", "与采购午餐", "快递样品"),
}
KINDS = ("travel", "travel", "stay", "meal", "sample")


def make_credit(demo: Demo, share: float = 0.15) -> None:
    """Rules, reviews and claims."""
    _reviews(demo, share)
    _claims(demo)


def _reviews(demo: Demo, share: float) -> None:
    rules = {"name": "Credit rules", "mode": "warn", "overdue_days": 60}
    create(entity_named("credit_policies"), rules, by=BY, origin=ORIGIN)
    chance, today, rows = demo.chance, demo.now.date(), []
    for customer in demo.customers:
        if chance.random() > share or customer.account.relationship != "customer":
            continue
        marks = {name: chance.randint(45, 95) for name in ("character", "capacity", "capital", "collateral", "conditions")}
        notes = dict(zip(("capacity_note", "character_note", "collateral_note", "conditions_note"), NOTES[customer.chinese], strict=True))
        day = today - dt.timedelta(days=chance.randint(5, 300))
        limit = chance.choice([50, 100, 200, 500, 1000]) * (7000 if customer.chinese else 1000)
        rows.append((customer.seller, {
            "account": customer.account.pk, **marks, **notes, "reviewed_on": day, "valid_until": day + dt.timedelta(days=365), "limit": limit,
            "days": chance.choice([30, 30, 45, 60, 90]),
        }))  # fmt: skip
    demo.insert("credit_reviews", rows, [demo.now] * len(rows))


def _claims(demo: Demo) -> None:
    chance, today = demo.chance, demo.now.date()
    rows: list[Any] = []
    for customer, deal, _road in chance.sample(demo.deals, min(120, len(demo.deals))):
        day = max(min(today, deal.created_at.date() + dt.timedelta(days=chance.randint(0, 30))), today - dt.timedelta(days=300))
        place = chance.randrange(len(KINDS))
        rows.append((customer.seller, {
            "owner": customer.seller.user.pk, "deal": deal.pk, "kind": KINDS[place], "spent_on": day, "note": SPENT[customer.chinese][place],
            "amount": Decimal(chance.randint(15, 900)), "currency": "CNY" if customer.chinese else "USD",
        }))  # fmt: skip
    made = demo.insert("claims", rows, [min(demo.now, dt.datetime.combine(row["spent_on"], dt.time(9), dt.UTC)) for _seller, row in rows])
    ways = ("draft", "submitted", "approved", "paid", "paid", "paid", "rejected")
    by_way: dict[str, list[Any]] = {}
    for claim in made:
        way = chance.choice(ways) if (today - claim.spent_on).days < 40 else "paid"
        by_way.setdefault(way, []).append(claim)
    for way, claims in by_way.items():
        values: dict[str, Any] = {"status": way}
        if way in {"approved", "paid", "rejected"}:
            values["decided_on"] = today
        if way == "paid":
            values["paid_on"] = today
        if way == "rejected":
            values["reason"] = "No receipt"
        if way != "draft":
            update(entity_named("claims"), [(one, values) for one in claims], by=BY, event=f"claim.{way}", origin=ORIGIN)
        if way in {"draft", "submitted", "approved"}:
            _receipts(claims)


def _receipts(claims: list[Any]) -> None:
    """A slip for each claim but every fifth, whose owner forgot it."""
    for place, claim in enumerate(claims):
        if place % 5:
            with staged([slip(f"{claim.number}   {claim.spent_on}   {claim.amount} {claim.currency}")]) as upload:
                add(claim, f"receipt {claim.spent_on}.pdf", upload, by=BY, origin=ORIGIN)


def slip(text: str) -> bytes:
    """A PDF of one line."""
    drawn = f"BT /F1 14 Tf 20 60 Td ({text}) Tj ET".encode("latin-1")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 360 120]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (table, len(body))
    return body + end
