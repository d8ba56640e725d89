"""Lists: conditions, order, pages, counts, fields, titles, views, search; and what they cost."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.access.starting import grant
from guanxi.entity.registry import entities, entity_named
from guanxi.record import custom
from guanxi.record.models import CustomField
from tests.api.conftest import Program, paths, sample
from tests.cast import Cast, make

Programs = Callable[..., Program]


@pytest.fixture
def lamps(cast: Cast) -> list[Any]:
    """Five accounts of Bob's, and one of Charlie's."""
    rows = [("Ada", "retail", 5), ("Bell", "", 4), ("Cray", "retail", None), ("Dell", "", 2), ("Eros", "retail", 1)]
    made = [make("accounts", name=name, industry=industry, employees=size, owner=cast.bob.pk) for name, industry, size in rows]
    make("accounts", name="Zanzibar", industry="retail", employees=3, owner=cast.charlie.pk)
    return made


def test_a_condition_as_text_and_as_json_finds_the_same(lamps: list[Any], cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    text = quote('industry = "retail" and employees > 1')
    tree = quote('{"and": [{"path": "industry", "op": "=", "value": "retail"}, {"path": "employees", "op": ">", "value": 1}]}')

    by_text, by_tree = (bob.get(f"accounts?fields=name&condition={one}") for one in (text, tree))

    assert by_text == by_tree
    assert by_text["data"] == [{"id": lamps[0].pk, "version": 1, "name": "Ada"}]


@pytest.mark.parametrize(
    ("condition", "place", "near"),
    [
        ('industri = "retail"', "industri", "industry"),
        ("employees > ", "", ""),
        ('industry = "retail" && employees > 5', "&&", "and"),
        ('employees ~ "5"', "", ""),
        ('{"path": "industri", "op": "=", "value": "x"}', "industri", "industry"),
        ("{not json", "", ""),
        ('name = "' + "x" * 49_000, "", ""),
        ("(" * 5000, "", ""),
        ('{"not":' * 5000 + "{}" + "}" * 5000, "", ""),
        ("employees > " + "9" * 500, "", ""),
        ("created_at > 99999999999d", "", ""),
        ('name = "\ud83d\ude00', "", ""),
    ],
)
def test_a_wrong_condition_is_told_with_its_place(cast: Cast, program: Programs, condition: str, place: str, near: str) -> None:
    told = program(cast.bob).refused("GET", f"accounts?condition={quote(condition, errors='surrogatepass')}", status=400)

    assert paths(told) == ["condition"]
    wrong = told["errors"][0]
    assert (wrong["line"] and wrong["column"]) or wrong["pointer"] is not None
    assert wrong["place"] == place or not place
    assert wrong["suggestions"][:1] == [near] or not near


@pytest.mark.parametrize("order", ["", "name", "-name", "employees", "-employees", "industry,-name", "owner,name", "-created_at", "id"])
def test_pages_tell_every_record_once_in_order(lamps: list[Any], cast: Cast, program: Programs, order: str) -> None:
    bob = program(cast.bob)
    whole = [one["id"] for one in bob.get(f"accounts?order={order}&limit=100")["data"]]

    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        told = bob.get(f"accounts?order={order}&limit=2&cursor={cursor}&count=true")
        assert (told["count"], told["capped"]) == (5, False)
        seen += [one["id"] for one in told["data"]]
        cursor = told["next"]

    assert seen == whole
    assert sorted(seen) == [one.pk for one in lamps]


@pytest.mark.parametrize("cursor", ["x", "W10", "e30", "bnVsbA", "WzAsWyJuYW1lIl0sWyJBIl0sMV0", "%00", "é", "a" * 3000])
def test_a_cursor_of_something_else_is_refused(cast: Cast, program: Programs, cursor: str) -> None:
    for path in ("accounts?order=-employees&", "accounts/trash?", "changes?"):
        told = program(cast.bob).refused("GET", f"{path}cursor={cursor}", status=400)
        assert paths(told) == ["cursor"]


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=1e3", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("count=maybe", "count"),
        ("fields=nam", "fields"),
        ("expand=name", "expand"),
        ("order=phones", "order"),
        ("order=--name", "order"),
        ("conditon=x", "conditon"),
        ("q=%00", "q"),
        ("view=999999", "view"),
        ("view=" + "9" * 30, "view"),
    ],
)
def test_a_wrong_parameter_is_told_by_name(cast: Cast, program: Programs, question: str, place: str) -> None:
    assert paths(program(cast.bob).refused("GET", f"accounts?{question}", status=400)) == [place]


@pytest.mark.parametrize(
    ("question", "near"), [("where=name", "condition"), ("sort=name", "order"), ("conditon=x", "condition"), ("limt=5", "limit")]
)
def test_a_parameter_of_another_name_is_suggested(cast: Cast, program: Programs, question: str, near: str) -> None:
    assert program(cast.bob).refused("GET", f"accounts?{question}", status=400)["errors"][0]["suggestions"][0] == near


def test_fields_choose_what_is_told_and_expand_tells_titles(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    account = make("accounts", name="Harbour Lights", owner=cast.bob.pk)
    hidden = make("accounts", name="Zanzibar", owner=cast.charlie.pk)
    deal = make("deals", name="Lamps", account=account.pk, competitor=hidden.pk, owner=cast.bob.pk, co_workers=[cast.alice.pk])

    told = bob.get(f"deals/{deal.pk}?fields=name,account,competitor,co_workers,amount&expand=account,competitor,co_workers,stage")

    assert told == {
        "id": deal.pk,
        "version": 1,
        "name": "Lamps",
        "amount": None,
        "account": {"id": account.pk, "title": "Harbour Lights"},
        "competitor": {"id": hidden.pk, "title": None},
        "co_workers": [{"id": cast.alice.pk, "title": "Alice Chen"}],
        "stage": {"id": cast.stage("New").pk, "title": "New"},
    }


def test_a_view_brings_its_condition_order_and_columns(lamps: list[Any], cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    view = bob.post(
        "views",
        {"entity": "accounts", "name": "Shops", "condition": 'industry = "retail"', "order": ["-name"], "columns": ["name", "employees"]},
    )

    told = bob.get(f"accounts?view={view['id']}")
    narrowed = bob.get(f"accounts?view={view['id']}&order=name&condition=employees > 1&fields=name")

    assert [(one["name"], one["employees"]) for one in told["data"]] == [("Eros", 1), ("Cray", None), ("Ada", 5)]
    assert set(told["data"][0]) == {"id", "version", "name", "employees"}
    assert [one["name"] for one in narrowed["data"]] == ["Ada"]
    assert [one["name"] for one in bob.get("accounts?view=mine&fields=name")["data"]] == ["Ada", "Bell", "Cray", "Dell", "Eros"]


def test_words_find_records_in_lists_and_everywhere(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    account = make("accounts", name="上海灯具有限公司", owner=cast.bob.pk)
    make("accounts", name="上海灯具二厂", owner=cast.charlie.pk)

    assert [one["id"] for one in bob.get("accounts?q=dengju")["data"]] == [account.pk]
    found = bob.get(f"search?q={quote('灯具')}")["data"]
    assert [(one["entity"], one["id"], one["title"]) for one in found] == [("accounts", account.pk, "上海灯具有限公司")]
    assert paths(bob.refused("GET", "search", status=400)) == ["q"]
    assert paths(bob.refused("GET", "search?q=x&entity=quarrels", status=400)) == ["entity"]


def test_custom_fields_are_fields_like_any_other_without_a_restart(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    custom.add(CustomField(entity="accounts", key="floors", kind="number", label_en="Floors"))
    custom.add(CustomField(entity="accounts", key="tier", kind="choice", label_en="Tier", options=[["a", "A", "甲"], ["b", "B", "乙"]]))

    made = [bob.post("accounts", {"name": f"House {size}", "floors": size, "tier": "a"})["id"] for size in (12, 3.5)]

    told = bob.get("accounts?condition=floors > 3 and tier = a&order=floors&fields=floors,tier".replace(" = a", ' = "a"'))
    assert [(one["id"], one["floors"], one["tier"]) for one in told["data"]] == [(made[1], "3.5", "a"), (made[0], "12", "a")]
    schema = bob.get("openapi.json")["components"]["schemas"]["accounts"]["properties"]
    assert schema["tier"]["enum"] == ["a", "b", "", None]
    assert [one["name"] for one in bob.get("meta/accounts")["fields"] if one["custom"]] == ["floors", "tier"]
    assert paths(bob.refused("PATCH", f"accounts/{made[0]}", {"tier": "c", "floors": "many"}, status=422)) == ["tier", "floors"]


def test_a_list_takes_as_many_queries_for_three_records_as_for_one(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)

    def cost(question: str) -> list[str]:
        bob.get(question)  # what is remembered is remembered now
        with CaptureQueriesContext(connection) as queries:
            bob.get(question)
        return [one["sql"] for one in queries]

    questions = [f"deals?order=name{more}" for more in ("", "&fields=name,amount", "&expand=account,owner,stage", "&count=true")]
    account = make("accounts", name="Harbour Lights", owner=cast.bob.pk)
    make("deals", name="A", account=account.pk, amount=5, owner=cast.bob.pk)
    one = [len(cost(question)) for question in questions]
    for name in "BC":
        make("deals", name=name, amount=7, account=make("accounts", name=name, owner=cast.bob.pk).pk, owner=cast.bob.pk)
    three = [len(cost(question)) for question in questions]

    # The epoch and the rows; and the titles of accounts, or the count. The key is remembered.
    assert one == three == [2, 2, 3, 3]


@pytest.mark.parametrize("path", [entity.path for entity in entities()])
def test_plain_rows_tell_what_records_tell(cast: Cast, program: Programs, path: str) -> None:
    """Lists read rows without models; a single record is read with one. Both must say the same."""
    entity = entity_named(path)
    custom.add(CustomField(entity=path, key="floors", kind="number", label_en="Floors"))
    custom.add(CustomField(entity=path, key="due", kind="date", label_en="Due"))
    admin = program(cast.admin)

    made = admin.post(path, sample(entity, cast) | {"floors": "12.5", "due": "2026-11-05"})

    assert admin.get(f"{path}/{made['id']}") == made
    listed = {one["id"]: one for one in admin.get(f"{path}?limit=500")["data"]}
    by_custom = {one["id"]: one for one in admin.get(f"{path}?limit=500&order=-floors")["data"]}
    assert listed[made["id"]] == by_custom[made["id"]] == made


@pytest.mark.parametrize(
    "query", ["condition=id>0&condition=id>1", "order=name&order=-name", "order=name,kind,industry,employees,id", "limit=5&limit=6"]
)
def test_what_would_count_in_part_only_is_refused(cast: Cast, program: Programs, query: str) -> None:
    assert program(cast.bob).call("GET", f"accounts?{query}").status_code == 400


def test_a_list_goes_out_as_a_file(cast: Cast, program: Programs) -> None:
    make("accounts", name="Northwind", industry="retail", owner=cast.bob.pk)
    make("accounts", name="=cmd()", industry="finance", owner=cast.bob.pk)
    make("accounts", name="Hidden", owner=cast.charlie.pk)
    grant(cast.roles["seller"], {"accounts": {"see": "own", "export": "own"}})
    bob = program(cast.bob)

    response = bob.call("GET", "accounts/export?fields=name,industry&order=name&condition=industry%20is%20not%20empty")
    assert (response["Content-Type"], response.status_code) == ("text/csv; charset=utf-8", 200)
    assert re.fullmatch(r'attachment; filename="accounts-[\d-]+\.csv"', response["Content-Disposition"])
    table = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [row[1:] for row in table] == [["Name", "Industry"], ["'=cmd()", "finance"], ["Northwind", "retail"]]

    chinese = bob.call("GET", "accounts/export?fields=name,industry&order=-name", Accept_Language="zh-hans")
    assert b"".join(chinese.streaming_content).decode("utf-8-sig").startswith("Guanxi 编号,名称,行业")
    workbook = bob.call("GET", "accounts/export?format=xlsx")
    assert b"".join(workbook.streaming_content)[:2] == b"PK"
    assert paths(bob.refused("GET", "accounts/export?format=pdf", status=400)) == ["format"]
    assert paths(bob.refused("GET", "accounts/export?order=nothing", status=400)) == ["order"]
    assert paths(bob.refused("GET", "accounts/export?fields=nothing", status=400)) == ["fields"]
    grant(cast.roles["seller"], {"accounts": {"export": "none"}})
    bob.refused("GET", "accounts/export", status=403)
    bob.refused("GET", "nothing/export", status=404)
