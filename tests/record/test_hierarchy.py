"""What a record is part of, followed upwards, never comes back to it: one by one, many at once, side by side, from a file."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from guanxi.access.models import Team, User
from guanxi.crm.models import Account, Contact
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create_many, edit
from guanxi.record.refusals import Refused
from tests.api.conftest import Program, paths
from tests.cast import Cast, make
from tests.imports.bringing import brought, reasons

BACK = "This leads back to the record itself."


@pytest.mark.parametrize(
    ("entity", "field"), [("accounts", "parent"), ("contacts", "reports_to"), ("teams", "parent"), ("territories", "parent")]
)
def test_no_record_is_above_itself(cast: Cast, entity: str, field: str) -> None:
    first, second, third = (make(entity, name=name) for name in ("One", "Two", "Three"))
    edit(first, {field: second.pk}, by=SYSTEM)
    edit(second, {field: third.pk}, by=SYSTEM)
    for below, above in ((third, first), (third, second), (first, first)):
        with pytest.raises(Refused) as refused:
            edit(below, {field: above.pk}, by=SYSTEM)
        assert refused.value.errors == {field: BACK}
    edit(first, {field: third.pk}, by=SYSTEM)
    edit(second, {field: None}, by=SYSTEM)


def test_of_two_changed_in_one_call_neither_comes_above_the_other(cast: Cast) -> None:
    rows = [{"external_id": name, "name": name} for name in ("one", "two")]
    first, second = create_many(entity_named("accounts"), rows, by=SYSTEM)
    admin = Program(cast.admin)
    crossed = [{"external_id": "one", "parent": second.pk}, {"external_id": "two", "parent": first.pk}]
    told = admin.refused("PUT", "accounts", {"data": crossed}, status=422)
    assert paths(told) == ["data.0.parent"] or paths(told) == ["data.1.parent"], told
    assert set(Account.objects.values_list("parent", flat=True)) == {None}


def test_a_file_in_which_two_are_above_each_other_brings_in_one_of_them(cast: Cast) -> None:
    for name in ("One", "Two"):
        make("teams", name=name)
    done = brought("teams", ["Name", "Parent"], ["One", "Two"], ["Two", "One"], by=cast.admin, match=["name"])
    assert (done.updated, done.rejected) == (1, 1)
    assert BACK in " ".join(reasons(done).values())
    assert sorted(Team.objects.filter(name__in=["One", "Two"]).values_list("name", "parent__name")) in (
        [("One", "Two"), ("Two", None)],
        [("One", None), ("Two", "One")],
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_refused(cast: Cast) -> None:
    first, second = make("accounts", name="One"), make("accounts", name="Two")
    together, outcomes = threading.Barrier(2), []

    def move(below: Any, above: Any) -> None:
        try:
            together.wait(10)
            edit(Account(pk=below.pk), {"parent": above.pk}, by=SYSTEM)
            outcomes.append("moved")
        except Refused as refused:
            outcomes.append(refused.errors["parent"])
        finally:
            connection.close()

    for _time in range(10):
        outcomes.clear()
        threads = [threading.Thread(target=move, args=pair) for pair in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == [BACK, "moved"]
        for one in (first, second):
            edit(Account(pk=one.pk), {"parent": None}, by=SYSTEM)


def test_two_people_never_sign_in_by_one_name(cast: Cast) -> None:
    rows = [{"name": "Eve One", "username": "eve"}, {"name": "Eve Two", "username": "EVE"}]
    with pytest.raises(Refused) as refused:
        create_many(entity_named("users"), rows, by=SYSTEM)
    assert list(refused.value.errors) == ["username"]
    assert not User.objects.filter(username__iexact="eve").exists()
    done = brought("users", ["Name", "Username"], ["Eve One", "eve"], ["Eve Two", "EVE"], by=cast.admin, match=[])
    assert (done.created, done.rejected) == (1, 1)


def test_a_boss_of_ones_boss_is_no_subordinate(cast: Cast) -> None:
    boss, worker = (make("contacts", name=name) for name in ("Ada Lin", "Bo Lin"))
    edit(worker, {"reports_to": boss.pk}, by=SYSTEM)
    told = Program(cast.admin).refused("PATCH", f"contacts/{boss.pk}", {"reports_to": worker.pk}, status=422)
    assert told["errors"] == [{"path": "reports_to", "message": BACK}]
    assert Contact.objects.get(pk=boss.pk).reports_to is None
