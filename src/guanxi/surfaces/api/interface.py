"""The interface as a whole: ninja with our operations, our authentication, our problems and our document."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi import get_schema

from guanxi.surfaces.api import (
    bulk,
    custom_fields,
    dashboards,
    duplicates,
    exports,
    figures,
    files,
    finding,
    imports,
    judgements,
    links,
    merges,
    meta,
    roles,
    saved_views,
    stream,
    undoing,
    uploads,
    upserts,
)
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.callers import Caller, authenticate
from guanxi.surfaces.api.once import once
from guanxi.surfaces.api.openapi import document
from guanxi.surfaces.api.parameters import only_known
from guanxi.surfaces.api.problems import answer, problem_of

PREFIX = "api/v1/"

api = NinjaAPI(title="Guanxi", urls_namespace="api", auth=authenticate, docs_url=None, openapi_url=None)


def _told(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(problem_of(error), request)


# Ninja has answers of its own for these; all others come under `Exception`.
for kind in (Exception, Http404, HttpError, ValidationError, AuthenticationError):
    api.add_exception_handler(kind, _told)


@api.get("/openapi.json", include_in_schema=False)
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, as this caller may know it."""
    return json_answer(document_for(caller_of(request)))


def document_for(caller: Caller) -> dict[str, Any]:
    """The OpenAPI document."""
    return document(get_schema(api, PREFIX), caller.user)


# More particular addresses first: `/{entity}` matches every single word.
# `upserts` stands on the router of `records`: ninja keeps the methods of one address in one place.
for router in (
    meta.router,
    stream.router,
    undoing.router,
    bulk.router,
    saved_views.router,
    dashboards.router,
    figures.router,
    judgements.router,
    uploads.router,
    finding.router,
    imports.router,
    custom_fields.router,
    roles.router,
    duplicates.router,
    exports.router,
    merges.router,
    links.router,
    files.router,
    upserts.router,
):
    api.add_router("", router)
api.add_decorator(once, mode="operation")
api.add_decorator(only_known, mode="operation")
