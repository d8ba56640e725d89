"""What the condition builder offers, as its element reads it: everything when it opens, and only what a page's condition is about before.

The whole is some hundred kilobytes: it is fetched when somebody builds a condition, and kept by the browser for an epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.titles import titles
from guanxi.entity import kinds
from guanxi.entity.conditions import And, Compare, Not, Or, Tree, catalogue, keys_in
from guanxi.entity.conditions.printing import print_path
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Kind
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember
from guanxi.surfaces.forms.choices import all_of

TAKES = {"none": "none", "one": "one", "many": "many", "two": "range", "period": "period"}
ICONS = {kind.name: kind.icon for kind in vars(kinds).values() if isinstance(kind, type) and issubclass(kind, Kind)}
FEW = 40


def whole(entity: Entity, user: User) -> dict[str, dict[str, Any]]:
    """Every field that can be compared, by path; made once an epoch for each person and language."""

    def make() -> dict[str, dict[str, Any]]:
        return {one["path"]: _entry(one, user) for one in catalogue(entity, user)["fields"]}

    made: dict[str, dict[str, Any]] = remember(("catalogue", entity.path, user.pk, get_language()), make)
    return made


def about(tree: Tree | None, entity: Entity, user: User) -> dict[str, Any]:
    """What a condition's chips need: its own fields, and the names of the records it compares with."""
    if tree is None:
        return {"fields": []}
    known = whole(entity, user)
    found = {path: (known[path], term) for term in _terms(tree) if (path := print_path(term.path)) in known}
    named = titles(keys_in(tree, entity, user), to=user)
    labels: dict[str, dict[str, str]] = {}
    for term in _terms(tree):
        path = print_path(term.path)
        link = known.get(path, {}).get("link")
        for value in term.value if isinstance(term.value, tuple) else (term.value,):
            if link and isinstance(value, int) and (link, value) in named:
                labels.setdefault(path, {})[str(value)] = named[link, value]
    return {"fields": [entry for entry, _term in found.values()], "labels": labels}


def _terms(tree: Tree) -> Iterator[Compare]:
    if isinstance(tree, Compare):
        yield tree
    elif isinstance(tree, Not):
        yield from _terms(tree.part)
    elif isinstance(tree, (And, Or)):
        for part in tree.parts:
            yield from _terms(part)


def _entry(one: dict[str, Any], user: User) -> dict[str, Any]:
    inner = one["group"] and "." in one["path"]
    entry: dict[str, Any] = {
        "path": one["path"],
        "label": f"{one['group']} › {one['label']}" if inner else one["label"],
        "kind": one["kind"],
        "icon": ICONS.get(one["kind"], "list"),
        "ops": [{"op": op["op"], "label": op["label"], "value": TAKES[op["takes"]]} for op in one["ops"]],
    }
    if one["kind"] == "money":
        entry["unit"] = user.locale.currency
    if "choices" in one:
        entry["choices"] = one["choices"]
    if one.get("link"):
        entry["link"] = one["link"]
        few = all_of(entity_named(one["link"]))
        if few is not None and len(few) <= FEW:
            entry["choices"] = [{"value": key, "label": title} for key, title in few]
        else:
            entry["url"] = f"/{one['link']}/suggest"
    if one.get("words"):
        entry["quick"] = _quick(one)
    if any(op["op"] == "within" for op in one["ops"]):
        entry["ops"] += [
            {"op": "within", "value": "days", "format": "last_{n}d", "label": _("in the last {n} days")},
            {"op": "within", "value": "days", "format": "next_{n}d", "label": _("in the next {n} days")},
        ]
    return entry


def _quick(one: dict[str, Any]) -> list[dict[str, Any]]:
    """Ready values: periods, me, my team."""
    ops = {op["op"]: op["label"] for op in one["ops"]}
    found = []
    for word in one["words"]:
        if "within" in ops:
            found.append({"op": "within", "value": word["value"], "label": word["label"], "joint": ops["within"]})
            continue
        for op in ("=", "!="):
            if op in ops and word["value"] != "my_team":
                found.append({"op": op, "value": word["value"], "label": word["label"], "joint": ops[op]})  # noqa: PERF401 - reads better
        for op in ("in", "not in", "has any"):
            if op in ops:
                found.append({"op": op, "value": [word["value"]], "label": word["label"], "joint": ops[op]})  # noqa: PERF401 - as above
    return found
