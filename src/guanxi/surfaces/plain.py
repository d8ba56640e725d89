"""Records for reading only: a query's rows with their columns as attributes, at a third of what model instances cost.

They answer what lists ask (`field.of(row)`, `row.pk`), and know neither saving nor related records.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import JSONField, QuerySet
from django.db.models.fields.json import KeyTransform
from psycopg.types.datetime import TimestamptzLoader


class PlainRow:
    """One row; attributes are the model's columns and the query's annotations."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__ = values

    @property
    def pk(self) -> int:
        """The record's key."""
        return self.__dict__["id"]  # type: ignore[no-any-return]


def plain(found: QuerySet[Any]) -> list[PlainRow]:
    """The rows of a query over one model."""
    connection = connections[found.db]
    compiler = found.query.get_compiler(connection=connection)
    try:
        statement, parameters = compiler.as_sql()
    except EmptyResultSet:
        return []
    columns = [(alias or expression.target.attname, expression) for expression, _sql, alias in compiler.select]
    names = [name for name, _expression in columns]
    converters = [(place, convert) for place, (_name, expression) in enumerate(columns) for convert in _converters(connection, expression)]
    with connection.cursor() as cursor:
        # Django reads moments in Python, to set their zone; this connection's is UTC, and so are the values as they come.
        cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    if converters:
        rows = [_converted(row, converters) for row in rows]
    return [PlainRow(dict(zip(names, row, strict=True))) for row in rows]


def _converted(row: tuple[Any, ...], converters: list[tuple[int, Any]]) -> list[Any]:
    values = list(row)
    for place, convert in converters:
        if values[place] is not None:
            values[place] = convert(values[place])
    return values


def _converters(connection: Any, expression: Any) -> list[Any]:
    """How values of a column become what the model's field says; JSON is read by orjson."""
    if isinstance(expression.output_field, JSONField) and not isinstance(expression, KeyTransform):
        return [orjson.loads]
    known = [*connection.ops.get_db_converters(expression), *expression.get_db_converters(connection)]
    return [lambda value, convert=convert: convert(value, expression, connection) for convert in known]
