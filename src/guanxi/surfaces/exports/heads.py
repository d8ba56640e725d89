"""What the columns of an export are called: as the fields are, and told apart."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guanxi.entity.entity import Entity
from guanxi.entity.field import Field

OWN_KEY = "id"
"""The field of our own numbers."""
OWN_NUMBER = _("Guanxi number")
"""What a record's own number is called. No other system's column is called so: their “Id” is never ours."""


def head_of(entity: Entity, one: Field) -> str:
    """The name of a field's column: its label, told apart where several fields share it."""
    if one.name == OWN_KEY:
        return str(OWN_NUMBER)
    label = str(one.label)
    shared = sum(str(other.label) == label for other in entity.fields.values() if other.name != OWN_KEY) > 1
    return f"{label} ({one.name})" if shared else label
