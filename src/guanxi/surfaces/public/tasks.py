"""Jobs of the public pages."""

from __future__ import annotations

from procrastinate.contrib.django import app

from guanxi.surfaces.public.limits import forget_attempts


@app.periodic(cron="41 4 * * *")
@app.task(name="forget_attempts", queueing_lock="forget_attempts")
def forget_attempts_nightly(timestamp: int) -> None:
    """Counters of days that are over."""
    forget_attempts()
