"""Bring in records from table files."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from django.db import transaction
from django.db.models import Q

from guanxi.access.models import Company, User
from guanxi.access.starting import start_roles
from guanxi.crm.pipelines.starting import start
from guanxi.crm.sources.starting import start_sources
from guanxi.entity.actors import SYSTEM, Actor
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.memory import keep_up
from guanxi.record.once import only_once
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden
from guanxi.surfaces.imports.mapping import guess_entity, said_first
from guanxi.surfaces.imports.model import UNFINISHED, Import
from guanxi.surfaces.imports.pages import rejected_lines
from guanxi.surfaces.imports.plan import (
    LEFT_EMPTY,
    MISSING,
    ON_MATCH,
    UNREADABLE,
    Wishes,
    places_from,
)
from guanxi.surfaces.imports.receiving import receive_copy
from guanxi.surfaces.imports.remarks import UnreadableTable
from guanxi.surfaces.imports.running import also_made, names_in, run, study_of
from guanxi.surfaces.imports.study import Study, study
from guanxi.surfaces.imports.tasks import LOCK, discard, is_left
from guanxi.web.command import RefusedError
from guanxi.web.commands.import_wishes import mapped, wished
from guanxi.web.commands.progress import progress

TABLES = {".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls", ".ods"}
SURE = 0.3
"""From this share of what speaks for an entity on, a file's rows are taken for it."""
SHOWN = 20

Plan = tuple[Path, Entity, Study]


def register(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(import_)


@click.command("import")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--entity", help="What the rows are: accounts, contacts, deals …; told from the columns otherwise.")
@click.option(
    "--as",
    "username",
    metavar="USER",
    help="Who imports: decides rights, ownership and how dates are read. The first administrator otherwise.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="Where a column goes (Ort=address/city); COLUMN= leaves it out. Repeatable.",
)
@click.option("--match", metavar="FIELDS", help="Fields that recognise a record that is there, with commas; none: every row is new.")
@click.option(
    "--on-match", type=click.Choice(ON_MATCH), default="update", show_default=True, help="What is done with a row whose record is there."
)
@click.option("--missing", type=click.Choice(MISSING),
              help="Names of linked records that are not known: create them, leave the link empty, reject the row; near, the default, creates them unless a known one is much like it.")  # fmt: skip
@click.option("--unreadable", type=click.Choice(UNREADABLE), default="reject", show_default=True,
              help="A value that cannot be read: reject its row, leave the field empty, or do so and keep the text in the record's notes.")  # fmt: skip
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="FIELD:NAME=KNOWN",
    help="What a name in the file means: 'product:GTXPro=GTX Pro'. Repeatable.",
)
@click.option(
    "--value",
    "values",
    multiple=True,
    metavar="FIELD:TEXT=CHOICE",
    help="Which choice a text in the file means: 'industry:Holdings=finance'. Repeatable.",
)
@click.option("--accept-matches", is_flag=True, help="Take every name that is proposed.")
@click.option("--encoding", help="utf-8, gb18030, big5, utf-16, cp1252 …; found otherwise.")
@click.option("--delimiter", help="The sign between columns; found otherwise.")
@click.option("--header-row", type=click.IntRange(0), help="The row with the column names, 0 for none; found otherwise.")
@click.option("--sheet", help="The sheet of a workbook; the first that is filled otherwise.")
@click.option("--day-first/--month-first", default=None, help="How 05/11 is read where the file does not say.")
@click.option("--dry-run", is_flag=True, help="Show what would happen, and keep nothing.")
@click.option(
    "--rejected", "rejected_to", type=click.Path(path_type=Path), help="Write the rejected rows, with their reasons, to this CSV file."
)
@click.option("--resume", type=int, metavar="NUMBER", help="Go on with an import that was broken off.")
def import_(files: Sequence[Path], username: str | None, dry_run: bool, resume: int | None, **options: Any) -> None:
    """Bring in CSV, TSV, XLSX, XLS or ODS files, or directories of them, in the order they need each other.

    Encoding, delimiter, header and what each column means are found and told; every one of them can be said instead.
    Each file is an import that can be reverted in the browser. The exit code is 1 when rows were rejected.

    \b
      guanxi import customers.xlsx --dry-run
      guanxi import old-crm/ --as alice --accept-matches
      guanxi import deals.csv --map 'Ref=external_id' --name 'product:GTXPro=GTX Pro'
    """
    keep_up()
    by = acting(username)
    if resume is not None:
        sys.exit(1 if go_on(resume, by, options["rejected_to"]) else 0)
    if not files:
        raise click.UsageError("name the files to import")
    reading = {name: options[name] for name in ("encoding", "delimiter", "header_row", "sheet") if options[name] is not None}
    plans = [plan(path, options["entity"], reading) for path in _tables(files)]
    rejected = 0
    with transaction.atomic():
        found_company()
    if dry_run:
        with transaction.atomic():
            rejected = sum(bring_in(one, by=by, reading=reading, options=options, dry_run=True) for one in in_order(plans))
            transaction.set_rollback(True)
    else:
        rejected = sum(bring_in(one, by=by, reading=reading, options=options, dry_run=False) for one in in_order(plans))
    sys.exit(1 if rejected else 0)


def found_company() -> None:
    """What deals and people need, in a database in which nobody has set up a company yet; set-up finds it there."""
    if not Company.objects.exists():
        start_roles()
        start()
        start_sources()


def acting(username: str | None) -> Actor:
    """The user who imports."""
    if username:
        found = User.objects.filter(username=username, is_active=True).first()
        if found is None:
            raise RefusedError(f"there is no user “{username}”")
        return found
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first() or SYSTEM


# ——— which files, as what ———


def _tables(files: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in files:
        found += sorted(one for one in path.iterdir() if one.suffix.lower() in TABLES) if path.is_dir() else [path]
    if not found:
        raise RefusedError("no table files there (CSV, TSV, XLSX, XLS, ODS)")
    return found


def plan(path: Path, entity: str | None, reading: dict[str, Any]) -> Plan:
    """What a file holds and which entity its rows are. Refused."""
    try:
        found = study(path, reading)
    except UnreadableTable as wrong:
        raise RefusedError(f"{path.name}: {wrong}") from None
    if entity:
        try:
            return path, entity_named(entity), found
        except LookupError as unknown:
            raise RefusedError(str(unknown)) from None
    columns = found.inspection.columns
    guesses = guess_entity(columns)
    if not guesses or (guesses[0][1] < SURE and guesses[0][0] != said_first(columns)):
        raise RefusedError(f"{path.name}: say with --entity what its rows are; its columns are {', '.join(columns[:12])}")
    return path, entity_named(guesses[0][0]), found


def in_order(plans: list[Plan]) -> list[Plan]:
    """Files whose records others link to come first."""
    place = {entity.path: number for number, entity in enumerate(_by_need())}
    return sorted(plans, key=lambda one: place[one[1].path])


def _by_need() -> list[Entity]:
    """Entities, those that are linked to before those that link."""
    ordered: list[Entity] = []

    def visit(entity: Entity, above: tuple[str, ...]) -> None:
        if entity in ordered or entity.path in above:
            return
        for field in entity.fields.values():
            target = field.k.linked()
            if target and not field.read_only:
                visit(entity_named(target), (*above, entity.path))
        ordered.append(entity)

    for entity in entities():
        visit(entity, ())
    return ordered


# ——— one file ———


def bring_in(one: Plan, *, by: Actor, reading: dict[str, Any], options: Mapping[str, Any], dry_run: bool) -> int:
    """One file; how many rows were rejected."""
    path, entity, found = one
    _warn_of_unfinished(path, entity, by)
    made = receive_copy(entity, path, by=by, reading=reading)
    try:
        made.mapping = mapped(entity, found, places_from(made.mapping), options["maps"], by=by)
        made.wishes = wished(entity, made.mapping, found, options, by=by)
        _show(path, entity, found, made)
        made.save()
        _ask_names(made, entity, by, accept=options["accept_matches"], leave=not options["missing"])
        return finish(made, by=by, dry_run=dry_run, rejected_to=options["rejected_to"])
    except (UnreadableTable, Forbidden, RefusedError) as wrong:
        if not made.done:
            discard(made)
        if isinstance(wrong, RefusedError):
            raise
        raise RefusedError(f"{path.name}: {wrong}") from None
    finally:
        if dry_run:
            Path(made.path).unlink(missing_ok=True)


def _warn_of_unfinished(path: Path, entity: Entity, by: Actor) -> None:
    """The same file, broken off before: going on with it makes no doubles."""
    broken_off = Import.objects.filter(entity=entity.path, name=path.name, state__in=("running", "failed", "stopped"), done__gt=0)
    before = broken_off.filter(Q(user=by.pk) if by.pk else Q(user__isnull=True)).last()
    if before is not None and (before.state != "running" or is_left(before.pk)):
        click.echo(
            f"  note: an import of this file was broken off after {before.done:,} rows; `guanxi import --resume {before.pk}` goes on with it",
            err=True,
        )


def _show(path: Path, entity: Entity, found: Study, one: Import) -> None:
    """What was found in the file, and where its columns go."""
    inspection, places = found.inspection, places_from(one.mapping)
    pairs = list(zip(inspection.columns, places, strict=True))
    about = "about " if not inspection.row_count_exact else ""
    read = ", ".join(part for part in (inspection.format.upper(), inspection.encoding, inspection.sheet) if part)
    click.echo(f"{path.name}: {about}{inspection.row_count:,} {entity.noun.many} ({read})")
    for warning in inspection.warnings:
        click.echo(f"  note: {warning}", err=True)
    click.echo("  " + ", ".join(f"{column} → {'/'.join(part for part in place if part)}" for column, place in pairs if place))
    left = [column for column, place in pairs if not place]
    if left:
        click.echo(f"  left out: {', '.join(left)}")
    if not any(places):
        raise RefusedError(f"{path.name}: no column was recognised; say with --map where they go")
    wishes = Wishes.from_json(one.wishes)
    if wishes.title_from:
        click.echo(f"  {entity.title}: made from {' · '.join(inspection.columns[index] for index in wishes.title_from)}")
    if any(shape.ambiguous and place for shape, place in zip(found.formats, places, strict=False)) and wishes.day_first is None:
        click.echo("  note: dates such as 05/11 may be read either way; --day-first or --month-first says which", err=True)


def _ask_names(one: Import, entity: Entity, by: Actor, *, accept: bool, leave: bool) -> None:
    """Show names that are much like known ones; take them when asked to.

    Otherwise the rows come in without the link, which the same file fills in later: where its rows are recognised then,
    and nothing else was wished.
    """
    links = names_in(one, by=by)
    for field, counts in links.unknown.items():
        target = entity.fields[field].k.linked() or ""
        other = entity_named(target)
        for name, count in counts.items():
            near = links.near.get((target, name))
            if not near or one.wishes["missing"] in ("create", "empty"):
                continue
            rows = ", ".join(map(str, links.places[field, name]))
            more = " …" if count > len(links.places[field, name]) else ""
            click.echo(f"  {field}: “{name}” in {count:,} rows is not known; probably “{near}” (rows {rows}{more})")
            if accept or (sys.stdin.isatty() and click.confirm("  Take it?", default=True)):
                key = visible(other, to=by).filter(**{other.title: near}).order_by("pk").values_list("pk", flat=True).first()
                if key is not None:
                    one.wishes["names"].setdefault(field, {})[name] = key
            elif leave and one.wishes["match"] and not entity.fields[field].required:
                one.wishes["names"].setdefault(field, {})[name] = LEFT_EMPTY
                click.echo("    left empty there; the same command with --accept-matches fills it in")
    one.save(update_fields=["wishes"])


def finish(one: Import, *, by: Actor, dry_run: bool, rejected_to: Path | None) -> int:
    """Run an import to its end and tell what became of its rows; how many were rejected."""
    with only_once(LOCK, one.pk) as mine:
        if not mine:
            raise RefusedError(f"import {one.pk} is being run by another process")
        with progress(f"  {one.name}", max(study_of(one).inspection.row_count - one.done, 0)) as bar:
            told = one.done

            def tell(now: Import) -> None:
                nonlocal told
                bar.advance(now.done - told)
                told = now.done

            run(one, by=by, tell=tell)
    _tell_outcome(one, dry_run)
    if rejected_to is not None and one.rejected:
        with rejected_to.open("wb") as file:
            file.writelines(rejected_lines(one))
        click.echo(f"  rejected rows: {rejected_to}")
    return one.rejected


def _tell_outcome(one: Import, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    click.echo(
        f"  {would}created {one.created:,}, {would}updated {one.updated:,}, unchanged {one.skipped:,}, {would}rejected {one.rejected:,}"
    )
    for path, count in also_made(one).items():
        click.echo(f"  {would}created for their names: {count:,} {entity_named(path).noun.many}")
    for reason, numbers in _reasons(one).items():
        click.echo(f"  rows {numbers}: {reason}")
    if not dry_run:
        click.echo(f"  import {one.pk}: can be reverted in the browser")


def _reasons(one: Import) -> dict[str, str]:
    """Rejected rows by their reason, the first numbers of each."""
    numbers: dict[str, list[int]] = {}
    for row in one.rejections.all()[:50_000]:
        for name, message in row.reasons:
            numbers.setdefault(f"{name}: {message}" if name else message, []).append(row.number)
    return {
        reason: ", ".join(map(str, rows[:5])) + (f" … ({len(rows):,})" if len(rows) > 5 else "")
        for reason, rows in list(numbers.items())[:SHOWN]
    }


def go_on(key: int, by: Actor, rejected_to: Path | None) -> int:
    """An import that was broken off, from where it was; how many rows were rejected in all."""
    one = Import.objects.filter(pk=key).first()
    if one is None:
        raise RefusedError(f"there is no import {key}")
    if one.state not in UNFINISHED:
        raise RefusedError(f"import {key} of {one.name} is over: {one.get_state_display()}")
    user = one.user
    try:
        return finish(one, by=user or by, dry_run=False, rejected_to=rejected_to)
    except (UnreadableTable, Forbidden) as wrong:
        raise RefusedError(f"{one.name}: {wrong}") from None
