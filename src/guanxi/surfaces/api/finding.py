"""Search over everything that the caller may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.entity.registry import entity_named
from guanxi.surfaces.api.addressed import entities_asked
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.parameters import Sought
from guanxi.surfaces.search.query import find

router = Router()


@router.get("/search", operation_id="search", summary=_n("Search"))
def search(request: HttpRequest, asked: Asked[Sought]) -> HttpResponse:
    """Records by words, pinyin, initials, digits of a phone or parts of an e-mail, best first."""
    caller = caller_of(request)
    sought = [entity_named(path) for path in entities_asked(asked.entity, caller)]
    hits = find(asked.q, to=caller.user, entities=sought, limit=asked.limit)
    return json_answer({"data": [{"entity": hit.entity.path, "id": hit.key, "title": hit.title, "subtitle": hit.sub} for hit in hits]})
