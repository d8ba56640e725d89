"""Metadata and saved views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.entity.registry import entities, entity_named
from tests.api.conftest import Program, paths
from tests.cast import Cast, make

Programs = Callable[..., Program]


def test_every_entity_is_told_with_its_fields_verbs_and_lists(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)

    listed = [one["name"] for one in admin.get("meta")["data"]]

    assert listed == [one.path for one in entities()]
    for path in listed:
        entity, told = entity_named(path), admin.get(f"meta/{path}")
        assert [one["name"] for one in told["fields"]] == [one.name for one in entity.data_fields]
        assert [one["name"] for one in told["verbs"]] == [one.name for one in entity.verbs]
        assert [one["name"] for one in told["related"]] == [one.name for one in entity.related]
        assert all(one["label"] for one in told["fields"])


def test_a_choice_tells_its_choices_and_a_link_its_entity(cast: Cast, program: Programs) -> None:
    fields = {one["name"]: one for one in program(cast.bob).get("meta/accounts")["fields"]}

    assert {"value": "retail", "label": "Retail"} in fields["industry"]["choices"]
    assert (fields["parent"]["kind"], fields["parent"]["entity"]) == ("link", "accounts")
    assert fields["created_at"]["settable"] is False
    assert fields["phones"]["sortable"] is False
    assert "contains" in fields["name"]["operators"]


def test_kinds_and_events_are_told(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)

    kinds = {one["name"]: one for one in bob.get("meta/kinds")["data"]}
    assert {"text", "money", "date", "choice", "link", "phones", "yes/no"} <= kinds.keys()
    assert kinds["date"]["schema"] == {"type": "string", "format": "date"}
    assert {"name": "deal.won", "meaning": entity_meaning()} in bob.get("meta/events")["data"]


def entity_meaning() -> str:
    from guanxi.crm.deals.events import DealWon

    return str(DealWon.__doc__).strip()


def test_what_one_may_not_see_is_not_told_of(cast: Cast, program: Programs) -> None:
    from guanxi.access.models import Role
    from guanxi.access.starting import grant

    role = Role.objects.create(name="Only accounts")
    grant(role, {"accounts": {"see": "own"}})
    key = program(cast.bob, role)

    assert "deals" not in [one["name"] for one in key.get("meta")["data"]]
    assert "deals" not in [one["name"] for one in key.get("meta/accounts")["related"]]
    key.refused("GET", "meta/deals", status=404)
    assert not [path for path in key.get("openapi.json")["paths"] if "deals" in path]


# ——— saved views ———

SHOPS: dict[str, Any] = {
    "entity": "accounts",
    "name": "Shops",
    "condition": 'industry = "retail"',
    "columns": ["name", "employees"],
    "order": ["-employees"],
    "shape": "table",
}


def test_a_view_is_saved_changed_shared_and_deleted(cast: Cast, program: Programs) -> None:
    bob, alice = program(cast.bob), program(cast.alice)

    view = bob.post("views", SHOPS)
    address = f"views/{view['id']}"

    assert view["condition"] == {"path": "industry", "op": "=", "value": "retail"}
    assert view["condition_text"] == 'industry = "retail"'
    assert bob.get(address) == view
    alice.refused("GET", address, status=404)
    shared = bob.patch(address, {"shared": True, "condition": {"path": "employees", "op": ">", "value": 5}, "options": {"by": "industry"}})
    assert (shared["condition_text"], shared["options"]) == ("employees > 5", {"by": "industry"})
    assert alice.get(address) | {"mine": True} == shared
    assert [one["id"] for one in alice.get("views?entity=accounts")["data"]] == [view["id"]]
    assert alice.get("views?entity=deals")["data"] == []
    alice.refused("PATCH", address, {"name": "Mine"}, status=403)
    alice.refused("DELETE", address, status=403)
    bob.delete(address)
    bob.refused("GET", address, status=404)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"entity": "quarrels"}, "entity"),
        ({"entity": None}, "entity"),
        ({"entity": 5}, "entity"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x\x00"}, "name"),
        ({"condition": "industri = 5"}, "condition"),
        ({"condition": {"or": 5}}, "condition"),
        ({"condition": 5}, "condition"),
        ({"condition": 'name = "x\x00"'}, "condition"),
        ({"columns": ["nam"]}, "columns"),
        ({"columns": "name"}, "columns"),
        ({"columns": [5]}, "columns.0"),
        ({"order": ["phones"]}, "order"),
        ({"order": ["name"] * 3 + ["-name", "industry", "id", "kind"]}, "order"),
        ({"shape": "circle"}, "shape"),
        ({"shape": None}, "shape"),
        ({"options": {"x": "y"}}, "options"),
        ({"options": {"by": "x\x00"}}, "options"),
        ({"options": {"by": 5}}, "options.by"),
        ({"position": -1}, "position"),
        ({"position": 10**30}, "position"),
        ({"shared": "yes"}, "shared"),
        ({"owner": 1}, "owner"),
        ({"x\x00": 1}, "x\x00"),
    ],
)
def test_a_view_that_cannot_be_is_refused_by_name(cast: Cast, program: Programs, change: dict[str, Any], place: str) -> None:
    told = program(cast.bob).refused("POST", "views", {**SHOPS, **change}, status=422)

    assert paths(told) == [place]


def test_a_view_stays_with_its_entity(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    view = bob.post("views", SHOPS)

    assert paths(bob.refused("PATCH", f"views/{view['id']}", {"entity": "deals"}, status=422)) == ["entity"]
    make("accounts", name="A", owner=cast.bob.pk)
    assert bob.patch(f"views/{view['id']}", {"condition": None})["condition"] is None
    assert len(bob.get(f"accounts?view={view['id']}")["data"]) == 1
