"""Bring the database up to date."""

import click
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from guanxi.access.models import Company
from guanxi.record.partitions import ensure_coming_months
from guanxi.record.tasks import recompute_later
from guanxi.web.command import DATABASE, RefusedError
from guanxi.web.environment import environment
from guanxi.web.postgres.current import mark_current
from guanxi.web.set_up import set_up_token

# Any number that nothing else locks: two machines that are upgraded at once migrate one after the other.
LOCK = 4207_1001
# So many are worth naming; a new database has dozens.
FEW = 10


def register(cli: click.Group) -> None:
    cli.add_command(migrate)


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when something would be done.")
def migrate(check: bool) -> None:
    """Make or change tables as this version needs them. Does nothing when they are up to date."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            waiting = pending()
            if check and waiting:
                raise RefusedError(f"{len(waiting)} migrations wait: {', '.join(waiting)}")
            if waiting:
                click.echo(f"{len(waiting)} migrations{': ' + ', '.join(waiting) if len(waiting) <= FEW else ''}")
                call_command("migrate", interactive=False, verbosity=0)
            elif not check:
                click.echo("The database is up to date")
            if not check:
                call_command("createcachetable", verbosity=0)
                if not environment().database_url:
                    mark_current(environment().directory)
                ensure_coming_months(timezone.now().date())
                if not Company.objects.exists():
                    set_up_token()
                elif waiting:
                    recompute_later()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def require_tables() -> None:
    """RefusedError for a database that no migration has seen; processes that need tables say so in one line."""
    tables = connection.introspection.table_names()
    connection.close()
    if "django_migrations" not in tables:
        raise RefusedError("the database has no tables yet: run guanxi migrate", DATABASE)


def pending() -> list[str]:
    """The names of migrations that the database has not seen."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
