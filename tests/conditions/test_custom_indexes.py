"""The indexes built for a custom field serve the conditions on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from guanxi.entity.actors import SYSTEM
from guanxi.entity.conditions import compile, parse  # noqa: A004
from guanxi.entity.registry import entity_named
from guanxi.record import custom
from guanxi.record.models import CustomField

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _fields() -> Iterator[None]:
    rows = [
        custom.add(CustomField(entity="accounts", key=key, kind=kind, label_en=key.title()))
        for key, kind in {"slogan": "text", "score": "number"}.items()
    ]
    custom.refresh()
    for row in rows:
        custom.index(row)
    yield
    for row in rows:
        custom.unindex(row)
    CustomField.objects.all().delete()
    custom.refresh()


@pytest.mark.usefixtures("_fields")
def test_an_indexed_custom_field_is_found_by_its_index() -> None:
    accounts = entity_named("accounts")
    for text, suffix in {
        "slogan = go": "slogan_up",
        "slogan starts go": "slogan_up",
        "score > 5": "score",
        "score in (1, 2)": "score",
    }.items():
        found = accounts.model._default_manager.filter(compile(parse(text), accounts, SYSTEM))
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
            plan = found.explain()
            cursor.execute("RESET enable_seqscan")
        assert f"{suffix}\n" in plan or f"{suffix} " in plan, plan
        assert "Index Cond" in plan, plan


@pytest.mark.usefixtures("_fields")
def test_no_index_is_left_when_a_field_is_no_longer_indexed() -> None:
    for row in CustomField.objects.all():
        custom.unindex(row)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'custom\\_%%' AND tablename = 'crm_account'")
        assert cursor.fetchall() == []
