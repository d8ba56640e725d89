"""Many records at once by their external key."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from guanxi.crm.accounts.model import Account
from guanxi.record.models import Change
from tests.api.conftest import Program, paths
from tests.cast import Cast, found, make

Programs = Callable[..., Program]


def rows(*names: str) -> dict[str, Any]:
    """Accounts by name, which is their external key too."""
    return {"data": [{"external_id": name, "name": name} for name in names]}


def test_new_keys_create_known_ones_change_and_the_same_again_does_nothing(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    first = bob.put("accounts", rows("A", "B"))
    changed = {"data": [{"external_id": "A", "name": "A"}, {"external_id": "B", "name": "Bell"}, {"external_id": "C", "name": "C"}]}

    second = bob.put("accounts", changed)
    third = bob.put("accounts", changed)

    assert [first[name] for name in ("created", "changed", "same", "refused")] == [2, 0, 0, 0]
    assert [one["result"] for one in second["data"]] == ["same", "changed", "created"]
    assert [one["id"] for one in second["data"]][:2] == [one["id"] for one in first["data"]]
    assert [one["version"] for one in second["data"]] == [1, 2, 1]
    assert third["same"] == 3
    assert dict(Account.objects.values_list("external_id", "name")) == {"A": "A", "B": "Bell", "C": "C"}
    assert len(set(Change.objects.filter(entity="accounts").values_list("batch", flat=True))) == 2


BAD: list[dict[str, Any]] = [
    {"external_id": "A", "name": "A"},
    {"external_id": "B", "name": ""},
    {"external_id": "C", "name": "C", "parent": 10**15},
    {"name": "D"},
    {"external_id": "A", "name": "A again"},
    {"external_id": "E", "name": "E", "employees": "many", "phones": [{"value": 5}]},
]


def test_all_or_nothing_tells_every_bad_row(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)

    told = bob.refused("PUT", "accounts", {"data": BAD}, status=422)

    assert sorted(paths(told)) == [
        "data.1.name",
        "data.2.parent",
        "data.3.external_id",
        "data.4.external_id",
        "data.5.employees",
        "data.5.phones.0.value",
    ]
    assert Account.objects.count() == 0
    assert Change.objects.filter(entity="accounts").count() == 0


def test_partial_saves_the_good_rows(cast: Cast, program: Programs) -> None:
    told = program(cast.bob).put("accounts?partial=true", {"data": [*BAD, {"external_id": "F", "name": "F"}]})

    assert [one["result"] for one in told["data"]] == ["created", *["refused"] * 5, "created"]
    assert (told["created"], told["refused"]) == (2, 5)
    assert sorted(Account.objects.values_list("name", flat=True)) == ["A", "F"]


def test_records_of_others_are_not_changed_by_knowing_their_key(cast: Cast, program: Programs) -> None:
    theirs = make("accounts", name="Zanzibar", external_id="Z", owner=cast.charlie.pk)
    deleted = make("accounts", name="Gone", external_id="G", owner=cast.bob.pk)
    bob = program(cast.bob)
    bob.delete(f"accounts/{deleted.pk}")

    told = bob.put("accounts?partial=true", rows("Z", "G", "N"))

    assert [one["result"] for one in told["data"]] == ["refused", "refused", "created"]
    assert "Zanzibar" not in str(told)
    theirs.refresh_from_db()
    assert theirs.name == "Zanzibar"


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": "x"}, {"rows": []}, {"data": [{"external_id": f"{n}"} for n in range(1001)]}])
def test_what_is_no_list_of_rows_is_refused(cast: Cast, program: Programs, body: Any) -> None:
    program(cast.bob).refused("PUT", "accounts", body, status=422)


def test_rows_that_are_no_objects_are_told(cast: Cast, program: Programs) -> None:
    told = program(cast.bob).refused("PUT", "accounts", {"data": [1, None, [], "x"]}, status=422)

    assert paths(told) == ["data.0", "data.1", "data.2", "data.3"]


def test_who_may_not_change_many_may_not_upsert(cast: Cast, program: Programs) -> None:
    from guanxi.access.starting import grant

    grant(cast.roles["seller"], {"accounts": {"bulk": "none"}})

    program(cast.bob).refused("PUT", "accounts", rows("A"), status=403)
    assert Account.objects.count() == 0


def test_a_value_with_its_own_verb_goes_through_the_verb(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    bob.put("deals", {"data": [{"external_id": "D", "name": "Lamps"}]})

    told = bob.put("deals", {"data": [{"external_id": "D", "stage": cast.stage("Won").pk}]})

    assert told["changed"] == 1
    assert bob.get(f"deals/{told['data'][0]['id']}/history")["data"][0]["event"] == "deal.won"


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_bring_the_same_new_keys_at_once_one_creates_and_the_others_change() -> None:
    cast = found()
    programs = [Program(cast.bob) for _ in range(8)]
    for turn in range(3):
        together = Barrier(8)

        def bring(number: int, turn: int = turn, together: Barrier = together) -> Any:
            try:
                together.wait()
                body = {"data": [{"external_id": f"{turn}-{n}", "name": f"By {number}"} for n in range(5)]}
                return programs[number].call("PUT", "accounts", body)
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(bring, range(8)))
        assert {answer.status_code for answer in answers} == {200}, [answer.content for answer in answers]
        told = [answer.json() for answer in answers]
        assert sum(one["created"] for one in told) == 5
        assert sum(one["created"] + one["changed"] for one in told) == 40
        assert Account.objects.filter(external_id__startswith=f"{turn}-").count() == 5
