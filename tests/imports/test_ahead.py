"""Long imports: a second process reads ahead; without it, and when it is killed, the same records come in."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from guanxi.crm.contacts.model import Contact
from guanxi.surfaces.imports import ahead
from guanxi.surfaces.imports.cells import RowReader
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.plan import Wishes, places_from
from guanxi.surfaces.imports.running import study_of
from tests.cast import Cast
from tests.imports.bringing import counts, draft, reasons

ROWS = [["Name", "Email", "Phone", "Birthday"]] + [
    [f"Person {n}", f"p{n}@example.com", f"+86 139 0000 {n:04}", "1980-02-03" if n % 7 else "never"] for n in range(1, 41)
]


def made() -> list[Any]:
    return list(Contact.objects.order_by("name").values_list("name", "emails", "phones", "birthday"))


def reading_of(one: Import, **values: Any) -> tuple[ahead.Reading, RowReader]:
    """The reading of an import, and a reader for this process."""
    from guanxi.entity.actors import SYSTEM
    from guanxi.entity.registry import entity_named

    wishes, places = Wishes.from_json(one.wishes), places_from(one.mapping)
    reading = ahead.Reading(
        one.pk,
        None,
        one.entity,
        one.path,
        one.row,
        places,
        wishes,
        study_of(one),
        SYSTEM.locale,
        "zh-hans",
        connection.settings_dict,
        **values,
    )
    return reading, RowReader(entity_named(one.entity), places, wishes, study_of(one), SYSTEM.locale)


def test_rows_read_ahead_are_those_read_here(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    one = draft("contacts", *ROWS, by=cast.admin)
    reading, reader = reading_of(one, meanwhile=10)
    here = [row for chunk in ahead.candidates(reading, reader, 40) for row in chunk]
    monkeypatch.setattr(ahead, "WORTH_IT", 1)
    there = [row for chunk in ahead.candidates(reading, reader, 40) for row in chunk]
    assert [row.row.number for row in there] == list(range(2, 42))
    assert [(row.cleaned, row.names, bool(row.errors)) for row in there] == [(row.cleaned, row.names, bool(row.errors)) for row in here]
    (refused, *_rest) = [row for row in there if row.row.number > 12 and row.errors]
    assert "never" in refused.errors["birthday"]
    assert any(letter >= "\u4e00" for letter in refused.errors["birthday"]), "told in the person's language by the other process too"


def test_a_reader_that_is_killed_loses_no_row(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.surfaces.imports.running import run

    monkeypatch.setattr(ahead, "WORTH_IT", 1)
    monkeypatch.setattr(ahead, "BEGIN", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    one = run(draft("contacts", *ROWS, by=cast.admin), by=cast.admin)
    assert counts(one) == (35, 0, 0, 5)
    assert sorted(reasons(one)) == [8, 15, 22, 29, 36]
    assert len(made()) == 35


def test_a_file_that_breaks_off_is_refused_from_there(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.surfaces.imports.remarks import UnreadableTable

    one = draft("contacts", *ROWS, by=cast.admin)
    reading, reader = reading_of(one, meanwhile=10)
    with Path(one.path).open("a") as file:
        file.write('"open, and never closed\n')
    monkeypatch.setattr(ahead, "WORTH_IT", 1)
    with pytest.raises(UnreadableTable, match=r"42|quot"):
        list(ahead.candidates(reading, reader, 40))


def test_the_reader_ends_when_nobody_reads(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    begin = subprocess.Popen

    def noted(*arguments: Any, **values: Any) -> Any:
        begun.append(begin(*arguments, **values))
        return begun[-1]

    monkeypatch.setattr(ahead, "WORTH_IT", 1)
    monkeypatch.setattr(subprocess, "Popen", noted)
    one = draft("contacts", *ROWS, by=cast.admin)
    reading, reader = reading_of(one, meanwhile=10)
    source = ahead.candidates(reading, reader, 40)
    next(source)
    source.close()  # type: ignore[attr-defined]
    assert [process.poll() is not None for process in begun] == [True]
