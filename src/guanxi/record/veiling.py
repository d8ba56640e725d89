"""Fields that some records keep from some readers until they are theirs: what is fetched is hidden or masked by the database.

A reader's queryset selects a veiled column as empty, or with its middle covered, for the records that keep it back; so every
surface shows the same, and none can forget. What may be asked of such a field is the business of conditions and search.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import Col
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

from guanxi.entity.entity import Entity, Veil
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Emails, LongText, Phones

STARS = "'****'"


def can_be_veiled(one: Field) -> bool:
    """Only what no list is in the order of, or the order would tell."""
    return not one.custom and isinstance(one.k, (Phones, Emails, Address, LongText)) and not one.k.orderable


def veiled(found: QuerySet[Any], entity: Entity, veil: Veil) -> QuerySet[Any]:
    """The same records, their veiled columns as the reader may have them."""
    query: Any = found.query.chain(klass=VeiledQuery)
    query.covers = {one.attribute: (one, veil) for name in veil.names if (one := entity.bound.get(name)) is not None and can_be_veiled(one)}
    found.query = query
    return found


class VeiledQuery(Query):
    """A query over an entity's table that knows which columns it covers, and for which records."""

    covers: dict[str, tuple[Field, Veil]]

    def get_compiler(self, using: Any = None, connection: Any = None, elide_empty: bool = True) -> SQLCompiler:
        made = connection or connections[using]
        return VeiledCompiler(self, made, using, elide_empty)


class VeiledCompiler(SQLCompiler):
    """Covers columns in what is selected; what is asked and ordered by stays as it is."""

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
        return Cover(expression.alias, target, expression.output_field, *query.covers[target.attname])


class Cover(Col):
    """A column as a reader may have it."""

    def __init__(self, alias: str, target: Any, output_field: Any, one: Field, veil: Veil) -> None:
        super().__init__(alias, target, output_field)
        self.one, self.veil = one, veil

    @property
    def identity(self) -> Any:
        """What tells it apart: fields cannot be hashed."""
        return Cover, self.alias, self.target.attname

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, parameters = super().as_sql(compiler, connection)
        quote = compiler.quote_name_unless_alias
        by = f"{quote(self.alias)}.{quote(self.veil.column)}"
        cases = []
        for keys, shown in ((self.veil.hidden.get(self.one.name), _hidden), (self.veil.masked.get(self.one.name), _masked)):
            if keys:
                cases.append(f"WHEN {by} IN ({', '.join(str(int(key)) for key in sorted(keys))}) THEN {shown(self.one, column)}")
        return (f"CASE {' '.join(cases)} ELSE {column} END" if cases else column), parameters


def _hidden(one: Field, column: str) -> str:
    if isinstance(one.k, LongText):
        return "''"
    return "'{}'::jsonb" if isinstance(one.k, Address) else "'[]'::jsonb"


def _masked(one: Field, column: str) -> str:
    if isinstance(one.k, LongText):
        return f"CASE WHEN {column} = '' THEN '' ELSE {STARS} END"
    if isinstance(one.k, Address):
        return f"{column} - 'street' - 'postcode' - 'text'"
    value = "part->>'value'"
    shown = f"left({value}, greatest(length({value}) - 8, 0)) || {STARS} || right({value}, 4)"
    if isinstance(one.k, Emails):
        shown = f"left({value}, 1) || {STARS} || substring({value} from '@.*$')"
    each = f"part || jsonb_build_object('value', {shown})"
    return f"(SELECT coalesce(jsonb_agg({each} ORDER BY place), '[]'::jsonb) FROM jsonb_array_elements({column}) WITH ORDINALITY AS parts (part, place))"
