"""Every entity through the API: what is created is read, changed, deleted, restored, and told alike everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.access.models import FieldRight
from guanxi.entity.actors import SYSTEM, Level
from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import edit
from guanxi.record.memory import raise_epoch
from tests.api.conftest import Program, paths, sample
from tests.cast import Cast, make

Programs = Callable[..., Program]
EVERY = [entity.path for entity in entities()]
OWNED = [entity.path for entity in entities() if entity.owned]


@pytest.mark.parametrize("path", EVERY)
def test_what_is_created_is_read_back_as_it_was_sent(cast: Cast, program: Programs, path: str) -> None:
    admin, entity = program(cast.admin), entity_named(path)
    sent = sample(entity, cast)

    made = admin.post(path, sent)

    read = admin.get(f"{path}/{made['id']}")
    assert read == made
    kept = {name: value for name, value in sent.items() if not entity.fields[name].k.linked() and name not in SETTLED.get(path, ())}
    assert {name: read[name] for name in kept} == kept
    assert set(read) == {"id", "version"} | {field.name for field in entity.data_fields}


SETTLED = {"deals": ("probability", "closed_on", "amount"), "activities": ()}
"""What the business settles by itself, whatever is sent."""


@pytest.mark.parametrize("path", EVERY)
def test_every_field_is_changed_and_the_version_counts(cast: Cast, program: Programs, path: str) -> None:
    admin, entity = program(cast.admin), entity_named(path)
    made = admin.post(path, sample(entity, cast))
    name = entity.title if not entity.field(entity.title).read_only else "external_id"

    response = admin.call("PATCH", f"{path}/{made['id']}", {name: "Another one"})

    assert response.status_code == 200, response.content
    told = response.json()
    assert (told[name], told["version"]) == ("Another one", made["version"] + 1)
    assert response["ETag"] == f'"{told["version"]}"'
    assert admin.get(f"{path}/{made['id']}") == told


@pytest.mark.parametrize("path", EVERY)
def test_what_is_deleted_is_gone_and_comes_back_whole(cast: Cast, program: Programs, path: str) -> None:
    admin, entity = program(cast.admin), entity_named(path)
    made = admin.post(path, sample(entity, cast))
    address = f"{path}/{made['id']}"

    admin.delete(address)

    admin.refused("GET", address, status=404)
    assert made["id"] not in [one["id"] for one in admin.get(path)["data"]]
    assert admin.get(f"{path}/trash")["data"][0]["id"] == made["id"]
    restored = admin.post(f"{address}/restore")
    same = restored.keys() - {"version", "changed_at", "is_active"}
    assert {name: restored[name] for name in same} == {name: made[name] for name in same}
    assert admin.get(f"{path}/trash")["data"] == []


@pytest.mark.parametrize("path", EVERY)
def test_the_history_tells_who_did_what_through_the_api(cast: Cast, program: Programs, path: str) -> None:
    admin, entity = program(cast.admin), entity_named(path)
    made = admin.post(path, sample(entity, cast))
    admin.patch(f"{path}/{made['id']}", {"external_id": "elsewhere-1"})

    last, first = admin.get(f"{path}/{made['id']}/history?limit=2")["data"][:2]

    assert last["changes"]["external_id"] == [made["external_id"], "elsewhere-1"]
    assert (last["via"], last["by"]) == ("api", {"id": cast.admin.pk, "title": "Ada Min"})
    assert first["event"].endswith(".created")


@pytest.mark.parametrize("path", OWNED)
def test_each_sees_what_their_role_lets_them(cast: Cast, program: Programs, path: str) -> None:
    giver = cast.alice if entity_named(path).managed else cast.bob
    made = program(giver).post(path, sample(entity_named(path), cast) | {"owner": cast.bob.pk})
    address = f"{path}/{made['id']}"

    assert program(cast.alice).get(address)["id"] == made["id"]
    charlie = program(cast.charlie)
    for method, below, body in CALLS:
        told = charlie.refused(method, address + below, body, status=404)
        assert str(made[entity_named(path).title]) not in str(told)
    assert charlie.get(path)["data"] == []
    assert charlie.get(f"{path}/trash")["data"] == []


CALLS: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("PATCH", "", {"external_id": "stolen"}),
    ("DELETE", "", None),
    ("POST", "/restore", {}),
    ("GET", "/history", None),
    ("GET", "/verbs", None),
]


def test_a_record_that_is_not_there_is_told_like_one_out_of_sight(cast: Cast, program: Programs) -> None:
    account = make("accounts", name="Harbour Lights", owner=cast.bob.pk)
    charlie = program(cast.charlie)

    hidden = charlie.refused("GET", f"accounts/{account.pk}", status=404)
    missing = charlie.refused("GET", f"accounts/{account.pk + 1000}", status=404)

    assert hidden | {"instance": ""} == missing | {"instance": ""}


def test_a_reader_may_read_and_is_told_that_they_may_not_write(cast: Cast, program: Programs) -> None:
    account = make("accounts", name="Harbour Lights", owner=cast.bob.pk)
    cast.charlie.roles = [cast.roles["reader"].pk]
    edit(cast.charlie, {"roles": [cast.roles["reader"].pk]}, by=SYSTEM)
    charlie = program(cast.charlie)

    assert charlie.get(f"accounts/{account.pk}")["name"] == "Harbour Lights"
    charlie.refused("PATCH", f"accounts/{account.pk}", {"name": "Mine"}, status=403)
    charlie.refused("DELETE", f"accounts/{account.pk}", status=403)
    charlie.refused("POST", "accounts", {"name": "Mine"}, status=403)
    assert charlie.get(f"accounts/{account.pk}")["name"] == "Harbour Lights"


# ——— field rights ———


@pytest.fixture
def restricted(cast: Cast) -> Cast:
    """Sellers: revenue is hidden, e-mails are masked, the industry is read-only."""
    levels = {"revenue": Level.HIDDEN, "emails": Level.MASKED, "industry": Level.READ}
    for field, level in levels.items():
        FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field=field, level=level)
    raise_epoch()
    return cast


def test_hidden_fields_are_absent_and_masked_ones_masked_everywhere(restricted: Cast, program: Programs) -> None:
    account = make(
        "accounts", name="Harbour Lights", revenue="7654321", emails=["boss@harbour.example"], industry="retail", owner=restricted.bob.pk
    )
    edit(account, {"revenue": "8765432", "emails": ["chief@harbour.example"]}, by=SYSTEM)
    bob = program(restricted.bob)
    address = f"accounts/{account.pk}"

    answers = [
        bob.get(address),
        bob.get("accounts"),
        bob.get(f"{address}/history"),
        bob.get("changes"),
        bob.get("meta/accounts"),
        bob.put("accounts?partial=true", {"data": [{"external_id": "x", "name": "X"}]}),
        bob.patch(address, {"name": "Harbour Light"}),
    ]

    for told in answers:
        assert "7654321" not in str(told)
        assert "8765432" not in str(told)
        assert "revenue" not in str(told)
        assert "boss@" not in str(told)
        assert "chief@" not in str(told)
    assert bob.get(address)["emails"] == "c•••@harbour.example"
    assert bob.get("openapi.json")["components"]["schemas"]["accounts"]["properties"]["emails"]["type"] == ["string", "null"]
    assert "revenue" not in str(bob.get("openapi.json")["components"]["schemas"]["accounts"])
    assert program(restricted.admin).get(address)["revenue"] == "8765432"


@pytest.mark.parametrize(
    ("question", "parameter"),
    [
        ("fields=revenue", "fields"),
        ("condition=revenue > 5", "condition"),
        ('condition=emails contains "boss"', "condition"),
        ("order=revenue", "order"),
        ("order=emails", "order"),
        ("expand=revenue", "expand"),
    ],
)
def test_what_one_may_not_see_one_cannot_ask_for_either(restricted: Cast, program: Programs, question: str, parameter: str) -> None:
    told = program(restricted.bob).refused("GET", f"accounts?{question}", status=400)

    assert paths(told) == [parameter]


def test_what_one_may_not_set_is_refused_by_name(restricted: Cast, program: Programs) -> None:
    bob = program(restricted.bob)

    told = bob.refused("POST", "accounts", {"name": "X", "industry": "retail", "revenue": "5", "emails": []}, status=422)

    assert sorted(paths(told)) == ["emails", "industry", "revenue"]


# ——— verbs ———


def test_a_verb_does_what_it_does_in_the_browser(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    account = bob.post("accounts", {"name": "Harbour Lights"})
    deal = bob.post("deals", {"name": "Lamps", "account": account["id"], "amount": "1200"})

    assert [one["name"] for one in bob.get(f"deals/{deal['id']}/verbs")["data"]] == ["win", "lose", "quote", "order"]
    won = bob.post(f"deals/{deal['id']}/win", {"closed_on": "2026-11-05"})

    assert (won["outcome"], won["stage"], won["closed_on"]) == ("won", cast.stage("Won").pk, "2026-11-05")
    assert bob.get(f"deals/{deal['id']}/history")["data"][0]["event"] == "deal.won"
    told = bob.refused("POST", f"deals/{deal['id']}/win", {}, status=403)
    assert "possible" in told["detail"]


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, ["loss_reason"]),
        ({"loss_reason": 10**12}, ["loss_reason"]),
        ({"loss_reason": "price"}, ["loss_reason"]),
        ({"by": 1, "record": 2, "origin": 3, "self": 4}, ["by", "record", "origin", "self"]),
    ],
)
def test_a_verb_refuses_values_by_name(cast: Cast, program: Programs, body: dict[str, Any], places: list[str]) -> None:
    bob = program(cast.bob)
    deal = bob.post("deals", {"name": "Lamps"})

    told = bob.refused("POST", f"deals/{deal['id']}/lose", body, status=422)

    assert paths(told) == places
    assert bob.get(f"deals/{deal['id']}")["outcome"] == "open"


def test_a_field_with_its_own_verb_is_never_set_around_it(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    deal = bob.post("deals", {"name": "Lamps"})

    told = bob.refused("PATCH", f"deals/{deal['id']}", {"stage": cast.stage("Lost").pk}, status=422)

    assert paths(told) == ["loss_reason"]
    moved = bob.patch(f"deals/{deal['id']}", {"stage": cast.stage("Proposal").pk})
    assert moved["probability"] == "0.5"


# ——— related lists, trash, out of one's own sight ———


def test_related_lists_hold_what_leads_to_the_record(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    account, other = (bob.post("accounts", {"name": name}) for name in ("Harbour Lights", "Airport Lights"))
    mine = [bob.post("deals", {"name": name, "account": account["id"]})["id"] for name in ("A", "B")]
    bob.post("deals", {"name": "C", "account": other["id"]})
    make("deals", name="D", account=account["id"], owner=cast.charlie.pk)

    told = bob.get(f"accounts/{account['id']}/deals?order=name&fields=name&count=true")

    assert [one["id"] for one in told["data"]] == mine
    assert (told["count"], told["capped"]) == (2, False)
    narrowed = bob.get(f'accounts/{account["id"]}/deals?condition=name = "B"')
    assert [one["name"] for one in narrowed["data"]] == ["B"]
    bob.refused("GET", f"accounts/{account['id']}/quarrels", status=404)


def test_the_trash_pages_through_every_record_once(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    made = [admin.post("products", {"name": f"Lamp {number}"})["id"] for number in range(5)]
    for key in made:
        admin.delete(f"products/{key}")

    seen, cursor = [], ""
    while cursor is not None:
        told = admin.get(f"products/trash?limit=2&cursor={cursor.replace('+', '%2B')}")
        seen += [one["id"] for one in told["data"]]
        cursor = told["next"]

    assert seen == made[::-1]


def test_a_record_handed_over_is_told_no_further_than_its_version(cast: Cast, program: Programs) -> None:
    alice = program(cast.alice)
    account = alice.post("accounts", {"name": "Harbour Lights"})

    told = alice.patch(f"accounts/{account['id']}", {"owner": cast.charlie.pk})

    assert told == {"id": account["id"], "version": 2}
    alice.refused("GET", f"accounts/{account['id']}", status=404)
