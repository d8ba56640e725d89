"""One timeline of what people did, what changed and what happened below, for each reader what they may see."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine

from guanxi.access.models import FieldRight
from guanxi.crm.models import Account, Activity
from guanxi.entity.actors import Level
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create_many, delete, edit
from guanxi.record.memory import raise_epoch
from guanxi.surfaces.timeline.events import Place, heading, timeline
from tests.cast import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(cast: Any) -> Account:
    return Account.objects.get(pk=make("accounts", name="Northwind", owner=cast.bob.pk).pk)


def shown(client: Any, url: str) -> str:
    response = client.get(url, headers=HTMX)
    assert response.status_code == 200, url
    return str(response.content.decode())


def log(cast: Any, account: Any, text: str, at: dt.datetime | None = None, **values: Any) -> Any:
    return make("activities", kind="call", body=text, account=account.pk, owner=cast.bob.pk, done_at=at, **values)


def test_activities_changes_and_what_happened_to_deals_are_one_timeline_newest_first(cast: Any, client_of: Any, account: Account) -> None:
    with time_machine.travel("2026-11-20T08:00:00Z", tick=False):
        contact = make("contacts", name="Zhang Wei", owner=cast.bob.pk, account=account.pk)
        deal = make("deals", name="Warehouse", owner=cast.bob.pk, account=account.pk, amount="5", currency="CNY")
    with time_machine.travel("2026-11-20T09:00:00Z", tick=False):
        make(
            "activities",
            kind="call",
            body="Budget approved.",
            account=account.pk,
            contact=contact.pk,
            owner=cast.bob.pk,
            result="reached",
            duration=12,
        )
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        edit(deal, {"stage": cast.stage("Proposal").pk}, by=cast.alice)
        html = shown(client_of(cast.bob), f"/accounts/{account.pk}/timeline")
    moved = html.index(f'<b>Alice Chen</b> moved deal <a href="/deals/{deal.pk}"><b>Warehouse</b></a>')
    called = html.index(f'<b>Bob Reyes</b> called <a href="/contacts/{contact.pk}"><b>Zhang Wei</b></a>')
    created = html.index(f'created deal <a href="/deals/{deal.pk}">')
    assert moved < called < created
    assert "<dt>Stage</dt><dd><del>New</del><ins>Proposal</ins></dd>" in html
    assert "<p>Budget approved.</p>" in html
    assert '<span class="tag good"><i></i>Reached</span>' in html
    assert "12 min" in html


def test_filters_narrow_to_what_they_say(cast: Any, client_of: Any, account: Account) -> None:
    log(cast, account, "Spoke with them")
    make("deals", name="Warehouse", owner=cast.bob.pk, account=account.pk)
    edit(account, {"industry": "food"}, by=cast.bob)
    client, url = client_of(cast.bob), f"/accounts/{account.pk}/timeline"
    present = {
        name: {word: word in shown(client, f"{url}?show={name}").split("<ol")[1] for word in ("Spoke", "Warehouse", "Industry")}
        for name in ("", "entries", "changes", "deals")
    }
    assert present == {
        "": {"Spoke": True, "Warehouse": True, "Industry": True},
        "entries": {"Spoke": True, "Warehouse": False, "Industry": False},
        "changes": {"Spoke": False, "Warehouse": False, "Industry": True},
        "deals": {"Spoke": False, "Warehouse": True, "Industry": False},
    }
    assert f'aria-pressed="true" hx-get="/accounts/{account.pk}/timeline?show=deals"' in shown(client, f"{url}?show=deals")
    assert "Spoke" in shown(client, f"{url}?show=nonsense")


def test_going_back_visits_everything_once_even_at_one_moment(cast: Any, account: Account) -> None:
    moment = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    rows = [{"kind": "call", "body": f"Call {number}", "account": account.pk, "done_at": moment} for number in range(47)]
    with time_machine.travel(moment, tick=False):
        create_many(entity_named("activities"), rows, by=cast.bob)
        create_many(entity_named("deals"), [{"name": f"Deal {number}", "account": account.pk} for number in range(31)], by=cast.bob)
        for number in range(5):
            edit(account, {"employees": number + 1}, by=cast.bob)
    seen: list[tuple[str, int]] = []
    before: Place | None = None
    for _page in range(20):
        part = timeline(entity_named("accounts"), account, cast.bob, before=before)
        seen += [(item.stream, item.key) for item in part.items]
        if not part.older:
            break
        before = Place.parse(part.older)
    assert len(seen) == len(set(seen)) == 47 + 31 + 5 + 1


def test_the_page_of_the_timeline_fetches_what_is_older_and_repeats_no_heading(cast: Any, client_of: Any, account: Account) -> None:
    moment = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
    for number in range(25):
        log(cast, account, f"Call {number:02}", moment - dt.timedelta(minutes=number))
    client = client_of(cast.bob)
    first = shown(client, f"/accounts/{account.pk}/timeline?show=entries")
    older = re.search(r'hx-get="([^"]+before=[^"]+)" hx-trigger="intersect once"', first)
    assert older is not None
    second = shown(client, older[1].replace("&amp;", "&"))
    assert ("Call 19" in first, "Call 20" in first, "Call 19" in second, "Call 24" in second) == (True, False, False, True)
    assert first.count("March 2026") == 1
    assert "March 2026" not in second
    assert "<section" not in second


@pytest.mark.parametrize(
    "place", ["x", "2026-01-01~entry~1", "2026-01-01T00:00:00+00:00~deal~1", "2026-01-01T00:00:00+00:00~entry~" + "9" * 40, "~~"]
)
def test_a_forged_place_is_a_clear_error(cast: Any, client_of: Any, account: Account, place: str) -> None:
    assert client_of(cast.bob).get(f"/accounts/{account.pk}/timeline", {"before": place}, headers=HTMX).status_code == 422


def test_plans_stand_first_by_their_day_and_the_next_one_above_them(cast: Any, client_of: Any, account: Account) -> None:
    now = dt.datetime.now(dt.UTC)
    for subject, days in (("Third", 9), ("Next", -1), ("Second", 2)):
        make("activities", kind="task", subject=subject, due_at=now + dt.timedelta(days=days), account=account.pk, owner=cast.bob.pk)
    log(cast, account, "Done before")
    html = shown(client_of(cast.bob), f"/accounts/{account.pk}/timeline")
    assert html.index("Second") < html.index("Third") < html.index("Done before")
    assert ">Next<" not in html


def test_what_happened_below_is_told_only_of_records_one_may_see(cast: Any, client_of: Any, account: Account) -> None:
    make("deals", name="Bobs deal", owner=cast.bob.pk, account=account.pk)
    make("deals", name="Charlies deal", owner=cast.charlie.pk, account=account.pk)
    make("activities", kind="note", body="Charlies note", owner=cast.charlie.pk, account=account.pk)
    html = shown(client_of(cast.bob), f"/accounts/{account.pk}/timeline")
    assert "Bobs deal" in html
    assert "Charlies" not in html
    assert "Charlies deal" in shown(client_of(cast.admin), f"/accounts/{account.pk}/timeline")


def test_a_deleted_deal_is_told_to_those_who_could_see_it(cast: Any, client_of: Any, account: Account) -> None:
    deal = make("deals", name="Warehouse", owner=cast.bob.pk, account=account.pk)
    delete(deal, by=cast.bob)
    assert "put deal" in shown(client_of(cast.bob), f"/accounts/{account.pk}/timeline?show=deals")


def test_changes_tell_nothing_of_fields_the_reader_may_not_read(cast: Any, client_of: Any, account: Account) -> None:
    deal = make("deals", name="Warehouse", owner=cast.bob.pk, account=account.pk, amount="98431171", currency="CNY")
    edit(deal, {"amount": "98431172", "next_step": "Call"}, by=cast.alice)
    edit(account, {"employees": 98431173, "description": "told"}, by=cast.alice)
    for entity, field in (("deals", "amount"), ("accounts", "employees")):
        FieldRight.objects.create(role=cast.roles["seller"], entity=entity, field=field, level=Level.HIDDEN)
    raise_epoch()
    client = client_of(cast.bob)
    html = shown(client, f"/accounts/{account.pk}/timeline") + shown(client, f"/deals/{deal.pk}/timeline")
    assert re.search(r"98,?431,?17[123]", html) is None
    assert "Next step" in html
    assert "told" in html


def test_links_in_changes_to_records_out_of_sight_have_no_name(cast: Any, client_of: Any) -> None:
    secret = make("accounts", name="Secret Ltd", owner=cast.charlie.pk)
    deal = make("deals", name="D", owner=cast.bob.pk)
    edit(deal, {"account": secret.pk}, by=cast.admin)
    html = shown(client_of(cast.bob), f"/deals/{deal.pk}/timeline")
    assert "Secret Ltd" not in html
    assert "<ins>(no access)</ins>" in html


def test_an_amount_of_unknown_currency_is_a_number_never_money_of_another(cast: Any, client_of: Any, account: Account) -> None:
    deal = make("deals", name="D", owner=cast.bob.pk, account=account.pk, amount="1000", currency="CNY")
    edit(deal, {"amount": "2000"}, by=cast.bob)
    client = client_of(cast.bob)
    assert "<del>1,000</del><ins>2,000</ins>" in shown(client, f"/accounts/{account.pk}/timeline?show=deals")
    assert "<del>CN¥1,000</del><ins>CN¥2,000</ins>" in shown(client, f"/deals/{deal.pk}/timeline")


def test_html_in_what_people_write_and_in_names_is_text(cast: Any, client_of: Any, account: Account) -> None:
    evil = "<script>alert(1)</script>"
    contact = make("contacts", name=evil, owner=cast.bob.pk, account=account.pk)
    deal = make("deals", name=evil, owner=cast.bob.pk, account=account.pk, next_step=evil)
    edit(deal, {"name": evil + "2", "next_step": evil + "3"}, by=cast.bob)
    log(cast, account, evil, subject=evil, contact=contact.pk)
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    make("activities", kind="task", subject=evil, due_at=soon, account=account.pk, owner=cast.bob.pk)
    client = client_of(cast.bob)
    for url in (f"/accounts/{account.pk}", f"/deals/{deal.pk}", f"/contacts/{contact.pk}", f"/deals/{deal.pk}/history", "/"):
        html = client.get(url).content.decode()
        assert evil not in html, url
        assert "&lt;script&gt;" in html, url


def test_an_entry_is_edited_in_the_dialog_only_by_those_who_may(cast: Any, client_of: Any, account: Account) -> None:
    entry = log(cast, account, "Spoke")
    assert f'hx-get="/activities/{entry.pk}/edit" hx-target="#dialog-body"' in shown(
        client_of(cast.bob), f"/accounts/{account.pk}/timeline"
    )
    cast.roles["seller"].permissions.filter(entity="activities", action="edit").update(scope="none")
    raise_epoch()
    assert "/edit" not in shown(client_of(cast.bob), f"/accounts/{account.pk}/timeline")


def test_who_may_see_no_activities_is_shown_none(cast: Any, client_of: Any, account: Account) -> None:
    log(cast, account, "Spoke")
    cast.roles["seller"].permissions.filter(entity="activities", action="see").update(scope="none")
    raise_epoch()
    html = client_of(cast.bob).get(f"/accounts/{account.pk}").content.decode()
    assert "Spoke" not in html
    assert "Activities" not in html.split('id="timeline"')[1].split("<ol")[0]


def test_records_of_no_account_have_entries_of_their_own(cast: Any, client_of: Any) -> None:
    one, other = (make("deals", name=name, owner=cast.bob.pk) for name in ("One", "Other"))
    make("activities", kind="note", body="About one", deal=one.pk, owner=cast.bob.pk)
    client = client_of(cast.bob)
    assert "About one" in shown(client, f"/deals/{one.pk}/timeline")
    assert "About one" not in shown(client, f"/deals/{other.pk}/timeline")
    assert Activity.objects.count() == 1


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-20T08:00", "Today"), ("2026-11-19T23:00", "Yesterday"), ("2026-11-16T01:00", "This week"),
        ("2026-11-15T12:00", "Last week"), ("2026-11-08T12:00", "November 2026"), ("2025-02-01T12:00", "February 2025"), ("2026-11-23T12:00", "Ahead"),
    ],
)  # fmt: skip
def test_headings_count_days_in_the_readers_own_zone(cast: Any, at: str, said: str) -> None:
    with time_machine.travel("2026-11-20T10:00:00+08:00", tick=False):
        assert heading(dt.datetime.fromisoformat(at + ":00+08:00"), cast.bob) == said


def test_the_heading_of_a_month_is_in_the_readers_language(cast: Any) -> None:
    cast.bob.language = "zh-hans"
    with time_machine.travel("2026-11-20T10:00:00+08:00", tick=False):
        assert heading(dt.datetime(2026, 3, 1, tzinfo=dt.UTC), cast.bob) == "2026年3月"
