"""What goes out comes in again and changes nothing; what came in can be taken back; a run that was killed goes on."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.crm.accounts.model import Account
from guanxi.crm.contacts.model import Contact
from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import edit
from guanxi.surfaces.exports.writing import columns_for, csv_lines, table, xlsx_file
from guanxi.surfaces.imports import ahead, running
from guanxi.surfaces.imports.reverting import revert
from guanxi.surfaces.imports.running import run
from guanxi.surfaces.reading import Query
from tests.cast import Cast, make
from tests.imports.bringing import brought, changes, counts, draft, reasons
from tests.plenty import Plenty

pytestmark = pytest.mark.django_db

EXPORTED = [entity.path for entity in entities()]


def exported(path: str, by: Any, *, xlsx: bool) -> bytes:
    """Every record of an entity with every field, as a file."""
    entity = entity_named(path)
    lines = table(Query(entity, None, ("id",)), columns_for(entity, [], to=by), to=by)
    if not xlsx:
        return b"".join(csv_lines(lines))
    with xlsx_file(lines, path) as file:
        return file.read()


@pytest.mark.parametrize("xlsx", [False, True], ids=["csv", "xlsx"])
@pytest.mark.parametrize("path", EXPORTED)
def test_an_export_brought_in_again_changes_nothing(path: str, xlsx: bool, cast: Cast, plenty: Plenty) -> None:
    plenty.of(path, 8)
    rows = entity_named(path).model._default_manager.count()
    file = exported(path, cast.admin, xlsx=xlsx)
    before = changes()
    assert rows >= 8

    one = brought(path, by=cast.admin, file=file, name="export.xlsx" if xlsx else "export.csv")

    assert reasons(one) == {}
    assert counts(one) == (0, 0, rows, 0)
    assert changes() == before


def told(one: Any) -> tuple[Any, ...]:
    return one.name, one.employees, one.description, one.deleted_at is None


def test_a_reverted_import_leaves_what_was_there_and_what_was_changed_since(cast: Cast) -> None:
    old = make("accounts", name="Old Harbour", employees=5, description="before", external_id="1")
    later = make("accounts", name="Later Harbour", employees=7, external_id="2")
    rows = [["External id", "Name", "Employees"], ["1", "Old Harbour Ltd", "50"], ["2", "Later Harbour", "70"], ["3", "New Harbour", "90"]]
    one = brought("accounts", *rows, by=cast.admin)
    assert counts(one) == (1, 2, 0, 0)
    edit(Account.objects.get(pk=later.pk), {"employees": 71}, by=cast.admin)

    revert(one, by=cast.admin)

    assert told(Account.objects.get(pk=old.pk)) == ("Old Harbour", 5, "before", True)
    assert told(Account.objects.get(pk=later.pk)) == ("Later Harbour", 71, "", True)
    assert told(Account.objects.get(external_id="3")) == ("New Harbour", 90, "", False)
    assert one.state == "reverted"
    before = changes()
    revert(one, by=cast.admin)
    assert changes() == before


class Killed(BaseException):
    """What nothing catches."""


def test_an_import_that_was_killed_goes_on_and_makes_no_doubles(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (running, ahead):
        monkeypatch.setattr(module, "CHUNK", 3)
    rows = [["Name", "Email", "Birthday"]] + [[f"Person {n}", f"p{n}@example.com", "never" if n == 5 else "1980-02-03"] for n in range(10)]
    one = draft("contacts", *rows, by=cast.admin)

    def kill(now: Any) -> None:
        if now.done >= 6:
            raise Killed

    with pytest.raises(Killed):
        run(one, by=cast.admin, tell=kill)
    broken = type(one).objects.get(pk=one.pk)
    assert (broken.state, broken.done, Contact.objects.count()) == ("running", 6, 5)

    run(broken, by=cast.admin)

    assert counts(broken) == (9, 0, 0, 1)
    assert sorted(Contact.objects.values_list("name", flat=True)) == [f"Person {n}" for n in range(10) if n != 5]
    assert list(reasons(broken)) == [7]
