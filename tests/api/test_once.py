"""Idempotency-Key: sent twice, done once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.crm.accounts.model import Account
from guanxi.surfaces.api.model import KeptAnswer
from guanxi.surfaces.api.once import clear_expired
from tests.api.conftest import Program, paths
from tests.cast import Cast, found

Programs = Callable[..., Program]
LIGHTS = {"name": "Harbour Lights"}


def test_the_same_call_with_the_same_key_is_done_once_and_answered_alike(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)

    first, second = (bob.call("POST", "accounts", LIGHTS, Idempotency_Key="one") for _ in range(2))

    assert (second.status_code, second.content) == (201, first.content)
    assert all(second[name] == first[name] for name in ("Location", "ETag", "Content-Type"))
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Account.objects.count() == 1


def test_the_same_key_with_another_body_or_address_is_refused(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    bob.post("accounts", LIGHTS, Idempotency_Key="one")

    for path, body in (("accounts", {"name": "Other"}), ("contacts", LIGHTS), ("accounts?fields=name", LIGHTS)):
        told = bob.refused("POST", path, body, status=422, Idempotency_Key="one")
        assert paths(told) == ["Idempotency-Key"]
    assert Account.objects.count() == 1


def test_a_key_belongs_to_who_sent_it(cast: Cast, program: Programs) -> None:
    made = [program(user).post("accounts", LIGHTS, Idempotency_Key="one")["id"] for user in (cast.bob, cast.bob, cast.charlie)]

    assert len(set(made)) == 3


def test_a_refused_call_changed_nothing_and_may_be_sent_again_put_right(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    bob.refused("POST", "accounts", {}, status=422, Idempotency_Key="one")

    assert bob.post("accounts", LIGHTS, Idempotency_Key="one")["name"] == "Harbour Lights"
    assert Account.objects.count() == 1


def test_a_verb_is_done_once_too(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    deal = bob.post("deals", {"name": "Lamps"})

    first, second = (bob.post(f"deals/{deal['id']}/win", {}, Idempotency_Key="win") for _ in range(2))

    assert first == second
    assert [one["event"] for one in bob.get(f"deals/{deal['id']}/history")["data"]] == ["deal.won", "deal.created"]


@pytest.mark.parametrize("key", ["", " ", "é", "a" * 256, "a b", "\x7f"])
def test_a_key_that_is_none_is_told(cast: Cast, program: Programs, key: str) -> None:
    assert paths(program(cast.bob).refused("POST", "accounts", LIGHTS, status=400, Idempotency_Key=key)) == ["Idempotency-Key"]


def test_after_a_day_a_key_is_free_again(cast: Cast, program: Programs) -> None:
    bob = program(cast.bob)
    bob.post("accounts", LIGHTS, Idempotency_Key="one")
    KeptAnswer.objects.update(made_at=timezone.now() - dt.timedelta(hours=25))

    bob.post("accounts", {"name": "Other"}, Idempotency_Key="one")
    bob.post("accounts", LIGHTS, Idempotency_Key="two")
    KeptAnswer.objects.filter(key="one").update(made_at=timezone.now() - dt.timedelta(hours=25))

    assert clear_expired() == 1
    assert list(KeptAnswer.objects.values_list("key", flat=True)) == ["two"]
    assert Account.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_does_it_and_all_are_answered_alike() -> None:
    cast = found()
    bob = Program(cast.bob)
    programs = [Program(cast.bob, secret=bob.secret) for _ in range(20)]
    together = Barrier(20)

    def send(one: Program) -> tuple[int, bytes]:
        try:
            together.wait()
            response = one.call("POST", "accounts", LIGHTS, Idempotency_Key="one")
            return response.status_code, response.content
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(send, programs))

    assert Account.objects.count() == 1
    ((status, _content),) = answers
    assert status == 201
