"""The job of assignment: what waits for people who are away."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from guanxi.crm.assignment.covering import cover
from guanxi.record.memory import keep_up

log = logging.getLogger(__name__)


@app.periodic(cron="17 * * * *")
@app.task(name="cover_absent", queueing_lock="cover_absent")
def cover_absent(timestamp: int) -> None:
    """Hourly: what rules gave to people who are away goes to others."""
    keep_up()
    log.info("%s records of people who are away were handed over", cover())
