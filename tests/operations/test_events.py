"""Server-sent events: each page hears what is for its person, soon, and nothing else."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client

from guanxi.web.events import CHANGES, publish
from tests.operations.conftest import wait_for

Event = tuple[str, Any]


def person(name: str) -> Any:
    return get_user_model().objects.create_user(name, password="a-long-pass-phrase", name=name)


@contextmanager
def listening(live: str, who: Any) -> Iterator[http.client.HTTPResponse]:
    """The open stream of a signed-in person."""
    client = Client()
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    stream = http.client.HTTPConnection(urlsplit(live).netloc, timeout=10)
    stream.request("GET", "/events", headers={"Cookie": cookie})
    response = stream.getresponse()
    assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream")
    assert response.readline() == b"retry: 3000\n"
    try:
        yield response
    finally:
        response.close()
        stream.close()


def heard(response: http.client.HTTPResponse) -> Event:
    """The next event."""
    name = ""
    while True:
        line = response.readline().decode().rstrip("\n")
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            return name, json.loads(line.removeprefix("data: "))


def test_a_person_hears_what_is_for_them_and_everyone_what_is_for_all(live: str) -> None:
    alice, bob = person("alice"), person("bob")
    with listening(live, alice) as for_alice, listening(live, bob) as for_bob:
        publish([alice.pk], "toast", {"message": "only Alice"})
        publish([alice.pk, bob.pk], "toast", {"message": "both"})
        publish(None, "changed", {"entity": "deals"})

        assert [heard(for_alice) for _ in range(3)] == [
            ("toast", {"message": "only Alice"}),
            ("toast", {"message": "both"}),
            ("changed", {"entity": "deals"}),
        ]
        assert [heard(for_bob) for _ in range(2)] == [
            ("toast", {"message": "both"}),
            ("changed", {"entity": "deals"}),
        ]


def test_what_is_rolled_back_was_never_said(live: str) -> None:
    alice = person("alice")
    with listening(live, alice) as for_alice:
        with transaction.atomic():
            publish([alice.pk], "toast", {"message": "undone"})
            transaction.set_rollback(True)
        publish([alice.pk], "toast", {"message": "done"})

        assert heard(for_alice) == ("toast", {"message": "done"})


def test_many_changes_at_once_are_one_notice_an_entity(live: str) -> None:
    alice = person("alice")
    with listening(live, alice) as for_alice:
        for entity in ["deals", "accounts"] + ["deals"] * 50:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANGES, entity])

        notices = [heard(for_alice)]
        while notices[0] != ("changed", {"entity": "deals"}):  # what an earlier test did may still be told
            notices = [heard(for_alice)]
        notices.append(heard(for_alice))
        publish([alice.pk], "toast", {"message": "last"})

        assert notices == [("changed", {"entity": "deals"}), ("changed", {"entity": "accounts"})]
        assert heard(for_alice) == ("toast", {"message": "last"})


def test_strangers_and_the_disabled_hear_nothing(live: str) -> None:
    alice = person("alice")
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    get_user_model().objects.filter(pk=alice.pk).update(is_active=False)

    for cookie in ("", "sessionid=forged", f"{settings.SESSION_COOKIE_NAME}={session}"):
        stream = http.client.HTTPConnection(urlsplit(live).netloc, timeout=10)
        stream.request("GET", "/events", headers={"Cookie": cookie})
        assert stream.getresponse().status == 401
        stream.close()


def test_a_page_that_is_closed_is_forgotten(live: str) -> None:
    from guanxi.web.asgi import application

    with listening(live, person("alice")):
        wait_for(lambda: len(application.events.listeners) == 1)

    wait_for(lambda: len(application.events.listeners) == 0)


@pytest.mark.django_db
def test_large_data_is_refused_where_it_is_sent() -> None:
    with pytest.raises(ValueError, match="limited to 4000 bytes"):
        publish(None, "toast", {"message": "a" * 5000})


@pytest.mark.django_db
def test_many_recipients_fit() -> None:
    publish(range(100_000, 110_000), "toast", {"message": "关系" * 600})
