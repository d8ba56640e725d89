"""What rooms declare about an entity for programs besides its records: by entity and name, each with an address and a place in the document."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """Something about an entity."""

    @property
    def entity(self) -> str: ...

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


class Declared(Generic[T]):
    """Those of one sort."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], T] = {}

    def put(self, *several: T) -> None:
        """Declare some; who declares twice means the same."""
        self._known.update({(one.entity, one.name): one for one in several})

    def of(self, entity: str) -> list[T]:
        """All about an entity."""
        return [one for one in self._known.values() if one.entity == entity]

    def get(self, entity: str, name: str) -> T | None:
        """The one of that name."""
        return self._known.get((entity, name))
