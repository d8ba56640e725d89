"""The page of a record: facts, head, next step, related lists, asides; for each reader what their rights allow, and cheaply."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from guanxi.access.models import FieldRight, User
from guanxi.base.moments import relative
from guanxi.crm.models import Account
from guanxi.entity.actors import Level
from guanxi.entity.registry import entities
from guanxi.record.changes import edit
from guanxi.record.memory import raise_epoch
from guanxi.record.models import CustomField
from tests.cast import make

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def page(client: Any, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return str(response.content.decode())


def fact(html: str, name: str) -> str:
    found = re.search(rf'<dd id="fact-{name}">(.*?)</dd>', html, re.DOTALL)
    return found[1] if found else ""


@pytest.fixture
def account(cast: Any) -> Account:
    made = make(
        "accounts", name="Northwind Logistics", owner=cast.bob.pk, relationship="customer", industry="logistics", employees=1200,
        phones=[{"value": "+862168884321", "label": "work"}], emails=["hello@northwind.example"], website="northwind.example",
        description="Ask for @Alice Chen.\n\nSee https://northwind.example/terms", revenue="1745300", currency="CNY",
    )  # fmt: skip
    return Account.objects.get(pk=made.pk)


# ——— what is shown ———


def test_facts_are_shown_by_their_kinds(cast: Any, client_of: Any, account: Account) -> None:
    html = page(client_of(cast.bob), f"/accounts/{account.pk}")
    assert '<span class="tag good"><i></i>Customer</span>' in fact(html, "relationship")
    assert "1,200" in fact(html, "employees")
    assert "CN¥1,745,300" in fact(html, "revenue")
    assert '<a href="tel:+862168884321">' in fact(html, "phones")
    assert 'class="av ' in fact(html, "owner")
    assert '<span class="mention">@Alice Chen</span>' in fact(html, "description")
    assert '<a href="https://northwind.example/terms" rel="nofollow">' in fact(html, "description")


def test_every_fact_one_may_set_leads_to_its_editor_and_no_link_stands_in_a_link(cast: Any, client_of: Any, account: Account) -> None:
    html = page(client_of(cast.bob), f"/accounts/{account.pk}")
    assert f'href="/accounts/{account.pk}/field/employees"' in fact(html, "employees")
    assert 'aria-label="Edit Employees"' in fact(html, "employees")
    for name in ("phones", "website", "description"):
        assert re.search(r'<a class="edit[^>]*>(?:(?!</a>).)*<a ', fact(html, name), re.DOTALL) is None
        assert 'class="edit pen"' in fact(html, name)
    assert "edit" not in fact(html, "created_at")


def test_empty_facts_stand_apart_and_can_be_filled(cast: Any, client_of: Any, account: Account) -> None:
    html = page(client_of(cast.bob), f"/accounts/{account.pk}")
    assert f'href="/accounts/{account.pk}/field/founded"' in fact(html, "founded")
    assert html.index("more fields") < html.index('id="fact-founded"')
    assert html.index('id="fact-industry"') < html.index("more fields")


def test_custom_fields_are_facts_like_others(cast: Any, client_of: Any, account: Account) -> None:
    CustomField.objects.create(
        entity="accounts", key="tier", kind="choice", label_en="Tier", label_zh="等级", options=[["gold", "Gold", "金"]]
    )
    raise_epoch()
    edit(account, {"tier": "gold"}, by=cast.bob)
    html = page(client_of(cast.bob), f"/accounts/{account.pk}")
    assert '<span class="tag"><i></i>Gold</span>' in fact(html, "tier")
    assert f"/accounts/{account.pk}/field/tier" in fact(html, "tier")


def test_the_head_says_what_it_is_and_offers_to_call_to_write_and_to_add(cast: Any, client_of: Any, account: Account) -> None:
    head = page(client_of(cast.bob), f"/accounts/{account.pk}").split('<header class="rechead"')[1].split("</header>")[0]
    assert "<h1>Northwind Logistics</h1>" in head
    assert 'href="tel:+862168884321"' in head
    assert 'href="mailto:hello@northwind.example"' in head
    assert f'<button type="button" class="btn primary" hx-get="/deals/new?account={account.pk}" hx-target="#dialog-body">' in head
    assert f'hx-post="/accounts/{account.pk}/delete"' in head


def test_a_deal_offers_its_verbs_as_they_are_possible(cast: Any, client_of: Any) -> None:
    deal = make("deals", name="Fleet", owner=cast.bob.pk)
    client = client_of(cast.bob)
    html = page(client, f"/deals/{deal.pk}")
    assert f'class="btn primary" hx-get="/deals/{deal.pk}/do/win"' in html
    assert f'hx-get="/deals/{deal.pk}/do/lose"' in html
    assert "/do/reopen" not in html
    client.post(f"/deals/{deal.pk}/do/win")
    html = page(client, f"/deals/{deal.pk}")
    assert f"/deals/{deal.pk}/do/reopen" in html
    assert "/do/win" not in html


def test_every_entity_has_a_page_that_shows_a_record(cast: Any, client_of: Any, plenty: Any) -> None:
    account = make("accounts", name="A", owner=cast.bob.pk)
    contact = make("contacts", name="Wei", owner=cast.bob.pk, account=account.pk)
    deal = make("deals", name="D", owner=cast.bob.pk, account=account.pk)
    product = make("products", name="P", price="3")
    made = {
        "accounts": account, "contacts": contact, "deals": deal, "products": product,
        "activities": make("activities", kind="call", body="x", owner=cast.bob.pk, account=account.pk),
        "affiliations": make("affiliations", contact=contact.pk, account=account.pk),
        "deal_contacts": make("deal_contacts", deal=deal.pk, contact=contact.pk),
        "deal_lines": make("deal_lines", deal=deal.pk, product=product.pk),
        "pipelines": cast.pipeline, "stages": cast.stage("New"), "loss_reasons": make("loss_reasons", name="R"),
        "leads": make("leads", name="L", owner=cast.bob.pk), "methods": make("methods", name="M"), "sources": make("sources", name="S"),
        "pools": (pool := make("pools", name="Everybody", of="leads")),
        "pool_rules": make("pool_rules", name="Old", pool=pool.pk, condition="id > 0"),
        "users": cast.bob, "teams": cast.harbour, "roles": cast.roles["seller"],
    }  # fmt: skip
    client = client_of(cast.admin)
    for entity in entities():
        record = made.get(entity.path) or plenty.of(entity.path, 1)[0]
        assert escape(str(entity.title_of(record))) in page(client, f"/{entity.path}/{record.pk}"), entity
        assert page(client, f"/{entity.path}/{record.pk}/edit")
        assert "data-close-peek" in client.get(f"/{entity.path}/{record.pk}/peek", headers={"HX-Request": "true"}).content.decode()
        assert page(client, f"/{entity.path}/{record.pk}/history")
        assert page(client, f"/{entity.path}/new")
        assert page(client, f"/{entity.path}/trash")


# ——— rights ———


def test_who_may_not_see_a_record_finds_no_page_of_it(cast: Any, client_of: Any, account: Account) -> None:
    charlie = client_of(cast.charlie)
    for below in ("", "/peek", "/fresh", "/timeline", "/history", "/compose", "/related/deals", "/edit", "/field/name", "/do/win"):
        assert charlie.get(f"/accounts/{account.pk}{below}").status_code == 404, below
    for below in ("/timeline", "/delete", "/restore", "/edit", "/field/name"):
        assert charlie.post(f"/accounts/{account.pk}{below}", {"name": "X", "body": "X"}).status_code == 404, below
    account.refresh_from_db()
    assert (account.name, account.deleted_at) == ("Northwind Logistics", None)


def test_who_may_only_read_has_nothing_to_edit_with(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="R", owner=cast.alice.pk, readers=[cast.bob.pk], industry="retail")
    html = page(client_of(cast.bob), f"/accounts/{account.pk}")
    assert "/field/" not in html
    assert f"/accounts/{account.pk}/edit" not in html
    assert f"/accounts/{account.pk}/delete" not in html
    assert "more field" not in html


@pytest.mark.parametrize("level", [Level.HIDDEN, Level.MASKED, Level.READ])
def test_field_rights_hold_on_every_part_of_the_page(cast: Any, client_of: Any, account: Account, level: Level) -> None:
    edit(account, {"phones": ["+8613912345678"], "employees": 47110815}, by=cast.alice)
    for field in ("phones", "employees"):
        FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field=field, level=level)
    raise_epoch()
    client = client_of(cast.bob)
    html = (
        page(client, f"/accounts/{account.pk}")
        + page(client, f"/accounts/{account.pk}/history")
        + client.get(f"/accounts/{account.pk}?peek=1", headers={"HX-Request": "true"}).content.decode()
    )
    assert f"/accounts/{account.pk}/field/employees" not in html
    if level == Level.READ:
        assert "47,110,815" in html
        return
    assert "47,110,815" not in html
    assert "47110815" not in html
    assert "13912345678" not in html.replace(" ", "")
    assert ('id="fact-employees"' in html) is (level == Level.MASKED)
    if level == Level.MASKED:
        assert "•••" in fact(html, "employees")


def test_a_hidden_title_is_given_away_nowhere(cast: Any, client_of: Any, account: Account) -> None:
    deal = make("deals", name="Fleet", owner=cast.bob.pk, account=account.pk)
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="name", level=Level.HIDDEN)
    raise_epoch()
    client = client_of(cast.bob)
    html = page(client, f"/deals/{deal.pk}") + page(client, f"/accounts/{account.pk}") + page(client, f"/deals/{deal.pk}/history")
    assert "Fleet" not in html
    assert f"<h1>#{deal.pk}</h1>" in html


def test_what_leads_to_a_record_out_of_sight_says_only_that(cast: Any, client_of: Any) -> None:
    secret = make("accounts", name="Secret Ltd", owner=cast.charlie.pk)
    deal = make("deals", name="D", owner=cast.bob.pk, account=secret.pk)
    html = page(client_of(cast.bob), f"/deals/{deal.pk}")
    assert "Secret Ltd" not in html
    assert "(no access)" in fact(html, "account")


# ——— next step ———


def next_of(html: str) -> str:
    return html.split('<div id="next-step">')[1].split("</div></div>", maxsplit=1)[0] if '<div id="next-step"><div' in html else ""


def test_the_next_step_is_the_earliest_plan_with_a_button_that_completes_it(cast: Any, client_of: Any, account: Account) -> None:
    deal = make("deals", name="D", owner=cast.bob.pk, account=account.pk, next_step="as written")
    now = dt.datetime.now(dt.UTC)
    soon = now + dt.timedelta(days=1, hours=1)
    make("activities", kind="task", subject="Later", due_at=soon + dt.timedelta(days=5), deal=deal.pk, owner=cast.bob.pk)
    first = make("activities", kind="task", subject="Send terms", due_at=soon, deal=deal.pk, owner=cast.bob.pk)
    html = page(client_of(cast.bob), f"/deals/{deal.pk}")
    line = next_of(html)
    assert "Send terms" in line
    assert relative(soon, now, ZoneInfo("Asia/Shanghai"), "en") in line  # the reader's days, not those of UTC
    assert f'hx-get="/activities/{first.pk}/do/complete"' in line
    assert 'class="next"' in line
    assert "Later" in html.split('id="timeline"')[1]
    assert "Send terms" in next_of(page(client_of(cast.bob), f"/accounts/{account.pk}"))


def test_an_overdue_plan_is_red_and_without_one_the_records_own_words_stand(cast: Any, client_of: Any) -> None:
    deal = make("deals", name="D", owner=cast.bob.pk, next_step="Call the buyer")
    assert "Call the buyer" in next_of(page(client_of(cast.bob), f"/deals/{deal.pk}"))
    late = dt.datetime.now(dt.UTC) - dt.timedelta(days=2)
    make("activities", kind="task", subject="Send terms", due_at=late, deal=deal.pk, owner=cast.bob.pk)
    assert 'class="next late"' in next_of(page(client_of(cast.bob), f"/deals/{deal.pk}"))


def test_an_open_deal_without_a_next_step_is_asked_for_one_and_a_closed_one_is_not(cast: Any, client_of: Any) -> None:
    deal = make("deals", name="D", owner=cast.bob.pk)
    client = client_of(cast.bob)
    line = next_of(page(client, f"/deals/{deal.pk}"))
    assert "No next step is planned." in line
    assert f'hx-get="/deals/{deal.pk}/compose?way=task"' in line
    client.post(f"/deals/{deal.pk}/do/win")
    assert next_of(page(client, f"/deals/{deal.pk}")) == ""


def test_what_is_next_and_what_one_writes_down_stand_above_the_products(cast: Any, client_of: Any) -> None:
    deal = make("deals", name="Fleet renewal", owner=cast.bob.pk, next_step="Send the terms", currency="USD")
    make("deal_lines", deal=deal.pk, name="Dock sensor", price=420, quantity=3)
    html = page(client_of(cast.bob), f"/deals/{deal.pk}")
    places = [html.index(what) for what in ('id="next-step"', 'id="compose"', 'id="record-lines"', ">Dock sensor<", 'id="timeline"')]
    assert places == sorted(places)


def test_the_timeline_follows_a_team_that_somebody_leaves(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Northwind", owner=cast.alice.pk, co_workers=[cast.charlie.pk])
    make("deals", name="Cranes for Northwind", owner=cast.bob.pk, account=account.pk)

    def told() -> bool:
        client = client_of(cast.charlie)
        return "Cranes for Northwind" in client.get(f"/accounts/{account.pk}/timeline", headers={"HX-Request": "true"}).content.decode()

    assert not told()
    edit(User.objects.get(pk=cast.charlie.pk), {"team": cast.harbour.pk, "roles": [cast.roles["manager"].pk]}, by=cast.admin)
    assert told()
    edit(User.objects.get(pk=cast.charlie.pk), {"team": cast.airport.pk}, by=cast.admin)
    assert not told()


# ——— related lists and asides ———


def related(html: str, name: str) -> str:
    return html.split(f'id="related-{name}"')[1].split("</section>", maxsplit=1)[0]


def test_a_related_list_shows_five_and_leads_to_all_of_them(cast: Any, client_of: Any, account: Account) -> None:
    for number in range(7):
        make("deals", name=f"Deal {number}", owner=cast.bob.pk, account=account.pk, amount="1000", currency="CNY")
    client = client_of(cast.bob)
    part = related(page(client, f"/accounts/{account.pk}"), "deals")
    assert part.count('<li class="mini">') == 5
    assert "All 7" in part
    url = re.search(r'<a class="link" href="([^"]+)"', part)
    assert url is not None
    assert page(client, url[1].replace("&amp;", "&")).count('data-id="') == 7


def test_a_related_list_holds_only_what_the_reader_may_see(cast: Any, client_of: Any, account: Account) -> None:
    make("deals", name="Bobs deal", owner=cast.bob.pk, account=account.pk)
    make("deals", name="Charlies deal", owner=cast.charlie.pk, account=account.pk)
    part = related(page(client_of(cast.bob), f"/accounts/{account.pk}"), "deals")
    assert "Bobs deal" in part
    assert "Charlies deal" not in part
    assert '<span class="dim num">1</span>' in part


def test_lists_below_the_first_come_when_they_are_seen(cast: Any, client_of: Any, account: Account) -> None:
    make("accounts", name="Northwind Air", owner=cast.bob.pk, parent=account.pk)
    client = client_of(cast.bob)
    html = page(client, f"/accounts/{account.pk}")
    assert "Northwind Air" not in html
    assert f'hx-get="/accounts/{account.pk}/related/children" hx-trigger="intersect once"' in html
    assert "Northwind Air" in page(client, f"/accounts/{account.pk}/related/children")
    assert client.get(f"/accounts/{account.pk}/related/nothing").status_code == 404


def test_a_part_leads_to_what_it_is_about_and_is_edited_in_the_dialog(cast: Any, client_of: Any) -> None:
    contact = make("contacts", name="Wei Zhang", owner=cast.bob.pk)
    deal = make("deals", name="D", owner=cast.bob.pk)
    part = make("deal_contacts", deal=deal.pk, contact=contact.pk, buying_role="decides")
    people = related(page(client_of(cast.bob), f"/deals/{deal.pk}"), "contacts")
    assert f'<a href="/contacts/{contact.pk}">Wei Zhang</a>' in people
    assert f'hx-get="/deal_contacts/{part.pk}/edit" hx-target="#dialog-body"' in people
    form = (
        client_of(cast.bob)
        .get(f"/deal_contacts/{part.pk}/edit", headers={"HX-Request": "true", "HX-Target": "dialog-body"})
        .content.decode()
    )
    assert 'hx-target="#dialog-body"' in form


def test_what_an_account_is_worth_counts_the_deals_the_reader_may_see_by_currency(cast: Any, client_of: Any, account: Account) -> None:
    won = make("deals", name="W", owner=cast.bob.pk, account=account.pk, amount="1000", currency="CNY")
    make("deals", name="O", owner=cast.bob.pk, account=account.pk, amount="500", currency="CNY")
    make("deals", name="X", owner=cast.charlie.pk, account=account.pk, amount="7777", currency="CNY")
    client = client_of(cast.bob)
    client.post(f"/deals/{won.pk}/do/win")
    side = page(client, f"/accounts/{account.pk}").split('id="record-side"')[1]
    assert "<dt>Won in 12 months</dt><dd>CN¥1,000</dd>" in side
    assert "<dt>Open deals</dt><dd>CN¥500</dd>" in side
    assert "7,777" not in side
    assert "1 / 1" in side


def test_time_in_stage_is_counted_by_the_system(cast: Any, client_of: Any) -> None:
    with time_machine.travel("2026-11-01T08:00:00Z", tick=False):
        deal = make("deals", name="D", owner=cast.bob.pk, opened_on="2026-11-01")
    with time_machine.travel("2026-11-06T08:00:00Z", tick=False):
        edit(deal, {"stage": cast.stage("Qualified").pk}, by=cast.bob)
    with time_machine.travel("2026-11-20T09:00:00Z", tick=False):
        side = page(client_of(cast.bob), f"/deals/{deal.pk}").split('id="record-side"')[1]
    assert "<dt>New</dt><dd>5 days</dd>" in side
    assert "<dt>Qualified</dt><dd>14 days</dd>" in side
    assert "<dt>Age</dt><dd>19 days</dd>" in side


def test_a_lunar_birthday_is_told_by_the_moon(cast: Any, client_of: Any) -> None:
    contact = make("contacts", name="Wei", owner=cast.bob.pk, birthday="1990-02-10", lunar=True)
    with time_machine.travel("2026-02-10T02:00:00Z", tick=False):
        side = page(client_of(cast.bob), f"/contacts/{contact.pk}").split('id="record-side"')[1]
    assert "Birthday (lunar)" in side
    assert "Mar 3" in side


def test_what_asks_much_comes_once_the_page_is_there(cast: Any, client_of: Any, account: Account) -> None:
    edit(account, {"owner": cast.alice.pk}, by=cast.admin)
    client = client_of(cast.alice)
    side = page(client, f"/accounts/{account.pk}").split('id="record-side"')[1]
    assert f'<div hx-get="/accounts/{account.pk}/asides" hx-trigger="load" hx-swap="outerHTML"></div>' in side
    assert "<h2>Owners</h2>" not in side
    with CaptureQueriesContext(connection) as queries:
        later = page(client, f"/accounts/{account.pk}/asides")
    assert "<h2>Owners</h2>" in later
    assert "Bob Reyes" in later
    assert len(queries) <= MOST_QUERIES
    fresh = page(client, f"/accounts/{account.pk}/fresh")
    assert "<h2>Owners</h2>" in fresh
    assert "/asides" not in fresh
    assert client_of(cast.charlie).get(f"/accounts/{account.pk}/asides").status_code == 404


def test_nothing_is_fetched_later_where_nothing_comes(cast: Any, client_of: Any) -> None:
    contact = make("contacts", name="Wei", owner=cast.bob.pk)
    assert "/asides" not in page(client_of(cast.bob), f"/contacts/{contact.pk}")


# ——— what changed is made anew ———


def test_a_write_brings_the_changed_parts_of_the_page_but_never_the_composer(cast: Any, client_of: Any, account: Account) -> None:
    client = client_of(cast.bob)
    html = page(client, f"/accounts/{account.pk}")
    assert f'hx-get="/accounts/{account.pk}/fresh" hx-trigger="recorded from:body" hx-swap="none"' in html
    assert f'hx-get="/accounts/{account.pk}/fresh?facts=1" hx-trigger="rewritten from:body" hx-swap="none"' in html
    parts = page(client, f"/accounts/{account.pk}/fresh?facts=1")
    assert re.findall(r'id="([\w-]+)" hx-swap-oob="true"', parts.replace('" aria-label="Timeline"', '"')) == [
        "record-head", "facts", "record-lines", "next-step", "timeline", "record-side",
    ]  # fmt: skip
    assert 'id="compose"' not in parts
    assert 'id="facts"' not in page(client, f"/accounts/{account.pk}/fresh")


def test_a_record_that_left_ones_sight_leads_back_to_the_list(cast: Any, client_of: Any, account: Account) -> None:
    edit(account, {"owner": cast.charlie.pk}, by=cast.admin)
    response = client_of(cast.bob).get(f"/accounts/{account.pk}/fresh", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == "/accounts"


# ——— cost ———


def _fill(cast: Any, account: Any, rows: int) -> Any:
    deal = make("deals", name="D", owner=cast.bob.pk, account=account.pk, amount="1000", currency="CNY")
    for number in range(rows):
        contact = make("contacts", name=f"Wei {number}", owner=cast.bob.pk, account=account.pk)
        other = make("deals", name=f"Deal {number}", owner=cast.bob.pk, account=account.pk, contact=contact.pk)
        make("affiliations", contact=contact.pk, account=account.pk)
        make("accounts", name=f"Below {number}", owner=cast.bob.pk, parent=account.pk)
        make("deal_contacts", deal=deal.pk, contact=contact.pk)
        make("deal_lines", deal=deal.pk, name=f"Line {number}", price="3", quantity="1")
        for record in (deal, other):
            make("activities", kind="call", body=f"@Bob Reyes {number}", owner=cast.bob.pk, deal=record.pk, contact=contact.pk)
            make("activities", kind="task", subject="T", due_at="2027-01-01T09:00:00Z", owner=cast.bob.pk, deal=record.pk)
        edit(account, {"industry": "retail" if number % 2 else "food"}, by=cast.bob)
    return deal


@pytest.mark.parametrize("person", ["bob", "alice", "admin"])
def test_a_page_costs_at_most_twelve_queries_however_much_it_shows(cast: Any, client_of: Any, person: str) -> None:
    counts: dict[str, set[int]] = {}
    client = client_of(getattr(cast, person))
    for rows in (1, 3):
        account = make("accounts", name=f"N{rows}", owner=cast.bob.pk, parent=make("accounts", name="Above", owner=cast.bob.pk).pk)
        deal = _fill(cast, account, rows)
        contact = account.contacts.first()
        for path, key in (("accounts", account.pk), ("deals", deal.pk), ("contacts", contact.pk)):
            page(client, f"/{path}/{key}")
            with CaptureQueriesContext(connection) as queries:
                page(client, f"/{path}/{key}")
            counts.setdefault(path, set()).add(len(queries))
    assert all(len(numbers) == 1 for numbers in counts.values()), counts
    assert max(number for numbers in counts.values() for number in numbers) <= MOST_QUERIES, counts
