"""The index of a custom text is in the order people look for names, as the lists that it serves."""

from collections.abc import Callable
from typing import Any

from django.db import migrations

TEXTS = ("text", "e-mail", "phone", "url")


def over(expression: str) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        quote = schema_editor.connection.ops.quote_name
        with schema_editor.connection.cursor() as cursor:
            for row in apps.get_model("record", "CustomField").objects.filter(indexed=True, kind__in=TEXTS):
                name = f"custom_{row.pk}_{row.key}"[:57]
                cursor.execute("SELECT tablename FROM pg_indexes WHERE schemaname = current_schema() AND indexname = %s", [name])
                for (table,) in cursor.fetchall():
                    cursor.execute(f"DROP INDEX {quote(name)}")
                    cursor.execute(f"CREATE INDEX {quote(name)} ON {quote(table)} ({expression.format(row.key)}, id)")

    return run


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_names_in_order"),
        ("record", "0007_identity_by_what_it_says"),
    ]

    operations = [migrations.RunPython(over("name_order(custom ->> '{}')"), over("(custom -> '{}')"))]
