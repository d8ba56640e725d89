"""What every process knows, whatever it was started for: worker and command line have the same entities as the pages."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.db import connection

from guanxi.record.models import CustomField

ALONE = (
    "import django; django.setup(); from guanxi.record.memory import keep_up; keep_up(); from guanxi.entity.registry import entity_named; "
)


@pytest.mark.django_db(transaction=True)
def test_fields_that_people_added_are_known_to_every_process() -> None:
    row = CustomField.objects.create(entity="accounts", key="tier", kind="text", label_en="Tier")
    to = {name: quote(str(connection.settings_dict[name]), safe="") for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    url = f"postgresql://{to['USER']}:{to['PASSWORD']}@/{to['NAME']}?host={to['HOST']}&port={to['PORT']}"
    environment = {**os.environ, "GUANXI_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "guanxi.web.settings", "GUANXI_SECRET_KEY": "x" * 50}

    done = subprocess.run(
        [sys.executable, "-c", ALONE + "print(entity_named('accounts').fields['tier'].source)"],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.stdout.strip() == f"custom field {row.pk}", done.stderr
