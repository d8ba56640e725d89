"""`__in` with many values, as one array: a thousand placeholders take longer to write and to read than to answer."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import In

FEW = 10
PLAIN = (models.AutoField, models.IntegerField, models.CharField, models.TextField, models.UUIDField)
"""Columns whose values PostgreSQL takes in an array as they are."""


class Several(In):
    """PostgreSQL makes an array of the values in either case; plans and answers are the same."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """`column = ANY(array)` for many plain values, what Django writes otherwise."""
        column = self.lhs.output_field
        if not isinstance(column, PLAIN) or not isinstance(self.rhs, (list, tuple, set, frozenset)) or len(self.rhs) <= FEW:
            return super().as_sql(compiler, connection)
        if any(hasattr(one, "as_sql") for one in self.rhs):
            return super().as_sql(compiler, connection)
        values = dict.fromkeys(column.get_db_prep_value(one, connection, prepared=True) for one in self.rhs if one is not None)
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*parameters, list(values)]
