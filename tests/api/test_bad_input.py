"""Whatever is sent is answered with a problem that says what and where; nothing is saved by halves."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from guanxi.crm.accounts.model import Account
from guanxi.crm.contacts.model import Contact
from guanxi.crm.deals.model import Deal
from guanxi.entity.registry import entities, entity_named
from tests.api.conftest import Program, paths, problem, sample
from tests.cast import Cast, make

Programs = Callable[..., Program]


@pytest.fixture(autouse=True)
def _database_is_never_asked_the_impossible(caplog: pytest.LogCaptureFixture) -> Any:
    """What does not fit is refused before it reaches the database, and no call ends in a fault."""
    caplog.set_level(logging.WARNING, logger="guanxi.surfaces.api")
    yield
    assert [one.getMessage() for one in caplog.records if one.name.startswith("guanxi.surfaces.api")] == []


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"{", 400),
        (b"nonsense", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"null", 400),
        (b"5", 400),
        (b'{"name": NaN}', 400),
        (b'{"name": Infinity}', 400),
        (b'{"name": "\xff\xfe"}', 400),
        (b'{"name": "\\ud800"}', 400),
        (b'{"name": "\xed\xa0\x80"}', 400),
        (b"\xef\xbb\xbf" + b'{"name": "BOM"}', 400),
        ('{"name": "x"}'.encode("utf-16"), 400),
        (b'{"name": "A", "name": "B"}', 400),
        (b'{"address": {"city": "A", "city": "B"}}', 400),
        (b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"name": ' + b"[" * 60 + b"]" * 60 + b"}", 400),
        (b'{"name": "x"} {"name": "y"}', 400),
        (b'{"employees": ' + b"9" * 5000 + b"}", 400),
        (b'{"name": "x", "employees": ' + b"9" * 300 + b"}", 422),
        (b'{"name": "x", "revenue": 1e999999999}', 400),
        (b'{"name": "x", "revenue": -1e999999999999999999999}', 400),
        (b'{"name": "x", "revenue": 1' + b"0" * 4000 + b"}", 400),
        (b'{"name": "x", "revenue": 1e300}', 422),
        (b'{"name": "x", "revenue": "1e999999999"}', 422),
        (b'{"name": "x", "employees": 1.5}', 422),
        (b'{"name": "x", "parent": 9223372036854775808}', 422),
        (b'{"name": "x", "parent": -1}', 422),
        (b'{"name": "x", "parent": 1e3}', 422),
        (b'{"name": "x\\u0000y"}', 422),
        (b'{"name\\u0000": "x"}', 422),
        (b'{"": "x"}', 422),
        (b"\x00", 400),
    ],
)
def test_bodies_that_cannot_be_read(cast: Cast, program: Programs, raw: bytes, status: int) -> None:
    told = program(cast.bob).refused("POST", "accounts", raw=raw, status=status)

    assert told["detail"]
    assert Account.objects.count() == 0


WRONG: list[Any] = [
    5, -1, 1.5, 10**30, True, False, "", " ", "x", "\x00", "x\x00y", "\u202e\u0000", "9" * 400, "1e400", "1e999999999%", "NaN", "Infinity", "-0",
    "2026-02-30", "0000-00-00", "99999-01-01", "2026-11-05T25:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
    "x" * 200_000, [], [[]], [None], [{}], ["\x00"], [5], [[["x"]]], ["x"] * 200, {}, {"value": "x"}, {"city": "\x00"}, {"x\x00": "y"},
    [{"value": "\x00"}], [{"value": "x", "label": "\x00"}], [{"value": "a@b.example", "label": "\x00"}],
    [{"value": "+8613812345678", "label": "\x00"}], [10**30], [-1], [1, 1, 1], "javascript:alert(1)", "<script>alert(1)</script>",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "🏴‍☠️" * 300, "\u0301" * 5000, "a@" + "b" * 300 + ".example", "+" + "9" * 300, "CNY", "¥5", "%", "1e5000", "٣", "½", "０",
]  # fmt: skip


def test_every_kind_on_every_sort_of_column_takes_or_refuses_any_value(cast: Cast, program: Programs) -> None:
    """Each wrong value in a field of each kind: taken for what it is, or refused under the field's own name."""
    admin, records = program(cast.admin), dict[str, Any]()
    for path, name in _fields_of_every_sort():
        entity = entity_named(path)
        record = records[path] = records.get(path) or make(path, **sample(entity, cast))
        for value in WRONG:
            response = admin.call("PATCH", f"{path}/{record.pk}", {name: value})
            assert response.status_code in {200, 422, 409}, (path, name, value, response.content)
            if response.status_code == 422:
                told = [one.split(".")[0] for one in paths(problem(response))]
                assert name in told or entity.check, (path, name, value, told)


def _fields_of_every_sort() -> list[tuple[str, str]]:
    """(entity, field) of one field for each combination of kind, column and whether it may be empty."""
    found: dict[Any, tuple[str, str]] = {}
    for entity in entities():
        for field in entity.bound.values():
            if field.data and not field.read_only:
                column = type(entity.model._meta.get_field(field.name))
                sort = (type(field.k), column, field.nullable, bool(field.required), bool(field.write))
                found.setdefault(sort, (entity.path, field.name))
    return list(found.values())


def test_markup_is_kept_as_text_and_told_as_json(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    text = "<img src=x onerror=alert(1)>"

    response = bob.call("POST", "contacts", {"name": text, "notes": text})

    assert (response.json()["name"], response.json()["notes"]) == (text, text)
    assert response["Content-Type"] == "application/json"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert Contact.objects.get().notes == text


def test_a_forged_link_to_a_record_out_of_sight_is_refused(cast: Cast, program: Programs) -> None:
    theirs = make("accounts", name="Zanzibar", owner=cast.charlie.pk)
    bob = program(cast.bob)
    deal = bob.post("deals", {"name": "Lamps"})

    for told in (
        bob.refused("POST", "deals", {"name": "X", "account": theirs.pk}, status=422),
        bob.refused("PATCH", f"deals/{deal['id']}", {"account": theirs.pk}, status=422),
    ):
        assert paths(told) == ["account"]
        assert "Zanzibar" not in str(told)
    assert list(Deal.objects.values_list("name", "account")) == [("Lamps", None)]


@pytest.mark.parametrize(
    "name", ["id", "version", "created_at", "created_by", "deleted_at", "custom", "pk", "__class__", "owner_id", "_state"]
)
def test_what_the_system_keeps_cannot_be_set(cast: Cast, program: Programs, name: str) -> None:
    told = program(cast.bob).refused("POST", "accounts", {"name": "X", name: 1}, status=422)

    assert paths(told) == [name]


def test_no_one_becomes_an_administrator_through_the_api(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)

    bob.refused("PATCH", f"users/{cast.bob.pk}", {"is_superuser": True}, status=403)
    bob.refused("PATCH", f"users/{cast.bob.pk}", {"roles": [cast.roles["manager"].pk]}, status=403)
    bob.refused("PATCH", f"users/{cast.bob.pk}", {"password": "x"}, status=403)
    assert paths(program(cast.admin).refused("PATCH", f"users/{cast.bob.pk}", {"password": "x"}, status=422)) == ["password"]
    assert bob.get("me")["administrator"] is False
    assert "password" not in bob.get(f"users/{cast.bob.pk}")


def test_another_record_with_the_same_external_key_is_a_conflict_by_name(cast: Cast, program: Programs) -> None:
    make("accounts", name="Zanzibar", external_id="K", owner=cast.charlie.pk)

    response = program(cast.bob).call("POST", "accounts", {"name": "X", "external_id": "K"})

    assert response.status_code in {409, 422}
    assert paths(problem(response)) == ["external_id"]


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/json; charset=latin-1",
        "/",
        "\x7f",
    ],
)
def test_anything_but_json_is_refused(cast: Cast, program: Programs, kind: str) -> None:
    bob = program(cast.bob)
    response = bob.call("POST", "accounts", raw=b'{"name": "X"}', Content_Type=kind)

    assert response.status_code == 415
    assert problem(response)["title"] == "Send JSON"


def test_a_body_that_is_too_large_is_refused(cast: Cast, program: Programs) -> None:
    told = program(cast.bob).refused("POST", "accounts", raw=b'{"name": "' + b"x" * (11 * 2**20) + b'"}', status=413)

    assert told["title"] == "The request is too large"


@pytest.mark.parametrize(
    "path",
    ["", "/", "nothing", "accounts/x", "accounts/0", "accounts/-1", "accounts/1.5", "accounts/9223372036854775808", "accounts/" + "9" * 400,
     "accounts/%00", "accounts/%FF", "accounts/1/", "accounts/1/2/3", "accounts/１", "ACCOUNTS", "accounts/1/win", "views/x", "meta/x", "../v1",
     "accounts%2F1", "é"],
)  # fmt: skip
def test_addresses_that_lead_nowhere(cast: Cast, program: Programs, path: str) -> None:
    program(cast.admin).refused("GET", f"/api/v1/{path}", status=404)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2/accounts", "/api/v1"])
def test_addresses_beside_the_api(cast: Cast, path: str) -> None:
    response = Client().get(path)

    assert response.status_code == 404
    problem(response)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "accounts", {"GET", "POST", "PUT"}),
        ("PUT", "accounts/1", {"GET", "PATCH", "DELETE"}),
        ("POST", "me", {"GET"}),
        ("OPTIONS", "accounts", {"GET", "POST", "PUT"}),
        ("TRACE", "accounts/1", {"GET", "PATCH", "DELETE"}),
        ("QUARREL", "views", {"GET", "POST"}),
    ],
)
def test_methods_an_address_does_not_take(cast: Cast, program: Programs, method: str, path: str, allowed: set[str]) -> None:
    response = program(cast.bob).call(method, path)

    assert problem(response)["status"] == 405
    assert {one.strip() for one in response["Allow"].split(",")} == allowed


def test_head_tells_what_get_would(cast: Cast, program: Programs) -> None:
    account = make("accounts", name="X", owner=cast.bob.pk)

    response = program(cast.bob).call("HEAD", f"accounts/{account.pk}")

    assert (response.status_code, response["ETag"]) == (200, '"1"')


def test_a_fault_is_told_without_its_cause_and_nothing_is_saved(
    cast: Cast, program: Programs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(entity_named("accounts"), "follow", break_down)

    told = program(cast.bob).refused("POST", "accounts", {"name": "X"}, status=500)

    assert "secret" not in json.dumps(told)
    assert Account.objects.count() == 0
    assert [str(one.exc_info[1]) for one in caplog.records if one.name == "guanxi.surfaces.api.problems" and one.exc_info] == [
        "the secret inside"
    ]
    caplog.clear()
