"""Background jobs: done by the worker, and taken up again when a worker was killed."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from guanxi.web.commands.worker import work
from guanxi.web.tasks import clear_expired_sessions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_jobs_left() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers RESTART IDENTITY CASCADE")


def statuses() -> list[str]:
    """Of the job these tests queue; the worker adds jobs of its own by the clock."""
    jobs = ProcrastinateJob.objects.filter(task_name="clear_expired_sessions")
    return list(jobs.values_list("status", flat=True))


def done_by_a_worker() -> list[str]:
    """The statuses once a worker has gone through the queue, in a thread of its own: Playwright keeps a loop in this one."""

    def worked() -> None:
        try:
            asyncio.run(work(1, once=True))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(worked).result()
    return statuses()


def test_a_job_waits_and_is_done() -> None:
    clear_expired_sessions.defer(timestamp=0)
    assert statuses() == ["todo"]

    assert done_by_a_worker() == ["succeeded"]


def test_a_job_of_a_worker_that_fell_silent_is_done_after_all() -> None:
    clear_expired_sessions.defer(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes') RETURNING id")
        (silent,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [silent])

    assert done_by_a_worker() == ["succeeded"]
