"""The job behind a bulk action."""

from __future__ import annotations

from procrastinate.contrib.django import app

from guanxi.record.memory import keep_up
from guanxi.surfaces.bulk.runs import advance


@app.task(name="run_bulk")
def run_bulk(run: int) -> None:
    """Chunk after chunk until there is none left; taken up again, it goes on where it was."""
    while True:
        keep_up()
        if not advance(run):
            return


def run_later(run: int) -> None:
    """Have the run done by a worker."""
    run_bulk.defer(run=run)
