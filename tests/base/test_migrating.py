"""Many tables in one step are the tables that they would be one by one."""

from __future__ import annotations

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from guanxi.base.migrating import CreateModels, at_once


def operations() -> list[migrations.operations.base.Operation]:
    key = models.BigAutoField(primary_key=True)
    return [
        migrations.CreateModel("Harbour", [("id", key), ("name", models.CharField(max_length=20))]),
        migrations.CreateModel("Ship", [("id", key), ("home", models.ForeignKey("tried.harbour", models.CASCADE))]),
        migrations.AddField("harbour", "flagship", models.ForeignKey("tried.ship", models.SET_NULL, null=True, related_name="+")),
        migrations.AddIndex("harbour", models.Index(fields=["name"], name="harbour_name")),
        migrations.RunSQL("CREATE SEQUENCE tried_number", "DROP SEQUENCE tried_number"),
    ]


def columns() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'tried_%' ORDER BY 1, 2")
        found: list[tuple[str, str]] = cursor.fetchall()
    return found


def applied(several: list[migrations.operations.base.Operation]) -> tuple[ProjectState, list[tuple[str, str]], list[str]]:
    """The state after them, the columns and the indexes; everything is taken back again."""
    migration = type("Tried", (migrations.Migration,), {"operations": several})("0001", "tried")
    with connection.schema_editor() as editor:
        state = migration.apply(ProjectState(), editor)
    made = columns()
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'tried_%' ORDER BY 1")
        indexes = [one for (one,) in cursor.fetchall()]
    with connection.schema_editor() as editor:
        migration.unapply(ProjectState(), editor)
    assert columns() == []
    return state, made, indexes


@pytest.mark.django_db(transaction=True)
def test_tables_made_at_once_are_those_made_one_by_one() -> None:
    state, made, indexes = applied(operations())
    together = at_once(operations())
    assert [type(one) for one in together] == [CreateModels, migrations.RunSQL]
    assert applied(together) == (state, made, indexes)
    assert ("tried_harbour", "flagship_id") in made
    assert any("harbour_name" in one for one in indexes)


def test_what_is_about_other_tables_is_refused() -> None:
    with pytest.raises(TypeError, match="not about a table"):
        CreateModels([migrations.AddField("elsewhere", "name", models.TextField())])
