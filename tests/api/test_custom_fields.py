"""Fields of one's own added by a program: at once in metadata, records, conditions and lists; only by administrators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.db import connection

from guanxi.record.custom import refresh
from guanxi.record.memory import raise_epoch
from guanxi.record.models import CustomField
from tests.api.conftest import Program, paths
from tests.cast import Cast, found

pytestmark = pytest.mark.django_db
Programs = Callable[..., Program]
COLOUR: dict[str, Any] = {
    "entity": "accounts", "key": "colour", "kind": "choice", "label_en": "Colour", "label_zh": "颜色", "glance": True,
    "choices": [{"value": "red", "label_en": "Red", "label_zh": "红"}, {"value": "blue"}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _without() -> Iterator[None]:
    yield
    raise_epoch()
    refresh()


def test_a_field_is_there_as_soon_as_it_is_added(cast: Cast, program: Programs) -> None:
    admin, bob = program(cast.admin), program(cast.bob)

    made = admin.post("fields", COLOUR)

    assert made["choices"][1] == {"value": "blue", "label_en": "blue", "label_zh": ""}
    told = {one["name"]: one for one in bob.get("meta/accounts")["fields"]}["colour"]
    assert (told["label"], told["custom"], told["choices"][0]) == ("Colour", True, {"value": "red", "label": "Red"})
    account = bob.post("accounts", {"name": "Northwind", "colour": "red"})
    assert [one["id"] for one in bob.get("accounts?condition=colour=red")["data"]] == [account["id"]]

    worded = admin.patch(f"fields/{made['id']}", {"label_en": "Paint", "choices": [{"value": "red", "label_en": "Crimson"}]})
    assert (worded["label_en"], worded["label_zh"], worded["glance"]) == ("Paint", "颜色", True)
    assert {one["name"]: one for one in bob.get("meta/accounts")["fields"]}["colour"]["label"] == "Paint"
    assert paths(admin.refused("PATCH", f"fields/{made['id']}", {"choices": [{"value": "blue"}]}, status=422)) == ["choices"]

    admin.patch(f"fields/{made['id']}", {"retired": True})
    bob.refused("GET", "accounts?condition=colour=red", status=400)
    assert admin.get(f"fields/{made['id']}")["retired"] is True
    admin.patch(f"fields/{made['id']}", {"retired": False})
    assert bob.get(f"accounts/{account['id']}")["colour"] == "red"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"entity": "nothing"}, "entity"), ({"entity": None}, "entity"), ({"key": "Colour"}, "key"), ({"key": "name"}, "key"),
        ({"key": 7}, "key"), ({"kind": "rainbow"}, "kind"), ({"kind": None}, "kind"), ({"label_en": " "}, "label_en"),
        ({"label_en": "x" * 81}, "label_en"), ({"choices": []}, "choices"), ({"choices": "red"}, "choices"), ({"choices": [{}]}, "choices.0.value"),
        ({"choices": [{"value": "red"}, {"value": "red"}]}, "choices"), ({"choices": [{"value": "x" * 61}]}, "choices"),
        ({"choices": [{"value": "a\x00"}]}, "choices"), ({"kind": "link", "choices": [], "to": "nothing"}, "to"), ({"to": "accounts"}, "to"),
        ({"kind": "link", "to": "accounts"}, "choices"), ({"required": "yes"}, "required"), ({"position": 1}, "position"), ({"indexed": True}, "indexed"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(cast: Cast, program: Programs, said: Any, path: str) -> None:
    told = program(cast.admin).refused("POST", "fields", {**COLOUR, **said}, status=422)
    assert path in paths(told)
    assert not CustomField.objects.exists()


def test_a_link_leads_where_it_is_said_to(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    made = admin.post("fields", {"entity": "accounts", "key": "bank", "kind": "link", "label_en": "Bank", "to": "contacts"})
    assert (made["to"], made["choices"]) == ("contacts", [])
    document = admin.get("openapi.json")
    for one in admin.get("fields?entity=accounts")["data"]:
        jsonschema_rs.validate({"$ref": "#/components/schemas/CustomField", "components": document["components"]}, one)
    assert admin.get("fields?entity=contacts")["data"] == []


def test_only_administrators_may(cast: Cast, program: Programs) -> None:
    made = program(cast.admin).post("fields", COLOUR)
    for caller in (program(cast.alice), program(cast.admin, cast.roles["seller"])):
        for method, where in (("GET", "fields"), ("POST", "fields"), ("GET", f"fields/{made['id']}"), ("PATCH", f"fields/{made['id']}")):
            caller.refused(method, where, {} if method != "GET" else None, status=403)


@pytest.mark.django_db(transaction=True)
def test_a_field_is_indexed_and_no_longer() -> None:
    admin = Program(found().admin)
    made = admin.post("fields", {"entity": "accounts", "key": "shoe", "kind": "number", "label_en": "Shoe"})

    def indexes() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'custom%%shoe'")
            return [name for (name,) in cursor.fetchall()]

    assert admin.patch(f"fields/{made['id']}", {"indexed": True})["indexed"] is True
    assert len(indexes()) == 1
    assert admin.patch(f"fields/{made['id']}", {"indexed": False})["indexed"] is False
    assert indexes() == []
