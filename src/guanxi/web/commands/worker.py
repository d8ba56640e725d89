"""Run background jobs."""

import asyncio

import click
from django.db import connection
from procrastinate.contrib.django import app

from guanxi.web.commands.migrate import require_tables
from guanxi.web.environment import environment
from guanxi.web.lifeline import follow_parent
from guanxi.web.tasks import take_up_stalled

SECONDS_TO_FINISH = 20


def register(cli: click.Group) -> None:
    cli.add_command(worker)


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 100), help="Jobs at once; GUANXI_WORKER_CONCURRENCY otherwise.")
@click.option("--once", is_flag=True, help="Do the jobs that wait now, then end.")
def worker(concurrency: int | None, once: bool) -> None:
    """Take jobs from all queues until SIGTERM or Ctrl-C; jobs in work may go on for 20 seconds more."""
    follow_parent()
    require_tables()
    asyncio.run(work(concurrency or environment().worker_concurrency, once=once))
    connection.close()


async def work(concurrency: int, *, once: bool) -> None:
    """Take up what killed workers left, then work: until told to stop, or `once` through the queue."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined] # Django's connector has it
        async with working.open_async():
            await take_up_stalled(working)
            await working.run_worker_async(
                concurrency=concurrency,
                wait=not once,
                install_signal_handlers=not once,
                shutdown_graceful_timeout=SECONDS_TO_FINISH,
                delete_jobs="never",  # the daily tidying keeps a week of them, to see what happened
            )
