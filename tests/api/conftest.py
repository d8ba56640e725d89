"""A program that calls the API with a key, and values for a new record of any entity."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.access.models import ApiKey, Role, User
from guanxi.entity.actors import SYSTEM
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from tests import fitting
from tests.cast import Cast, make


def revoke(key: ApiKey) -> None:
    """Somebody ends it."""
    key.revoke()


def expire(key: ApiKey) -> None:
    """Its time is over."""
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())


ENDED = pytest.mark.parametrize("end", [revoke, expire])
"""The ways in which a key ends."""


@dataclass
class Program:
    """Calls the API as a user, by a key; bodies are sent and answers read as JSON."""

    user: User
    role: Role | None = None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    secret: str = ""

    def __post_init__(self) -> None:
        self.secret = self.secret or ApiKey.issue(self.user, "test", self.role)[1]

    def call(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Any:
        """The response; header names are written with underscores."""
        sent = {"Authorization": f"Bearer {self.secret}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        kind = sent.pop("Content-Type", "application/json")
        address = path if path.startswith("/") else f"/api/v1/{path}"
        return self.client.generic(method, address, data, content_type=kind, headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        """What is told, of a call that must succeed."""
        return self._good("GET", path, None, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._good("POST", path, {} if body is None else body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self._good("PATCH", path, body, headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self._good("PUT", path, body, headers)

    def delete(self, path: str, **headers: str) -> None:
        self._good("DELETE", path, None, headers)

    def _good(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        response = self.call(method, path, body, **headers)
        assert response.status_code in {200, 201, 204}, (method, path, response.status_code, response.content.decode())
        return response.json() if response.content else None

    def refused(self, method: str, path: str, body: Any = None, *, status: int, raw: bytes | None = None, **headers: str) -> Any:
        """The problem, of a call that must fail with this status."""
        response = self.call(method, path, body, raw=raw, **headers)
        assert response.status_code == status, (method, path, response.status_code, response.content.decode()[:2000])
        return problem(response)


def sent_to(address: str) -> str:
    """An address as a program would send it: what is no letter of an address is quoted."""
    path, mark, question = address.partition("?")
    return path + mark + quote(question, safe="=&,-._")


def problem(response: Any) -> Any:
    """The problem in a response, which has the right form."""
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert told["type"].startswith("/api/v1/docs#problem-")
    assert told["title"]
    assert isinstance(told["errors"], list)
    return told


def paths(told: Any) -> list[str]:
    """The places a problem names."""
    return [one["path"] for one in told["errors"]]


@pytest.fixture
def program() -> Callable[..., Program]:
    """Programs by user: `program(cast.bob)`."""
    return Program


NUMBERS = count(1)
UNIQUE = {"external_id", "username", "name"}
SPECIAL: dict[tuple[str, str], Any] = {
    ("stages", "requires"): [],
    ("users", "is_superuser"): False,
    ("rates", "base"): "EUR",
    ("instalments", "account"): fitting.an_account,
    ("invoices", "account"): fitting.an_account,
    ("invoices", "kind"): "ordinary",
    ("matches", "settled"): "1284.5",
    ("assignment_rules", "weights"): "",
}
"""Where a kind's sample cannot be what an entity's own rules ask for."""
TOGETHER: dict[str, Any] = {"deliveries": fitting.delivery, "matches": fitting.match, "components": fitting.component}
"""Several values that must fit each other."""


def sample(entity: Entity, cast: Cast) -> dict[str, Any]:
    """Values for a new record: a sample of every kind, and a link wherever one is needed or there is something to link to."""
    writable = [one for one in entity.fields.values() if one.data and not one.read_only]
    together = TOGETHER[entity.path]() if entity.path in TOGETHER else {}
    values = {one.name: together.get(one.name) or _value(entity, one, cast) for one in writable}
    return {name: value for name, value in values.items() if value is not None}


def _value(entity: Entity, one: Field, cast: Cast) -> Any:
    if (entity.path, one.name) in SPECIAL:
        special = SPECIAL[entity.path, one.name]
        return special(cast.bob.pk) if callable(special) else special
    if one.name in UNIQUE:
        return f"{one.k.sample()} {next(NUMBERS)}"
    if one.k.linked():
        return _linked(entity, one, cast)
    return one.k.sample()


def _linked(entity: Entity, one: Field, cast: Cast) -> Any:
    target = entity_named(one.k.linked() or "")
    if not one.required or one.write is not None:
        return None
    found = visible(target, to=SYSTEM).order_by("pk").first() if target.settings else None
    owner = {"owner": cast.bob.pk} if target.owned else {}
    key = found.pk if found else make(target.path, **sample(target, cast) | owner).pk
    return [key] if one.k.listed else key
