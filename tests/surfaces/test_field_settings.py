"""Fields that administrators added are reworded in the browser; no record loses its choice."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.entity.registry import entity_named
from guanxi.record.models import CustomField
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def test_a_choice_is_added_later_and_one_in_use_stays(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.admin)
    new = {"key": "grade", "kind": "choice", "label_en": "Grade", "label_zh": "等级", "options": "gold | Gold | 金牌\nsilver"}
    client.post("/settings/fields/accounts", new)
    row = CustomField.objects.get()
    make("accounts", name="Bluefin", grade="silver")
    page = client.get(f"/settings/fields/{row.pk}").content.decode()
    assert "gold | Gold | 金牌\nsilver | silver</textarea>" in page
    answer = client.post(f"/settings/fields/{row.pk}", {"label_en": "Class", "options": "gold | Gold"})
    assert "“silver” is in use" in answer.content.decode()
    client.post(f"/settings/fields/{row.pk}", {"label_en": "Class", "options": "bronze\nsilver", "glance": "on"})
    row.refresh_from_db()
    assert (row.key, row.kind, row.label_en, row.glance, [one[0] for one in row.options]) == (
        "grade",
        "choice",
        "Class",
        True,
        ["bronze", "silver"],
    )
    client.get("/settings/fields/accounts")
    assert "Class" in [str(one.label) for one in entity_named("accounts").glance]
    assert client_of(cast.bob).get(f"/settings/fields/{row.pk}").status_code == 403


def test_a_role_says_which_records_when_it_says_those_that_match(cast: Cast, client_of: Any) -> None:
    role = cast.roles["seller"]
    page = client_of(cast.admin).get(f"/settings/roles/{role.pk}").content.decode()
    assert 'name="products.see"' not in page  # everyone sees them, whatever a role says
    answer = client_of(cast.admin).post(f"/settings/roles/{role.pk}", {"deals.see": "condition", "deals.see.condition": " "})
    assert "Say which ones." in answer.content.decode()
