"""The indexes built for a custom field serve the conditions on it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.access.models import User
from guanxi.entity.actors import SYSTEM
from guanxi.entity.conditions import compile, parse  # noqa: A004
from guanxi.entity.registry import entity_named
from guanxi.record import custom
from guanxi.record.changes import create
from guanxi.record.models import CustomField
from guanxi.surfaces.reading import Query, page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin() -> User:
    return User.objects.create_superuser("admin", password="x", name="Admin")


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
def test_a_list_sorted_by_an_indexed_text_follows_its_index_in_the_order_of_names(admin: User) -> None:
    accounts = entity_named("accounts")
    names = ["alpha", "Beta", "Zeta", "北京", "上海", "闫记"]
    for name in reversed(names):
        create(accounts, {"name": "Acme", "slogan": name}, by=admin)
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_sort = off")
        seen: list[str] = []
        after: str | None = None
        while after or not seen:
            part = page(Query(accounts, order=("slogan",)), to=admin, after=after, limit=2)
            seen += [record.custom["slogan"] for record in part.records]
            after = part.next
        assert seen == names
        lists = [one["sql"] for one in asked if "IS NOT NULL" in one["sql"] and "name_order" in one["sql"]]
        assert lists
        for sql in lists:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Index Scan using custom_" in plan, plan
        cursor.execute("RESET enable_seqscan")
        cursor.execute("RESET enable_sort")


@pytest.mark.usefixtures("_fields")
def test_indexes_of_before_are_made_anew() -> None:
    row = CustomField.objects.get(key="slogan")
    name = next(iter(custom.indexes(row)))
    moved = import_module("guanxi.record.migrations.0008_custom_texts_in_order").Migration.operations[0]

    def definition() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
            return str(cursor.fetchone()[0])

    wanted = definition()
    with connection.schema_editor() as editor:
        moved.reverse_code(apps, editor)
    assert "((custom -> 'slogan'::text))" in definition()
    with connection.schema_editor() as editor:
        moved.code(apps, editor)
    assert definition() == wanted


@pytest.mark.usefixtures("_fields")
def test_no_index_is_left_when_a_field_is_no_longer_indexed() -> None:
    for row in CustomField.objects.all():
        custom.unindex(row)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'custom\\_%%' AND tablename = 'crm_account'")
        assert cursor.fetchall() == []
