"""What is typed is understood as it was meant: names in parts, an address nobody typed, a name that is there already."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.crm.models import Contact
from guanxi.entity.kinds import Phones
from guanxi.entity.registry import entity_named
from guanxi.surfaces.forms.choices import offered
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def test_accounts_of_such_a_name_are_shown_while_it_is_typed(cast: Cast, client_of: Any) -> None:
    make("accounts", name="Aspen Bluefin Freight & Sons", owner=cast.bob.pk)
    make("accounts", name="上海远航物流有限公司", owner=cast.bob.pk)
    make("accounts", name="Aspen Bluefin Airline", owner=cast.charlie.pk)
    ask = lambda name: client_of(cast.bob).get("/accounts/duplicates", {"name": name}).content.decode()  # noqa: E731
    for typed, there in (("Aspen Blue", "Bluefin Freight"), ("Aspen Bluefin Freight GmbH", "Bluefin Freight"), ("远航", "远航物流")):
        assert there in ask(typed), typed
    assert "Airline" not in ask("Aspen Bluefin")
    assert [ask(typed).strip() for typed in ("Asp", "Bluefinch", "远")] == ["", "", ""]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"name": "王小明", "given": "", "family": ""}, ("王小明", "小明", "王")),
        ({"name": "", "given": "Mei", "family": "Lin"}, ("Mei Lin", "Mei", "Lin")),
    ],
)
def test_a_contact_is_named_whole_or_in_parts(sent: dict[str, str], stored: tuple[str, ...], cast: Cast, client_of: Any) -> None:
    client_of(cast.bob).post("/contacts/new", {**sent, "_fields": "name,given,family"})
    contact = Contact.objects.get()
    assert (contact.name, contact.given, contact.family) == stored


def test_a_country_that_stood_there_unasked_is_no_address(cast: Cast, client_of: Any) -> None:
    page = client_of(cast.bob).get("/contacts/new").content.decode()
    assert '<input type="hidden" name="address-offered" value="CN">' in page
    country = {"name": "Ann", "address-country": "CN", "_fields": "name,address"}
    client_of(cast.bob).post("/contacts/new", {**country, "address-offered": "CN"})
    client_of(cast.bob).post("/contacts/new", country)
    assert list(Contact.objects.order_by("pk").values_list("address", flat=True)) == [{}, {"country": "CN"}]


def test_who_acts_for_another_account_is_not_looked_for_in_it(cast: Cast) -> None:
    affiliations = entity_named("affiliations")
    pick = offered(affiliations, affiliations.fields["contact"], cast.bob, context=affiliations.fields, value=None)
    assert pick is not None
    assert pick.depends == ""


def test_a_record_shows_every_phone_with_its_label(cast: Cast) -> None:
    value = [{"value": "+8613912345678", "label": "mobile"}, {"value": "+862168884321", "label": "<b>"}]
    shown = Phones().whole(value, cast.bob.locale, {})
    assert [word in shown for word in ("139 1234 5678", "Mobile", "021 6888 4321", "&lt;b&gt;", "<b>")] == [True, True, True, True, False]
