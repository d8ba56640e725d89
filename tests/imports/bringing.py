"""Files made and brought in, for the tests of this folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from guanxi.entity.registry import entity_named
from guanxi.record.models import Change
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.plan import Wishes
from guanxi.surfaces.imports.receiving import receive
from guanxi.surfaces.imports.running import run


def table(*rows: Sequence[Any]) -> bytes:
    """Rows as a CSV file."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def draft(
    entity: str, *rows: Sequence[Any], by: Any, file: bytes | None = None, name: str = "file.csv", mapping: Any = None, **wishes: Any
) -> Import:
    """An import that is not yet begun: of rows, or of a file's bytes."""
    one = receive(entity_named(entity), name, [file if file is not None else table(*rows)], by=by)
    if mapping is not None:
        one.mapping = mapping
    one.wishes = Wishes.from_json({**one.wishes, **wishes}).to_json()
    one.save()
    return one


def brought(entity: str, *rows: Sequence[Any], by: Any, **values: Any) -> Import:
    """An import run to its end."""
    one = run(draft(entity, *rows, by=by, **values), by=by)
    assert one.state == "done"
    assert one.created + one.updated + one.skipped + one.rejected == one.done
    return one


def counts(one: Import) -> tuple[int, int, int, int]:
    """(created, updated, unchanged, rejected)."""
    return one.created, one.updated, one.skipped, one.rejected


def reasons(one: Import) -> dict[int, str]:
    """The rejected rows by their number, and why."""
    return {row.number: row.told for row in one.rejections.all()}


def places(one: Import) -> list[str | None]:
    """Where the columns go, as `field/part`."""
    return ["/".join(part for part in place if part) if place else None for place in one.mapping]


def changes() -> int:
    """How many writes there were."""
    return Change.objects.count()
