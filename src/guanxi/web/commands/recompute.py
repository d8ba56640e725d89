"""Ask every roll-up afresh and put right what differs."""

from __future__ import annotations

import click

from guanxi.entity.registry import entity_named
from guanxi.record.memory import keep_up
from guanxi.record.rollups import recompute_all
from guanxi.web.command import RefusedError


def register(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(recompute)


@click.command()
@click.argument("entity", nargs=-1)
def recompute(entity: tuple[str, ...]) -> None:
    """Roll-ups (sums, counts, last dates) of all entities, or of those named, as the related records say.

    The write path keeps them; this is for after rows were changed by hand, or a backup was joined with another.
    """
    keep_up()
    try:
        only = [entity_named(path) for path in entity]
    except LookupError as unknown:
        raise RefusedError(str(unknown)) from None
    told: dict[str, list[int]] = {}
    for one, looked_at, changed in recompute_all(only):
        sums = told.setdefault(one.path, [0, 0])
        sums[0], sums[1] = sums[0] + looked_at, sums[1] + changed
    for path, (looked_at, changed) in told.items():
        click.echo(f"{path}: {changed} of {looked_at} put right")
    if not told:
        click.echo("No record has a roll-up to put right")
