"""Why a write was refused, as people read it: sentences and labels, never the keys of fields."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, create_many, edit
from guanxi.record.refusals import Refused, Taken
from tests.cast import Cast, make


def test_keys_that_no_field_has_are_not_read() -> None:
    assert str(Refused({"file": "Choose a file first.", "": "All of it.", "#": "3"})) == "Choose a file first. All of it."


@pytest.mark.django_db
def test_fields_are_called_by_their_labels_in_both_languages(cast: Cast, client_of: Any) -> None:
    account = make("accounts", name="Northwind", owner=cast.bob.pk)
    with pytest.raises(Refused) as refused:
        edit(account, {"employees": "many", "name": ""}, by=cast.bob)
    assert refused.value.errors.keys() == {"employees", "name"}
    assert "Employees: " in str(refused.value)
    assert "Name: Fill this in." in str(refused.value)
    with override("zh-hans"):
        assert "员工" in str(refused.value)
    accounts = entity_named("accounts")
    for several in ([{"name": ""}], [{"name": "Fine"}, {"name": ""}]):
        with pytest.raises(Refused) as refused:
            create_many(accounts, several, by=cast.bob)
        assert str(refused.value) == "Name: Fill this in."
    with pytest.raises(Refused) as refused:
        create(accounts, {"name": "Sub", "parent": 987654}, by=cast.bob)
    assert str(refused.value).startswith(f"{accounts.fields['parent'].label}: There is no such record")


@pytest.mark.django_db
def test_what_a_verb_refuses_is_called_as_its_form_calls_it(cast: Cast) -> None:
    order = make("orders", account=make("accounts", name="N", owner=cast.bob.pk).pk, owner=cast.bob.pk)
    cancel = entity_named("orders").verb("cancel")
    with pytest.raises(Refused) as refused:
        cancel(order, by=cast.bob, reason="")
    assert str(refused.value) == "Reason: Fill this in."


@pytest.mark.django_db
def test_the_page_of_bank_statements_says_sentences_only(cast: Cast, client_of: Any) -> None:
    page = client_of(cast.admin).post("/payments/bank").content.decode()
    assert "Choose a file first." in page
    assert "file: Choose" not in page


@pytest.mark.django_db
def test_a_key_that_another_record_has_is_refused_by_its_label_and_nothing_is_half_written(cast: Cast) -> None:
    accounts = entity_named("accounts")
    make("accounts", name="Zanzibar", external_id="K", owner=cast.charlie.pk)
    mine = make("accounts", name="Northwind", owner=cast.bob.pk)
    for attempt in (
        lambda: edit(mine, {"external_id": "K", "name": "Other"}, by=cast.bob),
        lambda: create(accounts, {"name": "Third", "external_id": "K"}, by=cast.bob),
        lambda: create_many(accounts, [{"name": "Fourth"}, {"name": "Fifth", "external_id": "K"}], by=cast.bob),
    ):
        with pytest.raises(Taken) as taken:
            attempt()
        assert taken.value.errors.keys() == {"external_id"}
        assert "Zanzibar" not in str(taken.value)
        assert str(taken.value).startswith(f"{accounts.fields['external_id'].label}: Another record has this")
    mine.refresh_from_db()
    assert (mine.name, mine.external_id, mine.version) == ("Northwind", None, 1)
    assert accounts.model._default_manager.count() == 2


@pytest.mark.django_db
def test_a_key_that_is_emptied_is_none_and_any_number_of_records_have_none(cast: Cast) -> None:
    for name in ("One", "Two"):
        account = make("accounts", name=name, external_id=name, owner=cast.bob.pk)
        assert edit(account, {"external_id": " "}, by=cast.bob).external_id is None
    assert create(entity_named("accounts"), {"name": "Three", "external_id": ""}, by=cast.bob).external_id is None


@pytest.mark.django_db
def test_a_cell_edited_to_a_key_that_is_taken_says_so(cast: Cast, client_of: Any) -> None:
    make("accounts", name="Zanzibar", external_id="K", owner=cast.charlie.pk)
    mine = make("accounts", name="Northwind", owner=cast.bob.pk)
    answer = client_of(cast.bob).post(f"/accounts/{mine.pk}/field/external_id", {"external_id": "K", "value": "K", "version": "1"})
    assert answer.status_code == 422
    assert "Another record has this" in answer.content.decode()
