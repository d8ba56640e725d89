"""One field edited in place: on the record's page by a click, Enter or Tab."""

import json
from typing import Any

import pytest

from guanxi.access.models import FieldRight
from guanxi.crm.models import Account, Deal
from guanxi.entity.actors import Level
from guanxi.record.changes import edit
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Change
from tests.cast import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(cast: Any) -> Any:
    made = make("accounts", name="Bluefin", owner=cast.bob.pk, industry="retail", employees=7)
    return Account.objects.get(pk=made.pk)


def test_the_editor_holds_the_value_the_version_and_a_name(cast: Any, client_of: Any, account: Any) -> None:
    editor = client_of(cast.bob).get(f"/accounts/{account.pk}/field/employees").content.decode()
    assert f'<form class="cell" method="post" action="/accounts/{account.pk}/field/employees"' in editor
    assert 'value="7"' in editor
    assert 'aria-label="Employees"' in editor
    assert f'<input type="hidden" name="version" value="{account.version}">' in editor


def test_saving_answers_with_the_value_and_a_toast_that_undoes_it(cast: Any, client_of: Any, account: Any) -> None:
    client = client_of(cast.bob)
    response = client.post(f"/accounts/{account.pk}/field/employees", {"employees": "1200", "version": account.version}, headers=HTMX)
    said = json.loads(response.headers["HX-Trigger"])
    account.refresh_from_db()
    assert account.employees == 1200
    assert "1,200" in response.content.decode()
    assert said["toast"]["message"] == "Employees is saved."
    assert said["recorded"] == {"entity": "accounts", "id": account.pk}
    assert "rewritten" not in said
    client.post(said["toast"]["undo"], headers=HTMX)
    account.refresh_from_db()
    assert account.employees == 7


def test_what_follows_from_a_value_is_sent_along_for_its_own_place(cast: Any, client_of: Any) -> None:
    deal = make("deals", name="D", owner=cast.bob.pk, amount="1000", currency="USD")
    stage = cast.stage("Negotiation")
    response = client_of(cast.bob).post(f"/deals/{deal.pk}/field/stage", {"stage": stage.pk}, headers=HTMX)
    page = response.content.decode()
    value, _sign, others = page.partition("<dd")
    assert '<span class="tag warn"><i></i>Negotiation</span>' in value
    assert '<dd id="fact-probability" hx-swap-oob="true">' in page
    assert '<dd id="fact-weighted" hx-swap-oob="true">$800</dd>' in page
    assert 'id="fact-name"' not in others


def test_a_value_that_did_not_change_writes_nothing(cast: Any, client_of: Any, account: Any) -> None:
    response = client_of(cast.bob).post(f"/accounts/{account.pk}/field/employees", {"employees": "7"}, headers=HTMX)
    assert "HX-Trigger" not in response.headers
    assert Change.objects.filter(entity="accounts", record_id=account.pk, event="account.edited").count() == 0


def test_a_wrong_value_stays_in_its_editor_with_the_reason(cast: Any, client_of: Any, account: Any) -> None:
    response = client_of(cast.bob).post(f"/accounts/{account.pk}/field/employees", {"employees": "lots"}, headers=HTMX)
    editor = response.content.decode()
    assert response.status_code == 422
    assert 'value="lots"' in editor
    assert 'aria-invalid="true"' in editor
    assert "“lots” is not a number." in editor


def test_what_another_rule_refuses_is_named_by_its_field(cast: Any, client_of: Any) -> None:
    deal = make("deals", name="D", owner=cast.bob.pk)
    stage = cast.stage("Negotiation")
    stage.requires = ["amount", "closes_on"]
    stage.save()
    raise_epoch()
    response = client_of(cast.bob).post(f"/deals/{deal.pk}/field/stage", {"stage": stage.pk}, headers=HTMX)
    assert response.status_code == 422
    assert "Amount: Needed to enter “Negotiation”. Closes: Needed to enter “Negotiation”." in response.content.decode()


def test_somebody_elses_change_of_another_field_does_no_harm(cast: Any, client_of: Any, account: Any) -> None:
    edit(account, {"industry": "food"}, by=cast.alice)
    response = client_of(cast.bob).post(
        f"/accounts/{account.pk}/field/employees", {"employees": "9", "version": account.version}, headers=HTMX
    )
    account.refresh_from_db()
    assert response.status_code == 200
    assert (account.employees, account.industry) == (9, "food")


def test_somebody_elses_change_of_the_same_field_is_shown_and_replaced_only_on_purpose(cast: Any, client_of: Any, account: Any) -> None:
    edit(account, {"employees": 80}, by=cast.alice)
    client = client_of(cast.bob)
    response = client.post(f"/accounts/{account.pk}/field/employees", {"employees": "9", "version": account.version}, headers=HTMX)
    editor = response.content.decode()
    account.refresh_from_db()
    assert response.status_code == 409
    assert account.employees == 80
    assert "Alice Chen wrote “80” meanwhile." in editor
    assert 'value="9"' in editor
    client.post(f"/accounts/{account.pk}/field/employees", {"employees": "9", "version": account.version}, headers=HTMX)
    account.refresh_from_db()
    assert account.employees == 9


def test_nobody_edits_a_field_beyond_their_rights(cast: Any, client_of: Any, account: Any) -> None:
    url = f"/accounts/{account.pk}/field/employees"
    assert client_of(cast.charlie).get(url).status_code == 404
    assert client_of(cast.charlie).post(url, {"employees": "1"}).status_code == 404
    reader = make("accounts", name="R", owner=cast.alice.pk, readers=[cast.bob.pk], employees=7)
    assert client_of(cast.bob).get(f"/accounts/{reader.pk}/field/employees").status_code == 403
    assert client_of(cast.bob).post(f"/accounts/{reader.pk}/field/employees", {"employees": "1"}).status_code == 403
    assert Account.objects.filter(employees=7).count() == 2


@pytest.mark.parametrize(("level", "status"), [(Level.HIDDEN, 404), (Level.MASKED, 403), (Level.READ, 403)])
def test_field_rights_hold_in_place(cast: Any, client_of: Any, account: Any, level: Level, status: int) -> None:
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="employees", level=level)
    raise_epoch()
    url = f"/accounts/{account.pk}/field/employees"
    assert (client_of(cast.bob).get(url).status_code, client_of(cast.bob).post(url, {"employees": "1"}).status_code) == (status, status)


@pytest.mark.parametrize("name", ["id", "created_at", "last_contact_at", "nothing", "owner", "custom", "deleted_at", "version"])
def test_what_the_system_keeps_or_what_is_no_field_has_no_editor(cast: Any, client_of: Any, account: Any, name: str) -> None:
    assert client_of(cast.bob).get(f"/accounts/{account.pk}/field/{name}").status_code in {403, 404}


def test_a_colleague_newly_named_in_a_text_is_told_and_only_once(cast: Any, client_of: Any, account: Any) -> None:
    client = client_of(cast.bob)
    client.post(f"/accounts/{account.pk}/field/description", {"description": "@Alice Chen knows them"}, headers=HTMX)
    client.post(f"/accounts/{account.pk}/field/description", {"description": "@Alice Chen knows them well"}, headers=HTMX)
    assert list(cast.alice.notifications.values_list("what", "entity", "record_id")) == [("mention", "accounts", account.pk)]


def test_html_in_a_value_is_text_in_the_editor_and_in_the_answer(cast: Any, client_of: Any, account: Any) -> None:
    evil = "<img src=x onerror=alert(1)>"
    answer = client_of(cast.bob).post(f"/accounts/{account.pk}/field/name", {"name": evil}, headers=HTMX).content.decode()
    editor = client_of(cast.bob).get(f"/accounts/{account.pk}/field/name").content.decode()
    assert "<img" not in answer + editor
    assert "&lt;img" in answer
    assert "&lt;img" in editor


def test_tags_and_phones_are_edited_as_lists(cast: Any, client_of: Any, account: Any) -> None:
    client = client_of(cast.bob)
    client.post(f"/accounts/{account.pk}/field/tags", {"tags": ["vip", "harbour"], "_fields": "tags"}, headers=HTMX)
    client.post(
        f"/accounts/{account.pk}/field/phones",
        {"phones": ["13812345678", ""], "phones-label": ["mobile", ""], "_fields": "phones"},
        headers=HTMX,
    )
    account.refresh_from_db()
    assert (account.tags, account.phones) == (["vip", "harbour"], [{"value": "+8613812345678", "label": "mobile"}])
    client.post(f"/accounts/{account.pk}/field/tags", {"_fields": "tags"}, headers=HTMX)
    account.refresh_from_db()
    assert account.tags == []
    assert Deal.objects.count() == 0
