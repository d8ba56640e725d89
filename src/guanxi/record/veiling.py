"""Fields that some records keep from some readers until they are theirs: what is fetched is hidden or masked by the database.

A reader's queryset selects a veiled column as empty, or with its middle covered, for the records that keep it back; so every
surface shows the same, and none can forget. What is worked out from it for each record, an order too, is covered alike. What
may be asked of such a field is the business of conditions and search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections
from django.db.models import BinaryField, F, Func, JSONField, QuerySet, Value
from django.db.models.expressions import Col
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

from guanxi.entity.entity import Entity, Veil
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Email, Emails, Kind, LongText, Phone, Phones, Text

STARS = "'****'"
CUSTOM = "custom"
"""The column of custom fields."""


def can_be_veiled(one: Field) -> bool:
    """Of declared fields only those that no list is in the order of: for them the order is the column's own."""
    return one.custom or (isinstance(one.k, (Phones, Emails, Address, LongText)) and not one.k.orderable)


def can_be_masked(one: Field) -> bool:
    """Whether there is a part of it to show: a number, a day, a choice is there or is not."""
    return can_be_veiled(one) and isinstance(one.k, (Phones, Emails, Address, Text))


def veiled(found: QuerySet[Any], entity: Entity, veil: Veil) -> QuerySet[Any]:
    """The same records, their veiled columns as the reader may have them."""
    query: Any = found.query.chain(klass=VeiledQuery)
    query.veil, query.covers = veil, {}
    for name in sorted(veil.names):
        one = entity.fields.get(name)
        if one is not None and can_be_veiled(one):
            query.covers.setdefault(CUSTOM if one.custom else one.attribute, []).append(one)
    found.query = query
    return found


class CustomKey(Func):
    """A custom field's value as SQL, or what a text is sorted by, in the form its index has."""

    def __init__(self, key: str, *, spoken: bool = False) -> None:
        joined, template, output = (
            (" ->> ", "name_order(%(expressions)s)", BinaryField()) if spoken else (" -> ", "(%(expressions)s)", JSONField())
        )
        super().__init__(F(CUSTOM), Value(key), arg_joiner=joined, template=template, output_field=output)
        self.key = key


class VeiledQuery(Query):
    """A query over an entity's table that knows which columns it covers, and for which records."""

    veil: Veil
    covers: dict[str, list[Field]]

    def add_annotation(self, annotation: Any, alias: str, select: bool = True) -> None:
        super().add_annotation(annotation, alias, select)
        made: Any = self.annotations[alias]
        if isinstance(made, CustomKey) and all(one.name != made.key for one in self.covers.get(CUSTOM, ())):
            return  # an index may serve it
        self.annotations[alias] = made.replace_expressions(self._over())

    def add_fields(self, field_names: Any, allow_m2m: bool = True) -> None:
        super().add_fields(field_names, allow_m2m)
        self.select = tuple(one.replace_expressions(self._over()) for one in self.select)

    def _over(self) -> dict[Any, Any]:
        """What stands for the covered columns."""
        alias, over = self.get_initial_alias(), {}
        for name, fields in self.covers.items():
            field: Any = self.get_meta().get_field(name)
            column = field.get_col(alias)
            over[column] = Cover(alias, column.target, column.output_field, fields, self.veil)
        return over

    def get_compiler(self, using: Any = None, connection: Any = None, elide_empty: bool = True) -> SQLCompiler:
        made = connection or connections[using]
        return VeiledCompiler(self, made, using, elide_empty)


class VeiledCompiler(SQLCompiler):
    """Covers columns that are selected because nothing else was said; what is asked stays as it is."""

    def get_select(self, with_col_aliases: bool = False) -> Any:
        select, class_info, annotations = super().get_select(with_col_aliases)
        covered = []
        for expression, sql, alias in select:
            over = self._over(expression)
            covered.append((expression, sql, alias) if over is None else (over, self.compile(over), alias))
        return covered, class_info, annotations

    def _over(self, expression: Any) -> Any:
        query: Any = self.query
        target = getattr(expression, "target", None)
        if type(expression) is not Col or target is None or target.model is not query.model or target.attname not in query.covers:
            return None
        return Cover(expression.alias, target, expression.output_field, query.covers[target.attname], query.veil)


class Cover(Col):
    """A column as a reader may have it."""

    def __init__(self, alias: str, target: Any, output_field: Any, fields: Sequence[Field], veil: Veil) -> None:
        super().__init__(alias, target, output_field)
        self.fields, self.veil = fields, veil

    @property
    def identity(self) -> Any:
        """What tells it apart: fields cannot be hashed."""
        return Cover, self.alias, self.target.attname

    def relabeled_clone(self, relabels: Any) -> Cover:
        """The same where the table is called otherwise."""
        return Cover(relabels.get(self.alias, self.alias), self.target, self.output_field, self.fields, self.veil)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, parameters = super().as_sql(compiler, connection)
        quote = compiler.quote_name_unless_alias
        by = f"{quote(self.alias)}.{quote(self.veil.column)}"
        return (self._custom(column, by) if self.target.attname == CUSTOM else self._declared(self.fields[0], column, by)), parameters

    def _kept(self, one: Field) -> tuple[str, str]:
        """The keys of those that hide the field, and of those that mask it; without a part to show it is hidden."""
        hidden, masked = (kept.get(one.name, frozenset()) for kept in (self.veil.hidden, self.veil.masked))
        if not can_be_masked(one):
            hidden, masked = hidden | masked, frozenset()
        return _listed(hidden), _listed(masked)

    def _declared(self, one: Field, column: str, by: str) -> str:
        shown = zip(self._kept(one), (_hidden, _masked), strict=True)
        cases = [f"WHEN {by} IN ({keys}) THEN {as_it_may(one, column)}" for keys, as_it_may in shown if keys]
        return f"CASE {' '.join(cases)} ELSE {column} END" if cases else column

    def _custom(self, column: str, by: str) -> str:
        """The values under their keys: what is masked is put over them, what is hidden taken out."""
        over, out = [column], []
        for one in self.fields:
            hidden, masked = self._kept(one)
            if masked:
                value = f"({column} ->> '{one.name}')"
                made = f"jsonb_build_object('{one.name}', {_masked_text(one.k, value)})"
                over.append(f"CASE WHEN {by} IN ({masked}) AND {value} <> '' THEN {made} ELSE '{{}}' END")
            if hidden:
                out.append(f" - CASE WHEN {by} IN ({hidden}) THEN '{one.name}' ELSE '' END")
        return f"(({' || '.join(over)}){''.join(out)})"


def _listed(keys: Iterable[int]) -> str:
    return ", ".join(str(int(key)) for key in sorted(keys))


def _hidden(one: Field, column: str) -> str:
    if isinstance(one.k, LongText):
        return "''"
    return "'{}'::jsonb" if isinstance(one.k, Address) else "'[]'::jsonb"


def _masked(one: Field, column: str) -> str:
    if isinstance(one.k, LongText):
        return f"CASE WHEN {column} = '' THEN '' ELSE {STARS} END"
    if isinstance(one.k, Address):
        return f"{column} - 'street' - 'postcode' - 'text'"
    shown = _masked_text(one.k, "part->>'value'")
    each = f"part || jsonb_build_object('value', {shown})"
    return f"(SELECT coalesce(jsonb_agg({each} ORDER BY place), '[]'::jsonb) FROM jsonb_array_elements({column}) WITH ORDINALITY AS parts (part, place))"


def _masked_text(kind: Kind, value: str) -> str:
    """One text that is not empty."""
    if isinstance(kind, (Emails, Email)):
        return f"left({value}, 1) || {STARS} || substring({value} from '@.*$')"
    if isinstance(kind, (Phones, Phone)):
        return f"left({value}, greatest(length({value}) - 8, 0)) || {STARS} || right({value}, 4)"
    return STARS
