"""Who changed what and when, before and after; and undoing it, alone or with all of one submit."""

import json
import uuid
from typing import Any

import pytest

from guanxi.access.models import FieldRight
from guanxi.crm.models import Account, Deal
from guanxi.entity.actors import Level
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create_many, delete, edit, edit_many
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Change
from tests.cast import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(cast: Any) -> Account:
    made = make("accounts", name="Northwind", owner=cast.bob.pk, industry="retail", employees=7)
    return Account.objects.get(pk=made.pk)


def last(record: Any, entity: str = "accounts") -> Change:
    return Change.objects.filter(entity=entity, record_id=record.pk).latest("id")


def history(client: Any, account: Any) -> str:
    return str(client.get(f"/accounts/{account.pk}/history").content.decode())


def test_history_says_who_when_before_and_after(cast: Any, client_of: Any, account: Account) -> None:
    edit(account, {"employees": 1200, "industry": "food", "owner": cast.alice.pk}, by=cast.alice)
    html = history(client_of(cast.alice), account)
    assert "<b>Alice Chen</b> changed this account" in html
    assert "<dt>Employees</dt><dd><del>7</del><ins>1,200</ins></dd>" in html
    assert "<dt>Industry</dt><dd><del>Retail</del><ins>Food</ins></dd>" in html
    assert "<dt>Owner</dt><dd><del>Bob Reyes</del><ins>Alice Chen</ins></dd>" in html
    assert "<time datetime=" in html


def test_what_came_by_import_or_api_says_so(cast: Any, client_of: Any, account: Account) -> None:
    edit(account, {"employees": 8}, by=cast.bob, origin=Origin("api"))
    assert '<span class="from">by API</span>' in history(client_of(cast.bob), account)


def test_what_followed_by_itself_stands_apart(cast: Any, client_of: Any) -> None:
    deal = make("deals", name="D", owner=cast.bob.pk, amount="1000", currency="USD")
    edit(deal, {"amount": "2000"}, by=cast.bob)
    html = client_of(cast.bob).get(f"/deals/{deal.pk}/history").content.decode()
    first, _sign, rest = html.partition("What followed by itself")
    assert "<dt>Amount</dt><dd><del>$1,000</del><ins>$2,000</ins></dd>" in first
    assert "<dt>Weighted amount</dt><dd><del>$100</del><ins>$200</ins></dd>" in rest


def test_history_goes_on_where_its_page_ends(cast: Any, client_of: Any, account: Account) -> None:
    for number in range(100, 135):
        edit(account, {"employees": number}, by=cast.bob)
    client = client_of(cast.bob)
    first = history(client, account)
    older = first.split(f'hx-get="/accounts/{account.pk}/history?before=')[1].split('"')[0]
    second = client.get(f"/accounts/{account.pk}/history?before={older}", headers=HTMX).content.decode()
    numbers = set(range(100, 135))
    assert {n for n in numbers if f"<ins>{n}</ins>" in first} == set(range(105, 135))
    assert {n for n in numbers if f"<ins>{n}</ins>" in second} == set(range(100, 105))
    assert client.get(f"/accounts/{account.pk}/history?before=x").status_code == 200


def test_a_change_is_undone_by_a_new_change(cast: Any, client_of: Any, account: Account) -> None:
    edit(account, {"employees": 9, "industry": "food"}, by=cast.alice)
    change = last(account)
    client = client_of(cast.bob)
    assert f'hx-post="/changes/{change.pk}/undo"' in history(client, account)
    response = client.post(f"/changes/{change.pk}/undo", headers=HTMX)
    account.refresh_from_db()
    assert (account.employees, account.industry) == (7, "retail")
    assert (last(account).by_id, last(account).diff["employees"]) == (cast.bob.pk, [9, 7])
    said = json.loads(response.headers["HX-Trigger"])
    assert said["toast"]["message"] == "Undone: “Northwind” is as it was before."
    client.post(said["toast"]["undo"], headers=HTMX)
    account.refresh_from_db()
    assert (account.employees, account.industry) == (9, "food")


def test_what_was_changed_again_since_is_not_undone_and_the_field_is_named(cast: Any, client_of: Any, account: Account) -> None:
    edit(account, {"employees": 9}, by=cast.alice)
    change = last(account)
    edit(account, {"employees": 11}, by=cast.alice)
    response = client_of(cast.bob).post(f"/changes/{change.pk}/undo", headers=HTMX)
    account.refresh_from_db()
    assert response.status_code == 422
    assert "Employees: Changed again since; undo the later change first." in response.content.decode()
    assert account.employees == 11


def test_undo_needs_the_rights_the_change_needed(cast: Any, client_of: Any, account: Account) -> None:
    edit(account, {"employees": 9}, by=cast.alice)
    change = last(account)
    assert client_of(cast.charlie).post(f"/changes/{change.pk}/undo", headers=HTMX).status_code == 404
    edit(account, {"owner": cast.alice.pk, "readers": [cast.bob.pk]}, by=cast.alice)
    assert client_of(cast.bob).post(f"/changes/{change.pk}/undo", headers=HTMX).status_code == 403
    assert f"/changes/{change.pk}/undo" not in history(client_of(cast.bob), account)
    account.refresh_from_db()
    assert account.employees == 9


def test_undo_does_not_write_a_field_one_may_not_set(cast: Any, client_of: Any, account: Account) -> None:
    edit(account, {"employees": 9}, by=cast.alice)
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="employees", level=Level.READ)
    raise_epoch()
    assert client_of(cast.bob).post(f"/changes/{last(account).pk}/undo", headers=HTMX).status_code == 422
    account.refresh_from_db()
    assert account.employees == 9


def test_a_deletion_and_a_creation_are_undone(cast: Any, client_of: Any, account: Account) -> None:
    delete(account, by=cast.bob)
    client = client_of(cast.bob)
    client.post(f"/changes/{last(account).pk}/undo", headers=HTMX)
    account.refresh_from_db()
    assert account.deleted_at is None
    created = Change.objects.get(entity="accounts", record_id=account.pk, event="account.created")
    here = {**HTMX, "HX-Current-URL": f"http://testserver/accounts/{account.pk}"}
    response = client.post(f"/changes/{created.pk}/undo", headers=here)
    account.refresh_from_db()
    assert account.deleted_at is not None
    assert response.headers["HX-Redirect"] == "/accounts"


def test_all_of_one_submit_is_undone_at_once(cast: Any, client_of: Any) -> None:
    batch = Origin(batch=uuid.uuid4())
    records = create_many(entity_named("accounts"), [{"name": f"A{number}", "industry": "retail"} for number in range(3)], by=cast.alice)
    edit_many(entity_named("accounts"), [one.pk for one in records], {"industry": "food"}, by=cast.alice, origin=batch)
    response = client_of(cast.alice).post(f"/batches/{batch.batch}/undo", headers=HTMX)
    assert set(Account.objects.values_list("industry", flat=True)) == {"retail"}
    assert json.loads(response.headers["HX-Trigger"])["toast"]["message"] == "3 changes undone."


def test_what_of_a_submit_cannot_be_undone_is_counted_and_the_rest_is(cast: Any, client_of: Any) -> None:
    batch = Origin(batch=uuid.uuid4())
    records = create_many(entity_named("accounts"), [{"name": f"A{number}", "industry": "retail"} for number in range(3)], by=cast.alice)
    edit_many(entity_named("accounts"), [one.pk for one in records], {"industry": "food"}, by=cast.alice, origin=batch)
    edit(records[0], {"industry": "energy"}, by=cast.alice)
    response = client_of(cast.alice).post(f"/batches/{batch.batch}/undo", headers=HTMX)
    assert sorted(Account.objects.values_list("industry", flat=True)) == ["energy", "retail", "retail"]
    assert json.loads(response.headers["HX-Trigger"])["toast"]["message"] == "2 changes undone. One could not be undone."


def test_somebody_elses_submit_is_undone_only_as_far_as_ones_own_rights_reach(cast: Any, client_of: Any, account: Account) -> None:
    batch = Origin(batch=uuid.uuid4())
    edit(account, {"industry": "food"}, by=cast.alice, origin=batch)
    response = client_of(cast.charlie).post(f"/batches/{batch.batch}/undo", headers=HTMX)
    account.refresh_from_db()
    assert response.status_code == 422
    assert "Northwind" not in response.content.decode()
    assert account.industry == "food"
    assert client_of(cast.charlie).post(f"/batches/{uuid.uuid4()}/undo", headers=HTMX).status_code == 404


@pytest.mark.parametrize(
    "url", ["/changes/0/undo", "/changes/999999999999/undo", "/changes/x/undo", "/batches/x/undo", "/changes/99999999999999999999999/undo"]
)
def test_a_forged_key_undoes_nothing_and_is_no_fault(cast: Any, client_of: Any, account: Account, url: str) -> None:
    before = Change.objects.count()
    assert client_of(cast.bob).post(url).status_code == 404
    assert client_of(cast.bob).get("/changes/1/undo").status_code == 405
    assert Change.objects.count() == before


def test_losing_a_deal_is_undone_with_its_reason_and_note(cast: Any, client_of: Any) -> None:
    deal = make("deals", name="D", owner=cast.bob.pk)
    reason = make("loss_reasons", name="Too dear")
    client = client_of(cast.bob)
    response = client.post(
        f"/deals/{deal.pk}/do/lose", {"loss_reason": reason.pk, "loss_note": "price"}, headers={**HTMX, "HX-Target": "dialog-body"}
    )
    assert Deal.objects.get(pk=deal.pk).outcome == "lost"
    client.post(json.loads(response.headers["HX-Trigger"])["toast"]["undo"], headers=HTMX)
    after = Deal.objects.get(pk=deal.pk)
    assert (after.outcome, after.stage.name, after.loss_reason_id, after.loss_note, after.closed_on) == ("open", "New", None, "", None)
