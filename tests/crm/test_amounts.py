"""A deal is worth something or nothing, whatever surface says so."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from guanxi.crm.models import Deal
from tests.api.conftest import Program
from tests.cast import Cast, make
from tests.imports.bringing import brought, counts, reasons

pytestmark = pytest.mark.django_db
BELOW = "An amount is not below zero."


@pytest.fixture
def deal(cast: Cast) -> Any:
    return make("deals", name="Docks", amount=120, currency="USD", owner=cast.bob.pk)


def test_a_form_and_a_cell_refuse_an_amount_below_zero(cast: Cast, client_of: Any, deal: Any) -> None:
    bob = client_of(cast.bob)
    form = bob.post("/deals/new", {"name": "Fleet", "amount": "-5", "currency": "USD"})
    cell = bob.post(f"/deals/{deal.pk}/cell/amount", {"amount": "-5", "version": deal.version}, HTTP_HX_REQUEST="true")
    bulk = bob.post("/deals/bulk/edit", {"ids": str(deal.pk), "go": "1", "edit": "amount", "amount": "-5"}, HTTP_HX_REQUEST="true")
    for answer in (form, cell, bulk):
        assert (answer.status_code, BELOW in answer.content.decode()) == (422, True)
    assert [one.amount for one in Deal.objects.all()] == [120]


def test_a_program_and_a_file_are_refused_an_amount_below_zero(cast: Cast, deal: Any) -> None:
    answer = Program(cast.bob).call("PATCH", f"deals/{deal.pk}", {"amount": "-0.01"})
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"path": "amount", "message": BELOW}])
    one = brought("deals", ["name", "amount"], ["Fleet", "-5"], ["Gate", "0"], by=cast.admin)
    assert counts(one) == (1, 0, 0, 1)
    assert BELOW in str(reasons(one))
    assert {each.name: each.amount for each in Deal.objects.all()} == {"Docks": Decimal(120), "Gate": Decimal(0)}


def test_a_deal_that_was_below_zero_before_is_still_found_and_worked_on(cast: Cast, client_of: Any, deal: Any) -> None:
    Deal.objects.filter(pk=deal.pk).update(amount=-5)
    assert b"Docks" in client_of(cast.bob).get("/deals?where=amount < 0").content
    answer = client_of(cast.bob).post(f"/deals/{deal.pk}/cell/next_step", {"next_step": "Ask"}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200
    assert Deal.objects.get(pk=deal.pk).next_step == "Ask"
