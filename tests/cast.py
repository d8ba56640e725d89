"""The cast: Alice runs the Harbour team, Bob sells in it and sees his own, Charlie is in another team and must see nothing.

The fixtures `cast` and `client_of` stand in conftest.py; `make` and `person` are for tests that need more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client

from guanxi.access.models import Company, Role, Team, User
from guanxi.access.starting import start_roles
from guanxi.crm.pipelines.starting import start
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record import memory
from guanxi.record.changes import Origin, create

PASSWORD = "harbour-lantern-42"


@cache
def hashed() -> str:
    """The cast's password, hashed once."""
    return make_password(PASSWORD)


@dataclass
class Cast:
    """Who is in the story, and where."""

    admin: User
    alice: User
    bob: User
    charlie: User
    harbour: Team
    airport: Team
    roles: dict[str, Role]
    pipeline: Any

    def stage(self, name: str) -> Any:
        """A stage of the pipeline by name."""
        return self.pipeline.stages.get(name=name)


def make(entity: str, by: Any = SYSTEM, **values: Any) -> Any:
    """A record, by the write path."""
    return create(entity_named(entity), values, by=by, origin=Origin("system"))


def person(username: str, name: str, team: Team | None = None, roles: list[Role] = [], **values: Any) -> User:  # noqa: B006
    """A user who may sign in with PASSWORD."""
    made = make("users", username=username, name=name, team=team.pk if team else None, roles=[role.pk for role in roles], **values)
    user = User.objects.get(pk=made.pk)
    user.password = hashed()
    user.save(update_fields=["password"])
    return user


def found() -> Cast:
    """A company with two teams and four people; the `cast` fixture."""
    memory.forget()
    Company.objects.create(name="Harbour Trading", language="en", currency="USD", region="CN", zone="Asia/Shanghai")
    memory.raise_epoch()
    pipeline = start("en")
    roles = start_roles("en")
    harbour, airport = make("teams", name="Harbour"), make("teams", name="Airport")
    zone = {"zone": "Asia/Shanghai"}
    return Cast(
        admin=person("admin", "Ada Min", is_superuser=True, **zone),
        alice=person("alice", "Alice Chen", harbour, [roles["manager"]], **zone),
        bob=person("bob", "Bob Reyes", harbour, [roles["seller"]], **zone),
        charlie=person("charlie", "Charlie Ng", airport, [roles["seller"]], **zone),
        harbour=harbour,
        airport=airport,
        roles=roles,
        pipeline=pipeline,
    )


def signed_in(user: User) -> Client:
    """A test client in which the user is signed in; the `client_of` fixture."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
