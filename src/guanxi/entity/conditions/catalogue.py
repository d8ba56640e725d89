"""What a reader can compare, for the condition builder: fields, operators, choices and ready words, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from guanxi.entity.actors import Actor
from guanxi.entity.conditions.checking import operators_of
from guanxi.entity.conditions.grammar import LISTS
from guanxi.entity.conditions.paths import (
    Column,
    Hop,
    Presence,
    Target,
    Total,
    kind_of_total,
    visible_fields,
    visible_relations,
)
from guanxi.entity.conditions.spans import OFFERED
from guanxi.entity.conditions.wording import (
    ARROW,
    address_part,
    aggregate_words,
    label_of,
    label_of_list,
    operator_words,
    period_words,
)
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Address, Choice, Day, Kind, Link, Links, Moment, Number, Text, Whole
from guanxi.entity.kinds.links import LARGEST
from guanxi.entity.registry import entity_named


def catalogue(entity: Entity, actor: Actor, depth: int = 1) -> dict[str, Any]:
    """Everything a condition over the entity may compare, in the language in force.

    `fields` come first those of the record, then those one step away. Each has a `path` and a `label` with
    its `group` (what the step is called), `kind`, `ops` (`op`, `label`, and how many values it `takes`:
    none, one, two, many or a period), and as they apply `choices`, `link` (the entity whose records are
    chosen from), and `words` (values such as me).
    """
    return {"entity": entity.path, "fields": list(_fields(entity, actor, depth, "", ""))}


def _fields(entity: Entity, actor: Actor, depth: int, path: str, group: str) -> Iterable[dict[str, Any]]:
    fields = visible_fields(entity, actor)
    for field in fields:
        yield _entry(Column(entity, field, field.k), f"{path}{field.name}", label_of(field), group)
        if isinstance(field.k, Address):
            for part in field.k.parts:
                label = f"{label_of(field)}{ARROW}{address_part(part)}"
                yield _entry(Column(entity, field, Text(), part), f"{path}{field.name}.{part}", label, group)
    if depth < 1:
        return
    for field in fields:
        there = _leads_to(field.k, actor)
        if there is not None and isinstance(field.k, Link) and not field.read_only:
            yield from _fields(there, actor, depth - 1, f"{path}{field.name}.", label_of(field))
    for related, hop in visible_relations(entity, actor):
        yield from _list(hop, actor, depth, f"{path}{related.name}", label_of_list(related))


def _list(hop: Hop, actor: Actor, depth: int, path: str, label: str) -> Iterable[dict[str, Any]]:
    """A related list: whether anything is in it, how many, sums, and its fields, of which any may hold."""
    yield {**_entry(Presence(hop), path, label, label), "entity": hop.entity.path}
    number = Total("count", hop, Whole(-LARGEST, LARGEST))
    yield _entry(number, f"{path}.count()", aggregate_words("count", ""), label)
    for field in visible_fields(hop.entity, actor):
        for function in ("sum", "avg", "min", "max") if isinstance(field.k, Number) else ("min", "max"):
            kind = kind_of_total(function, field.k)
            if kind is not None:
                words = aggregate_words(function, label_of(field))
                yield _entry(Total(function, hop, kind, field), f"{path}.{function}({field.name})", words, label)
    yield from _fields(hop.entity, actor, depth - 1 if depth > 1 else 0, f"{path}.", label)


def _entry(target: Target, path: str, label: str, group: str) -> dict[str, Any]:
    kind = None if isinstance(target, Presence) else target.kind
    entry: dict[str, Any] = {
        "path": path,
        "label": label,
        "group": group,
        "kind": kind.name if kind else "list",
        "ops": [{"op": op, "label": operator_words(op, kind), "takes": _takes(op)} for op in operators_of(target)],
    }
    if kind is None:
        return entry
    if isinstance(kind, Choice):
        entry["choices"] = [{"value": one.value, "label": str(one.label)} for one in kind.options]
    if isinstance(kind, (Link, Links)):
        entry["link"] = kind.linked()
    words = _words(kind)
    if words:
        entry["words"] = [{"value": value, "label": text} for value, text in words.items()]
    return entry


def _takes(op: str) -> str:
    if op in {"is empty", "is not empty"}:
        return "none"
    if op in LISTS:
        return "many"
    return {"between": "two", "within": "period"}.get(op, "one")


def _words(kind: Kind) -> dict[str, str]:
    if isinstance(kind, (Day, Moment)):
        named = period_words()
        return {word: named[word] for word in OFFERED}
    linked = kind.linked()
    words = {"me": _("me")} if linked == "users" else {}
    return words | {"my_team": _("my team")} if linked in {"users", "teams"} else words


def _leads_to(kind: Kind, actor: Actor) -> Entity | None:
    to = kind.linked()
    if not to or not actor.rights.may("see", to):
        return None
    try:
        return entity_named(to)
    except LookupError:
        return None
