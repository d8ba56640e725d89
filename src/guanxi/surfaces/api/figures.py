"""Figures about an entity's records besides lists of them: a room puts them here with their schema, each gets an address and a place in the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.access.models import User
from guanxi.entity.field import Field
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.api.addressed import entity_for
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.declared import Declared
from guanxi.surfaces.api.parameters import OfPeriod, of_those
from guanxi.surfaces.api.problems import Problem
from guanxi.surfaces.api.schemas import Json

router = Router()


@dataclass(frozen=True)
class Judged:
    """How figures are judged. All raise as pages do."""

    tell: Callable[[User, Mapping[str, str]], list[Json]]
    """What was said, newest first, as far as the reader may know it."""
    say: Callable[..., Json]
    """Gets the caller and the cleaned values by keyword; tells what was said."""
    undo: Callable[[User, int], Json]
    """Gets the caller and which; tells what was taken back."""
    fields: tuple[Field, ...]
    """What is sent."""
    schema: Json
    """One judgement as it is told."""
    takes: frozenset[str] = frozenset({"period", "pipeline", "owner", "team"})
    """The parameters of `OfPeriod` that say which are meant."""


@dataclass(frozen=True)
class Figures:
    """Figures by their entity and name. `tell` gets the reader and what was asked; it raises as pages do."""

    entity: str
    name: str
    label: str | Promise
    tell: Callable[[User, Mapping[str, str]], Any]
    schema: Json
    takes: frozenset[str] = frozenset({"period", "pipeline"})
    """The parameters of `OfPeriod` that mean something to them; others are refused."""
    judged: Judged | None = None
    """How people have a say on them, if they do."""


FIGURES = Declared[Figures]()


@router.get("/{entity}/figures/{name}", operation_id="figures", summary=_n("Figures of %(many)s"))
def get_figures(request: HttpRequest, entity: str, name: str, asked: Asked[OfPeriod]) -> HttpResponse:
    """What the records that the caller may see come to."""
    caller = caller_of(request)
    one = FIGURES.get(entity_for(entity, caller).path, name)
    if one is None:
        raise Missing(_("There are no such figures."))
    given = of_those(asked, one.takes)
    try:
        return json_answer(one.tell(caller.user, given))
    except Refused as wrong:
        raise Problem("bad-request", str(wrong), errors=list(wrong.errors.items())) from None
