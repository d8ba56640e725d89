"""Migrations that take less time: many new tables in one step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from django.db.migrations import AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation


def at_once(operations: Sequence[Operation]) -> list[Operation]:
    """The operations of a first migration, those in one that make tables."""
    making = list(takewhile(lambda one: isinstance(one, (CreateModel, AddField, AddIndex)), operations))
    return [CreateModels(making), *operations[len(making) :]]


class CreateModels(Operation):
    """New tables, with what is added to them right after: all known first, then made at once, each as it is in the end.

    Django imagines every model that is linked with a new one anew for every single operation; for a hundred tables
    that all lead to the same users it is most of the time that an empty database takes to fill.
    """

    reversible = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        made = {one.name_lower for one in operations if isinstance(one, CreateModel)}
        for one in operations:
            if not isinstance(one, CreateModel) and not (isinstance(one, (AddField, AddIndex)) and one.model_name_lower in made):
                raise TypeError(f"{one.describe()}: not about a table that is made here")
        self.operations = list(operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.operations], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)  # imagined once, when the last one is known
        for one in self.operations:
            one.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for one in self.operations:
            if isinstance(one, CreateModel):
                one.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for one in reversed(self.operations):
            if isinstance(one, CreateModel):
                one.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {sum(isinstance(one, CreateModel) for one in self.operations)} models"
