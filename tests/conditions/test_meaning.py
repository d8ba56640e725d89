"""What conditions mean, case by case, in the words a person would check them by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import make_password

from guanxi.access.models import Team, User
from guanxi.entity.actors import SYSTEM, Locale
from guanxi.entity.conditions import Compare, Not, all_of, any_of, check, compile, matches, parse, print_text  # noqa: A004
from tests.conditions import toy
from tests.conditions.toy import Customer, Line, Order, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), toy.toy_trade():
        yield


def found(text: str, reader: Any = toy.BOB, now: dt.datetime = toy.NOW) -> list[str]:
    """The names of the customers a condition finds."""
    where = compile(parse(text), toy.CUSTOMERS, reader, now=now)
    return sorted(Customer.objects.filter(where).values_list("name", flat=True))


def customer(name: str, **values: Any) -> Customer:
    return Customer.objects.create(name=name, **values)


def user(key: int, name: str, team: int | None = None) -> User:
    if team:
        Team.objects.get_or_create(pk=team, defaults={"name": f"Team {team}"})
    return User.objects.create(pk=key, username=name, name=name, team_id=team, password=make_password(None))


# Nothing and not


def test_different_from_five_includes_what_has_no_amount() -> None:
    for name, amount in {"five": 5, "six": 6, "none": None}.items():
        customer(name, amount=amount)
    assert found("amount != 5") == ["none", "six"]
    assert found("not amount = 5") == ["none", "six"]
    assert found("amount < 6") == ["five"]
    assert found("not amount < 6") == ["none", "six"]
    assert found("amount not in (5, 7)") == ["none", "six"]
    assert found("amount is empty") == ["none"]
    assert found("amount = null") == ["none"]
    assert found("not amount is empty") == ["five", "six"]


def test_null_and_the_empty_text_are_both_empty() -> None:
    for name, nick in {"null": None, "empty": "", "ann": "Ann"}.items():
        customer(name, nick=nick)
    assert found("nick is empty") == ["empty", "null"]
    assert found('nick = ""') == ["empty", "null"]
    assert found('nick != ""') == ["ann"]
    assert found('nick < "b"') == ["ann"]
    assert found('nick != "ann"') == ["empty", "null"]
    assert found('nick not contains "n"') == ["empty", "null"]


def test_nothing_or_no_is_no() -> None:
    for name, vip in {"yes": True, "no": False, "unknown": None}.items():
        customer(name, vip=vip, custom={} if vip is None else {"loud": vip})
    assert found("vip = true") == found("loud = yes") == ["yes"]
    assert found("vip = false") == found("loud = no") == found("vip != true") == ["no", "unknown"]


def test_negation_reaches_through_and_and_or() -> None:
    for name, amount, visits in [("a", 1, 1), ("b", 1, None), ("c", None, 1), ("d", None, None)]:
        customer(name, amount=amount, visits=visits)
    assert found("not (amount = 1 and visits = 1)") == ["b", "c", "d"]
    assert found("not (amount = 1 or visits = 1)") == ["d"]
    assert found("not not amount = 1") == ["a", "b"]


# Text


def test_text_is_compared_without_regard_to_case() -> None:
    for name in ("Acme", "ACME", "acme", "acme ltd", "Ängel"):
        customer(name)
    assert found('name = "acme"') == ["ACME", "Acme", "acme"]
    assert found('name in ("acme LTD", "äNGEL")') == ["acme ltd", "Ängel"]
    assert found('name starts "ACME l"') == ["acme ltd"]
    assert found('name contains "ME L"') == ["acme ltd"]
    assert found('name <= "acme"') == ["ACME", "Acme", "acme"]
    assert found('name between "acme" and "acme z"') == ["ACME", "Acme", "acme", "acme ltd"]


def test_signs_of_patterns_are_plain_text() -> None:
    for name in ("100%", "100 per cent", "a_b", "aXb", "back\\slash", 'say "hi"', "it's"):
        customer(name)
    assert found('name contains "0%"') == ["100%"]
    assert found('name contains "a_"') == ["a_b"]
    assert found(r'name contains "k\\s"') == ["back\\slash"]
    assert found(r'name contains "\"hi"') == ['say "hi"']
    assert found("name contains ‘it's’") == ["it's"]


# Numbers


def test_numbers_may_be_written_short() -> None:
    for name, amount in {"small": 9_999, "ten": 10_000, "million": 1_500_000}.items():
        customer(name, amount=amount)
    for text in ("amount >= 10_000", "amount >= 10k", "amount >= 1万", "amount >= １万", 'amount >= "10,000"', 'amount >= "CN¥10,000"'):
        assert found(text) == ["million", "ten"], text
    assert found("amount = 1.5m") == ["million"]
    assert found("amount between 9.999k and 1万") == ["small", "ten"]


def test_numbers_are_not_rounded_before_they_are_compared() -> None:
    customer("five", amount=5, rate=Decimal("0.6"))
    assert found("amount = 5.00001") == found("amount >= 5.00001") == []
    assert found("amount < 5.00001") == ["five"]
    assert found("rate = 60%") == found("rate = 0.6") == ["five"]
    assert found("rate < 60.0001%") == ["five"]


def test_durations_are_written_as_they_are_typed() -> None:
    customer("short", minutes=30)
    customer("long", minutes=90)
    assert found("minutes >= 1h30") == found('minutes = "1:30"') == found("minutes > 30min") == found("minutes > 30") == ["long"]


# Days and moments


def test_a_day_means_all_its_moments_where_the_reader_is() -> None:
    for name, at in {"eve": (4, 23, 59), "morning": (5, 0, 0), "night": (5, 23, 59), "next": (6, 0, 0)}.items():
        day, hour, minute = at
        customer(name, seen_at=dt.datetime(2026, 11, day, hour, minute, 59 if minute else 0, tzinfo=toy.ZONE))
    customer("never")
    assert found("seen_at = 2026-11-05") == found("seen_at = today") == found("seen_at within today") == ["morning", "night"]
    assert found("seen_at > 2026-11-05") == ["next"]
    assert found("seen_at >= 2026-11-05") == ["morning", "next", "night"]
    assert found("seen_at < today") == ["eve"]
    assert found("seen_at <= today") == ["eve", "morning", "night"]
    assert found("seen_at != today") == ["eve", "never", "next"]
    assert found("seen_at between yesterday and today") == ["eve", "morning", "night"]


def test_the_same_condition_means_another_day_elsewhere() -> None:
    customer("visit", seen_at=dt.datetime(2026, 11, 5, 1, 0, tzinfo=toy.ZONE))
    london = toy.Reader(locale=Locale("en", ZoneInfo("Europe/London")))
    assert found("seen_at = 2026-11-05") == ["visit"]
    assert found("seen_at = 2026-11-05", london) == []
    assert found("seen_at = 2026-11-04", london) == ["visit"]


def test_a_moment_written_to_the_minute_means_the_minute() -> None:
    for second in (0, 59):
        customer(f"at {second}", seen_at=dt.datetime(2026, 11, 5, 8, 30, second, tzinfo=toy.ZONE))
    assert found("seen_at = 2026-11-05T08:30") == ["at 0", "at 59"]
    assert found("seen_at = 2026-11-05T00:30Z") == ["at 0", "at 59"]
    assert found("seen_at = 2026-11-05T08:30:59") == ["at 59"]
    assert found("seen_at > 2026-11-05T08:30") == []


def test_days_are_told_from_now() -> None:
    for name, day in {
        "old": (2025, 11, 4),
        "august": (2026, 8, 7),
        "monday": (2026, 11, 2),
        "today": (2026, 11, 5),
        "soon": (2026, 11, 11),
    }.items():
        customer(name, since=dt.date(*day))
    assert found("since >= -90d") == ["august", "monday", "soon", "today"]
    assert found("since < -1y") == ["old"]
    assert found("since within this_week") == ["monday", "today"]
    assert found("since within next_7d") == ["soon", "today"]
    assert found("since within last_7d") == ["monday", "today"]
    assert found("since within this_quarter") == ["monday", "soon", "today"]
    assert found("since within 2026-Q3") == found("since within 2026-08") == ["august"]
    assert found("since within 2025") == ["old"]
    assert found("since >= start_of_month-1m and since < start_of_month+1m") == ["monday", "soon", "today"]
    assert found("since within this_week", now=dt.datetime(2026, 11, 8, 17, 0, tzinfo=dt.UTC)) == ["soon"]


# Choices, tags, lists


def test_a_choice_is_named_by_value_label_or_other_name() -> None:
    customer("talks", stage="open")
    customer("none")
    for name in ("open", "In talks", "in TALKS", "洽谈"):
        assert found(f'stage = "{name}"') == ["talks"], name
    assert found("stage != open") == ["none"]
    assert found('stage in ("In talks", won)') == ["talks"]


def test_tags_are_had_one_any_or_all() -> None:
    customer("both", tags=["vip", "长期"])
    customer("one", tags=["vip"])
    customer("bare")
    assert found("tags has vip") == ["both", "one"]
    assert found('tags has all (vip, "长期")') == ["both"]
    assert found('tags has any ("长期", other)') == ["both"]
    assert found("tags not has vip") == ["bare"]
    assert found("tags is empty") == ["bare"]


def test_phones_are_found_as_they_are_dialled() -> None:
    customer("ann", phones=[{"value": "+8613812345678", "label": "mobile"}, {"value": "+862112345678"}])
    customer("bo", phones=[])
    for text in ('phones has "138 1234 5678"', 'phones has "+86-138-1234-5678"', "phones has 13812345678", 'phones contains "138 12"'):
        assert found(text) == ["ann"], text
    assert found('phones starts "+8621"') == ["ann"]
    assert found('phones has all ("13812345678", "021 1234 5678")') == ["ann"]
    assert found("phones is empty") == found('phones not contains "138"') == ["bo"]


def test_addresses_are_searched_whole_and_by_part() -> None:
    customer("pudong", address={"country": "CN", "province": "上海市", "city": "上海市", "district": "浦东新区", "street": "东方路 88 号"})
    customer("main", address={"city": "Springfield", "street": "1 Main St"})
    customer("nowhere")
    assert found('address contains "上海市浦东"') == ["pudong"]
    assert found('address contains "springfield 1 main"') == ["main"]
    assert found('address.city = "上海市"') == ["pudong"]
    assert found("address.city = springfield") == ["main"]
    assert found("address.district is empty") == ["main", "nowhere"]
    assert found("address is empty") == ["nowhere"]


# People and links


def test_me_and_my_team_are_the_readers() -> None:
    for key, (name, team) in {2: ("Bob", 1), 3: ("Alice", 1), 4: ("Charlie", 2), 5: ("Dora", None)}.items():
        user(key, name, team)
        customer(f"of {name}", owner_id=key, people=[key])
    customer("of nobody")
    assert found("owner = me") == found("people has me") == ["of Bob"]
    assert found("owner in my_team") == found("owner = my_team") == found("people has my_team") == ["of Alice", "of Bob"]
    assert found("owner in (me, charlie, 5)") == ["of Bob", "of Charlie", "of Dora"]
    assert found("owner not in my_team") == ["of Charlie", "of Dora", "of nobody"]
    assert found('owner != "Bob"') == ["of Alice", "of Charlie", "of Dora", "of nobody"]
    assert found("people has any (Alice, me)") == ["of Alice", "of Bob"]
    assert found("owner = me", SYSTEM) == found("owner in my_team", SYSTEM) == []
    assert found("owner.team = 1 and owner.name starts A") == ["of Alice"]
    assert found("people.name = Dora") == ["of Dora"]


def test_a_title_means_the_records_so_called_that_one_may_see() -> None:
    acme, _hushed = Shop.objects.create(name="Acme"), Shop.objects.create(name="ACME", hush=True)
    customer("in", shop=acme)
    customer("hushed", shop=_hushed)
    assert found('shop = "acme"') == found(f"shop = {acme.pk}") == ["in"]
    assert found('shop = "acme"', toy.SEES_ALL) == ["hushed", "in"]
    assert found(f'shop in ("nothing", {acme.pk})') == ["in"]


# Other records


def shops_and_orders() -> None:
    open_shop = Shop.objects.create(name="Open", city="London")
    hushed, gone = (
        Shop.objects.create(name="Hushed", city="London", hush=True),
        Shop.objects.create(name="Gone", city="London", deleted_at=toy.NOW),
    )
    rich, poor, idle = customer("rich", shop=open_shop), customer("poor", shop=hushed), customer("idle", shop=gone)
    customer("alone")
    orders = [(rich, 600, 1), (rich, 500, 200), (poor, 10, 1), (poor, None, 2)]
    for whose, total, days in orders:
        Order.objects.create(customer=whose, total=total, placed_on=toy.NOW.date() - dt.timedelta(days=days), stage="won" if total else "")
    Order.objects.create(customer=idle, total=9_999, placed_on=toy.NOW.date(), hush=True)
    Order.objects.create(customer=idle, total=9_999, placed_on=toy.NOW.date(), deleted_at=toy.NOW)


def test_what_is_hidden_or_in_the_trash_is_as_if_it_were_not() -> None:
    shops_and_orders()
    assert found("shop.city = London") == ["rich"]
    assert found("shop.city != London") == found("shop.city is empty") == ["alone", "idle", "poor"]
    assert found("shop.city = London", toy.SEES_ALL) == ["poor", "rich"]
    assert found("orders is empty") == found("orders.count() = 0") == ["alone", "idle"]
    assert found("orders.max(total) > 9000") == found("orders.total > 9000") == []
    assert found("orders.max(total) > 9000", toy.SEES_ALL) == ["idle"]


def test_a_comparison_through_a_list_asks_whether_any_does() -> None:
    shops_and_orders()
    assert found("orders.total > 5") == ["poor", "rich"]
    assert found("orders.total != 600") == ["poor", "rich"]
    assert found("orders.total is empty") == ["poor"]
    assert found("not orders.total is empty") == ["alone", "idle", "rich"]
    assert found("orders[not total > 5] is empty and orders is not empty") == ["rich"]


def test_brackets_narrow_a_list() -> None:
    shops_and_orders()
    assert found("orders[placed_on > -90d].sum(total) >= 600") == ["rich"]
    assert found("orders[placed_on > -90d].sum(total) > 600") == []
    assert found("orders[total > 5].count() = 0") == ["alone", "idle"]
    assert found("orders[total > 5].count() between 1 and 2") == ["poor", "rich"]
    assert found("orders[total > 5 and placed_on < -90d] is not empty") == ["rich"]
    assert found("orders[total < 100].stage = won") == ["poor"]


def test_nothing_adds_up_to_nought_and_has_no_average() -> None:
    shops_and_orders()
    assert found("orders.sum(total) = 0") == ["alone", "idle"]
    assert found("orders.sum(total) < 100") == ["alone", "idle", "poor"]
    assert found("orders.avg(total) < 100") == ["poor"]
    assert found("orders.avg(total) is empty") == found("orders.min(total) is empty") == ["alone", "idle"]
    assert found("orders.avg(total) != 550") == ["alone", "idle", "poor"]


def test_first_and_last_are_by_the_lists_order() -> None:
    shops_and_orders()
    assert found("orders.last(total) = 600") == ["rich"]
    assert found("orders.first(total) = 500") == ["rich"]
    assert found("orders.last(stage) = won") == ["poor", "rich"]
    assert found("orders.first(stage) is empty") == ["alone", "idle", "poor"]
    assert found("orders[placed_on < -90d].last(total) = 500") == ["rich"]


def test_parts_follow_their_whole() -> None:
    shops_and_orders()
    for order in Order.objects.all():
        Line.objects.create(order=order, what="bolt", quantity=3)
    Line.objects.create(order=Order.objects.get(total=600), what="nut", quantity=100, deleted_at=toy.NOW)
    assert found("orders.lines.quantity = 3") == ["poor", "rich"]
    assert found("orders.lines.what = nut") == []
    assert found("orders[lines.sum(quantity) = 3].count() = 2") == ["poor", "rich"]
    lines = Line.objects.filter(compile(parse("order.customer.name = poor"), toy.LINES, toy.BOB))
    assert lines.count() == 2


def test_lists_of_custom_links_lead_back() -> None:
    shop = Shop.objects.create(name="Fan shop")
    customer("fan", custom={"favourite": shop.pk, "points": 7})
    customer("other", custom={"points": 9})
    shops = Shop.objects.filter(compile(parse("fans.sum(points) = 7 and fans.name = fan"), toy.SHOPS, toy.BOB))
    assert list(shops) == [shop]
    assert found('favourite.name = "fan shop"') == ["fan"]


# Custom fields


def test_custom_values_compare_as_their_kind() -> None:
    customer("full", custom={"points": 12.5, "signed_on": "2026-11-05", "grade": "won", "colour": "Red", "loud": True})
    customer("less", custom={"points": 9, "signed_on": "2026-11-04", "grade": "lost", "colour": "red"})
    customer("bare")
    customer("left over", custom={"points": "many", "signed_on": 5, "grade": None, "colour": ""})
    assert found("points > 9") == found("points = 12.5") == found("points in (12.5, 3)") == ["full"]
    assert found("points < 100") == ["full", "less"]
    assert found("signed_on < today") == ["less"]
    assert found("signed_on within this_month") == ["full", "less"]
    assert found("grade = Won") == ["full"]
    assert found("grade != won") == ["bare", "left over", "less"]
    assert found("colour = RED") == ["full", "less"]
    assert found("colour is empty") == found("grade is empty") == ["bare", "left over"]


# Checking, matching, combining


def test_checking_writes_values_as_the_field_keeps_them() -> None:
    text = 'stage = "IN TALKS" and amount > "1,284.50" and since = "5 Nov 2026" and phones has "138 1234 5678" and rate > 0.5 and vip = yes and owner = "3"'
    assert print_text(check(parse(text), toy.CUSTOMERS, toy.BOB)) == (
        'stage = "open" and amount > 1284.5 and since = 2026-11-05 and phones has "+8613812345678" and rate > 50% and vip = true and owner = 3'
    )
    assert print_text(check(parse("seen_at > 2026-11-05T08:30 and owner = my_team"), toy.CUSTOMERS, toy.BOB)) == (
        "seen_at > 2026-11-05T00:30:00Z and owner in my_team"
    )
    assert print_text(check(parse("orders[stage = WON].first(stage) = won"), toy.CUSTOMERS, toy.BOB)) == (
        'orders[stage = "won"].first(stage) = "won"'
    )


def test_whether_one_record_matches_is_asked_by_its_key() -> None:
    small, large = customer("small", amount=5), customer("large", amount=50)
    tree = parse("amount > 10")
    assert (matches(tree, small, toy.BOB), matches(tree, large, toy.BOB)) == (False, True)


def test_conditions_combine() -> None:
    customer("small", amount=5)
    customer("large", amount=50, vip=True)
    many, vip = parse("amount > 10"), parse("vip = true")
    assert many & vip == all_of([many, vip]) == parse("amount > 10 and vip = true")
    assert many | vip == any_of([many, vip]) == parse("amount > 10 or vip = true")
    assert ~many == Not(Compare(("amount",), ">", 10))
    assert all_of([]) & many == many
    assert all_of([]) | many == all_of([])


def test_the_empty_condition_finds_all_and_its_negation_none() -> None:
    customer("one")
    assert found("") == ["one"]
    nothing = compile(Not(parse("")), toy.CUSTOMERS, toy.BOB)
    assert list(Customer.objects.filter(nothing)) == []
    assert list(Customer.objects.exclude(nothing).values_list("name", flat=True)) == ["one"]


def test_the_result_combines_with_other_conditions_of_django() -> None:
    customer("one", amount=5)
    customer("two", amount=6, stage="won")
    where = compile(parse("amount = 5"), toy.CUSTOMERS, toy.BOB) | compile(parse("stage = won"), toy.CUSTOMERS, toy.BOB)
    assert Customer.objects.filter(where).count() == 2
    assert Customer.objects.filter(~where).count() == 0
