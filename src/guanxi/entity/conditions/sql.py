"""The pieces of SQL that conditions are made of and that Django has no words for."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models import BooleanField, Field, Func, JSONField, Q, TextField, Value

NONE = Q(pk__in=[])
"""No record."""
ALL = ~NONE
"""Every record, where an empty Q would not stand for it (in an OR)."""


class Sql(Func):
    """Expressions in an SQL template: `Sql("UPPER({}) = {}", a, b)`. A percent sign is written twice."""

    def __init__(self, template: str, *expressions: Any, output: Field[Any, Any] | None = None) -> None:
        super().__init__(*expressions, output_field=output or BooleanField())
        self.sql = template

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_extra: Any) -> tuple[str, tuple[Any, ...]]:
        written: list[str] = []
        params: list[Any] = []
        for expression in self.get_source_expressions():
            try:
                sql, more = compiler.compile(expression)
            except EmptyResultSet:  # a subquery over nothing
                sql, more = "NULL", ()
            written.append(sql)
            params.extend(more)
        return self.sql.format(*written), tuple(params)


class IsNotTrue(Func):
    """Exactly the rows for which a condition does not hold, those where it is unknown included."""

    def __init__(self, condition: Q) -> None:
        super().__init__(condition, output_field=BooleanField())

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_extra: Any) -> tuple[str, tuple[Any, ...]]:
        try:
            sql, params = compiler.compile(self.get_source_expressions()[0])
        except EmptyResultSet:
            raise FullResultSet from None
        except FullResultSet:
            raise EmptyResultSet from None
        return f"({sql}) IS NOT TRUE", tuple(params)


def json_at(column: Any, key: str) -> Sql:
    """A value in a JSON column, as JSON; written as the indexes over custom fields are."""
    return Sql("({} -> {})", column, Value(key), output=JSONField())


def json_text_at(column: Any, key: str) -> Sql:
    """A value in a JSON column, as text."""
    return Sql("({} ->> {})", column, Value(key), output=TextField())


def json_value(value: Any) -> Sql:
    """A constant as JSON; numbers as exact as they are."""
    text = f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
    return Sql("{}::jsonb", Value(text), output=JSONField())


def like(text: str, *, anywhere: bool) -> Value:
    """The LIKE pattern of texts that contain or start with this one."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return Value(f"%{escaped}%" if anywhere else f"{escaped}%")
