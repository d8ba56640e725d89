"""What a noun costs: a model and a declaration. A boat, known to no surface, appears on every one of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, models
from django.test import Client

from guanxi.crm.activities.model import Activity
from guanxi.entity import registry
from guanxi.entity.entity import Board, Entity, Noun, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Name, options
from guanxi.record import memory
from guanxi.record.changes import create, edit
from guanxi.record.model import Owned
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.plan import first_wishes, places_of, proposed
from guanxi.surfaces.imports.reading import inspect
from guanxi.surfaces.imports.running import run
from guanxi.surfaces.search.query import find
from tests.cast import Cast, signed_in

pytestmark = pytest.mark.django_db


class Boat(Owned):
    """Something that floats."""

    name = models.CharField(max_length=80)
    colour = models.CharField(max_length=10, blank=True)
    length = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    launched_on = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "toy"


COLOURS = Choice(options(("red", "Red", "bad"), ("green", "Green", "good")))


def declaration() -> Entity:
    return Entity(
        path="boats", model=Boat, noun=Noun("boat", "boats"), icon="star", title="name", group="sell", order=("name",),
        fields_declared=[
            Field("name", kind=Name(80), glance=True, search="A", identity=True, label="Name of the boat"),
            Field("colour", kind=COLOURS, glance=True, card=True), Field("length", glance=True, total=True), Field("launched_on"),
            Field("owner", glance=True), Field("team"), Field("external_id"), Field("id", read_only=True),
        ],
        sections=[Section("Boat", ("name", "colour", "length", "launched_on", "owner"))],
        board=Board(by="colour", total="length"), calendar="launched_on",
    )  # fmt: skip


@pytest.fixture
def boats(cast: Cast) -> Iterator[Entity]:
    """Boats are declared, and have a table."""
    with connection.schema_editor() as editor:
        editor.create_model(Boat)
    entity = declaration()
    registry.register(entity)
    registry.complete()
    memory.forget()
    yield entity
    registry.forget("boats")
    memory.forget()


@pytest.fixture
def admin(cast: Cast) -> Client:
    return signed_in(cast.admin)


def launch(boats: Entity, cast: Cast, **values: Any) -> Any:
    return create(boats, {"name": "海燕号", "colour": "green", "length": "12.5", "launched_on": "2026-11-05", **values}, by=cast.admin)


def test_it_stands_in_the_side_bar_and_on_its_list(boats: Entity, cast: Cast, admin: Client) -> None:
    launch(boats, cast)
    page = admin.get("/boats").content.decode()
    assert 'href="/boats"' in page
    assert "海燕号" in page
    assert "12.5" in page


def test_its_list_filters_by_every_field(boats: Entity, cast: Cast, admin: Client) -> None:
    launch(boats, cast)
    launch(boats, cast, name="Red Gull", colour="red", length=3)
    for condition, kept in (('colour = "red"', "Red Gull"), ("length > 10", "海燕号"), ('name contains "gull"', "Red Gull")):
        page = admin.get("/boats", {"where": condition}).content.decode()
        assert (kept in page, ("海燕号" in page) + ("Red Gull" in page)) == (True, 1), condition


@pytest.mark.parametrize("shape", ["table", "board", "chart", "calendar"])
def test_it_has_every_shape(boats: Entity, cast: Cast, admin: Client, shape: str) -> None:
    launch(boats, cast)
    answer = admin.get("/boats", {"shape": shape, "day": "2026-11-05"})
    assert answer.status_code == 200


def test_its_form_creates_and_its_detail_page_shows(boats: Entity, cast: Cast, admin: Client) -> None:
    assert 'name="colour"' in admin.get("/boats/new").content.decode()
    answer = admin.post("/boats/new", {"name": "Kittiwake", "colour": "red", "length": "8"})
    assert answer.status_code in (200, 204, 302), answer.content[:500]
    boat = Boat.objects.get()
    assert (boat.name, boat.colour, boat.length, boat.owner_id) == ("Kittiwake", "red", 8, cast.admin.pk)
    assert "Kittiwake" in admin.get(f"/boats/{boat.pk}").content.decode()


def test_its_history_tells_and_its_trash_gives_back(boats: Entity, cast: Cast, admin: Client) -> None:
    boat = launch(boats, cast)
    edit(boat, {"length": "14"}, by=cast.admin)
    told = admin.get(f"/boats/{boat.pk}/history").content.decode()
    assert "12.5" in told
    assert "14" in told
    admin.post(f"/boats/{boat.pk}/delete")
    assert "海燕号" in admin.get("/boats/trash").content.decode()
    admin.post(f"/boats/{boat.pk}/restore")
    boat.refresh_from_db()
    assert boat.deleted_at is None


@pytest.mark.parametrize("typed", ["海燕", "haiyan", "hy"])
def test_search_finds_it(boats: Entity, cast: Cast, typed: str) -> None:
    boat = launch(boats, cast)
    assert [(hit.entity.path, hit.key) for hit in find(typed, to=cast.admin)] == [("boats", boat.pk)]


def test_it_goes_out_to_a_file_and_comes_in_again_unchanged(boats: Entity, cast: Cast, admin: Client, tmp_path: Any) -> None:
    launch(boats, cast)
    answer = admin.get("/boats/export", {"all": "1", "view": "all"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["Guanxi number", "Name of the boat"]
    assert rows[1][1] == "海燕号"
    path = tmp_path / "boats.csv"
    path.write_bytes(content)
    inspection = inspect(path)
    places = places_of(proposed(boats, inspection, by=cast.admin))
    wishes = first_wishes(boats, places, inspection.columns, by=cast.admin).to_json()
    one = Import.objects.create(entity="boats", name="boats.csv", path=str(path), user=cast.admin, mapping=places, wishes=wishes)
    run(one, by=cast.admin)
    boat = Boat.objects.get()
    assert (one.created, one.updated, one.skipped, one.rejected, boat.version) == (0, 0, 1, 0, 1)


def test_the_api_has_it(boats: Entity, cast: Cast, admin: Client) -> None:
    made = admin.post("/api/v1/boats", json.dumps({"name": "Tern", "colour": "green"}), content_type="application/json")
    assert made.status_code == 201, made.content
    key = made.json()["id"]
    changed = admin.patch(f"/api/v1/boats/{key}", json.dumps({"length": "9.5"}), content_type="application/json")
    assert changed.status_code == 200, changed.content
    listed = admin.get("/api/v1/boats", {"condition": "length > 9"}).json()
    assert [(one["name"], one["length"]) for one in listed["data"]] == [("Tern", "9.5")]


def test_rights_hold_for_it_without_a_word_about_it(boats: Entity, cast: Cast) -> None:
    boat = launch(boats, cast)
    charlie = signed_in(cast.charlie)
    assert charlie.get("/boats").status_code == 404
    assert charlie.get(f"/boats/{boat.pk}").status_code == 404
    assert charlie.get("/api/v1/boats").status_code in (403, 404)
    assert find("海燕", to=cast.charlie) == []


def test_an_activity_can_be_about_it(boats: Entity, cast: Cast) -> None:
    boat = launch(boats, cast)
    values = {"kind": "note", "body": "Needs paint.", "about": f"boats:{boat.pk}"}
    made = create(registry.entity_named("activities"), values, by=cast.admin)
    assert Activity.objects.get(pk=made.pk).about == f"boats:{boat.pk}"
    assert "Needs paint." in signed_in(cast.admin).get(f"/boats/{boat.pk}").content.decode()
