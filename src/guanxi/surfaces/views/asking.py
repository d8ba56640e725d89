"""What an address asks for: a view, and what differs from it. Wrong values are told, never guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import readable
from guanxi.entity.conditions import ConditionError, Tree, check, from_json, parse
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.pages import must_see, user_of
from guanxi.surfaces.reading import Query
from guanxi.surfaces.views.known import pick, views_of
from guanxi.surfaces.views.view import KEPT, PASSING, SHAPES, View, differs

MOST_SEARCH = 200
MOST_COLUMNS = 40


@dataclass(frozen=True)
class Asked:
    """What is shown (`view`), the view it stands on (`base`), all tabs, and what could not be understood."""

    user: User
    view: View
    base: View
    tabs: list[View]
    problem: str = ""
    written: str = ""
    """A condition that could not be read, as it was typed."""

    @property
    def entity(self) -> Entity:
        return self.view.entity

    @property
    def search(self) -> str:
        return self.view.search

    @property
    def changed(self) -> bool:
        return differs(self.view, self.base)

    @property
    def query(self) -> Query:
        """Which records, in which order."""
        return Query(self.entity, self.view.condition, self.view.order, self.view.search)

    @property
    def columns(self) -> list[Field]:
        return columns_of(self.view, to=self.user)


def ask(params: QueryDict, entity: Entity, *, to: User) -> Asked:
    """What the parameters mean for this person. Whatever is wrong comes as `problem`, with the rest as far as it was understood."""
    tabs = views_of(entity, to=to)
    problems: list[str] = []
    written = ""
    try:
        base = pick(tabs, params.get("view", ""))
    except Missing as missing:
        base = tabs[0]
        problems.append(str(missing))
    view = base
    try:
        view = replace(view, condition=_condition(params, view.condition))
        if view.condition is not None:
            check(view.condition, entity, to)
    except ConditionError as wrong:
        problems.append(str(wrong))
        written = params.get("where") or params.get("condition", "")
    view = replace(view, search=params.get("q", "").replace("\x00", "").strip()[:MOST_SEARCH], options=_options(params, base))
    if "order" in params:
        view = replace(view, order=tuple(name.strip() for name in str(params["order"]).split(",") if name.strip())[:4])
    if "columns" in params or "column" in params:
        view = replace(view, columns=_columns(params, entity, to=to))
    shape = params.get("shape", base.shape)
    if shape in SHAPES:
        view = replace(view, shape=shape)
    else:
        problems.append(_("Records cannot be shown as “%(shape)s”; choose table, board, chart or calendar.") % {"shape": shape[:40]})
    return Asked(to, view, base, tabs, " ".join(problems), written[:5000])


def asked_for(request: HttpRequest, entity: Entity) -> Asked:
    """What an address asks for, by whoever is signed in. Refused when something in it is wrong; 404 for an entity out of sight."""
    user = user_of(request)
    must_see(entity, user)
    asked = ask(request.GET, entity, to=user)
    if asked.problem:
        raise Refused({"": asked.problem})
    return asked


def _condition(params: QueryDict, given: Tree | None) -> Tree | None:
    if "where" in params:
        return parse(str(params["where"])) if str(params["where"]).strip() else None
    if "condition" not in params:
        return given
    text = str(params["condition"]).strip()
    if not text:
        return None
    try:
        value = orjson.loads(text)
    except ValueError:
        raise ConditionError(_("This filter is not JSON; build it anew, or write it as text in “where”.")) from None
    tree = from_json(value)
    return None if not getattr(tree, "parts", True) else tree


def _options(params: QueryDict, base: View) -> dict[str, str]:
    options = dict(base.options)
    for name in (*KEPT, *PASSING):
        if name in params:
            options[name] = str(params[name]).replace("\x00", "").strip()[:80]
    return {name: value for name, value in options.items() if value}


def _columns(params: QueryDict, entity: Entity, *, to: User) -> tuple[str, ...]:
    named = params.getlist("column") or params.get("columns", "").split(",")
    known = {one.name for one in readable(entity, entity.data_fields, to=to)}
    chosen = tuple(dict.fromkeys(name for name in named if name in known))[:MOST_COLUMNS]
    return () if chosen == default_columns(entity, to=to) else chosen


def default_columns(entity: Entity, *, to: User) -> tuple[str, ...]:
    """The columns an entity shows by itself, as far as the reader may know of them."""
    return tuple(one.name for one in readable(entity, entity.glance, to=to))


def columns_of(view: View, *, to: User) -> list[Field]:
    """The fields a view shows to this reader, the title first; those hidden from them are left out."""
    entity = view.entity
    names = view.columns or tuple(one.name for one in entity.glance)
    fields = [entity.fields[name] for name in dict.fromkeys((entity.title, *names)) if name in entity.fields]
    return readable(entity, fields, to=to)
