"""A mail server for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.posting import Office, open_office


@pytest.fixture
def office(settings: Any) -> Iterator[Office]:
    with open_office(settings) as office:
        yield office
