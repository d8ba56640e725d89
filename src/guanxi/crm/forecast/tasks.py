"""The daily snapshot of deals, kept up by the hour."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from guanxi.crm.forecast.snapshots import take
from guanxi.crm.starting import company_day
from guanxi.record.memory import keep_up

log = logging.getLogger(__name__)


@app.periodic(cron="37 * * * *")
@app.task(name="snapshot_deals", queueing_lock="snapshot_deals")
def snapshot_deals(timestamp: int) -> None:
    """What deals are on the company's day; the last run of a day is its snapshot, so that none is missed whatever the time zone."""
    keep_up()
    log.info("%s deals were not as in the snapshot before", take(company_day()))
