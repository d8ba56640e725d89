"""`make bench` fills tables by SQL: it has to know every column that came since."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from benchmarks.load import Size, load
from benchmarks.measure import Line, show_lines

from guanxi.crm.models import Account, Activity, Contact, Deal
from guanxi.record import custom
from guanxi.record.models import CustomField, SearchDocument

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WORK = """
import dataclasses, json
from benchmarks.work import work
print(json.dumps([dataclasses.asdict(line) for line in work(200)]))
"""


def test_the_company_of_the_benchmarks_fits_the_tables_of_today() -> None:
    told: list[str] = []
    load(Size(50), told.append)
    row = CustomField.objects.get(entity="accounts", key="tier_points")
    try:
        assert [one.objects.count() for one in (Account, Contact, Deal, Activity)] == [50, 50, 10, 100]
        assert SearchDocument.objects.filter(entity="accounts").count() == 50
        assert Account.objects.filter(open_deals__gt=0).exists(), "roll-ups are asked afresh"
        assert told[-1].startswith("loaded in")
    finally:
        custom.unindex(row)


@pytest.mark.timeout(900)
def test_the_work_over_everything_is_measured_beside_its_goals(capsys: pytest.CaptureFixture[str]) -> None:
    finished = subprocess.run([sys.executable, "-c", WORK], check=True, stdout=subprocess.PIPE, text=True, timeout=800)
    lines = [Line(**row) for row in json.loads(finished.stdout.splitlines()[-1])]
    said = [line.what for line in lines]
    for begins in (
        "recycle 200 leads by 10 rules, 20 go back",
        "distribute 20 leads to 20 people, in turn",
        "duplicates among 200 contacts",
    ):
        assert [what for what in said if what.startswith(begins)], said
    goals = [(line.limit, line.unit) for line in lines if line.limit]
    assert goals == [(60, "s"), (20, "s"), (20, "s"), (300, "s"), (2048, "MB"), (300, "ms"), (300, "ms"), (300, "ms")]
    assert next(line.p50 for line in lines if line.what == "of the doubles found") > 90
    show_lines(lines)
    assert "≤ 60 s" in capsys.readouterr().out
