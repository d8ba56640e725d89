"""Who may call: keys, sessions, and how each is turned away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from guanxi.access.models import ApiKey, Role, Scope
from guanxi.access.starting import grant
from guanxi.entity.actors import SYSTEM
from guanxi.record.changes import delete, edit
from tests.api.conftest import Program, problem
from tests.cast import PASSWORD, Cast, make

Programs = Callable[..., Program]


def test_a_key_acts_as_its_user(cast: Cast, program: Programs) -> None:
    told = program(cast.bob).get("me")

    assert (told["id"], told["name"], told["administrator"]) == (cast.bob.pk, "Bob Reyes", False)
    assert told["teams"] == [{"id": cast.harbour.pk, "title": "Harbour"}]
    assert told["may"]["accounts"] == ["see", "create", "edit", "delete", "export", "bulk"]
    assert told["key"]["name"] == "test"


def test_a_key_with_a_role_of_its_own_may_what_the_role_may(cast: Cast, program: Programs) -> None:
    reader = Role.objects.create(name="Only products")
    grant(reader, {"accounts": {"see": Scope.ALL}})
    account = make("accounts", name="Harbour Lights", owner=cast.charlie.pk)
    key = program(cast.admin, reader)

    assert key.get(f"accounts/{account.pk}")["name"] == "Harbour Lights"
    key.refused("PATCH", f"accounts/{account.pk}", {"name": "Mine"}, status=403)
    key.refused("GET", "deals", status=404)
    assert key.get("me")["administrator"] is False


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic YWRtaW46YWRtaW4=",
        "Bearer gx_000000000000_" + "A" * 43,
        "Bearer gx_" + "é" * 12 + "_" + "A" * 43,
        "Bearer " + "g" * 10_000,
    ],
)
def test_a_key_that_is_none_is_turned_away(cast: Cast, header: str) -> None:
    told = Client().get("/api/v1/me", headers={"Authorization": header})

    assert told.status_code == 401
    assert problem(told)["type"] == "/api/v1/docs#problem-unauthenticated"
    assert told["WWW-Authenticate"].startswith("Bearer")


def test_the_right_prefix_with_another_secret_is_turned_away(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    bob.secret = bob.secret[:-1] + ("A" if bob.secret[-1] != "A" else "B")

    bob.refused("GET", "me", status=401)


def test_no_key_and_no_session_is_turned_away_as_json_and_not_sent_to_the_login_page(cast: Cast) -> None:
    assert problem(Client().get("/api/v1/accounts"))["status"] == 401


@pytest.mark.parametrize("how", ["revoked", "expired", "inactive", "deleted"])
def test_a_key_ends_with_itself_or_its_user(cast: Cast, program: Programs, how: str) -> None:
    bob = program(cast.bob)
    key = ApiKey.objects.get(user=cast.bob)
    key.expires_at = timezone.now() + dt.timedelta(hours=1)
    key.save()
    bob.get("me")
    if how == "revoked":
        key.revoke()
    elif how == "expired":
        with time_machine.travel(key.expires_at + dt.timedelta(seconds=1)):
            bob.refused("GET", "me", status=401)
        return
    elif how == "inactive":
        edit(cast.bob, {"is_active": False}, by=SYSTEM)
    else:
        delete(cast.bob, by=SYSTEM)

    bob.refused("GET", "me", status=401)


def test_when_a_key_was_last_used_is_kept(cast: Cast, program: Programs) -> None:
    program(cast.bob).get("me")

    assert timezone.now() - ApiKey.objects.get(user=cast.bob).used_at < dt.timedelta(minutes=1)


def test_the_browser_s_session_reads_and_writes_with_its_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.login(username="bob", password=PASSWORD)
    body: dict[str, Any] = {"data": {"name": "Harbour Lights"}, "content_type": "application/json"}

    assert client.get("/api/v1/me").json()["username"] == "bob"
    assert problem(client.post("/api/v1/accounts", **body))["status"] == 403
    client.cookies["csrftoken"] = token = "a" * 32
    made = client.post("/api/v1/accounts", headers={"X-CSRFToken": token}, **body)

    assert (made.status_code, made.json()["owner"]) == (201, cast.bob.pk)


def test_a_bad_key_is_not_made_good_by_a_session(cast: Cast, client_of: Callable[..., Client]) -> None:
    assert client_of(cast.admin).get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize(
    ("asked", "language"),
    [(None, "zh-hans"), ("en", "en"), ("zh-CN,zh;q=0.9", "zh-hans"), ("fr,en;q=0.5", "en"), ("*;;q=x,\x7f", "zh-hans")],
)
def test_a_program_is_told_in_the_language_it_asks_for_or_its_user_s_own(
    cast: Cast, program: Programs, asked: str | None, language: str
) -> None:
    edit(cast.bob, {"language": "zh-hans"}, by=SYSTEM)
    headers = {"Accept_Language": asked} if asked else {}

    response = program(cast.bob).call("POST", "accounts", {}, **headers)

    assert response.status_code == 422
    assert response["Content-Language"] == language
