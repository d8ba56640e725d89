"""What roles may, set by a program: what it says holds at once, and only administrators say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from guanxi.access.models import Permission
from guanxi.entity.actors import Level
from guanxi.record.history import undo
from guanxi.record.models import Change
from guanxi.record.refusals import Refused
from tests.api.conftest import Program, paths
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
Programs = Callable[..., Program]


def test_what_a_role_may_is_read_and_changed(cast: Cast, program: Programs) -> None:
    admin, bob = program(cast.admin), program(cast.bob)
    make("accounts", name="Big", employees=900, owner=cast.charlie.pk)
    make("accounts", name="Small", employees=9, owner=cast.charlie.pk)
    where = f"roles/{cast.roles['seller'].pk}/rights"
    before = admin.get(where)
    assert before["actions"]["accounts"]["see"] == {"scope": "own", "condition": ""}
    assert before["fields"] == {}

    said = {"actions": {"accounts": {"see": {"scope": "condition", "condition": "employees > 100"}, "import": {"scope": "own"}}},
            "fields": {"accounts": {"industry": "hidden", "website": "read"}}}  # fmt: skip
    told = admin.patch(where, said)

    assert [one["name"] for one in bob.get("accounts")["data"]] == ["Big"]
    assert "industry" not in bob.get("accounts")["data"][0]
    assert told["actions"]["accounts"]["see"] == {"scope": "condition", "condition": "employees > 100"}
    assert told["actions"]["accounts"]["edit"] == before["actions"]["accounts"]["edit"], "what is not said stays"
    assert told["fields"] == {"accounts": {"industry": "hidden", "website": "read"}}
    assert admin.patch(where, {"actions": told["actions"], "fields": told["fields"]}) == told
    again = admin.patch(where, {"actions": {"accounts": {"see": {"scope": "none"}}}, "fields": {"accounts": {"industry": "edit"}}})
    assert "see" not in again["actions"]["accounts"]
    assert again["fields"] == {"accounts": {"website": "read"}}
    bob.refused("GET", "accounts", status=404)
    document = admin.get("openapi.json")
    jsonschema_rs.validate({"$ref": "#/components/schemas/Rights", "components": document["components"]}, again)


def test_the_history_of_a_role_tells_administrators_who_changed_which_right(cast: Cast, program: Programs, client_of: Any) -> None:
    admin, role = program(cast.admin), cast.roles["seller"]
    admin.patch(f"roles/{role.pk}/rights", {"actions": {"deals": {"see": {"scope": "all"}}}, "fields": {"deals": {"amount": "masked"}}})
    admin.patch(f"roles/{role.pk}/rights", {"actions": {"deals": {"see": {"scope": "all"}}}})
    client = client_of(cast.admin)
    client.post(f"/settings/roles/{role.pk}/deals", {"amount": str(Level.EDIT.value)})
    client.post(f"/settings/roles/{role.pk}", {"deals.see": "condition", "deals.see.condition": "amount > 5"})

    changes = list(Change.objects.filter(entity="roles", record_id=role.pk, event="role.granted").order_by("id"))

    assert [(one.by_id, one.origin) for one in changes] == [(cast.admin.pk, "api"), (cast.admin.pk, "ui"), (cast.admin.pk, "ui")]
    page = client.get(f"/roles/{role.pk}/history").content.decode()
    assert "changed the rights of" in page
    for said in ("Deals, See: Own → All; Deals, Amount: Edit → Masked", "Deals, Amount: Masked → Edit", "Deals, See: All → amount &gt; 5"):
        assert said in page
    assert "Masked" not in client_of(cast.bob).get(f"/roles/{role.pk}/history").content.decode()
    with pytest.raises(Refused):
        undo(changes[0], by=cast.admin)
    assert Permission.objects.get(role=role, entity="deals", action="create").scope == "none", "what a page does not send is no right"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"actions": {"nothing": {}}}, "actions.nothing"), ({"actions": {"accounts": {"fly": {"scope": "all"}}}}, "actions.accounts.fly"),
        ({"actions": {"accounts": {"see": "all"}}}, "actions.accounts.see"), ({"actions": {"accounts": {"see": {"scope": "most"}}}}, "actions.accounts.see"),
        ({"actions": {"accounts": {"see": {"scope": "condition"}}}}, "actions.accounts.see"),
        ({"actions": {"accounts": {"see": {"scope": "condition", "condition": "colour = 1"}}}}, "actions.accounts.see"),
        ({"actions": {"accounts": {"see": {"scope": "condition", "condition": {"or": "x"}}}}}, "actions.accounts.see"),
        ({"actions": {"accounts": {"see": {"scope": "condition", "condition": [1]}}}}, "actions.accounts.see"),
        ({"actions": {"accounts": {"see": {"scope": "all", "until": 1}}}}, "actions.accounts.see"),
        ({"actions": {"products": {"see": {"scope": "own"}}}}, "actions.products.see"), ({"actions": []}, ""), ({"actions": [1]}, "actions"),
        ({"fields": {"accounts": {"nothing": "read"}}}, "fields.accounts.nothing"), ({"fields": {"accounts": {"name": "write"}}}, "fields.accounts.name"),
        ({"fields": {"accounts": {"name": 3}}}, "fields.accounts.name"), ({"name": "Boss"}, "name"),
    ],
)  # fmt: skip
def test_what_is_no_right_is_refused_by_its_place(cast: Cast, program: Programs, said: Any, path: str) -> None:
    admin, where = program(cast.admin), f"roles/{cast.roles['seller'].pk}/rights"
    before = admin.get(where)
    if path:
        assert paths(admin.refused("PATCH", where, said, status=422)) == [path]
    else:
        admin.patch(where, said)
    assert admin.get(where) == before


def test_only_administrators_say_what_roles_may(cast: Cast, program: Programs) -> None:
    where = f"roles/{cast.roles['seller'].pk}/rights"
    for caller in (program(cast.alice), program(cast.bob), program(cast.admin, cast.roles["manager"])):
        caller.refused("GET", where, status=403)
        caller.refused("PATCH", where, {"actions": {"users": {"edit": {"scope": "all"}}}}, status=403)
    program(cast.admin).refused("GET", "roles/999999/rights", status=404)
