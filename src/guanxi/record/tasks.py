"""Jobs over every record: roll-ups asked afresh when what they are converted by has changed; bytes that no file needs taken away."""

from __future__ import annotations

import logging

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from guanxi.record.keeping import sweep
from guanxi.record.memory import keep_up
from guanxi.record.purging import purge
from guanxi.record.rollups import recompute_all

log = logging.getLogger(__name__)


def recompute_later(*, converted: bool = False) -> None:
    """Have a worker ask roll-ups afresh once this transaction commits: all, or those whose money may be converted."""
    transaction.on_commit(lambda: _defer(converted))


def _defer(converted: bool) -> None:
    try:
        recompute_rollups.configure(queueing_lock=f"recompute_rollups {converted}").defer(converted=converted)
    except AlreadyEnqueued:  # it has not begun, and will see what was committed now
        return


@app.task(name="recompute_rollups")
def recompute_rollups(converted: bool = False) -> None:
    """Roll-ups asked afresh, those with converted money only or all; begun again from the start if it is killed."""
    keep_up()
    put_right = sum(changed for _entity, _looked_at, changed in recompute_all(converted=converted))
    if put_right:
        log.info("Roll-ups of %s records were brought up to date", put_right)


@app.periodic(cron="47 2 * * *")
@app.task(name="sweep_files", queueing_lock="sweep_files")
def sweep_files(timestamp: int) -> None:
    """Nightly: files that were in the trash too long are forgotten; what broken uploads left, and contents that no file names, go from the disk."""
    purged = purge()
    if purged:
        log.info("%s files were in the trash for longer than GUANXI_DELETED_FILES_DAYS", purged)
    gone = sweep()
    if gone:
        log.info("%s contents that no file needs were taken away", gone)
