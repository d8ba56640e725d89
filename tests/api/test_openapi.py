"""The OpenAPI document: a valid 3.1 one, with every operation of every entity, stable names, and the rights of who reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from guanxi.entity.registry import entities, entity_named
from guanxi.record.files import takes_files
from guanxi.surfaces.api.figures import FIGURES
from guanxi.surfaces.api.problems import KINDS
from guanxi.surfaces.api.shapes import DUPLICATES, FILES, JUDGING
from guanxi.surfaces.api.uploads import UPLOADS
from tests.api.conftest import Program, sample
from tests.cast import Cast

Programs = Callable[..., Program]
SHAPE = Path(__file__).with_name("openapi.txt")


@pytest.fixture
def document(cast: Cast, program: Programs) -> dict[str, Any]:
    """The document as an administrator reads it."""
    told: dict[str, Any] = program(cast.admin).get("openapi.json")
    return told


def test_every_reference_leads_somewhere_and_every_schema_is_one(document: dict[str, Any]) -> None:
    for reference in _references(document):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.meta.validate(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"})
        assert schema["type"] == "object", name
    assert document["openapi"] == "3.1.0"


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_every_entity_has_every_operation_under_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]

    assert len(names) == len(set(names))
    for entity in entities():
        plain = ("list", "export", "bulk", "create", "upsert", "get", "edit", "delete", "restore", "trash", "history", "verbs")
        wanted = {f"{entity.path}_{name}" for name in plain}
        wanted |= {f"{entity.path}_{verb.name}" for verb in entity.verbs}
        wanted |= {f"{entity.path}_list_{relation.name}" for relation in entity.related}
        wanted |= {f"{entity.path}_figures_{one.name}" for one in FIGURES.of(entity.path)}
        wanted |= {f"{entity.path}_{name}_{one.name}" for one in FIGURES.of(entity.path) if one.judged for name in JUDGING}
        wanted |= {f"{entity.path}_upload_{one.name}" for one in UPLOADS.of(entity.path)}
        wanted |= {f"{entity.path}_{name}" for name in ("merge", "unmerge", *DUPLICATES) if entity.mergeable}
        wanted |= {f"{entity.path}_{name}" for name in ("links", "link", "revoke_link") if entity.public}
        wanted |= {f"{entity.path}_{name}" for name in FILES if takes_files(entity)}
        assert wanted == {name for name in names if name.startswith(f"{entity.path}_") and _of(document, name) == entity.path}


def _of(document: dict[str, Any], name: str) -> str:
    """The entity an operation belongs to."""
    return next(str(one["tags"][0]) for methods in document["paths"].values() for one in methods.values() if one["operationId"] == name)


def test_the_shape_of_the_document_is_the_one_that_was_agreed(document: dict[str, Any]) -> None:
    """A change here is a change for every program that calls us; one that is meant goes into openapi.txt."""
    lines = []
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            sent = " or ".join(_sent(kind, told) for kind, told in one.get("requestBody", {}).get("content", {}).items())
            parameters = ",".join(parameter["name"] for parameter in one["parameters"])
            statuses = " ".join(sorted(one["responses"]))
            lines.append(f"{method.upper()} {path} {one['operationId']} ({parameters}) {sent} -> {statuses}")

    assert lines == SHAPE.read_text().splitlines(), "tests/api/openapi.txt should be:\n" + "\n".join(lines)


def _sent(kind: str, told: dict[str, Any]) -> str:
    return _schema_name(told["schema"]) if kind == "application/json" else kind


def _schema_name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "inline")).rpartition("/")[2]


@pytest.mark.parametrize("path", [entity.path for entity in entities()])
def test_samples_and_answers_fit_their_schemas(cast: Cast, program: Programs, path: str) -> None:
    admin, entity = program(cast.admin), entity_named(path)
    document = admin.get("openapi.json")
    sent = sample(entity, cast)

    _fits(document, f"{path}.create", sent)
    _fits(document, f"{path}.edit", sent)
    made = admin.post(path, sent)
    _fits(document, path, made)
    for one in admin.get(f"{path}?limit=500")["data"]:
        _fits(document, path, one)


def _fits(document: dict[str, Any], name: str, value: Any) -> None:
    whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    jsonschema_rs.validate(json.loads(json.dumps(whole)), value)


def test_problems_are_documented_by_their_names(document: dict[str, Any]) -> None:
    assert document["components"]["responses"].keys() == KINDS.keys()


def test_the_document_is_not_for_strangers(cast: Cast) -> None:
    assert Client().get("/api/v1/openapi.json").status_code == 401
    assert Client().get("/api/v1/docs").status_code == 302


# ——— the page for people ———


def test_the_page_tells_every_entity_with_its_fields_and_calls(cast: Cast, client_of: Callable[..., Client]) -> None:
    client = client_of(cast.bob)

    first = client.get("/api/v1/docs").content.decode()

    assert "Idempotency-Key" in first
    for kind in KINDS:
        assert f'id="problem-{kind}"' in first
    for entity in entities():
        assert f'href="/api/v1/docs/{entity.path}"' in first
        page = client.get(f"/api/v1/docs/{entity.path}").content.decode()
        for field in entity.data_fields:
            assert f"<code>{field.name}</code>" in page
        for verb in entity.verbs:
            assert f"/api/v1/{entity.path}/{{key}}/{verb.name}" in page
    assert client.get("/api/v1/docs/quarrels").status_code == 404
