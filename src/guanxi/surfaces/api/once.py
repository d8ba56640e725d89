"""`Idempotency-Key`: a POST sent twice is done once, and answered alike both times.

The kept answer is a row of the same transaction as the work: either both are there or neither, however a process
ends. A second call with the same key waits on the unique index until the first has ended. Only what was done is
kept; a refused call changed nothing and may be sent again under the same key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.surfaces.api.answers import caller_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.model import KeptAnswer
from guanxi.surfaces.api.problems import Problem
from guanxi.surfaces.api.receiving import is_upload, sum_of

KEPT_FOR = dt.timedelta(hours=24)
KEY = re.compile(r"[!-~]{1,255}")
TOLD = ("Location", "ETag", "Content-Type")
PATIENCE = "15s"

Operation = Callable[..., HttpResponse]

CLAIM = """
INSERT INTO kept_answer (user_id, api_key_id, key, digest, status, headers, body, made_at)
VALUES (%s, %s, %s, %s, 0, '{}', '', %s)
ON CONFLICT (user_id, api_key_id, key) DO UPDATE
SET digest = EXCLUDED.digest, status = 0, headers = '{}', body = '', made_at = EXCLUDED.made_at
WHERE kept_answer.made_at < %s
RETURNING id
"""


def once(operation: Operation) -> Operation:
    """An operation that honours `Idempotency-Key`."""

    @wraps(operation)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or key is None:
            return operation(request, *args, **kwargs)
        if not KEY.fullmatch(key):
            words = _("Send 1 to 255 visible characters.")
            raise Problem("bad-request", words, errors=[("Idempotency-Key", words)])
        caller, digest = caller_of(request), _digest(request)
        with transaction.atomic():
            claimed = _claim(caller, key, digest)
            if claimed is None:
                return _kept(caller, key, digest)
            response = operation(request, *args, **kwargs)
            KeptAnswer.objects.filter(pk=claimed).update(
                status=response.status_code,
                headers={name: response[name] for name in TOLD if name in response},
                body=response.content,
            )
        return response

    return answer


def _digest(request: HttpRequest) -> str:
    parts = (str(request.method), request.get_full_path())
    sent = sum_of(request) if is_upload(request) else request.body
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass") + b"\n" + sent).hexdigest()


def _claim(caller: Caller, key: str, digest: str) -> int | None:
    """The new row's key, once whoever holds this idempotency key has ended; None when there is an answer already."""
    now = timezone.now()
    of_key = caller.key.pk if caller.key else None
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute(CLAIM, [caller.user.pk, of_key, key, digest, now, now - KEPT_FOR])
        row = cursor.fetchone()
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    return row[0] if row else None


def _kept(caller: Caller, key: str, digest: str) -> HttpResponse:
    kept = KeptAnswer.objects.get(user=caller.user, api_key=caller.key, key=key)
    if kept.digest != digest:
        words = _("This key was used for another request; use a new one.")
        raise Problem("refused", words, errors=[("Idempotency-Key", words)])
    response = HttpResponse(bytes(kept.body), status=kept.status, headers=kept.headers)
    response["Idempotency-Replayed"] = "true"
    return response


def clear_expired() -> int:
    """Delete answers older than a day; how many."""
    return KeptAnswer.objects.filter(made_at__lt=timezone.now() - KEPT_FOR).delete()[0]
