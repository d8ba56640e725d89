"""Verbs, the trash and the first page: what people do with records, and how each is undone."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.crm.models import Account, Activity, Deal
from guanxi.entity.registry import entity_named
from guanxi.record.changes import delete
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Change
from tests.cast import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DIALOG = {**HTMX, "HX-Target": "dialog-body"}


def triggers(response: Any) -> dict[str, Any]:
    return json.loads(response.headers["HX-Trigger"])


@pytest.fixture
def deal(cast: Any) -> Deal:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    made = make("deals", name="Fleet", owner=cast.bob.pk, account=account.pk, amount="1000", currency="CNY", closes_on="2027-01-01")
    return Deal.objects.get(pk=made.pk)


# ——— verbs ———


def test_a_verb_asks_in_the_dialog_what_it_needs_with_what_it_starts_with(cast: Any, client_of: Any, deal: Deal) -> None:
    form = client_of(cast.bob).get(f"/deals/{deal.pk}/do/win", headers=DIALOG).content.decode()
    assert "<html" not in form
    assert f'hx-post="/deals/{deal.pk}/do/win"' in form
    assert f'name="closed_on" type="date" value="{cast.bob.locale.today.isoformat()}"' in form.replace('id="v-closed_on" ', "")


def test_a_verb_done_says_so_and_one_click_undoes_it(cast: Any, client_of: Any, deal: Deal) -> None:
    client = client_of(cast.bob)
    response = client.post(f"/deals/{deal.pk}/do/win", {"closed_on": "2026-11-20"}, headers=DIALOG)
    said = triggers(response)
    deal.refresh_from_db()
    assert response.status_code == 204
    assert (deal.outcome, deal.stage.name, deal.closed_on) == ("won", "Won", dt.date(2026, 11, 20))
    assert said["toast"]["message"] == "Fleet is won."
    assert said["close-dialog"] is True
    assert said["rewritten"] == {"entity": "deals", "id": deal.pk}
    client.post(said["toast"]["undo"], headers=HTMX)
    deal.refresh_from_db()
    assert (deal.outcome, deal.stage.name, deal.closed_on) == ("open", "New", None)


def test_a_verb_refused_stays_with_what_was_typed(cast: Any, client_of: Any, deal: Deal) -> None:
    response = client_of(cast.bob).post(f"/deals/{deal.pk}/do/lose", {"loss_note": "<b>price</b>"}, headers=DIALOG)
    form = response.content.decode()
    deal.refresh_from_db()
    assert response.status_code == 422
    assert deal.outcome == "open"
    assert "&lt;b&gt;price&lt;/b&gt;</textarea>" in form
    assert 'id="v-loss_reason-error"' in form
    assert form.count('class="error"') == 1


def test_what_a_stage_requires_is_asked_for_in_the_same_dialog_and_written_with_the_verb_or_not_at_all(cast: Any, client_of: Any) -> None:
    deal = make("deals", name="Fleet", owner=cast.bob.pk)
    won = cast.stage("Won")
    won.requires = ["amount", "source"]
    won.save()
    raise_epoch()
    client = client_of(cast.bob)
    response = client.post(f"/deals/{deal.pk}/do/win", {"closed_on": "2026-11-20"}, headers=DIALOG)
    form = response.content.decode()
    assert response.status_code == 422
    assert 'name="_also" value="amount,source"' in form
    assert 'id="v-amount-error"' in form
    assert '<select id="v-source" name="source"' in form
    half = {"closed_on": "2026-11-20", "_also": "amount,source", "amount": "5000", "source": ""}
    assert client.post(f"/deals/{deal.pk}/do/win", half, headers=DIALOG).status_code == 422
    deal.refresh_from_db()
    assert (deal.outcome, deal.amount) == ("open", None)
    assert client.post(f"/deals/{deal.pk}/do/win", {**half, "source": "fair"}, headers=DIALOG).status_code == 204
    deal.refresh_from_db()
    assert (deal.outcome, int(deal.amount), deal.source) == ("won", 5000, "fair")
    assert Change.objects.filter(entity="deals", record_id=deal.pk, batch__isnull=False).values("batch").distinct().count() == 1


def test_a_verb_that_is_not_possible_or_not_allowed_is_refused(cast: Any, client_of: Any, deal: Deal) -> None:
    client = client_of(cast.bob)
    assert client.get(f"/deals/{deal.pk}/do/reopen").status_code == 403
    assert client.post(f"/deals/{deal.pk}/do/reopen", headers=HTMX).status_code == 403
    assert client.get(f"/deals/{deal.pk}/do/nothing").status_code == 404
    assert client_of(cast.charlie).post(f"/deals/{deal.pk}/do/win").status_code == 404
    read_only = make("deals", name="R", owner=cast.alice.pk, readers=[cast.bob.pk])
    assert client.post(f"/deals/{read_only.pk}/do/win").status_code == 403
    assert Deal.objects.filter(outcome="open").count() == 2


@pytest.mark.parametrize("forged", [{"closed_on": "99999-99-99"}, {"closed_on": "\x00"}, {"closed_on": "tomorrow' OR 1=1"}])
def test_forged_values_of_a_verb_are_errors_at_their_field(cast: Any, client_of: Any, deal: Deal, forged: dict[str, str]) -> None:
    response = client_of(cast.bob).post(f"/deals/{deal.pk}/do/win", forged, headers=DIALOG)
    assert response.status_code == 422
    assert 'id="v-closed_on-error"' in response.content.decode()


def test_a_plan_becomes_what_happened_without_retyping_and_the_next_step_is_planned(cast: Any, client_of: Any, deal: Deal) -> None:
    plan = make("activities", kind="call", subject="Confirm terms", due_at="2026-11-20T09:00:00Z", deal=deal.pk, owner=cast.bob.pk)
    sent = {
        "result": "reached",
        "body": "They agree.",
        "duration": "1h30",
        "next_subject": "Send contract",
        "next_kind": "email",
        "next_due_at": "2027-01-05T09:00",
    }
    client = client_of(cast.bob)
    response = client.post(f"/activities/{plan.pk}/do/complete", sent, headers=DIALOG)
    done, following = Activity.objects.order_by("pk")
    assert (done.subject, done.result, done.body, done.duration) == ("Confirm terms", "reached", "They agree.", 90)
    assert done.done_at is not None
    assert (following.subject, following.kind, following.deal_id, following.account_id, following.follows_id) == (
        "Send contract", "email", deal.pk, deal.account_id, done.pk,
    )  # fmt: skip
    client.post(triggers(response)["toast"]["undo"], headers=HTMX)
    done.refresh_from_db()
    following.refresh_from_db()
    assert (done.done_at, following.deleted_at is None) == (None, False)


# ——— the trash ———


def test_deleting_leads_back_to_the_list_which_offers_to_undo_it(cast: Any, client_of: Any, deal: Deal) -> None:
    client = client_of(cast.bob)
    here = {"HX-Current-URL": f"http://testserver/deals/{deal.pk}", **HTMX}
    response = client.post(f"/deals/{deal.pk}/delete", headers=here)
    batch = Change.objects.get(entity="deals", event="deal.deleted").batch
    assert response.headers["HX-Redirect"] == "/deals"
    listed = client.get("/deals").content.decode()
    assert client.get(f"/deals/{deal.pk}").status_code == 404
    assert "“Fleet” is in the trash." in listed
    assert f'data-undo-url="/batches/{batch}/undo"' in listed
    client.post(f"/batches/{batch}/undo", headers=HTMX)
    assert client.get(f"/deals/{deal.pk}").status_code == 200


def test_deleting_from_elsewhere_stays_there_and_says_so(cast: Any, client_of: Any, deal: Deal) -> None:
    response = client_of(cast.bob).post(f"/deals/{deal.pk}/delete", headers={**HTMX, "HX-Current-URL": "http://testserver/deals?view=mine"})
    said = triggers(response)
    assert response.status_code == 204
    assert said["close-peek"] is True
    assert said["toast"]["undo"].startswith("/batches/")
    assert said["changed"] == {"entity": "deals", "id": deal.pk}


def test_the_trash_tells_what_when_and_by_whom_and_restores(cast: Any, client_of: Any, deal: Deal) -> None:
    delete(deal, by=cast.alice)
    client = client_of(cast.bob)
    trash = client.get("/deals/trash").content.decode()
    assert "<b>Fleet</b>" in trash
    assert "deleted by Alice Chen" in trash
    response = client.post(f"/deals/{deal.pk}/restore", headers=HTMX)
    deal.refresh_from_db()
    assert deal.deleted_at is None
    assert triggers(response)["toast"]["message"] == "“Fleet” is restored."
    assert "Fleet" not in client.get("/deals/trash").content.decode().split("<main")[1].split("<template")[0]


def test_the_trash_holds_only_what_one_could_delete(cast: Any, client_of: Any, deal: Deal) -> None:
    delete(deal, by=cast.alice)
    assert "Fleet" not in client_of(cast.charlie).get("/deals/trash").content.decode()
    assert client_of(cast.charlie).post(f"/deals/{deal.pk}/restore").status_code == 404
    cast.roles["seller"].permissions.filter(entity="deals", action="delete").update(scope="none")
    raise_epoch()
    assert client_of(cast.bob).get("/deals/trash").status_code == 403
    assert client_of(cast.bob).post(f"/deals/{deal.pk}/restore").status_code == 404
    deal.refresh_from_db()
    assert deal.deleted_at is not None


def test_who_may_not_delete_is_refused_and_nothing_is_deleted(cast: Any, client_of: Any, deal: Deal) -> None:
    cast.roles["seller"].permissions.filter(entity="deals", action="delete").update(scope="none")
    raise_epoch()
    client = client_of(cast.bob)
    assert f"/deals/{deal.pk}/delete" not in client.get(f"/deals/{deal.pk}").content.decode()
    assert client.post(f"/deals/{deal.pk}/delete", headers=HTMX).status_code == 403
    deal.refresh_from_db()
    assert deal.deleted_at is None


def test_the_trash_goes_on_where_its_page_ends_and_visits_each_once(cast: Any, client_of: Any) -> None:
    made = [make("accounts", name=f"Gone {number:02}", owner=cast.bob.pk) for number in range(53)]
    from guanxi.record.changes import delete_many

    delete_many(entity_named("accounts"), [one.pk for one in made], by=cast.alice)
    client = client_of(cast.bob)
    first = client.get("/accounts/trash").content.decode()
    older = first.split('hx-get="/accounts/trash?before=')[1].split('"')[0]
    second = client.get(f"/accounts/trash?before={older}", headers=HTMX).content.decode()
    names = [f"Gone {number:02}" for number in range(53)]
    assert sum(name in first for name in names) == 50
    assert {name for name in names if name in first} | {name for name in names if name in second} == set(names)
    assert not {name for name in names if name in first} & {name for name in names if name in second}


@pytest.mark.parametrize("place", ["x", "~", "2026-01-01~1", "2026-01-01T00:00:00+00:00~x", "2026-01-01T00:00:00+00:00~" + "9" * 30])
def test_a_forged_place_in_the_trash_is_a_clear_error(cast: Any, client_of: Any, place: str) -> None:
    assert client_of(cast.bob).get("/accounts/trash", {"before": place}).status_code == 422


# ——— the first page ———


def home(client: Any) -> str:
    return str(client.get("/").content.decode().split("<main")[1])


def test_home_shows_what_is_due_with_the_late_first_and_only_mine(cast: Any, client_of: Any) -> None:
    now = dt.datetime.now(dt.UTC)
    for subject, owner, days in (
        ("Mine late", cast.bob, -2),
        ("Mine soon", cast.bob, 2),
        ("Mine far", cast.bob, 30),
        ("Charlies", cast.charlie, -1),
    ):
        make("activities", kind="task", subject=subject, due_at=now + dt.timedelta(days=days), owner=owner.pk)
    page = home(client_of(cast.bob))
    assert page.index("Mine late") < page.index("Mine soon")
    assert "Mine far" not in page
    assert "Charlies" not in page
    assert "1 thing is overdue." in page
    assert page.count('<span class="when late">') == 1


def test_home_completes_a_plan_in_the_dialog(cast: Any, client_of: Any) -> None:
    plan = make("activities", kind="task", subject="T", due_at=dt.datetime.now(dt.UTC), owner=cast.bob.pk)
    assert f'hx-get="/activities/{plan.pk}/do/complete" hx-target="#dialog-body" aria-label="Done: T"' in home(client_of(cast.bob))


def test_home_shows_deals_that_close_soon_or_are_stuck_and_customers_going_cold(cast: Any, client_of: Any) -> None:
    today = cast.bob.locale.today
    make("deals", name="Closing deal", owner=cast.bob.pk, closes_on=today + dt.timedelta(days=3), amount="10", currency="CNY")
    make("deals", name="Far deal", owner=cast.bob.pk, closes_on=today + dt.timedelta(days=90))
    stuck = make("deals", name="Stuck deal", owner=cast.bob.pk)
    Deal.objects.filter(pk=stuck.pk).update(stuck_at=dt.datetime.now(dt.UTC) - dt.timedelta(days=1))
    cold = make("accounts", name="Cold customer", owner=cast.bob.pk)
    Account.objects.filter(pk=cold.pk).update(last_contact_at=dt.datetime.now(dt.UTC) - dt.timedelta(days=90))
    make("accounts", name="Warm customer", owner=cast.bob.pk)
    page = home(client_of(cast.bob))
    for name in ("Closing deal", "Stuck deal", "Cold customer"):
        assert name in page
    for name in ("Far deal", "Warm customer"):
        assert name not in page
    assert "Cold customer" not in home(client_of(cast.charlie))


def test_my_numbers_are_mine_and_lead_to_the_records_behind_them(cast: Any, client_of: Any) -> None:
    won = make("deals", name="W", owner=cast.bob.pk, amount="1000", currency="CNY")
    make("deals", name="O", owner=cast.bob.pk, amount="500", currency="CNY")
    make("deals", name="X", owner=cast.charlie.pk, amount="7777", currency="CNY")
    client = client_of(cast.bob)
    client.post(f"/deals/{won.pk}/do/win")
    numbers = client.get("/numbers", headers=HTMX).content.decode()
    assert "<html" not in numbers
    assert '<span>Won this month</span><b class="num">CN¥1,000</b>' in numbers
    assert '<span>Open deals</span><b class="num">CN¥500</b>' in numbers
    url = numbers.split('<a class="stat" href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(url).content.decode().count('data-id="') == 1


def test_home_costs_the_same_however_much_it_shows(cast: Any, client_of: Any) -> None:
    client, counts = client_of(cast.bob), set()
    for _round in (1, 2):
        for number in range(2):
            account = make("accounts", name=f"A{number}", owner=cast.bob.pk)
            deal = make(
                "deals", name="D", owner=cast.bob.pk, account=account.pk, closes_on=cast.bob.locale.today, amount="10", currency="CNY"
            )
            make("activities", kind="task", subject="T", due_at=dt.datetime.now(dt.UTC), owner=cast.bob.pk, deal=deal.pk)
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counts.add(len(queries))
    assert len(counts) == 1
    assert max(counts) <= 12
