"""Many records at once, and undoing, for programs: what the bulk bar does, with the rights and limits of the key."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest

from guanxi.access.models import ApiKey, FieldRight
from guanxi.access.starting import grant
from guanxi.crm.models import Account, Deal
from guanxi.entity.actors import Level
from guanxi.record.models import Change
from guanxi.surfaces.api import bulk
from guanxi.surfaces.bulk.model import BulkRun
from guanxi.surfaces.bulk.tasks import run_bulk
from tests.api.conftest import ENDED, Program, paths
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
Programs = Callable[..., Program]


@pytest.fixture
def lamps(cast: Cast) -> list[int]:
    """Four accounts of Bob's, one of Charlie's."""
    rows = [("Ada", "retail"), ("Bell", "retail"), ("Cray", "finance"), ("Dell", "")]
    made = [make("accounts", name=name, industry=industry, owner=cast.bob.pk).pk for name, industry in rows]
    return [*made, make("accounts", name="Zanzibar", industry="retail", owner=cast.charlie.pk).pk]


def industries() -> dict[str, str]:
    return dict(Account.objects.values_list("name", "industry"))


def test_new_values_for_all_that_match_and_back(cast: Cast, program: Programs, lamps: list[int]) -> None:
    bob = program(cast.bob)

    done = bob.post('accounts/bulk?condition=industry = "retail"', {"all": True, "edit": {"industry": "education"}})

    assert (done["state"], done["done"], done["failed"], done["id"], done["total"]) == ("done", 2, 0, None, 2)
    assert industries() == {"Ada": "education", "Bell": "education", "Cray": "finance", "Dell": "", "Zanzibar": "retail"}
    assert set(Change.objects.filter(batch=done["batch"]).values_list("origin", "event")) == {("api", "account.edited")}
    undone = bob.post(f"batches/{done['batch']}/undo")
    assert (undone["undone"], undone["stand"], undone["left"]) == (2, 0, [])
    assert industries()["Ada"] == "retail"
    bob.post(f"batches/{undone['batch']}/undo")
    assert industries()["Ada"] == "education", "undone again"


def test_those_named_and_those_that_refuse(cast: Cast, program: Programs, lamps: list[int]) -> None:
    bob = program(cast.bob)
    done = bob.post("accounts/bulk", {"ids": [*lamps[:2], lamps[4], 10**9], "delete": True})
    assert (done["done"], done["failed"]) == (2, 2)
    assert [(one["id"], one["title"]) for one in done["failures"]] == [(lamps[4], f"#{lamps[4]}"), (10**9, "#1000000000")]
    assert Account.objects.filter(deleted_at__isnull=False).count() == 2

    deals = [make("deals", name=name, owner=cast.bob.pk, amount=amount).pk for name, amount in (("One", "5"), ("Two", "7"))]
    won = bob.post("deals/bulk", {"ids": deals, "verb": "win", "values": {"closed_on": "2026-11-20"}})
    assert won["done"] == 2
    again = bob.post("deals/bulk", {"ids": deals, "verb": "win"})
    assert (again["done"], again["failed"]) == (0, 2)
    assert again["failures"][0]["reason"]
    assert set(Deal.objects.values_list("outcome", flat=True)) == {"won"}


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"edit": {"industry": "retail"}}, "ids"),
        ({"ids": [1], "all": True, "delete": True}, "ids"),
        ({"ids": [], "delete": True}, "ids"),
        ({"ids": ["1"], "delete": True}, "ids"),
        ({"ids": [True], "delete": True}, "ids"),
        ({"ids": list(range(1, 5002)), "delete": True}, "ids"),
        ({"all": "yes", "delete": True}, "all"),
        ({"all": True}, ""),
        ({"all": True, "delete": True, "edit": {"industry": "retail"}}, ""),
        ({"all": True, "delete": 1}, "delete"),
        ({"all": True, "edit": {}}, "edit"),
        ({"all": True, "edit": {"industry": "warfare"}}, "edit.industry"),
        ({"all": True, "edit": {"name": ""}}, "edit.name"),
        ({"all": True, "edit": {"external_id": "x"}}, "edit.external_id"),
        ({"all": True, "edit": {"nothing": "x"}}, "edit.nothing"),
        ({"all": True, "edit": {"employees": "many"}}, "employees"),
        ({"all": True, "verb": "fly"}, "verb"),
        ({"all": True, "verb": "give_back", "values": {"wings": 2}}, "values.wings"),
        ({"all": True, "truncate": True}, "truncate"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(cast: Cast, program: Programs, lamps: list[int], sent: Any, path: str) -> None:
    admin, before = program(cast.admin), Change.objects.count()
    told = admin.refused("POST", "accounts/bulk", sent, status=422)
    assert path in paths(told) or (path == "" and not told["errors"][0]["path"]), told
    assert Change.objects.count() == before


def test_a_condition_that_is_none_is_not_everything(cast: Cast, program: Programs, lamps: list[int]) -> None:
    bob = program(cast.bob)
    assert paths(bob.refused("POST", "accounts/bulk?where=x", {"all": True, "delete": True}, status=400)) == ["where"]
    assert paths(bob.refused("POST", "accounts/bulk?condition=colour=1", {"all": True, "delete": True}, status=400)) == ["condition"]
    assert not Account.objects.filter(deleted_at__isnull=False).exists()


def test_hidden_fields_are_no_condition_and_rights_hold(cast: Cast, program: Programs, lamps: list[int]) -> None:
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="industry", level=Level.HIDDEN)
    grant(cast.roles["seller"], {"accounts": {"reassign": "none"}})
    bob = program(cast.bob)
    bob.refused("POST", 'accounts/bulk?condition=industry = "retail"', {"all": True, "edit": {"employees": 5}}, status=400)
    bob.refused("POST", "accounts/bulk", {"all": True, "edit": {"industry": "retail"}}, status=422)
    bob.refused("POST", "accounts/bulk", {"all": True, "edit": {"owner": cast.charlie.pk}}, status=403)
    grant(cast.roles["seller"], {"accounts": {"bulk": "none"}})
    bob.refused("POST", "accounts/bulk", {"all": True, "edit": {"employees": 5}}, status=403)


def test_very_many_are_done_by_a_worker_with_the_rights_of_the_key(
    cast: Cast, program: Programs, lamps: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    narrow, admin = program(cast.admin, cast.roles["seller"]), program(cast.admin)
    grant(cast.roles["seller"], {"accounts": {"see": "all", "edit": "own", "bulk": "own"}})
    make("accounts", name="Mine", owner=cast.admin.pk)

    response = narrow.call("POST", "accounts/bulk", {"all": True, "edit": {"employees": 9}})
    told = response.json()
    assert (response.status_code, response["Location"], told["state"]) == (202, f"/api/v1/bulk/{told['id']}", "running")
    run_bulk(told["id"])

    done = narrow.get(f"bulk/{told['id']}")
    assert (done["state"], done["done"], done["failed"]) == ("done", 1, 5)
    assert list(Account.objects.filter(employees=9).values_list("name", flat=True)) == ["Mine"]
    assert set(Change.objects.filter(batch=done["batch"]).values_list("origin", flat=True)) == {"api"}
    # What an administrator's own key began is not this one's to see or to stop.
    other = admin.call("POST", "accounts/bulk", {"all": True, "edit": {"employees": 8}}).json()
    narrow.refused("GET", f"bulk/{other['id']}", status=404)
    narrow.refused("POST", f"bulk/{other['id']}/stop", status=404)
    program(cast.bob).refused("GET", f"bulk/{other['id']}", status=404)
    assert admin.post(f"bulk/{other['id']}/stop")["state"] == "running"
    run_bulk(other["id"])
    assert admin.get(f"bulk/{other['id']}")["state"] == "stopped"
    assert not Account.objects.filter(employees=8).exists()


def test_exact_numbers_go_through_a_job(cast: Cast, program: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    for name in ("One", "Two"):
        make("deals", name=name, owner=cast.bob.pk, currency="USD")
    told = program(cast.bob).call("POST", "deals/bulk", raw=b'{"all": true, "edit": {"amount": 0.1}}')
    assert told.status_code == 202, told.content
    run_bulk(told.json()["id"])
    assert set(Deal.objects.values_list("amount", flat=True)) == {Decimal("0.1")}


def test_keys_and_a_condition_are_not_mixed(cast: Cast, program: Programs, lamps: list[int]) -> None:
    told = program(cast.bob).refused("POST", "accounts/bulk?condition=industry = retail", {"ids": lamps, "delete": True}, status=422)
    assert paths(told) == ["ids"]
    assert not Account.objects.filter(deleted_at__isnull=False).exists()


@ENDED
def test_a_key_that_was_ended_ends_its_job(
    end: Callable[[ApiKey], object], cast: Cast, program: Programs, lamps: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    told = program(cast.bob).call("POST", "accounts/bulk", {"all": True, "delete": True}).json()
    end(ApiKey.objects.get(user=cast.bob))
    run_bulk(told["id"])
    assert BulkRun.objects.get().problem == "Whoever began this may no longer sign in."
    assert not Account.objects.filter(deleted_at__isnull=False).exists()


def test_one_change_is_undone(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    account = bob.post("accounts", {"name": "Harbour Lights", "employees": 5})
    bob.patch(f"accounts/{account['id']}", {"employees": 6})
    change = bob.get(f"accounts/{account['id']}/history")["data"][0]

    undone = bob.post(f"changes/{change['id']}/undo")

    assert undone == {"entity": "accounts", "id": account["id"], "version": 3, "deleted": False, "batch": undone["batch"]}
    assert bob.get(f"accounts/{account['id']}")["employees"] == 5
    bob.patch(f"accounts/{account['id']}", {"employees": 7})
    assert paths(bob.refused("POST", f"changes/{undone_key(account['id'])}/undo", status=422)) == ["employees"]
    charlie = program(cast.charlie)
    charlie.refused("POST", f"changes/{change['id']}/undo", status=404)
    charlie.refused("POST", f"changes/{10**12}/undo", status=404)
    bob.refused("POST", "batches/nothing/undo", status=404)
    bob.refused("POST", "batches/00000000-0000-4000-8000-000000000000/undo", status=404)
    bob.refused("POST", f"changes/{change['id']}/undo", {"why": 1}, status=422)


def undone_key(account: int) -> int:
    """The change before the last one."""
    return int(Change.objects.filter(entity="accounts", record_id=account).order_by("-id")[1].pk)


def test_what_stands_after_undoing_is_told_to_those_who_see_it(cast: Cast, program: Programs, lamps: list[int]) -> None:
    admin, bob = program(cast.admin), program(cast.bob)
    done = admin.post("accounts/bulk", {"all": True, "edit": {"employees": 9}})
    bob.patch(f"accounts/{lamps[0]}", {"employees": 10})

    told = bob.post(f"batches/{done['batch']}/undo")

    assert (told["undone"], told["stand"]) == (3, 2)
    assert [(one["id"], one["reason"]) for one in told["left"]] == [
        (lamps[0], "Employees: Changed again since; undo the later change first.")
    ]
    assert Account.objects.get(name="Zanzibar").employees == 9


def test_answers_fit_the_document(cast: Cast, program: Programs, lamps: list[int]) -> None:
    admin = program(cast.admin)
    document = admin.get("openapi.json")

    def fits(name: str, value: Any) -> None:
        jsonschema_rs.validate({"$ref": f"#/components/schemas/{name}", "components": document["components"]}, value)

    done = admin.post("accounts/bulk", {"ids": [*lamps, 10**9], "edit": {"employees": 9}})
    fits("BulkRun", done)
    fits("Undone", admin.post(f"batches/{done['batch']}/undo"))
