"""The toy trade as fixtures: made once, filled once, read by all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from guanxi.access.models import Team, User
from tests.conditions import toy


@pytest.fixture(scope="module")
def entities() -> Iterator[None]:
    """The toy trade's entities without tables."""
    with toy.toy_entities():
        yield


@pytest.fixture(scope="module")
def trade(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tables, entities, people and rows."""
    with django_db_blocker.unblock(), toy.toy_trade():
        for key, name in {1: "Harbour", 2: "Airport"}.items():
            Team.objects.get_or_create(pk=key, defaults={"name": name})
        password = make_password(None)
        User.objects.bulk_create(
            User(pk=key, username=f"toy-{name}", name=name, team_id=team, password=password) for key, (name, team) in toy.USERS.items()
        )
        try:
            toy.fill(20261105)
            yield
        finally:
            User.objects.filter(pk__in=toy.USERS).delete()
            Team.objects.filter(pk__in=[1, 2]).delete()
