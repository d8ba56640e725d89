"""What docs/reference/conditions.md says is so; and what every entity offers is a condition that runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from guanxi.access.models import User
from guanxi.crm.deals.entity import DEALS
from guanxi.entity.actors import SYSTEM
from guanxi.entity.conditions import Compare, ConditionError, any_of, catalogue, check, compile, from_json, parse, print_text, sentence  # noqa: A004
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.reach import visible
from tests.cast import Cast, make
from tests.conditions.toy import Reader, ToyRights

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "conditions.md"
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
EXAMPLES = [(entity, text.strip()) for sort, entity, text in BLOCKS if sort == "condition"]
WRONG = [(entity, *text.strip().rsplit("\n", 1)) for sort, entity, text in BLOCKS if sort == "wrong"]
ANYONE = Reader(pk=1, rights=ToyRights(everything=True))


def test_the_page_has_examples() -> None:
    assert (len(EXAMPLES) > 12, len(WRONG)) == (True, 4)


@pytest.mark.django_db
@pytest.mark.parametrize(("entity", "text"), EXAMPLES, ids=[text[:40] for _entity, text in EXAMPLES])
def test_an_example_is_read_checked_and_run(entity: str, text: str) -> None:
    tree = parse(text)
    of = entity_named(entity)
    assert parse(print_text(tree)) == tree
    assert sentence(tree, of, "en", actor=ANYONE)
    assert list(of.model._default_manager.filter(compile(check(tree, of, ANYONE), of, ANYONE))) == []


@pytest.mark.parametrize(("entity", "text", "message"), WRONG)
def test_a_wrong_example_is_refused_in_these_words(entity: str, text: str, message: str) -> None:
    with pytest.raises(ConditionError) as refusal:
        check(parse(text), entity_named(entity), ANYONE)
    assert str(refusal.value) == message


@pytest.mark.django_db
def test_the_json_example_is_read_checked_and_run() -> None:
    ((entity, text),) = [(entity, text) for sort, entity, text in BLOCKS if sort == "json"]
    of = entity_named(entity)
    tree = check(from_json(json.loads(text)), of, ANYONE)
    assert list(of.model._default_manager.filter(compile(tree, of, ANYONE))) == []


@pytest.mark.django_db
def test_the_python_example_runs(cast: Cast) -> None:
    (code,) = [text for sort, _entity, text in BLOCKS if sort == "python"]
    alice = User.objects.get(pk=cast.alice.pk)
    deal = make("deals", by=cast.alice, name="Fleet renewal", amount=20_000)
    exec(compile_python(code), {"DEALS": DEALS, "alice": alice, "deal": deal, "visible": visible})


def compile_python(code: str) -> Any:
    """Python's own compile, whose name conditions take."""
    import builtins

    return builtins.compile(code, str(PAGE), "exec")


OPERANDS: dict[str, Any] = {
    "number": 5, "whole number": 5, "year": 1996, "money": 5, "percent": "50%", "duration": 90, "date": "today", "moment": "now", "link": 1,
    "user": "me", "links": 1, "yes/no": True, "phones": "+8613812345678", "e-mails": "a@b.co", "currency": "CNY", "any record": "deals:17",
    "phone": "+8613812345678", "e-mail": "a@b.co", "url": "https://b.co", "registration number": "123",
}  # fmt: skip


def offered(entity: Entity, depth: int) -> list[Compare]:
    """A comparison for every path and operator the builder offers."""
    terms = []
    for entry in catalogue(entity, ANYONE, depth)["fields"]:
        one: Any = entry["choices"][0]["value"] if entry.get("choices") else OPERANDS.get(entry["kind"], "x")
        values = {"one": one, "many": (one,), "two": (one, one), "none": None, "period": "this_month"}
        path = parse(f"{entry['path']} is empty").path  # type: ignore[union-attr]
        terms += [Compare(path, op["op"], values[op["takes"]]) for op in entry["ops"]]
    return terms


@pytest.mark.django_db
@pytest.mark.parametrize("entity", entities(), ids=lambda entity: entity.path)
def test_every_comparison_an_entity_offers_runs(entity: Entity) -> None:
    terms = offered(entity, depth=0)
    assert terms
    for start in range(0, len(terms), 100):
        where = compile(any_of(terms[start : start + 100]), entity, ANYONE)
        assert list(entity.model._default_manager.filter(where).values_list("pk", flat=True)) == []


@pytest.mark.django_db  # which sources there are stands in it
@pytest.mark.parametrize("entity", entities(), ids=lambda entity: entity.path)
def test_every_comparison_one_step_away_is_known(entity: Entity) -> None:
    for term in offered(entity, depth=1):
        check(term, entity, ANYONE)


@pytest.mark.parametrize("entity", [one for one in entities() if one.views], ids=lambda entity: entity.path)
def test_the_views_that_come_along_are_conditions(entity: Entity) -> None:
    for view in entity.views:
        check(parse(view.condition), entity, SYSTEM)
