"""schemathesis on the whole API as Bob: whatever is sent, no server error, what is promised, nothing of others."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entities, entity_named
from guanxi.record.files import add, takes_files
from guanxi.record.keeping import staged
from guanxi.record.models import File
from tests.api.conftest import TOGETHER, Program, sample
from tests.cast import Cast, make

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
SECRET = "zanzibar"
"""A word in every record that Bob may not see."""
EXAMPLES = 4
PARTS = 4
"""The operations are tried in so many tests, which can run side by side."""


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("part", range(PARTS))
def test_the_whole_api_as_bob(part: int, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    """Operations and keys are the real ones; of every few calls one names a record of Bob's, and one a record he may not see."""
    caplog.set_level(logging.WARNING, logger="guanxi")
    bob, keys = Program(cast.bob), _world(cast)
    headers = {"Authorization": f"Bearer {bob.secret}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), headers=headers)
    failures: list[str] = []
    for result in islice(schema.get_all_operations(), part, None, PARTS):
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            failures += _tried(operation, mode, headers, keys.get(operation.tags[0], [1]))
    reached = [record.getMessage() for record in caplog.records if "reached the database" in record.getMessage()]
    assert not failures, f"{len(failures)} failures:\n\n" + "\n\n".join(failures)
    assert not reached, reached[:20]


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """The application keeps the test's connection, as Django's own test client has it do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _world(cast: Cast) -> dict[str, list[int]]:
    """Records of Bob's and of Charlie's of every entity; their keys, by entity."""
    keys: dict[str, list[int]] = {}
    for entity in entities():
        for owner, word in ((cast.bob, "lighthouse"), (cast.charlie, SECRET)):
            values = sample(entity, cast)
            if entity.owned:
                title = {entity.title: f"{word} {owner.pk}"} if not entity.field(entity.title).read_only else {}
                values |= {"owner": owner.pk, **title}
                record = make(entity.path, **values)
                keys.setdefault(entity.path, []).append(record.pk)
                if takes_files(entity):
                    with staged([word.encode()]) as upload:
                        add(record, f"{word}.txt", upload, by=SYSTEM)
            elif entity.part_of and entity.path not in TOGETHER:  # those are parts of what they have to fit
                whole = entity_named(entity.field(entity.part_of).k.linked() or "")
                title = {entity.title: f"{word} part"} if not entity.field(entity.title).read_only else {}
                values |= {entity.part_of: keys[whole.path][0 if owner == cast.bob else 1], **title}
                keys.setdefault(entity.path, []).append(make(entity.path, **values).pk)
            else:
                keys[entity.path] = [make(entity.path, **values).pk]
    return keys


def _tried(operation: Any, mode: GenerationMode, headers: dict[str, str], keys: list[int]) -> Iterator[str]:
    """What went wrong with an operation, tried with generated calls; what they wrote is taken back."""
    chance = random.Random(f"{operation.label} {mode}")

    @hypothesis.seed(20261122)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and "key" in case.path_parameters and chance.random() < 0.8:
            case.path_parameters["key"] = chance.choice(keys)
        if mode is GenerationMode.POSITIVE and "file" in case.path_parameters:
            of_these = File.objects.filter(entity=operation.tags[0], record_id__in=keys)
            case.path_parameters["file"] = chance.choice([*of_these.values_list("pk", flat=True), 1])
        response = case.call(headers=headers)
        # An upsert answers row by row: a row that is refused is told in a 200, beside those that were saved.
        checks = [one for one in CHECKS if one is not negative_data_rejection or operation.method != "put"]
        case.validate_response(response, checks=checks)
        assert SECRET not in response.text.lower()

    try:
        with transaction.atomic():
            try:
                call()
            finally:
                transaction.set_rollback(True)
    except Unsatisfiable:
        return
    except BaseExceptionGroup as several:
        yield f"{operation.label} ({mode.value}): " + "\n".join(str(one)[:1500] for one in several.exceptions)
    except Exception as failure:  # noqa: BLE001 - all are told together
        yield f"{operation.label} ({mode.value}): {type(failure).__name__}: {str(failure)[:1500]}"
