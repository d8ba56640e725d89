"""New records are worked out by the process that reads ahead; whether they are or not, the same is written."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from guanxi.access.models import Permission
from guanxi.crm.contacts.model import Contact
from guanxi.entity.registry import entity_named
from guanxi.record.changes import delete
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Change, Identity, SearchDocument
from guanxi.surfaces.imports import ahead
from guanxi.surfaces.imports.running import run
from guanxi.surfaces.imports.writing import RowWriter
from tests.cast import Cast, make
from tests.imports.bringing import brought, counts, draft, reasons

pytestmark = pytest.mark.django_db(transaction=True)

ABOVE = {"parent_id", "reports_to_id"}
FILES: dict[str, list[list[str]]] = {
    "contacts": [["Name", "Account", "Email", "Mobile", "City", "Owner"]]
    + [
        ["王小明" if n % 2 else f"Person {n}", ("Northwind", "Twice", "Nobody knows", "")[n % 4], f"p{n}@example.com" if n % 5 else "no address",
         f"+86 139 0000 {n:04}", "上海市", "bob" if n % 3 else ""]
        for n in range(40)
    ],
    "accounts": [["Name", "Parent", "Industry", "Website"]]
    + [[f"Harbour {n}", ("Northwind", "Twice", "")[n % 3], "Retail" if n % 4 else "Unheard of", f"harbour{n}.example"] for n in range(40)],
    "deals": [["Name", "Account", "Amount", "Currency", "Stage", "Close date"]]
    + [[f"Cranes {n}", "Northwind" if n % 2 else "Made on the way", str(1000 + n), "USD", ("New", "Won", "Nowhere")[n % 3], "2026-12-31"] for n in range(40)],
    "leads": [["Name", "Company", "Email", "Source"]] + [[f"Lead {n}", f"Company {n}", f"lead{n}@example.com", "Web"] for n in range(40)],
    "instalments": [["Name", "Account", "Amount", "Currency", "Due on"]]
    + [[f"Part {n}", "Northwind", str(100 + n), "USD", "2026-12-31"] for n in range(40)],
    # Without a note an absence is called by its number, which nobody knows ahead.
    "absences": [["User", "Starts on", "Ends on", "Note"]]
    + [["bob", f"2027-{1 + n // 20:02}-{1 + n % 20:02}", f"2027-{1 + n // 20:02}-{1 + n % 20:02}", f"Leave {n}" if n % 2 else ""] for n in range(40)],
    "affiliations": [["Contact", "Account", "Title"]] + [[f"Known {n}", "Northwind", "Adviser"] for n in range(40)],
}  # fmt: skip


def written(entity: str) -> dict[str, Any]:
    """Everything that an import left behind of new records, but for keys and moments."""
    model = entity_named(entity).model
    differs = {"id"} | {one.name for one in model._meta.concrete_fields if isinstance(one, models.DateTimeField)}
    rows = model._default_manager.order_by("pk")
    keys = list(rows.values_list("pk", flat=True))
    place = {key: index for index, key in enumerate(keys)}
    told = (
        Change.objects.filter(entity=entity, event__endswith=".created")
        .order_by("id")
        .values_list("record_id", "title", "parent_id", "diff")
    )
    words = SearchDocument.objects.filter(entity=entity).values_list("record_id", "title", "words", "owner_id", "team_id")
    return {
        "rows": [
            {name: place.get(value) if name in ABOVE else value for name, value in row.items() if name not in differs}
            for row in rows.values()
        ]
        if keys
        else [],
        "changes": [
            (
                place.get(key),
                "#" if title == f"#{key}" else title,
                above,
                {name: value for name, value in diff.items() if name not in differs},
            )
            for key, title, above, diff in told
        ],
        "words": sorted((place.get(key, -1), "#" if title == f"#{key}" else title, *map(str, rest)) for key, title, *rest in words),
        "identities": sorted(
            (place.get(key, -1), *rest) for key, *rest in Identity.objects.filter(entity=entity).values_list("record_id", "what", "value")
        ),
    }


@pytest.mark.parametrize("entity", list(FILES))
def test_what_was_worked_out_ahead_is_written_as_if_it_had_not_been(cast: Cast, monkeypatch: pytest.MonkeyPatch, entity: str) -> None:
    make("accounts", name="Northwind", owner=cast.bob.pk)
    for _twice in range(2):
        make("accounts", name="Twice", owner=cast.bob.pk)
    for n in range(40 if entity == "affiliations" else 0):
        make("contacts", name=f"Known {n}", owner=cast.bob.pk)
    known = set(entity_named(entity).model._default_manager.values_list("pk", flat=True))
    ready: list[bool] = []
    write = RowWriter.write

    def noted(self: RowWriter, candidates: Any) -> Any:
        ready.extend(one.ready is not None for one in candidates)
        return write(self, candidates)

    monkeypatch.setattr(RowWriter, "write", noted)
    monkeypatch.setattr(ahead, "MEANWHILE", 8)
    monkeypatch.setattr(ahead, "CHUNK", 8)
    outcomes = []
    for worth_it in (10_000, 1):
        monkeypatch.setattr(ahead, "WORTH_IT", worth_it)
        one = run(
            draft(entity, *FILES[entity], by=cast.admin, missing="create" if entity == "deals" else "reject", missing_by_field={}),
            by=cast.admin,
        )
        outcomes.append((counts(one), reasons(one), written(entity)))
        made = entity_named(entity).model._default_manager.exclude(pk__in=known)
        assert made.count() == one.created > 0
        keys = list(made.values_list("pk", flat=True))
        Change.objects.filter(record_id__in=keys, entity=entity).delete()
        SearchDocument.objects.filter(record_id__in=keys, entity=entity).delete()
        Identity.objects.filter(record_id__in=keys, entity=entity).delete()
        made.delete()
    here, there = outcomes
    assert there == here
    # Below an account, and of every affiliation, a question is asked; rows with a name that is not known are not worked out either.
    assert any(ready) == (entity != "affiliations")


@pytest.mark.parametrize("on_match", ["update", "skip", "reject"])
def test_rows_worked_out_ahead_are_read_again_for_records_that_are_there(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, on_match: str
) -> None:
    make("accounts", name="Northwind", owner=cast.bob.pk)
    monkeypatch.setattr(ahead, "MEANWHILE", 4)
    monkeypatch.setattr(ahead, "CHUNK", 8)
    head = ["Name", "Account", "Email", "Mobile", "Job title", "City"]
    first = [[f"Person {n}", "Northwind", f"p{n}@example.com", "", "Clerk", ""] for n in range(0, 40, 2)]
    again = [
        [f"Person {n}", "Northwind" if n % 3 else "Nobody knows", f"p{n}@example.com", f"+86 139 0000 {n:04}", "Manager", "上海市"]
        for n in range(40)
    ]
    outcomes = []
    for worth_it in (10_000, 1):
        monkeypatch.setattr(ahead, "WORTH_IT", worth_it)
        run(draft("contacts", head, *first, by=cast.admin), by=cast.admin)
        one = run(draft("contacts", head, *again, by=cast.admin, on_match=on_match, missing="reject", missing_by_field={}), by=cast.admin)
        rows = Contact.objects.order_by("name").values_list("name", "title", "phones", "address", "account__name", "version")
        outcomes.append((counts(one), sorted(reasons(one)), list(rows)))
        Contact.objects.all().delete()
        Identity.objects.all().delete()
        SearchDocument.objects.all().delete()
    here, there = outcomes
    assert there == here
    created, updated, skipped, _rejected = here[0]
    assert created > 0
    assert (updated > 0, skipped > 0) == (on_match == "update", on_match == "skip")


def test_a_key_of_a_record_out_of_sight_or_in_the_trash_is_refused_at_its_row_and_the_others_are_there(cast: Cast) -> None:
    Permission.objects.filter(role=cast.roles["seller"], entity="accounts", action="import").update(scope="all")
    raise_epoch()
    make("accounts", name="Zanzibar", external_id="K1", owner=cast.charlie.pk)
    delete(make("accounts", name="Old", external_id="K2", owner=cast.bob.pk), by=cast.bob)
    rows = [["Name", "External key"], ["Zanzibar Ltd", "K1"], ["Old Ltd", "K2"], *([f"New {n}", f"N{n}"] for n in range(5))]
    one = brought("accounts", *rows, by=cast.bob)
    assert counts(one) == (5, 0, 0, 2)
    assert all("Another record has this" in told and "Zanzibar" not in told for told in reasons(one).values()), reasons(one)


@pytest.mark.parametrize("pooled", [False, True])
def test_somebody_who_is_no_administrator_brings_in_records_of_accounts(cast: Cast, pooled: bool) -> None:
    Permission.objects.filter(role=cast.roles["seller"], entity__in=("contacts", "deals"), action="import").update(scope="all")
    if pooled:
        make("pools", name="Open", of="accounts", hidden=["phones"], roles=[cast.roles["manager"].pk])
    raise_epoch()
    make("accounts", name="Northwind", owner=cast.bob.pk)
    make("accounts", name="Zanzibar", owner=cast.charlie.pk)
    for entity in ("contacts", "deals"):
        one = brought(
            entity, ["Name", "Account"], ["One", "Northwind"], ["Two", "Zanzibar"], by=cast.bob, missing="reject", missing_by_field={}
        )
        assert counts(one) == (1, 0, 0, 1), reasons(one)
