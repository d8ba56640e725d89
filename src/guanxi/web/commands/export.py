"""Write records to a table file."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

from guanxi.entity.actors import Actor
from guanxi.entity.conditions import ConditionError, check, parse
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.record.memory import keep_up
from guanxi.record.refusals import Forbidden
from guanxi.surfaces.exports.writing import Cell, columns_for, csv_lines, how_many, table, xlsx_file
from guanxi.surfaces.ordering import Unanswerable
from guanxi.surfaces.reading import Query
from guanxi.web.command import RefusedError
from guanxi.web.commands.import_ import acting
from guanxi.web.commands.progress import Progress, progress


def register(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(export)


@click.command()
@click.argument("entity")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="A .csv or .xlsx file; standard output otherwise.")
@click.option("--condition", "-c", default="", help="""Which ones: 'stage.outcome = "open" and amount > 1000'.""")
@click.option("--fields", "-f", default="", help="Which columns, with commas; all otherwise.")
@click.option("--order", default="id", show_default=True, help="A field; a leading minus is descending.")
@click.option("--as", "username", help="The user whose rights hold; the first administrator otherwise.")
def export(entity: str, output: Path | None, condition: str, fields: str, order: str, username: str | None) -> None:
    """Write records as CSV or XLSX, exactly: imported again, nothing changes."""
    keep_up()
    by = acting(username)
    try:
        noun = entity_named(entity)
        tree = check(parse(condition), noun, by) if condition.strip() else None
    except (LookupError, ConditionError) as wrong:
        raise RefusedError(str(wrong)) from None
    if not by.rights.may("export", noun.path):
        raise RefusedError(f"this user may not export {noun.noun.many}")
    if output is not None and output.suffix.lower() not in {".csv", ".xlsx"}:
        raise RefusedError(f"{output}: write to a .csv or an .xlsx file")
    query = Query(noun, tree, tuple(part.strip() for part in order.split(",") if part.strip()))
    columns = _columns(noun, [name.strip() for name in fields.split(",") if name.strip()], by)
    try:
        with progress(f"Exporting {noun.noun.many}", how_many(query, to=by)) as shown:
            lines = _counted(table(query, columns, to=by), shown)
            if output is not None and output.suffix.lower() == ".xlsx":
                with xlsx_file(lines, str(noun.noun.many)) as made, output.open("wb") as file:
                    shutil.copyfileobj(made, file)
            elif output is not None:
                with output.open("wb") as file:
                    _write(lines, file)
            else:
                _write(lines, sys.stdout.buffer)
    except (Unanswerable, Forbidden) as wrong:
        raise RefusedError(str(wrong)) from None
    except BrokenPipeError:
        raise  # who reads has read enough
    except OSError as failed:
        raise RefusedError(f"cannot write {output or 'the output'}: {failed.strerror}") from None


def _columns(entity: Entity, names: list[str], by: Actor) -> list[Field]:
    """The fields to write. Refused for one that is not there, or not for this user."""
    columns = columns_for(entity, names, to=by)
    there = {one.name for one in columns}
    for name in names:
        if name not in there:
            known = ", ".join(one.name for one in columns_for(entity, [], to=by))
            raise RefusedError(f"--fields {name}: {entity.noun.many} have no such field to export; there are {known}")
    return columns


def _write(lines: Iterator[list[Cell]], file: IO[bytes]) -> None:
    for piece in csv_lines(lines):
        file.write(piece)


def _counted(lines: Iterator[list[Cell]], shown: Progress) -> Iterator[list[Cell]]:
    for number, line in enumerate(lines):
        if number:
            shown.advance()
        yield line
