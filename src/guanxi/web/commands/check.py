"""Check settings, declarations, the database and the contents of files."""

from itertools import islice

import click
from django.core import checks
from django.db import connection

from guanxi.record.keeping import missing, place_of
from guanxi.web.command import RefusedError
from guanxi.web.commands.migrate import pending
from guanxi.web.environment import environment, reference

OLDEST_POSTGRESQL = 160000
FEW = 20


def register(cli: click.Group) -> None:
    cli.add_command(check)


@click.command()
@click.option("--settings", is_flag=True, help="List every setting: meaning, default, present value.")
def check(settings: bool) -> None:
    """Look for faults; exit with 1 when there are any."""
    if settings:
        _list_settings()
        return
    faults = [*_declarations(), *_database()]
    if not faults:
        faults += _files()
    for fault in faults:
        click.echo(f"guanxi: {fault}", err=True)
    if faults:
        raise RefusedError("1 fault" if len(faults) == 1 else f"{len(faults)} faults")
    click.echo("No faults")


def _declarations() -> list[str]:
    found = checks.run_checks()
    return [f"{message.obj or message.id}: {message.msg}" for message in found if message.level >= checks.WARNING]


def _database() -> list[str]:
    connection.ensure_connection()
    version = connection.connection.info.server_version
    waiting = pending()
    faults = [f"{len(waiting)} migrations wait: guanxi migrate"] if waiting else []
    if version < OLDEST_POSTGRESQL:
        faults.append(f"PostgreSQL {version // 10000} is too old: Guanxi needs 16 or newer")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        if cursor.fetchone() != ("UTF8",):
            faults.append("the database's encoding is not UTF8: make it anew with ENCODING 'UTF8'")
    return faults


def _files() -> list[str]:
    """Contents that files name and that are not in the storage: after a restore that brought back the database alone."""
    lost = list(islice(missing(), FEW + 1))
    named = [f"{one.entity}/{one.record_id}: the content of “{one.name}” is missing ({place_of(one.sha256)})" for one in lost[:FEW]]
    return named + (["… and more contents of files are missing"] if len(lost) > FEW else [])


def _list_settings() -> None:
    present = environment()
    secret = {"GUANXI_SECRET_KEY", "GUANXI_DATABASE_URL", "GUANXI_MAIL_URL"}
    for variable in reference():
        value = getattr(present, variable.name.removeprefix("GUANXI_").lower())
        shown = "(set)" if variable.name in secret and value else str(value or "")
        click.secho(variable.name, bold=True, nl=False)
        click.echo(f" = {shown}" if str(shown) != variable.default else f" = {variable.default} (default)")
        click.echo(click.wrap_text(variable.meaning, width=100, initial_indent="    ", subsequent_indent="    "))
