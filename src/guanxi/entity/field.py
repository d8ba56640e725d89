"""A field: a column, or a custom key, with its kind and the traits by which surfaces treat it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise

from guanxi.base.ordering import InOrder
from guanxi.entity.kinds import Choice, Kind, Text, Zone, infer
from guanxi.entity.rollup import Rollup

Weight = Literal["", "A", "B", "C", "D"]


@dataclass(frozen=True)
class Field:
    """One field. What is left out is inferred from the model's column when the entity is registered."""

    name: str
    kind: Kind | None = None
    label: str | Promise = ""
    hint: str | Promise = ""
    glance: bool = False
    """A default column of the list."""
    card: bool = False
    """Shown on a board's card."""
    search: Weight = ""
    """Found by search, A heaviest."""
    identity: bool = False
    """Recognises the same record on import and while typing."""
    total: bool = False
    """Summed below lists and above lanes."""
    read_only: bool = False
    """Kept by the system: shown, filtered and exported, never set by a person."""
    data: bool = True
    """On data surfaces: form, API, import, export, history."""
    tells: tuple[str, ...] | Callable[[], tuple[str, ...]] = ()
    """Fields that could be worked out from this one, here or behind a link (`deal.amount`). Where one of them is hidden
    or masked for somebody, so is this one. A function where people set up which: asked once an epoch."""
    write: Callable[..., Any] | None = None
    """The verb that sets it: `write(record, value, by=actor, **origin)`."""
    rollup: Rollup | None = None
    """What it is over related records; kept by the write path."""
    required: bool | None = None
    default: Any = None
    """A value, or a function of the actor, that a new record starts with."""
    also: tuple[str, ...] = ()
    """What other systems call it; for import."""
    custom: bool = False
    indexed: bool = False
    """Sorting and ranges over it are served by an index."""
    spoken: bool = False
    """Sorted as people look for names, in either language; a text that has only an index of its own is not."""
    source: str = ""
    """Where it was declared; for `guanxi explain`."""
    attribute: str = ""
    """The record's attribute that holds the value (`account_id` for a link `account`)."""
    follows: bool = False
    """Follows from other records (a roll-up), files or other columns (computed by the database): no change tells of it."""
    nullable: bool = True
    """Whether its column holds NULL; without, an emptied value is refused and a new record starts with the default."""
    always: bool = False
    """A choice that is always made: the same holds for the empty text that its column could hold."""

    @property
    def lookup(self) -> str:
        """The ORM path of the value."""
        return f"custom__{self.name}" if self.custom else self.attribute or self.name

    def sorting(self, through: str = "") -> models.F | InOrder:
        """By what records are sorted, whose own field it is or one behind the ORM path `through`."""
        lookup = f"{through}__{self.lookup}" if through else self.lookup
        return InOrder(lookup) if self.spoken else models.F(lookup)

    @property
    def k(self) -> Kind:
        """The kind, known once the entity is registered."""
        assert self.kind is not None, f"{self.name} is not bound"
        return self.kind

    @property
    def told(self) -> tuple[str, ...]:
        """The fields it tells of, now."""
        return self.tells() if callable(self.tells) else self.tells

    def of(self, record: Any) -> Any:
        """The value on a record."""
        return self.kind.of(self, record)  # type: ignore[union-attr] # bound; asked for every value of every record

    def starting(self, by: Any) -> Any:
        """The value a new record starts with."""
        return self.default(by) if callable(self.default) else self.default


def bind(field: Field, model: type[models.Model], entity_of: Callable[[type[models.Model]], str | None]) -> Field:
    """The field completed from the model's column: kind, label, attribute, whether it is required."""
    if field.custom:
        return field
    try:
        column = model._meta.get_field(field.name)
    except FieldDoesNotExist:
        raise LookupError(f"{model.__name__} has no column “{field.name}”.") from None
    if not isinstance(column, models.Field):
        raise LookupError(f"{model.__name__}.{field.name} is not a column.")
    link_to = entity_of(column.related_model) if isinstance(column.related_model, type) else None
    follows = field.follows or field.rollup is not None or bool(getattr(column, "generated", False))
    read_only = field.read_only or follows
    kind = field.kind or infer(getattr(column, "output_field", None) or column, link_to)
    required = field.required
    if required is None:
        required = not column.blank and not column.null and not column.has_default() and not read_only
    leads, in_order = _leads_an_index(model, column), _leads_in_order(model, column)
    default = field.default
    if default is None and column.has_default() and not (read_only and callable(column.default)):
        default = column.get_default()
    return replace(
        field,
        kind=kind,
        label=field.label or _sentence(column.verbose_name),
        hint=field.hint or column.help_text,
        required=required,
        read_only=read_only,
        follows=follows,
        default=default,
        attribute=column.attname,
        nullable=column.null,
        always=isinstance(kind, (Choice, Zone)) and bool(default) and not (column.null or column.blank),
        indexed=field.indexed or leads or in_order,
        spoken=isinstance(kind, Text) and (in_order or not leads),
        source=field.source or f"{model._meta.app_label}.{model.__name__}.{column.name}",
    )


def _sentence(words: Any) -> Any:
    """A model's verbose name as a label: lazily translated, capital first."""
    return words if isinstance(words, Promise) else str(words)[:1].upper() + str(words)[1:]


def _leads_an_index(model: type[models.Model], column: Any) -> bool:
    if column.primary_key or column.unique or column.db_index:
        return True
    return any(index.fields and index.fields[0].lstrip("-") == column.name for index in model._meta.indexes)


def _leads_in_order(model: type[models.Model], column: Any) -> bool:
    return any(index.expressions and index.expressions[0] == InOrder(column.name) for index in model._meta.indexes)


def named(fields: Iterable[Field]) -> dict[str, Field]:
    """Fields by name, first wins."""
    kept: dict[str, Field] = {}
    for field in fields:
        kept.setdefault(field.name, field)
    return kept
