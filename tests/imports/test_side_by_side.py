"""Several imports at once: what one has made the others find."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from guanxi.crm.models import Account, Contact
from guanxi.surfaces.imports import ahead, running
from guanxi.surfaces.imports.running import run
from tests.cast import found
from tests.imports.bringing import draft


@pytest.mark.django_db(transaction=True)
def test_the_same_new_file_twice_at_once_makes_no_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (running, ahead):
        monkeypatch.setattr(module, "CHUNK", 20)
    cast = found()
    head = ["Name", "Email", "Account"]
    rows = [[f"Person {n}", f"p{n}@example.com", f"Company {n % 7}"] for n in range(100)]
    # The accounts are named in the one file and stand for themselves in the other.
    files: list[tuple[str, list[Any]]] = [("contacts", [head, *rows])] * 2 + [
        ("accounts", [["Name"], *([f"Company {n}"] for n in range(7))])
    ]
    drafts = [draft(entity, *lines, by=cast.admin, missing="create", missing_by_field={}) for entity, lines in files]
    drafts[2].wishes = {**drafts[2].wishes, "match": ["name"]}
    drafts[2].save()
    together = Barrier(len(drafts))

    def bring_in(one: Any) -> Any:
        try:
            together.wait()
            return run(one, by=cast.admin)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(drafts)) as pool:
        done = list(pool.map(bring_in, drafts))
    assert [one.state for one in done] == ["done"] * 3
    assert [one.rejected for one in done] == [0, 0, 0]
    assert Contact.objects.count() == 100
    assert done[0].created + done[1].created == 100
    assert Account.objects.count() == 7
