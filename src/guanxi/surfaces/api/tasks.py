"""Jobs of the API: clearing out answers that were kept long enough."""

from procrastinate.contrib.django import app

from guanxi.surfaces.api.once import clear_expired


@app.periodic(cron="37 * * * *")
@app.task(name="clear_kept_answers", queueing_lock="clear_kept_answers")
def clear_kept_answers(timestamp: int) -> None:
    """Hourly: answers kept for an `Idempotency-Key` are deleted after a day."""
    clear_expired()
