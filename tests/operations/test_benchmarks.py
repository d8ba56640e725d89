"""`make bench` fills tables by SQL: it has to know every column that came since."""

from __future__ import annotations

import pytest
from benchmarks.load import Size, load

from guanxi.crm.models import Account, Activity, Contact, Deal
from guanxi.record import custom
from guanxi.record.models import CustomField, SearchDocument

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


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
