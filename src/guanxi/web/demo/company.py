"""The demo company: its people, customers, deals and what happened in two years."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from guanxi.access.models import Company, Role, Team, User
from guanxi.access.starting import start_roles
from guanxi.crm.dashboards import start_dashboards
from guanxi.crm.deals.stuck import tell_stuck
from guanxi.crm.pipelines.model import LossReason, Stage
from guanxi.crm.pipelines.starting import make_pipeline, start
from guanxi.crm.reminders.reminding import remind
from guanxi.crm.reminders.starting import start_reminders
from guanxi.crm.sources.starting import start_sources
from guanxi.entity.registry import entity_named
from guanxi.record import custom
from guanxi.record.changes import create, insert, update
from guanxi.record.cleaning import prepare_many
from guanxi.record.memory import forget, raise_epoch
from guanxi.record.models import CustomField
from guanxi.record.partitions import ensure_months
from guanxi.web.demo import words
from guanxi.web.demo.assignment import make_assignment
from guanxi.web.demo.author import BY, ORIGIN
from guanxi.web.demo.bank import make_bank
from guanxi.web.demo.credit import make_credit
from guanxi.web.demo.documents import Documents
from guanxi.web.demo.leads import make_leads
from guanxi.web.demo.outside import make_outside
from guanxi.web.demo.targets import make_targets

PASSWORD = "harbour-demo"  # noqa: S105 - printed on the terminal; the demo is for looking around
DAYS = 730
CHUNK = 1000


@dataclass(frozen=True)
class Size:
    """How many of each."""

    accounts: int = 2000
    contacts: int = 5000
    deals: int = 3000
    activities: int = 20_000
    leads: int = 600

    @property
    def about(self) -> int:
        """How many records there will be, papers and their lines included: of these chance decides, some seven for each deal."""
        return self.accounts + self.contacts + self.deals * 22 // 3 + self.activities + self.leads


@dataclass
class Person:
    """A seller: who they are, which language they sell in, how good they are."""

    user: User
    chinese: bool
    skill: float


@dataclass
class Customer:
    """An account with what its deals and activities need to know."""

    account: Any
    chinese: bool
    seller: Person
    contacts: list[Any] = field(default_factory=list)


Tell = Callable[[int], None]
"""Hears of so many more records."""


class Demo:
    """Makes the company, step by step, from one seed."""

    def __init__(self, size: Size, now: dt.datetime, tell: Tell) -> None:
        self.size, self.now, self.tell = size, now, tell
        self.chance = random.Random(20261121)  # noqa: S311 - the same company every time
        self.sellers: list[Person] = []
        self.customers: list[Customer] = []
        self.stages: dict[bool, list[Stage]] = {}

    def make(self) -> None:
        """Everything, in one transaction."""
        ensure_months(self.now.date() - dt.timedelta(days=DAYS + 31), self.now.date() + dt.timedelta(days=93))
        with transaction.atomic():
            self._company()
            self._accounts()
            self._contacts()
            self._deals()
            Documents(self.deals, self.insert, self.chance, self.now, BY, ORIGIN).make()
            make_credit(self)
            make_bank(self)
            self._activities()
            make_leads(self, self.size.leads)
            make_outside(self)
            make_assignment(self)
            make_targets(self)
            tell_stuck(self.now)
            remind()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    # ——— who we are ———

    def _company(self) -> None:
        Company.objects.create(name="Harbour Trading", language="en", currency="USD", region="CN", zone="Asia/Shanghai")
        raise_epoch()
        roles = start_roles("en")
        for chinese, pipeline in ((False, start("en")), (True, make_pipeline("zh-hans"))):
            self.stages[chinese] = list(pipeline.stages.order_by("position"))
            large = {"large_from": Decimal(700_000), "currency": "CNY"} if chinese else {"large_from": Decimal(100_000), "currency": "USD"}
            update(entity_named("pipelines"), [(pipeline, large)], by=BY, event="edited", origin=ORIGIN)
        start_sources("en")
        start_reminders("en")
        start_dashboards("en", roles)
        teams = {"Sales": self._team("Sales")}
        for name in ("Harbour", "Airport", "华东", "华南"):
            teams[name] = self._team(name, teams["Sales"])
        self._person("admin", "Ada Min", teams["Sales"], [], is_superuser=True, title="Administrator")
        self._person("vera", "Vera Lindqvist", teams["Sales"], [roles["manager"]], title="Head of sales")
        people = [
            ("alice", "Alice Chen", "Harbour", "manager"), ("bob", "Bob Reyes", "Harbour", "seller"), ("mei", "Mei Lin", "Harbour", "seller"),
            ("tom", "Tom Archer", "Harbour", "seller"), ("dana", "Dana Fox", "Airport", "manager"), ("charlie", "Charlie Ng", "Airport", "seller"),
            ("ines", "Ines Costa", "Airport", "seller"), ("yali", "陈雅丽", "华东", "manager"), ("weiming", "周伟明", "华东", "seller"),
            ("xiaoyan", "林晓燕", "华东", "seller"), ("haoran", "孙浩然", "华东", "seller"), ("lina", "李娜", "华南", "manager"),
            ("zhiqiang", "黄志强", "华南", "seller"), ("yutong", "何雨桐", "华南", "seller"),
        ]  # fmt: skip
        for username, name, team, role in people:
            chinese = team in {"华东", "华南"}
            language = {"language": "zh-hans"} if chinese else {}
            user = self._person(
                username, name, teams[team], [roles[role]], title="Sales manager" if role == "manager" else "Seller", **language
            )
            self.sellers.append(Person(user, chinese, self.chance.uniform(0.75, 1.25)))
        for name, code, family, price in words.PRODUCTS:
            create(entity_named("products"), {"name": name, "code": code, "family": family, "price": price, "currency": "USD"}, by=BY)
        row = CustomField(entity="accounts", key="tier", kind="choice", label_en="Tier", label_zh="客户等级", glance=False)
        row.options = [["gold", "Gold", "金牌"], ["silver", "Silver", "银牌"], ["bronze", "Bronze", "铜牌"]]
        custom.add(row)
        forget()

    def _team(self, name: str, parent: Team | None = None) -> Team:
        made: Team = create(entity_named("teams"), {"name": name, "parent": parent.pk if parent else None}, by=BY)
        return made

    def _person(self, username: str, name: str, team: Team, roles: list[Role], **values: Any) -> User:
        email = f"{username}@harbour.example"
        values |= {"username": username, "name": name, "email": email, "team": team.pk, "roles": [role.pk for role in roles]}
        made = create(entity_named("users"), {"zone": "Asia/Shanghai", **values}, by=BY)
        user = User.objects.get(pk=made.pk)
        user.password = self._hash
        user.save(update_fields=["password"])
        return user

    @property
    def _hash(self) -> str:
        if not hasattr(self, "_hashed"):
            self._hashed = make_password(PASSWORD)
        return self._hashed

    # ——— whom we know ———

    def _accounts(self) -> None:
        rows = []
        names: set[str] = set()
        for _number in range(self.size.accounts):
            seller = self.pick(self.sellers)
            name, industry, reach = self.named(seller.chinese, names)
            size = int(self.chance.lognormvariate(4.6, 1.2)) + 3
            rows.append((seller, {
                "name": name, "industry": industry, "relationship": self.weighted(customer=55, prospect=32, partner=6, distributor=4, competitor=3),
                "employees": size, "revenue": round(size * self.chance.uniform(60_000, 220_000), -3), "currency": "CNY" if seller.chinese else "USD",
                "founded": self.chance.randint(1965, 2023), "source": self.weighted(referral=24, website=22, fair=18, call=14, partner=12, social=10),
                "owner": seller.user.pk, "tier": self.weighted(gold=10, silver=25, bronze=35, none=30), **reach,
            }))  # fmt: skip
        moments = sorted(self.moment(DAYS, 60) for _ in rows)
        for (seller, values), account in zip(rows, self.insert("accounts", rows, moments), strict=True):
            self.customers.append(Customer(account, values["currency"] == "CNY", seller))

    def named(self, chinese: bool, taken: set[str]) -> tuple[str, str, dict[str, Any]]:
        """A company nobody has thought of yet: its name, its industry, how it is reached."""
        pick = self.pick
        for attempt in range(50):
            industry = pick(list(words.TRADE))
            number = f" {attempt}" if attempt > 40 else ""
            if chinese:
                city, town, district, area = pick(words.CITIES_ZH)
                name = f"{city}{pick(words.CORE_ZH)}{pick(words.TRADE_ZH[industry])}{number}{pick(words.LEGAL_ZH)}"
                street = f"{pick(words.STREETS_ZH)} {self.chance.randint(1, 999)} 号"
                address = {"country": "CN", "province": words.PROVINCES[city], "city": town, "district": district, "street": street}
                digits = 8 if len(area) == 3 or area in {"0755", "0571", "0512", "0574"} else 7
                phone = f"{area}{self.chance.choice('5678')}{self.chance.randint(0, 10 ** (digits - 1) - 1):0{digits - 1}}"
            else:
                town, country = pick(words.CITIES)
                name = f"{pick(words.CORE)} {pick(words.CORE)} {pick(words.TRADE[industry])}{number} {pick(words.LEGAL)}"
                address = {"country": country, "city": town, "street": f"{self.chance.randint(1, 240)} {pick(words.STREETS)}"}
                phone = f"+1617555{self.chance.randint(1000, 9999)}"
            if name not in taken:
                taken.add(name)
                break
        return (
            name,
            industry,
            {"phones": [{"value": phone, "label": "work"}], "address": address, "website": f"https://www.{self._domain(name)}"},
        )

    def _domain(self, name: str) -> str:
        if name.isascii():
            return "-".join(word.lower() for word in name.replace("&", "").replace(".", "").split()[:2]) + ".example"
        return f"hb{abs(hash_of(name)) % 100_000:05}.example"

    def _contacts(self) -> None:
        rows: list[tuple[Person, dict[str, Any]]] = []
        homes: list[Customer] = []
        for number in range(self.size.contacts):
            customer = self.customers[number] if number < len(self.customers) else self.pick(self.customers)
            chinese = customer.chinese
            if chinese:
                family, given = self.pick(words.FAMILY_ZH), self.pick(words.GIVEN_ZH)
                phone = f"1{self.pick(['38', '39', '58', '86', '77', '50'])}{self.chance.randint(0, 99_999_999):08}"
            else:
                family, given = self.pick(words.FAMILY), self.pick(words.GIVEN)
                phone = f"+1617555{self.chance.randint(1000, 9999)}"
            local = f"{given}.{family}".lower() if not chinese else f"c{number}"
            rows.append((customer.seller, {
                "given": given, "family": family, "account": customer.account.pk, "title": self.pick(words.TITLES_ZH if chinese else words.TITLES),
                "buying_role": self.weighted(decides=18, approves=14, influences=30, uses=20, guards=8, champions=10),
                "phones": [{"value": phone, "label": "mobile"}], "owner": customer.seller.user.pk,
                "emails": [{"value": f"{local}@{customer.account.website.removeprefix('https://www.')}", "label": "work"}],
            }))  # fmt: skip
            homes.append(customer)
        moments = sorted(self.moment(DAYS, 40) for _ in rows)
        for customer, contact in zip(homes, self.insert("contacts", rows, moments), strict=True):
            customer.contacts.append(contact)

    # ——— what we sell ———

    def _deals(self) -> None:
        reasons = list(LossReason.objects.order_by("pk").values_list("pk", flat=True))
        self.reasons = {False: reasons[: len(reasons) // 2], True: reasons[len(reasons) // 2 :]}
        products = list(entity_named("products").model._default_manager.values_list("pk", flat=True))
        opened = sorted(self.moment(DAYS, 1, growth=0.6) for _ in range(self.size.deals))
        rows, roads, homes = [], [], []
        for moment in opened:
            customer = self.pick(self.customers)
            road, outcome = self._road(moment, customer.seller.skill, self.stages[customer.chinese])
            amount = Decimal(int(self.chance.lognormvariate(10.2, 1.0)) // 100 * 100 + 400) * (7 if customer.chinese else 1)
            title = self.pick(words.DEALS_ZH if customer.chinese else words.DEALS)
            due = road[-1][0] if outcome != "open" else max(moment, self.now + dt.timedelta(days=int(self.chance.gauss(35, 32))))
            steps = words.STEPS_ZH if customer.chinese else words.STEPS
            rows.append((customer.seller, {
                "name": f"{title} · {short(customer.account.name)}", "account": customer.account.pk, "amount": amount,
                "currency": "CNY" if customer.chinese else "USD", "owner": customer.seller.user.pk, "product": self.pick(products),
                "contact": self.pick(customer.contacts).pk if customer.contacts else None, "source": customer.account.source, "stage": self.stages[customer.chinese][0].pk,
                "opened_on": moment.date(), "closes_on": due.date(), "next_step": self.pick(steps) if outcome == "open" and self.chance.random() < 0.7 else "",
            }))  # fmt: skip
            roads.append(road)
            homes.append(customer)
        self.deals = list(zip(homes, self.insert("deals", rows, opened), roads, strict=True))
        self._move(roads)

    def _road(self, opened: dt.datetime, skill: float, stages: list[Stage]) -> tuple[list[tuple[dt.datetime, Stage]], str]:
        """The moments at which a deal reached each stage, and how it stands today."""
        length = dt.timedelta(days=min(max(self.chance.lognormvariate(3.7, 0.55), 4), 240))
        wins = self.chance.random() < 0.5 * skill
        depth = 3 if wins else self.pick([0, 1, 1, 2, 2, 3])
        marks = sorted(self.chance.random() for _ in range(depth))
        road = [(opened + length * mark, stage) for mark, stage in zip(marks, stages[1:4], strict=False)]
        road.append((opened + length, stages[4 if wins else 5]))
        stalls = self.chance.random() < 0.03
        past, last = [], opened
        for moment, stage in road:
            if moment < self.now and not (stalls and stage.outcome != "open"):
                last = max(last, min(self._working(moment), self.now))
                past.append((last, stage))
        outcome = past[-1][1].outcome if past else "open"
        return past, outcome

    def _move(self, roads: list[Any]) -> None:
        entity = entity_named("deals")
        rivals: dict[int, list[int]] = {}
        for customer in self.customers:
            if customer.account.relationship == "competitor" and len(rivals.setdefault(customer.account.team_id, [])) < 4:
                rivals[customer.account.team_id].append(customer.account.pk)
        for step in range(max(len(road) for road in roads)):
            events: dict[str, list[tuple[Any, dict[str, Any]]]] = {}
            for customer, deal, road in self.deals:
                if step >= len(road):
                    continue
                moment, stage = road[step]
                values = {"stage": stage.pk, "stage_since": moment, "changed_at": moment, "changed_by_id": deal.owner_id}
                if stage.outcome != "open":
                    values["closed_on"] = moment.date()
                if stage.outcome == "lost":
                    values["loss_reason"] = self.pick(self.reasons[customer.chinese])
                if stage.outcome != "open" and deal.team_id in rivals and self.chance.random() < 0.4:
                    values["competitor"] = self.pick(rivals[deal.team_id])
                event = {"won": "deal.won", "lost": "deal.lost"}.get(stage.outcome, "deal.moved")
                events.setdefault(event, []).append((deal, values))
            for event, pairs in events.items():
                for start_at in range(0, len(pairs), CHUNK):
                    update(entity, pairs[start_at : start_at + CHUNK], by=BY, event=event, origin=ORIGIN)

    # ——— what we did ———

    def _activities(self) -> None:
        rows: list[tuple[Person, dict[str, Any]]] = []
        moments: list[dt.datetime] = []
        for customer, deal, road in self.deals:
            end = road[-1][0] if road and road[-1][1].outcome != "open" else self.now
            for _number in range(self.chance.randint(2, 5)):
                moments.append(self.between(deal.created_at, end))
                rows.append((customer.seller, self._done(customer, moments[-1], deal)))
            if deal.outcome == "open" and self.chance.random() < 0.6:
                due = self._working(self.now + dt.timedelta(days=self.chance.gauss(4, 7)))
                moments.append(min(self.now, due) - dt.timedelta(days=2))
                rows.append((customer.seller, self._planned(customer, due, deal)))
        while len(rows) < self.size.activities:
            customer = self.pick(self.customers)
            moments.append(self.between(customer.account.created_at, self.now))
            rows.append((customer.seller, self._done(customer, moments[-1], None)))
        order = sorted(range(len(rows)), key=lambda place: moments[place])
        self.insert("activities", [rows[place] for place in order], [moments[place] for place in order])

    def _done(self, customer: Customer, moment: dt.datetime, deal: Any) -> dict[str, Any]:
        kind = self.weighted(call=40, email=22, meeting=14, visit=9, message=9, note=6)
        result = self.weighted(reached=60, missed=15, interested=15, later=10) if kind == "call" else ""
        said = (words.SAID_ZH if customer.chinese else words.SAID)[kind]
        minutes = self.chance.randint(2, 45) if kind in {"call", "meeting", "visit"} else None
        return {
            **self._about(customer, deal),
            "kind": kind,
            "result": result,
            "duration": minutes,
            "done_at": moment,
            "body": self.pick(said),
        }

    def _planned(self, customer: Customer, due: dt.datetime, deal: Any) -> dict[str, Any]:
        kind = self.weighted(call=40, task=25, meeting=15, visit=12, email=8)
        who = customer.contacts[0].name if customer.contacts else short(customer.account.name)
        step = self.pick(words.STEPS_ZH if customer.chinese else words.STEPS)
        subject = (words.PLAN_ZH if customer.chinese else words.PLAN)[kind].format(who=who, step=step)
        return {**self._about(customer, deal), "kind": kind, "subject": subject, "due_at": due}

    def _about(self, customer: Customer, deal: Any) -> dict[str, Any]:
        contact = self.pick(customer.contacts).pk if customer.contacts and self.chance.random() < 0.85 else None
        return {"account": customer.account.pk, "contact": contact, "deal": deal.pk if deal else None, "owner": customer.seller.user.pk}

    # ——— how it is written ———

    def insert(self, path: str, rows: list[tuple[Person, dict[str, Any]]], moments: list[dt.datetime]) -> list[Any]:
        """Records by the write path, each with its own moment and author."""
        entity, made = entity_named(path), []
        for chunk in in_chunks(list(zip(rows, moments, strict=True))):
            told = [{name: value for name, value in values.items() if name != "tier" or value != "none"} for (_who, values), _when in chunk]
            records = prepare_many(entity, told, by=BY)
            for record, ((seller, _values), moment) in zip(records, chunk, strict=True):
                record.created_at = record.changed_at = moment
                record.created_by_id = record.changed_by_id = seller.user.pk if seller else getattr(record, "owner_id", None)
                if hasattr(record, "stage_since"):
                    record.stage_since = moment
                    entity.derive(record, {"stage", "stage_since"}) if entity.derive else None
                if getattr(record, "owned_since", None):
                    record.owned_since = moment
                if getattr(record, "qualified_at", None):
                    record.qualified_at = moment
            insert(entity, records, by=BY, origin=ORIGIN)
            made += records
            self.tell(len(records))
        return made

    # ——— chance ———

    def pick(self, several: Any) -> Any:
        """One of several."""
        return several[int(self.chance.random() * len(several))]

    def weighted(self, **weights: int) -> str:
        """One of the names, the heavier the likelier."""
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def moment(self, furthest: float, nearest: float, growth: float = 0.0) -> dt.datetime:
        """A working moment so many days back; with growth, later ones are likelier."""
        share = self.chance.random() ** (1 / (1 + growth))
        return min(self._working(self.now - dt.timedelta(days=furthest - share * (furthest - nearest))), self.now)

    def between(self, first: dt.datetime, last: dt.datetime) -> dt.datetime:
        """A working moment between two, not after now."""
        return max(min(self._working(first + (last - first) * self.chance.random()), self.now), first)

    def _working(self, moment: dt.datetime) -> dt.datetime:
        """The same day, or the Monday after, between nine and six in Shanghai."""
        local = moment.astimezone(ZoneInfo("Asia/Shanghai"))
        local += dt.timedelta(days={5: 2, 6: 1}.get(local.weekday(), 0))
        return local.replace(hour=self.chance.randint(9, 17), minute=self.chance.randint(0, 59), second=0, microsecond=0).astimezone(dt.UTC)


def in_chunks(several: list[Any]) -> Iterator[list[Any]]:
    """A list in pieces."""
    for start_at in range(0, len(several), CHUNK):
        yield several[start_at : start_at + CHUNK]


def hash_of(text: str) -> int:
    """A number of a text, the same on every run."""
    return math.prod(ord(letter) + place for place, letter in enumerate(text))


def short(name: str) -> str:
    """A company's name without its legal form."""
    for ending in (*words.LEGAL_ZH[1:], *words.LEGAL):
        name = name.removesuffix(ending)
    return name.strip()


def build(size: Size, tell: Tell) -> None:
    """The demo company in an empty database; ValueError when there is a company already."""
    if Company.objects.exists():
        raise ValueError("There is a company in this database already.")
    Demo(size, timezone.now(), tell).make()
