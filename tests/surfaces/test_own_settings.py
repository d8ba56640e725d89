"""What people set up for themselves: language, keys of their programs; and fields, by administrators."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.access.absence import absent
from guanxi.access.models import ApiKey, User
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, edit
from guanxi.record.memory import forget
from guanxi.record.models import CustomField
from guanxi.record.refusals import Refused
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def test_the_language_is_changed_for_the_person_and_leads_back(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.bob)
    answer = client.post("/settings/language", {"language": "zh-hans", "next": "/accounts"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts")
    assert 'lang="zh-hans"' in client.get("/accounts").content.decode()
    cast.bob.refresh_from_db()
    assert (cast.bob.language, cast.bob.version) == ("zh-hans", 2)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""])
def test_nobody_is_led_elsewhere(cast: Cast, client_of: Any, back: str) -> None:
    assert client_of(cast.bob).post("/settings/language", {"language": "en", "next": back})["Location"] == "/"


@pytest.mark.parametrize("role", ["x", "0", "999999", "[]"])
def test_a_key_for_a_role_one_has_not_is_not_made_with_all_of_ones_rights(cast: Cast, client_of: Any, role: str) -> None:
    assert client_of(cast.bob).post("/settings/keys", {"name": "Sync", "role": role}).status_code == 422
    assert not ApiKey.objects.exists()


def test_a_key_for_a_role_of_ones_own_or_for_oneself(cast: Cast, client_of: Any) -> None:
    role = cast.bob.roles[0]
    for said in (str(role), ""):
        assert client_of(cast.bob).post("/settings/keys", {"name": "Sync", "role": said}).status_code == 200
    assert list(ApiKey.objects.order_by("pk").values_list("name", "role_id")) == [("Sync", role), ("Sync", None)]


def test_a_key_ends_by_itself_after_the_days_one_chose(cast: Cast, client_of: Any) -> None:
    bob = client_of(cast.bob)
    secret = re.findall(r"gx_[0-9a-f]{12}_[\w-]{43}", bob.post("/settings/keys", {"name": "Sync", "days": "30"}).content.decode())[0]
    key = ApiKey.objects.get()
    assert dt.timedelta(days=29) < key.expires_at - timezone.now() < dt.timedelta(days=31)
    programs = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert Client().get("/api/v1/accounts", **programs).status_code == 200
    ApiKey.objects.update(expires_at=timezone.now())
    forget()
    assert Client().get("/api/v1/accounts", **programs).status_code == 401
    assert "Expired" in bob.get("/settings/keys").content.decode()


@pytest.mark.parametrize("days", ["31", "-1", "x", "1e9"])
def test_a_key_that_would_live_longer_than_was_meant_is_not_made(cast: Cast, client_of: Any, days: str) -> None:
    assert client_of(cast.bob).post("/settings/keys", {"name": "Sync", "days": days}).status_code == 422
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("key", "a\x00b"),
        ("label_en", "a\x00b"),
        ("label_en", "x" * 300),
        ("label_zh", "长" * 300),
        ("hint", "x" * 300),
        ("options", "a\x00b"),
        ("kind", "x" * 300),
    ],
)
def test_a_field_that_cannot_be_is_refused_where_it_is_wrong(cast: Cast, client_of: Any, name: str, value: str) -> None:
    said = {"key": "tier", "kind": "choice", "label_en": "Tier", "label_zh": "等级", "hint": "", "options": "gold"}
    page = client_of(cast.admin).post("/settings/fields/accounts", {**said, name: value})
    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()
    assert not CustomField.objects.exists()


@pytest.mark.parametrize("zone", ["Mars/Olympus", "x", "", "../etc/passwd", "America", "a\x00b"])
def test_a_time_zone_that_there_is_not_is_refused_on_every_way_in(cast: Cast, zone: str) -> None:
    with pytest.raises(Refused) as refused:
        edit(cast.bob, {"zone": zone}, by=cast.admin)
    assert refused.value.errors.keys() == {"zone"}


def test_a_time_zone_that_is_given_up_harms_nobody(cast: Cast, client_of: Any) -> None:
    make("absences", user=cast.bob.pk, starts_on="2026-11-01", ends_on="2026-11-02")
    User.objects.filter(pk=cast.bob.pk).update(zone="US/Given-up")
    for person in (cast.bob, cast.admin):
        person.refresh_from_db()
        assert client_of(person).get("/").status_code == 200
        assert client_of(person).get("/api/v1/accounts").status_code == 200
    absent(timezone.now())


def test_a_choice_that_is_always_made_is_not_emptied_and_starts_with_the_usual_one(cast: Cast) -> None:
    account = make("accounts", name="Northwind", owner=cast.bob.pk)
    usual = account.relationship
    for empty in (None, "", " \n"):
        with pytest.raises(Refused) as refused:
            edit(account, {"relationship": empty}, by=cast.bob)
        assert refused.value.errors == {"relationship": "Fill this in."}
        made = create(entity_named("accounts"), {"name": "Another", "relationship": empty}, by=cast.bob)
        assert made.relationship == usual


def test_what_set_up_is_about_is_not_emptied_either(cast: Cast) -> None:
    pool = make("pools", name="Open", of="leads")
    target = make("targets", period="2026", owner=cast.bob.pk, measure="activities", value="5")
    for record, name in ((pool, "of"), (target, "measure")):
        with pytest.raises(Refused) as refused:
            edit(record, {name: None}, by=cast.admin)
        assert refused.value.errors.keys() == {name}
