"""A process that is killed while it takes a file in: whatever the moment, nothing half is named, and what is left goes."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from guanxi.entity.actors import SYSTEM
from guanxi.record.files import add, files_of
from guanxi.record.keeping import incoming, missing, staged, sweep
from guanxi.record.models import File
from tests.cast import Cast, make

CONTENT = b"%PDF-1.7\n" + b"receipt " * 50_000
CHILD = """
import sys, time
import django
django.setup()
from pathlib import Path
from django.conf import settings
from django.db import transaction
from django.test.utils import override_settings
from guanxi.crm.models import Deal
from guanxi.entity.actors import SYSTEM
from guanxi.record.files import add
from guanxi.record.keeping import staged
moment, root, key = sys.argv[1:]
content = b"%PDF-1.7\\n" + b"receipt " * 50_000

def stop(at):
    if at == moment:
        print(at, flush=True)
        time.sleep(60)

def portions():
    yield content[:1000]
    stop("half")
    yield content[1000:]

place = {**settings.STORAGES["files"], "OPTIONS": {"location": Path(root) / "attached", "base_url": None}}
with override_settings(MEDIA_ROOT=root, STORAGES={**settings.STORAGES, "files": place}):
    with transaction.atomic():
        with staged(portions()) as upload:
            stop("staged")
            add(Deal.objects.get(pk=key), "receipt.pdf", upload, by=SYSTEM)
            stop("written")
"""


def address() -> str:
    """The test database, as another process names it."""
    at = connection.settings_dict
    options = "&".join(f"{name}={quote(str(at[key]), safe='')}" for name, key in (("host", "HOST"), ("port", "PORT")) if at[key])
    password = f":{quote(at['PASSWORD'], safe='')}" if at["PASSWORD"] else ""
    return f"postgresql://{quote(at['USER'])}{password}@/{at['NAME']}?{options}" if at["USER"] else f"postgresql:///{at['NAME']}?{options}"


@pytest.mark.django_db(transaction=True)
def test_a_kill_at_any_moment_leaves_no_half_file(cast: Cast, tmp_path: Path) -> None:
    deal: Any = make("deals", name="Fleet", owner=cast.bob.pk, account=make("accounts", name="Bluefin", owner=cast.bob.pk).pk)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GUANXI_TEST")}
    for moment in ("half", "staged", "written"):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, moment, str(settings.MEDIA_ROOT), str(deal.pk)],
            env={**kept, "GUANXI_DATABASE_URL": address()},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline().strip() == moment
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert File.objects.count() == 0, moment
    assert len([one for one in incoming().parent.rglob("*") if one.is_file()]) == 3
    assert sweep(dt.timedelta(days=-1)) == 3
    assert list(incoming().glob("*")) == []
    with staged([CONTENT]) as upload:
        add(deal, "receipt.pdf", upload, by=SYSTEM)
    assert [one.size for one in files_of(deal, to=SYSTEM)] == [len(CONTENT)]
    assert list(missing()) == []
