"""Jobs of pools: the nightly recycling, and one asked for."""

from __future__ import annotations

import datetime as dt
import logging

from procrastinate.contrib.django import app

from guanxi.access.rights import company
from guanxi.base.zones import zone_named
from guanxi.crm.pools.distributing import distribute
from guanxi.crm.pools.queries import pools
from guanxi.crm.pools.recycling import recycle
from guanxi.record.memory import keep_up

log = logging.getLogger(__name__)


@app.periodic(cron="7 3 * * *")
@app.task(name="recycle_pools", queueing_lock="recycle_pools")
def recycle_pools(timestamp: int) -> None:
    """Nightly: what matches a pool's rules goes back to it, and owners are warned of what soon will."""
    keep_up()
    log.info("%s records went back to their pools", recycle())


@app.task(name="recycle_pool")
def recycle_pool(pool: int) -> None:
    """One pool's rules, now."""
    keep_up()
    chosen = pools().get(pool)
    if chosen is not None:
        log.info("%s records went back to %s", recycle(chosen), chosen.name)


MORNING = 8


@app.periodic(cron="3 * * * *")
@app.task(name="distribute_pools", queueing_lock="distribute_pools")
def distribute_pools(timestamp: int) -> None:
    """Hourly: pools are given out whose round it is; those of every morning at eight, company time."""
    keep_up()
    hour = dt.datetime.fromtimestamp(timestamp, zone_named(company().zone)).hour
    for pool in pools().values():
        if pool.rounds == "hourly" or (pool.rounds == "daily" and hour == MORNING):
            log.info("%s records of %s were given out", distribute(pool), pool.name)


@app.task(name="distribute_pool")
def distribute_pool(pool: int) -> None:
    """One round of one pool, now."""
    keep_up()
    chosen = pools().get(pool)
    if chosen is not None:
        log.info("%s records of %s were given out", distribute(chosen), chosen.name)
