"""If-Match: nobody's change is lost, whoever comes at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from guanxi.record.models import Change
from tests.api.conftest import Program, paths
from tests.cast import Cast, found, make

Programs = Callable[..., Program]


def test_a_stale_change_is_refused_with_what_changed_meanwhile(cast: Cast, program: Programs) -> None:
    alice, bob = program(cast.alice), program(cast.bob)
    account = bob.post("accounts", {"name": "Harbour Lights", "employees": 5})
    alice.patch(f"accounts/{account['id']}", {"employees": 50})

    told = bob.refused("PATCH", f"accounts/{account['id']}", {"employees": 6}, status=412, If_Match='"1"')

    (meanwhile,) = told["meanwhile"]
    assert meanwhile["changes"] == {"employees": [5, 50]}
    assert meanwhile["by"] == {"id": cast.alice.pk, "title": "Alice Chen"}
    assert told["version"] == 2
    again = bob.patch(f"accounts/{account['id']}", {"employees": 6}, If_Match=f'"{told["version"]}"')
    assert (again["employees"], again["version"]) == (6, 3)


@pytest.mark.parametrize(
    ("header", "status"), [('"1"', 200), ('W/"1"', 200), ('"7", "1"', 200), ("*", 200), ('"2"', 412), ("1", 400), ('"x"', 400), ("", 400)]
)
def test_what_if_match_may_be(cast: Cast, program: Programs, header: str, status: int) -> None:
    bob = program(cast.bob)
    account = bob.post("accounts", {"name": "Harbour Lights"})

    response = bob.call("PATCH", f"accounts/{account['id']}", {"employees": 6}, If_Match=header)

    assert response.status_code == status
    assert bob.get(f"accounts/{account['id']}")["employees"] == (6 if status == 200 else None)
    if status == 400:
        assert paths(response.json()) == ["If-Match"]


def test_deleting_and_verbs_ask_for_the_version_too(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    deal = bob.post("deals", {"name": "Lamps"})
    bob.patch(f"deals/{deal['id']}", {"next_step": "Call"})

    bob.refused("DELETE", f"deals/{deal['id']}", status=412, If_Match='"1"')
    bob.refused("POST", f"deals/{deal['id']}/win", {}, status=412, If_Match='"1"')
    assert bob.get(f"deals/{deal['id']}")["outcome"] == "open"
    assert bob.post(f"deals/{deal['id']}/win", {}, If_Match='"2"')["outcome"] == "won"


def test_what_changed_meanwhile_is_told_by_field_rights(cast: Cast, program: Programs) -> None:
    from guanxi.access.models import FieldRight
    from guanxi.entity.actors import SYSTEM, Level
    from guanxi.record.changes import edit
    from guanxi.record.memory import raise_epoch

    account = make("accounts", name="Harbour Lights", owner=cast.bob.pk)
    edit(account, {"revenue": "7654321", "employees": 3}, by=SYSTEM)
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="revenue", level=Level.HIDDEN)
    raise_epoch()

    told = program(cast.bob).refused("PATCH", f"accounts/{account.pk}", {"employees": 6}, status=412, If_Match='"1"')

    assert told["meanwhile"][0]["changes"] == {"employees": [None, 3]}
    assert "7654321" not in str(told)


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_changed_the_same_version_one_wins() -> None:
    cast = found()
    account = make("accounts", name="Harbour Lights", employees=0, owner=cast.bob.pk)
    programs = [Program(cast.bob) for _ in range(8)]
    together = Barrier(8)

    def change(number: int) -> int:
        try:
            together.wait()
            response = programs[number].call("PATCH", f"accounts/{account.pk}", {"employees": number + 1}, If_Match='"1"')
            return int(response.status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(change, range(8)))

    assert sorted(statuses) == [200] + [412] * 7
    account.refresh_from_db()
    assert (account.version, account.employees) == (2, statuses.index(200) + 1)
    assert Change.objects.filter(entity="accounts", record_id=account.pk).count() == 2


@pytest.mark.django_db(transaction=True)
def test_eight_who_each_read_and_try_again_lose_nothing() -> None:
    cast = found()
    account = make("accounts", name="Harbour Lights", employees=0, owner=cast.bob.pk)
    programs = [Program(cast.bob) for _ in range(8)]

    def add_one(bob: Program) -> None:
        try:
            while True:
                read = bob.get(f"accounts/{account.pk}")
                body = {"employees": read["employees"] + 1}
                response = bob.call("PATCH", f"accounts/{account.pk}", body, If_Match=f'"{read["version"]}"')
                if response.status_code == 200:
                    return
                assert response.status_code == 412
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, programs))

    account.refresh_from_db()
    assert (account.employees, account.version) == (8, 9)


def test_what_comes_back_from_the_trash_is_asked_for_its_version(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    account = make("accounts", name="Harbour Lights", owner=cast.bob.pk)
    bob.delete(f"accounts/{account.pk}")

    told = bob.refused("POST", f"accounts/{account.pk}/restore", status=412, If_Match='"1"')

    assert [one["event"] for one in told["meanwhile"]] == ["account.deleted"]
    assert bob.post(f"accounts/{account.pk}/restore", If_Match='"2"')["version"] == 3
    bob.refused("POST", f"accounts/{account.pk}/restore", status=404, If_Match='"3"')
