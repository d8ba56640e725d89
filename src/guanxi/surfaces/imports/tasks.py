"""Imports as jobs: run, taken back, cleared away."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

from django.db import Error, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from guanxi.record.memory import keep_up
from guanxi.record.once import only_once
from guanxi.record.refusals import Forbidden
from guanxi.surfaces.imports.actor import actor_of
from guanxi.surfaces.imports.model import OVER, Import
from guanxi.surfaces.imports.remarks import UnreadableTable
from guanxi.surfaces.imports.reverting import revert
from guanxi.surfaces.imports.running import run
from guanxi.surfaces.inbox.telling import tell

log = logging.getLogger(__name__)

DRAFTS_KEPT = dt.timedelta(days=7)
FILES_KEPT = dt.timedelta(days=90)
PATIENT = RetryStrategy(max_attempts=8, exponential_wait=3, retry_exceptions=[Error])
"""A database that is away comes back; what a chunk began was rolled back."""


def run_later(one: Import) -> bool:
    """Have a worker run it; begun again by another worker if that one is killed. False when there is nothing to begin."""
    with transaction.atomic():
        waits = Import.objects.filter(pk=one.pk, state__in=["draft", "stopped", "failed"]).update(state="waiting", error="", ended_at=None)
        begun = bool(waits) or is_left(one.pk)
        if begun:
            run_import.defer(key=one.pk)
    return begun


def stop(one: Import) -> bool:
    """Have it end after the rows that are being written; it can go on or be taken back. False when it does not run."""
    return bool(Import.objects.filter(pk=one.pk, state__in=["waiting", "running"]).update(state="stopped"))


def revert_later(one: Import) -> bool:
    """Have a worker take it back. False when it still runs, or nothing came of it."""
    with transaction.atomic():
        begun = bool(Import.objects.filter(pk=one.pk, state__in=OVER).update(state="reverting"))
        if begun:
            revert_import.defer(key=one.pk)
    return begun


def language_of(one: Import) -> str:
    """The language in which reasons are told."""
    return one.user.language if one.user else "en"


@app.task(name="run_import", retry=PATIENT)
def run_import(key: int) -> None:
    """Run an import to its end."""
    one = Import.objects.select_related("user", "api_key").filter(pk=key, state__in=["waiting", "running"]).first()
    if one is None:
        return
    keep_up()
    with translation.override(language_of(one)), only_once(LOCK, key) as mine:
        if not mine:
            return
        try:
            run(one, by=actor_of(one))
        except Error:
            raise
        except (UnreadableTable, Forbidden) as wrong:
            _fail(one, str(wrong))
        except Exception:
            log.exception("Import %s broke off", key)
            _fail(one, _("Something went wrong on our side; it was noted in the log. What was brought in stays; the import can go on."))
        else:
            one.refresh_from_db()
            if one.state == "done" and one.user_id:
                tell([one.user_id], "import", None, entity=one.entity, file=one.name, key=one.pk, **one.counts)


def _fail(one: Import, reason: str) -> None:
    Import.objects.filter(pk=one.pk).update(state="failed", error=reason, ended_at=timezone.now())
    if one.user_id:
        tell([one.user_id], "import failed", None, entity=one.entity, file=one.name, key=one.pk)


@app.task(name="revert_import", retry=PATIENT)
def revert_import(key: int) -> None:
    """Take an import back."""
    one = Import.objects.select_related("user", "api_key").filter(pk=key, state="reverting").first()
    if one is None:
        return
    keep_up()
    with translation.override(language_of(one)), only_once(LOCK, key) as mine:
        if not mine:
            return
        try:
            revert(one, by=actor_of(one))
        except Error:
            raise
        except Exception as wrong:
            log.exception("Reverting import %s broke off", key)
            Import.objects.filter(pk=key).update(
                state="stopped",
                error=str(wrong) if isinstance(wrong, Forbidden) else _("Something went wrong on our side; it was noted in the log."),
            )


@app.periodic(cron="47 3 * * *")
@app.task(name="clear_imports", queueing_lock="clear_imports")
def clear_imports(timestamp: int) -> None:
    """Nightly: drafts of last week are deleted, and files of imports long over."""
    now = timezone.now()
    for one in Import.objects.filter(state="draft", made_at__lt=now - DRAFTS_KEPT):
        discard(one)
    for one in Import.objects.filter(state__in=["done", "reverted"], ended_at__lt=now - FILES_KEPT).exclude(path=""):
        Path(one.path).unlink(missing_ok=True)
        Import.objects.filter(pk=one.pk).update(path="")


def discard(one: Import) -> None:
    """A draft deleted with its file."""
    if one.path:
        Path(one.path).unlink(missing_ok=True)
    one.delete()


LOCK = 7264


def is_left(key: int) -> bool:
    """Whether an import that is said to run is run by nobody: its process was killed."""
    if not Import.objects.filter(pk=key, state="running").exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND objsubid = 2 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [LOCK, key],
        )
        return bool(cursor.fetchone()[0])
