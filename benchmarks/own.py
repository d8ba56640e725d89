"""A PostgreSQL of a benchmark's own, empty but for the tables, gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_database(what: str) -> Iterator[str]:
    """Its address; Django is set up with it, and its tables are made."""
    with tempfile.TemporaryDirectory(prefix=f"guanxi-{what}-") as directory:
        Path(directory).chmod(0o711)
        os.environ |= {
            "GUANXI_DATA_DIR": directory, "DJANGO_SETTINGS_MODULE": "guanxi.web.settings", "GUANXI_SECRET_KEY": "only-to-measure-" * 4,
            "GUANXI_DATABASE_POOL": "0",
        }  # fmt: skip
        from guanxi.web.postgres.cluster import use

        lease = use(Path(directory), durable=False)
        try:
            os.environ["GUANXI_DATABASE_URL"] = lease.url
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0)
            yield lease.url
            connections.close_all()
        finally:
            lease.release_and_wait()
