"""The first page of somebody who may see nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast, person

pytestmark = pytest.mark.django_db
NOTHING = "Nothing is open to you yet"


def test_whoever_has_no_role_is_told_who_gives_one(cast: Cast, client_of: Any) -> None:
    assert NOTHING in client_of(person("newcomer", "Newcomer")).get("/").content.decode()
    assert NOTHING not in client_of(cast.bob).get("/").content.decode()
