"""Jobs about the running system itself: taking up what a killed worker left, clearing out what is over."""

import logging

from django.core.management import call_command
from django.utils import timezone
from procrastinate import App, JobContext
from procrastinate.contrib.django import app

from guanxi.record.partitions import ensure_coming_months

log = logging.getLogger(__name__)

DAYS_OF_FINISHED_JOBS = 7


async def take_up_stalled(working: App) -> int:
    """Put jobs of workers that fell silent back into the queue; how many. Jobs are written to be taken up again."""
    stalled = list(await working.job_manager.get_stalled_jobs())
    for job in stalled:
        await working.job_manager.retry_job(job)
        log.warning("Job %s (%s) was left by a worker that is gone; it begins again", job.id, job.task_name)
    return len(stalled)


@app.periodic(cron="* * * * *")
@app.task(name="take_up_stalled_jobs", queueing_lock="take_up_stalled_jobs", pass_context=True)
async def take_up_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Every minute, because a worker on another machine may have been killed."""
    await take_up_stalled(context.app)


@app.periodic(cron="17 3 * * *")
@app.task(name="clear_finished_jobs", queueing_lock="clear_finished_jobs", pass_context=True)
async def clear_finished_jobs(context: JobContext, timestamp: int) -> None:
    """Nightly: finished jobs older than a week are deleted."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=24 * DAYS_OF_FINISHED_JOBS, include_failed=False, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="27 3 * * *")
@app.task(name="clear_expired_sessions", queueing_lock="clear_expired_sessions")
def clear_expired_sessions(timestamp: int) -> None:
    """Nightly: sessions past their end are deleted."""
    call_command("clearsessions")


@app.periodic(cron="37 2 * * *")
@app.task(name="make_coming_months", queueing_lock="make_coming_months")
def make_coming_months(timestamp: int) -> None:
    """Nightly: the change table has its partitions before they are needed."""
    ensure_coming_months(timezone.now().date())
