"""Duplicates for programs: a search begun and followed, pairs with their evidence, and every decision, with the rights of the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from guanxi.access.models import FieldRight
from guanxi.access.starting import grant
from guanxi.crm.models import Account
from guanxi.entity.actors import Level
from guanxi.record.changes import edit
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Merge
from guanxi.surfaces.dedupe.model import DuplicatePair, DuplicateScan
from guanxi.surfaces.dedupe.tasks import find_duplicates
from tests.api.conftest import Program
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
Programs = Callable[..., Program]
PAIRS = "accounts/duplicates"


@pytest.fixture
def twice(cast: Cast) -> tuple[Any, Any]:
    both = {"phones": "+8613800000001", "emails": "info@yuanyang.example", "owner": cast.bob.pk}
    first = make("accounts", name="上海远洋物流有限公司", employees=7, **both)
    second = make("accounts", name="远洋物流", employees=9, website="https://yuanyang.example", **both)
    make("accounts", name="Secret Freight", phones="+8613900000002", owner=cast.charlie.pk)
    make("accounts", name="Secret Freight Ltd", phones="+8613900000002", owner=cast.charlie.pk)
    for number in range(8):
        make("accounts", name=f"Customer {number} {'abcdefgh'[number] * 6}", owner=cast.bob.pk)
    return first, second


def fits(document: Any, name: str, value: Any) -> None:
    jsonschema_rs.validate({"$ref": f"#/components/schemas/{name}", "components": document["components"]}, value)


def test_a_program_searches_reads_the_pairs_and_decides(cast: Cast, program: Programs, twice: tuple[Any, Any]) -> None:
    bob, admin, (first, second) = program(cast.bob), program(cast.admin), twice
    document = bob.get("openapi.json")
    bob.refused("GET", f"{PAIRS}/search", status=404)
    bob.refused("POST", f"{PAIRS}/search", {"deep": True}, status=422)
    begun = bob.call("POST", f"{PAIRS}/search", {}, Idempotency_Key="one")
    assert (begun.status_code, begun["Location"]) == (202, "/api/v1/accounts/duplicates/search")
    assert bob.call("POST", f"{PAIRS}/search", {}).json() == begun.json(), "one at a time"
    find_duplicates(begun.json()["id"])
    told = bob.get(f"{PAIRS}/search")
    fits(document, "DuplicateSearch", told)
    assert (told["state"], told["records"], told["found"]) == ("done", 12, 2)

    (pair,) = bob.get(PAIRS)["data"]
    assert len(admin.get(PAIRS)["data"]) == 2
    fits(document, "DuplicatePair", pair)
    assert (pair["first"], pair["second"]["id"]) == ({"id": first.pk, "title": first.name}, second.pk)
    assert (pair["decision"], pair["grade"], pair["decided_by"]) == ("open", "certain", None)
    assert {"phones", "emails"} <= {why["field"] for why in pair["why"] if why["told"] == "same"}
    assert bob.get(f"{PAIRS}?show=possible")["data"] == []
    where = f"{PAIRS}/{pair['id']}"
    assert bob.get(where) == pair
    put_off = bob.post(where, {"decision": "later"})
    assert (put_off["decision"], put_off["decided_by"]["title"]) == ("later", "Bob Reyes")
    assert [one["id"] for one in bob.get(f"{PAIRS}?show=later")["data"]] == [pair["id"]]
    assert bob.post(where, {"decision": "open"})["decision"] == "open"

    wrong = {"decision": "merge", "keep": first.pk + second.pk, "choices": {"nonsense": "kept", "employees": "mine"}}
    refused = bob.refused("POST", where, wrong, status=422)
    assert {one["path"] for one in refused["errors"]} == {"keep", "choices.nonsense", "choices.employees"}
    for body in ({}, {"decision": []}, {"decision": "later", "keep": first.pk}, {"decision": "merge", "choices": []}, {"other": 1}):
        bob.refused("POST", where, body, status=422)
    done = bob.post(where, {"decision": "merge", "keep": second.pk, "choices": {"employees": "gone", "name": "kept"}})
    fits(document, "DuplicateMerged", done)
    assert done["merged"] == {"kept": second.pk, "gone": first.pk, "batch": str(Merge.objects.get().batch)}
    record = Account.objects.get(pk=second.pk)
    assert (record.name, record.employees, record.website) == ("远洋物流", 7, "https://yuanyang.example")
    assert bob.get(PAIRS)["data"] == []
    bob.refused("GET", where, status=404)


def test_pages_of_pairs_go_on_where_they_ended(cast: Cast, program: Programs, twice: tuple[Any, Any]) -> None:
    admin = program(cast.admin)
    find_duplicates(admin.call("POST", f"{PAIRS}/search", {}).json()["id"])
    first = admin.get(f"{PAIRS}?limit=1")
    second = admin.get(f"{PAIRS}?limit=1&cursor={first['next']}")
    assert [one["id"] for page in (first, second) for one in page["data"]] == [one["id"] for one in admin.get(PAIRS)["data"]]
    assert second["next"] is None
    for asked in ("cursor=x", "cursor=1~9999999999999999999", "cursor=nan~1", "show=nonsense", "limit=0", "limit=201"):
        admin.refused("GET", f"{PAIRS}?{asked}", status=400)


def test_programs_have_the_rights_of_the_page(cast: Cast, program: Programs, twice: tuple[Any, Any]) -> None:
    bob, charlie = program(cast.bob), program(cast.charlie)
    find_duplicates(bob.call("POST", f"{PAIRS}/search", {}).json()["id"])
    pair = DuplicatePair.objects.get(first_id=twice[0].pk)
    charlie.refused("GET", f"{PAIRS}/{pair.pk}", status=404)
    charlie.refused("POST", f"{PAIRS}/{pair.pk}", {"decision": "merge"}, status=404)
    edit(twice[1], {"owner": cast.charlie.pk, "readers": [cast.bob.pk]}, by=cast.admin)
    bob.refused("POST", f"{PAIRS}/{pair.pk}", {"decision": "merge"}, status=403)
    assert not Merge.objects.exists()
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="phones", level=Level.HIDDEN)
    raise_epoch()
    assert "phones" not in {why["field"] for why in bob.get(f"{PAIRS}/{pair.pk}")["why"]}
    bob.refused("GET", "activities/duplicates", status=404)
    grant(cast.roles["seller"], {"accounts": {"bulk": "none"}})
    bob.refused("POST", f"{PAIRS}/search", {}, status=403)
    bob.refused("POST", f"{PAIRS}/search/stop", {}, status=403)
    grant(cast.roles["seller"], {"accounts": {"edit": "none"}})
    bob.refused("GET", PAIRS, status=403)


def test_a_search_is_stopped(cast: Cast, program: Programs, twice: tuple[Any, Any]) -> None:
    admin = program(cast.admin)
    run = admin.call("POST", f"{PAIRS}/search", {}).json()
    assert run["state"] == "running"
    assert admin.post(f"{PAIRS}/search/stop", {})["state"] == "stopped"
    find_duplicates(run["id"])
    assert DuplicateScan.objects.get().finished_at is not None
    assert not DuplicatePair.objects.exists()
