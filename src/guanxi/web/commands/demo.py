"""Fill an empty database with a made-up company."""

from __future__ import annotations

import click

from guanxi.access.models import Company
from guanxi.record.memory import keep_up
from guanxi.web.command import RefusedError
from guanxi.web.commands.progress import progress
from guanxi.web.demo.company import PASSWORD, Size, build
from guanxi.web.demo.twice import enter_twice
from guanxi.web.environment import environment
from guanxi.web.set_up import forget_token

LOGINS = (("admin", "administrator"), ("alice", "manages the Harbour team"), ("bob", "sells in it"), ("yali", "经理，界面为中文"))


def register(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(demo)


@click.command()
@click.option("--accounts", default=2000, show_default=True, help="How many accounts; the rest in proportion.")
@click.option("--if-empty", is_flag=True, help="Do nothing, successfully, when there is a company already.")
def demo(accounts: int, if_empty: bool) -> None:
    """Make a trading company with two years of history, in English and Chinese; tell the logins."""
    keep_up()
    if Company.objects.exists():
        if not if_empty:
            raise RefusedError("there is a company in this database already; the demo needs an empty one")
    else:
        share = accounts / 2000
        size = Size(accounts, int(5000 * share), int(3000 * share), int(20_000 * share), int(600 * share))
        with progress("Making the demo company", size.about) as shown:
            made = 0

            def tell(count: int) -> None:
                nonlocal made
                made += count
                shown.advance(count)

            build(size, tell)
            shown.total(made)  # how many papers and calls there were to be was chance
            enter_twice()
            forget_token()
    lines = [f"  {username:8} {PASSWORD}   ({what})" for username, what in LOGINS]
    environment().directory.mkdir(parents=True, exist_ok=True)
    (environment().directory / "demo-logins.txt").write_text("\n".join(lines) + "\n", "utf-8")
    click.echo("\n".join(lines))
