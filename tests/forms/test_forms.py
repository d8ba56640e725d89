"""Creating and editing a record on a form: what is asked, what is kept, what is refused."""

import json
from decimal import Decimal
from typing import Any

import pytest

from guanxi.access.models import FieldRight, User
from guanxi.crm.models import Account, Activity, Contact, Deal
from guanxi.entity.actors import Level
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Change, CustomField
from tests.cast import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DIALOG = {**HTMX, "HX-Target": "dialog-body"}


def hidden_from(role: Any, entity: str, field: str, level: Level) -> None:
    FieldRight.objects.create(role=role, entity=entity, field=field, level=level)
    raise_epoch()


def triggers(response: Any) -> dict[str, Any]:
    return json.loads(response.headers["HX-Trigger"])


def test_a_form_creates_a_record_and_leads_to_its_page(cast: Any, client_of: Any) -> None:
    client = client_of(cast.bob)
    sent = {
        "name": "Northwind Logistics",
        "industry": "logistics",
        "employees": "1,200",
        "phones": ["021 6888 4321", ""],
        "phones-label": ["work", ""],
    }
    response = client.post("/accounts/new", {**sent, "_fields": "name,industry,employees,phones"})
    account = Account.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/{account.pk}")
    assert (account.name, account.industry, account.employees, account.owner_id) == ("Northwind Logistics", "logistics", 1200, cast.bob.pk)
    assert account.phones == [{"value": "+862168884321", "label": "work"}]
    assert "“Northwind Logistics” is created." in client.get(response.headers["Location"]).content.decode()


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong_at_each_field(cast: Any, client_of: Any) -> None:
    sent = {"name": "", "employees": "many", "phones": ["12", "021 6888 4321"], "phones-label": ["", "work"], "website": "not a site"}
    response = client_of(cast.bob).post("/accounts/new", {**sent, "_fields": "name,employees,phones,website"}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 422
    assert Account.objects.count() == 0
    assert 'value="many"' in page
    assert 'value="12"' in page
    assert 'value="021 6888 4321"' in page
    assert page.count('aria-invalid="true"') == page.count('<p class="error"') == 4
    assert 'id="f-employees-error"' in page
    assert 'aria-describedby="f-employees-error"' in page


def test_the_form_of_an_address_keeps_what_an_import_could_not_take_apart(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="A", owner=cast.bob.pk, address={"text": "somewhere behind the harbour"})
    client = client_of(cast.bob)
    page = client.get(f"/accounts/{account.pk}/edit").content.decode()
    assert 'name="address-text" type="text" value="somewhere behind the harbour"' in page
    client.post(
        f"/accounts/{account.pk}/edit",
        {"name": "A", "address-street": "1 Quay", "address-text": "somewhere behind the harbour", "_fields": "name,address"},
    )
    account.refresh_from_db()
    assert account.address == {"street": "1 Quay", "text": "somewhere behind the harbour"}


def test_a_field_that_was_not_in_the_form_is_not_emptied_by_it(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="A", owner=cast.bob.pk, industry="retail")
    CustomField.objects.create(entity="accounts", key="tier", kind="text", label_en="Tier")
    raise_epoch()
    account.custom = {"tier": "gold"}
    account.save(update_fields=["custom"])
    client_of(cast.bob).post(f"/accounts/{account.pk}/edit", {"name": "B", "industry": "", "_fields": "name,industry"})
    account.refresh_from_db()
    assert (account.name, account.industry, account.custom) == ("B", "", {"tier": "gold"})


def test_a_custom_field_is_on_the_form_and_is_written_by_it(cast: Any, client_of: Any) -> None:
    CustomField.objects.create(
        entity="accounts", key="tier", kind="choice", label_en="Tier", options=[["gold", "Gold", "金"], ["silver", "Silver", "银"]]
    )
    raise_epoch()
    client = client_of(cast.bob)
    page = client.get("/accounts/new").content.decode()
    assert '<select id="f-tier" name="tier">' in page
    client.post("/accounts/new", {"name": "A", "tier": "gold", "_fields": "name,tier"})
    assert Account.objects.get().custom == {"tier": "gold"}


def test_an_unticked_box_is_written_as_no(cast: Any, client_of: Any) -> None:
    contact = make("contacts", name="Wei", owner=cast.bob.pk, lunar=True)
    client_of(cast.bob).post(f"/contacts/{contact.pk}/edit", {"name": "Wei", "_fields": "name,lunar"})
    contact.refresh_from_db()
    assert contact.lunar is False


def test_an_amount_and_its_currency_are_one_control(cast: Any, client_of: Any) -> None:
    client = client_of(cast.bob)
    page = client.get("/deals/new").content.decode()
    assert page.count('name="currency"') == 1
    assert '<select name="currency" aria-label="Currency">' in page
    client.post("/deals/new", {"name": "D", "amount": "1,284,000.50", "currency": "CNY", "_fields": "name,amount,currency"})
    deal = Deal.objects.get()
    assert (deal.amount, deal.currency) == (Decimal("1284000.5"), "CNY")


def test_an_address_may_say_what_a_new_record_starts_with(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    page = client_of(cast.bob).get(f"/deals/new?account={account.pk}&next_step=Call&amount=nonsense").content.decode()
    assert f'<option value="{account.pk}" selected>Bluefin</option>' in page
    assert 'value="Call"' in page
    assert 'value="nonsense"' not in page


def test_copying_fills_the_form_with_the_values_one_may_read_but_not_the_key_of_another_system(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk, industry="retail", employees=7, external_id="SAP-1")
    page = client_of(cast.bob).get(f"/accounts/new?copy={account.pk}").content.decode()
    assert 'value="Bluefin"' in page
    assert 'value="7"' in page
    assert "SAP-1" not in page


def test_a_record_out_of_sight_cannot_be_copied(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    assert client_of(cast.charlie).get(f"/accounts/new?copy={account.pk}").status_code == 404


# ——— the dialog ———


def test_the_dialog_asks_only_what_matters_and_answers_with_a_toast_and_undo(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    client = client_of(cast.bob)
    form = client.get(f"/deals/new?account={account.pk}", headers=DIALOG).content.decode()
    assert "<html" not in form
    assert 'name="description"' not in form
    response = client.post(
        f"/deals/new?account={account.pk}", {"name": "Fleet", "account": account.pk, "_fields": "name,account"}, headers=DIALOG
    )
    deal = Deal.objects.get()
    said = triggers(response)
    assert response.status_code == 204
    assert said["close-dialog"] is True
    assert said["changed"] == said["rewritten"] == {"entity": "deals", "id": deal.pk}
    assert said["toast"]["message"] == "“Fleet” is created."
    assert said["toast"]["link"] == {"url": f"/deals/{deal.pk}", "label": "Open"}
    client.post(said["toast"]["undo"], headers=HTMX)
    deal.refresh_from_db()
    assert deal.deleted_at is not None


def test_what_the_address_gives_holds_though_the_dialog_does_not_ask_it(cast: Any, client_of: Any) -> None:
    client_of(cast.bob).post("/deals/new?source=fair", {"name": "Fleet", "_fields": "name"}, headers=DIALOG)
    assert Deal.objects.get().source == "fair"


def test_a_refusal_in_the_dialog_stays_in_the_dialog(cast: Any, client_of: Any) -> None:
    response = client_of(cast.bob).post("/deals/new", {"name": " ", "_fields": "name"}, headers=DIALOG)
    assert response.status_code == 422
    assert 'id="q-name-error"' in response.content.decode()


# ——— rights ———


def test_who_may_not_create_gets_no_form(cast: Any, client_of: Any) -> None:
    cast.roles["seller"].permissions.filter(entity="accounts", action="create").update(scope="none")
    raise_epoch()
    client = client_of(cast.bob)
    assert client.get("/accounts/new").status_code == 403
    assert client.post("/accounts/new", {"name": "A"}).status_code == 403
    assert Account.objects.count() == 0


def test_a_record_out_of_sight_has_no_form_and_one_only_seen_may_not_be_edited(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="A", owner=cast.alice.pk, readers=[cast.bob.pk])
    assert client_of(cast.charlie).get(f"/accounts/{account.pk}/edit").status_code == 404
    assert client_of(cast.charlie).post(f"/accounts/{account.pk}/edit", {"name": "B"}).status_code == 404
    assert client_of(cast.bob).get(f"/accounts/{account.pk}/edit").status_code == 403
    assert client_of(cast.bob).post(f"/accounts/{account.pk}/edit", {"name": "B"}).status_code == 403
    account.refresh_from_db()
    assert account.name == "A"


@pytest.mark.parametrize("level", [Level.HIDDEN, Level.MASKED, Level.READ])
def test_a_field_one_may_not_set_is_not_on_the_form_nor_written_by_it(cast: Any, client_of: Any, level: Level) -> None:
    account = make("accounts", name="A", owner=cast.bob.pk, employees=7)
    hidden_from(cast.roles["seller"], "accounts", "employees", level)
    client = client_of(cast.bob)
    assert 'name="employees"' not in client.get(f"/accounts/{account.pk}/edit").content.decode()
    client.post(f"/accounts/{account.pk}/edit", {"name": "B", "employees": "9", "_fields": "name,employees"})
    account.refresh_from_db()
    assert (account.name, account.employees) == ("B", 7)


def test_who_may_not_hand_over_is_not_asked_for_an_owner(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="A", owner=cast.bob.pk)
    assert 'name="owner"' not in client_of(cast.bob).get(f"/accounts/{account.pk}/edit").content.decode()
    assert 'name="owner"' in client_of(cast.alice).get(f"/accounts/{account.pk}/edit").content.decode()
    client_of(cast.bob).post(f"/accounts/{account.pk}/edit", {"name": "B", "owner": cast.alice.pk, "_fields": "name,owner"})
    account.refresh_from_db()
    assert account.owner_id == cast.bob.pk


def test_a_forged_link_to_a_record_out_of_sight_is_refused_at_its_field(cast: Any, client_of: Any) -> None:
    secret = make("accounts", name="Secret Ltd", owner=cast.charlie.pk)
    response = client_of(cast.bob).post("/deals/new", {"name": "D", "account": secret.pk, "_fields": "name,account"}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'id="f-account-error"' in page
    assert "Secret Ltd" not in page
    assert Deal.objects.count() == 0


@pytest.mark.parametrize("forged", ["-1", "0", "abc", "99999999999999999999", "1 OR 1=1", "1\x00"])
def test_a_forged_key_is_a_clear_error_and_no_fault(cast: Any, client_of: Any, forged: str) -> None:
    response = client_of(cast.bob).post("/deals/new", {"name": "D", "account": forged, "_fields": "name,account"}, headers=HTMX)
    assert response.status_code == 422
    assert 'id="f-account-error"' in response.content.decode()


def test_html_in_every_text_field_is_text(cast: Any, client_of: Any) -> None:
    evil = '"><script>alert(1)</script>'
    names = [
        "name",
        "website",
        "registration_number",
        "description",
        "tags",
        "address-street",
        "address-city",
        "phones",
        "emails",
        "external_id",
    ]
    sent = dict.fromkeys(names, evil) | {"_fields": "name,website,registration_number,description,tags,address,phones,emails"}
    refused = client_of(cast.bob).post("/accounts/new", sent, headers=HTMX).content.decode()
    assert "<script>alert" not in refused
    account = make("accounts", name=evil, owner=cast.bob.pk, description=evil, tags=[evil], address={"street": evil, "text": evil})
    for page in ("", "/edit", "/history"):
        shown = client_of(cast.bob).get(f"/accounts/{account.pk}{page}").content.decode()
        assert "<script>alert" not in shown, page
        assert "&lt;script&gt;alert" in shown, page


# ——— concurrent edits ———


def _stale(cast: Any) -> tuple[Account, int]:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk, industry="retail", employees=7)
    return Account.objects.get(pk=account.pk), account.version


def test_a_stale_form_is_not_saved_and_the_dialog_shows_what_changed_and_keeps_what_was_typed(cast: Any, client_of: Any) -> None:
    account, version = _stale(cast)
    client_of(cast.alice).post(
        f"/accounts/{account.pk}/edit", {"name": "Bluefin Freight", "industry": "logistics", "_fields": "name,industry", "version": version}
    )
    mine = {"name": "Bluefin GmbH", "industry": "retail", "employees": "9", "_fields": "name,industry,employees", "version": version}
    response = client_of(cast.bob).post(f"/accounts/{account.pk}/edit", mine, headers=HTMX)
    dialog = response.content.decode()
    account.refresh_from_db()
    assert response.status_code == 409
    assert response.headers["HX-Retarget"] == "#dialog-body"
    assert (account.name, account.industry, account.employees) == ("Bluefin Freight", "logistics", 7)
    assert "Alice Chen" in dialog
    assert '<input type="radio" name="_keep-name" value="theirs">' in dialog
    assert "Bluefin GmbH" in dialog
    assert "_keep-industry" not in dialog
    assert '<input type="hidden" name="employees" value="9">' in dialog
    assert f'<input type="hidden" name="version" value="{account.version}">' in dialog
    assert '<input type="hidden" name="_fields" value="name,employees">' in dialog


@pytest.mark.parametrize(("keep", "name"), [("mine", "Bluefin GmbH"), ("theirs", "Bluefin Freight")])
def test_saving_the_dialog_writes_mine_and_keeps_what_others_wrote_elsewhere(cast: Any, client_of: Any, keep: str, name: str) -> None:
    account, version = _stale(cast)
    client_of(cast.alice).post(
        f"/accounts/{account.pk}/edit", {"name": "Bluefin Freight", "industry": "logistics", "_fields": "name,industry", "version": version}
    )
    again = {"name": "Bluefin GmbH", "employees": "9", "_fields": "name,employees", "_keep-name": keep, "version": version + 1}
    response = client_of(cast.bob).post(
        f"/accounts/{account.pk}/edit", again, headers={**DIALOG, "HX-Current-URL": f"http://testserver/accounts/{account.pk}/edit"}
    )
    account.refresh_from_db()
    assert response.headers["HX-Redirect"] == f"/accounts/{account.pk}"
    assert (account.name, account.industry, account.employees) == (name, "logistics", 9)


def test_the_dialog_of_a_stale_form_tells_nothing_of_fields_one_may_not_read(cast: Any, client_of: Any) -> None:
    account, version = _stale(cast)
    hidden_from(cast.roles["seller"], "accounts", "employees", Level.HIDDEN)
    client_of(cast.alice).post(f"/accounts/{account.pk}/edit", {"employees": "47110815", "_fields": "employees", "version": version})
    dialog = (
        client_of(cast.bob)
        .post(f"/accounts/{account.pk}/edit", {"name": "B", "_fields": "name", "version": version}, headers=HTMX)
        .content.decode()
    )
    assert "47110815" not in dialog
    assert "Employees" not in dialog


def test_a_form_with_no_version_or_a_forged_one_does_not_fall(cast: Any, client_of: Any) -> None:
    account, _version = _stale(cast)
    client = client_of(cast.bob)
    assert client.post(f"/accounts/{account.pk}/edit", {"name": "B", "_fields": "name", "version": "x"}).status_code == 404
    assert client.post(f"/accounts/{account.pk}/edit", {"name": "B", "_fields": "name"}).status_code == 302


# ——— what follows for others ———


def test_handing_a_record_over_tells_its_new_owner_once(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.alice.pk)
    client = client_of(cast.alice)
    client.post(f"/accounts/{account.pk}/edit", {"owner": cast.bob.pk, "_fields": "owner"})
    client.post(f"/accounts/{account.pk}/edit", {"name": "Bluefin Ltd", "owner": cast.bob.pk, "_fields": "name,owner"})
    assert list(cast.bob.notifications.values_list("what", "record_id")) == [("handed over", account.pk)]
    assert cast.alice.notifications.count() == 0


def test_every_submit_is_one_batch(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    client_of(cast.bob).post(f"/accounts/{account.pk}/edit", {"name": "B", "industry": "retail", "_fields": "name,industry"})
    change = Change.objects.filter(entity="accounts", record_id=account.pk).latest("id")
    assert change.batch is not None
    assert sorted(change.diff) == ["industry", "name"]


def test_creating_a_plan_in_the_dialog_from_a_deal_is_about_the_deal_and_its_account(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    deal = make("deals", name="D", owner=cast.bob.pk, account=account.pk)
    sent = {"subject": "Send terms", "due_at": "2027-01-05T09:00", "kind": "task", "_fields": "subject,due_at,kind"}
    client_of(cast.bob).post(f"/activities/new?kind=task&deal={deal.pk}", sent, headers=DIALOG)
    activity = Activity.objects.get()
    assert (activity.deal_id, activity.account_id, activity.done_at, activity.due_at.isoformat()) == (
        deal.pk,
        account.pk,
        None,
        "2027-01-05T01:00:00+00:00",
    )


def test_people_are_asked_for_by_name_and_contacts_by_their_account(cast: Any, client_of: Any) -> None:
    assert User.objects.count() == 4
    page = client_of(cast.admin).get("/deals/new").content.decode()
    assert 'data-url="/users/suggest"' in page
    assert 'data-url="/contacts/suggest"' in page
    assert 'data-depends="account"' in page
    assert 'data-url="/stages/suggest" data-depends="pipeline"' in page
    assert Contact.objects.count() == 0
