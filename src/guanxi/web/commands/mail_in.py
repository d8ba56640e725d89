"""Take one e-mail from standard input."""

from __future__ import annotations

import sys

import click

from guanxi.crm.mails.fetching import LARGEST
from guanxi.crm.mails.taking import take
from guanxi.record.memory import keep_up
from guanxi.web.command import RefusedError


def register(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(mail_in)


@click.command("mail-in")
def mail_in() -> None:
    """Take one message (RFC 5322) from standard input, as a mail server pipes it: a lead, or an activity with whoever is known.

    The same message twice adds nothing. What was left alone (automatic answers, bounces, lists) is no failure.
    """
    keep_up()
    raw = sys.stdin.buffer.read(LARGEST + 1)
    if not raw.strip():
        raise RefusedError("there is no message on standard input")
    if len(raw) > LARGEST:
        raise RefusedError(f"the message is larger than {LARGEST // 2**20} MiB")
    kept = take(raw)
    if kept is None:
        click.echo("known already")
    elif kept.lead_id:
        click.echo(f"lead {kept.lead_id}")
    elif kept.activity_id:
        click.echo(f"activity {kept.activity_id}")
    else:
        click.echo(f"left: {kept.why}")
