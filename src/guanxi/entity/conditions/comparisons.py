"""One field compared with values, kind by kind, as a Django expression.

Every comparison is of a positive operator and true, false or unknown; unknown counts as false.
Text is compared without regard to case by PostgreSQL's UPPER, which an index over UPPER(column) serves;
a custom field's JSON is compared as JSON, which an index over (custom -> 'key') serves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import DateField, DecimalField, F, Q, TextField, Value
from django.db.models.fields import DateTimeField

from guanxi.entity.conditions.paths import Column
from guanxi.entity.conditions.spans import Span
from guanxi.entity.conditions.sql import NONE, Sql, json_at, json_text_at, json_value, like
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, AnyRecord, Choice, Currency, Day, Kind, Links, Moment, Number, Tags, Text, YesNo
from guanxi.entity.kinds.lists import Labelled

_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SIGN = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_LOOKUP = {"=": "exact", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "in": "in"}


def compare(column: Column, op: str, values: Sequence[Any]) -> Q:
    """The records whose value holds; links are the compiler's business."""
    kind = column.kind
    if op == "is not empty":
        return filled(column)
    if isinstance(kind, Labelled):
        return _labelled(column, op, values)
    if isinstance(kind, (Tags, Links)):
        return _listed(column, op, values)
    if isinstance(kind, Address):
        return _address(column, values[0])
    if isinstance(kind, YesNo):
        return _flag(column, values[0])
    if isinstance(kind, Text):
        return _text(text_of(column), op, values)
    if column.field.custom:
        return _custom(column, op, values)
    if isinstance(kind, Moment):
        return spans(lambda lookup, value: Q(**{f"{column.field.lookup}__{lookup}": value}), op, values)
    if isinstance(kind, Day):
        return spans(lambda lookup, value: Q(**{f"{column.field.lookup}__{lookup}": value}), op, values)
    return _plain(column.field.lookup, op, values)


def filled(column: Column) -> Q:
    """The records whose value is not empty."""
    kind, field = column.kind, column.field
    if column.part:
        return Q(Sql("{} <> ''", text_of(column)))
    if isinstance(kind, (Labelled, Address)):
        return Q(Sql("{} NOT IN ('[]', '{{}}', 'null')", _json_of(field)))
    if isinstance(kind, (Tags, Links)):
        if field.custom:
            return Q(Sql("{} NOT IN ('[]', 'null')", _json_of(field)))
        return Q(Sql("cardinality({}) > 0", F(field.lookup)))
    if field.custom:
        return Q(Sql("{} <> ''", json_text_at(F("custom"), field.name)))
    if isinstance(kind, (Text, Choice, Currency, AnyRecord)) and _is_text(column):
        return Q(Sql("{} <> ''", F(field.lookup)))
    return Q(**{f"{field.lookup}__isnull": False})


def _is_text(column: Column) -> bool:
    stored = column.entity.model._meta.get_field(column.field.name)
    return bool(getattr(stored, "empty_strings_allowed", False))


def _json_of(field: Field) -> Any:
    return json_at(F("custom"), field.name) if field.custom else F(field.lookup)


def text_of(column: Column) -> Any:
    """The value as a text expression."""
    if column.part:
        return json_text_at(_json_of(column.field), column.part)
    return json_text_at(F("custom"), column.field.name) if column.field.custom else F(column.field.lookup)


def _text(text: Any, op: str, values: Sequence[str]) -> Q:
    if op in {"contains", "starts"}:
        return Q(Sql("UPPER({}) LIKE UPPER({})", text, like(values[0], anywhere=op == "contains")))
    if op == "in":
        places = ", ".join(["UPPER({})"] * len(values))
        return Q(Sql(f"UPPER({{}}) IN ({places})", text, *map(Value, values)))
    if op == "between":
        return Q(Sql("UPPER({}) BETWEEN UPPER({}) AND UPPER({})", text, *map(Value, values)), filled_text(text))
    held = Q(Sql(f"UPPER({{}}) {_SIGN[op]} UPPER({{}})", text, Value(values[0])))
    return held & filled_text(text) if op in {"<", "<="} else held


def filled_text(text: Any) -> Q:
    """Texts that are not empty: nothing is before or after no text."""
    return Q(Sql("{} <> ''", text))


def _plain(lookup: str, op: str, values: Sequence[Any]) -> Q:
    if op == "between":
        return Q(**{f"{lookup}__gte": values[0], f"{lookup}__lte": values[1]})
    return Q(**{f"{lookup}__{_LOOKUP[op]}": list(values) if op == "in" else values[0]})


def spans(condition: Any, op: str, values: Sequence[Span]) -> Q:
    """Comparisons with spans of days or moments: equal is inside, before and after are outside of all of it."""
    first, last = values[0], values[-1]
    if op in {"=", "within", "between"}:
        upper = condition("lte" if last.start == last.end else "lt", last.end)
        return Q(condition("gte", first.start), upper) if first.start != last.end else Q(condition("exact", first.start))
    if op == "<":
        return Q(condition("lt", first.start))
    if op == ">=":
        return Q(condition("gte", first.start))
    instant = first.start == first.end
    if op == "<=":
        return Q(condition("lte" if instant else "lt", first.end))
    return Q(condition("gt" if instant else "gte", first.end))


def _flag(column: Column, value: bool) -> Q:
    """Yes is yes; everything else is no."""
    if column.field.custom:
        yes = Sql("{} = 'true'", _json_of(column.field))
        return Q(yes) if value else Q(Sql("({}) IS NOT TRUE", yes))
    if value or not column.entity.model._meta.get_field(column.field.name).null:
        return Q(**{column.field.lookup: value})
    return Q(Sql("{} IS NOT TRUE", F(column.field.lookup)))


def _labelled(column: Column, op: str, values: Sequence[str]) -> Q:
    values_in = _json_of(column.field)
    if op in {"contains", "starts"}:
        return _labelled_text(values_in, values[0], anywhere=op == "contains")
    alike = [Sql("{} @> {}", values_in, json_value([{"value": one}])) for one in values]
    return Q(*alike, _connector=Q.AND if op == "has all" else Q.OR)


def _labelled_text(values_in: Any, sought: str, *, anywhere: bool) -> Q:
    """Any of the values contains or starts with a text; a look at the JSON as text spares taking most of it apart."""
    sql = (
        "EXISTS (SELECT 1 FROM jsonb_array_elements(CASE WHEN jsonb_typeof({}) = 'array' THEN {} END) AS one"
        " WHERE UPPER(one ->> 'value') LIKE UPPER({}))"
    )
    held = Sql(sql, values_in, values_in, like(sought, anywhere=anywhere))
    if not sought.isprintable() or '"' in sought or "\\" in sought:  # JSON writes these in another way
        return Q(held)
    return Q(Sql("UPPER({}::text) LIKE UPPER({})", values_in, like(sought, anywhere=True)), held)


def _listed(column: Column, op: str, values: Sequence[Any]) -> Q:
    if column.field.custom:
        listed = _json_of(column.field)
        alike = [Sql("{} @> {}", listed, json_value([one])) for one in values]
        return Q(*alike, _connector=Q.AND if op == "has all" else Q.OR)
    lookup = "contains" if op in {"has", "has all"} else "overlap"
    return Q(**{f"{column.field.lookup}__{lookup}": list(values)})


def _address(column: Column, sought: str) -> Q:
    """All parts in one line; without spaces between them where Chinese is sought: 上海市浦东新区."""
    parts = [json_text_at(_json_of(column.field), part) for part in (*Address.parts, "text")]
    line = Sql(f"CONCAT_WS({{}}, {', '.join(['{}'] * len(parts))})", Value("" if _CJK.search(sought) else " "), *parts, output=TextField())
    return _text(line, "contains", [sought])


def _custom(column: Column, op: str, values: Sequence[Any]) -> Q:
    """A scalar in the custom JSON; types are told apart so that a value left by an earlier kind never holds."""
    held = json_at(F("custom"), column.field.name)
    kind = column.kind
    if isinstance(kind, Moment):
        moment = Sql("({})::timestamptz", json_text_at(F("custom"), column.field.name), output=DateTimeField())
        return spans(lambda lookup, value: Q(_sql(moment, lookup, Value(value, DateTimeField()))), op, values)
    if isinstance(kind, Day):
        return spans(lambda lookup, day: Q(_json_sql(held, lookup, day.isoformat())), op, values)
    if op == "in":
        places = ", ".join(["{}"] * len(values))
        return Q(Sql(f"{{}} IN ({places})", held, *(json_value(kept(kind, one)) for one in values)))
    if op == "between":
        return Q(_json_sql(held, "gte", kept(kind, values[0])), _json_sql(held, "lte", kept(kind, values[1])))
    return Q(_json_sql(held, _LOOKUP[op], kept(kind, values[0])))


def kept(kind: Kind, value: Any) -> Any:
    """A value as a custom field's JSON holds it."""
    return value if isinstance(kind, Number) else kind.keep(value)


_SQL = {"exact": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def _sql(left: Any, lookup: str, right: Any) -> Sql:
    return Sql(f"{{}} {_SQL[lookup]} {{}}", left, right)


def _json_sql(held: Any, lookup: str, value: Any) -> Sql:
    comparison = Sql(f"{{}} {_SQL[lookup]} {{}}", held, json_value(value))
    if lookup == "exact":
        return comparison
    if isinstance(value, str):  # the empty text comes before every day
        return Sql("({} AND jsonb_typeof({}) = 'string' AND {} <> '\"\"')", comparison, held, held)
    return Sql("({} AND jsonb_typeof({}) = 'number')", comparison, held)


def summable(field: Field) -> Any:
    """The value as SQL that can be added up or compared: a column, or a custom value with its type."""
    if not field.custom:
        return F(field.lookup)
    if isinstance(field.k, Number):
        held = json_at(F("custom"), field.name)
        sql = "CASE WHEN jsonb_typeof({}) = 'number' THEN ({})::numeric END"
        return Sql(sql, held, held, output=DecimalField())
    text = json_text_at(F("custom"), field.name)
    if isinstance(field.k, Day):
        return Sql("NULLIF({}, '')::date", text, output=DateField())
    return Sql("NULLIF({}, '')::timestamptz", text, output=DateTimeField())


def nothing() -> Q:
    """No record."""
    return NONE
