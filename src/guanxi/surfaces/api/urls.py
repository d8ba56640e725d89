"""Addresses of the API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from guanxi.surfaces.api import docs
from guanxi.surfaces.api.door import nothing_here, through_the_door
from guanxi.surfaces.api.interface import PREFIX, api

# The pages for people; ninja's addresses, each behind the door; then everything else below `/api/`.
urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{PREFIX}docs", docs.introduction, name="api-docs"),
    path(f"{PREFIX}docs/<str:path>", docs.of_entity, name="api-docs-entity"),
    *(
        path(PREFIX + str(one.pattern), through_the_door(one.callback), name=f"api-{one.name}")
        for one in api.urls[0]
        if isinstance(one, URLPattern) and one.callback is not None
    ),
    path("api", through_the_door(nothing_here)),
    path("api/", through_the_door(nothing_here)),
    path("api/<path:rest>", through_the_door(nothing_here)),
]
