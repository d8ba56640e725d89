"""`__in` asks with one array when there are many values, and answers as it did."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.crm.models import Account
from guanxi.record.models import Change
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db

STRANGE = ['quote"', "back\\slash", "{brace}", "a,b", "NULL", "", "上海", "it's", "%s", " x "]


def asked(rows: Any) -> tuple[list[Any], str]:
    with CaptureQueriesContext(connection) as told:
        found = list(rows)
    return found, told[-1]["sql"] if len(told) else ""


@pytest.mark.parametrize("field", ["pk", "name", "owner_id", "owner"])
def test_many_values_find_what_each_of_them_finds(cast: Cast, field: str) -> None:
    for name in STRANGE:
        if name.strip():
            make("accounts", name=name, owner=cast.bob.pk)
    there = list(Account.objects.values_list(field, flat=True))
    others = [f"nobody {n}" for n in range(30)] if field == "name" else list(range(10**6, 10**6 + 30))
    found, sql = asked(
        Account.objects.filter(**{f"{field}__in": [*there, None, *others, *there]}).order_by("pk").values_list(field, flat=True)
    )
    assert found == list(Account.objects.order_by("pk").values_list(field, flat=True))
    assert ("ANY" in sql) == (field in {"pk", "name"}), sql
    left, _sql = asked(Account.objects.exclude(**{f"{field}__in": [*there[1:], *others]}).values_list(field, flat=True))
    assert set(left) <= {there[0]}


def test_few_values_subqueries_and_other_kinds_ask_as_ever(cast: Cast) -> None:
    one = make("accounts", name="Bluefin", owner=cast.bob.pk)
    for values in ([one.pk], Account.objects.filter(name="Bluefin").values("pk")):
        found, sql = asked(Account.objects.filter(pk__in=values))
        assert [row.pk for row in found] == [one.pk]
        assert " IN (" in sql
    assert list(Account.objects.filter(pk__in=[])) == []
    batches = [uuid.uuid4() for _ in range(30)]
    found, sql = asked(Change.objects.filter(batch__in=batches))
    assert found == []
    assert "ANY" in sql
    days = [row.created_at for row in Account.objects.all()] * 30
    assert Account.objects.filter(created_at__in=days).count() == 1
