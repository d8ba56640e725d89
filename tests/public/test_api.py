"""Links by programs: made, listed and revoked with the rights of whose key it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import Program
from tests.cast import Cast
from tests.public.test_links import draft, sent

pytestmark = pytest.mark.django_db


def test_a_program_makes_lists_and_revokes_links(cast: Cast, client: Client) -> None:
    quote, first = sent(cast)
    bob = Program(cast.bob)
    made = bob.post(f"quotes/{quote.pk}/links", {"note": "For Nora", "expires_at": "2027-01-31T16:00:00Z"})
    assert (made["note"], made["expires_at"], made["opened"], made["made_by"]["title"]) == (
        "For Nora",
        "2027-01-31T16:00:00Z",
        0,
        "Bob Reyes",
    )
    path = made["url"].removeprefix("http://testserver")
    assert client.get(path).status_code == 200
    told = bob.get(f"quotes/{quote.pk}/links")["data"]
    assert [(one["id"], one["opened"]) for one in told] == [(made["id"], 1), (made["id"] - 1, 0)]
    assert told[1]["url"] == f"http://testserver{first}"
    ended = bob.post(f"quotes/{quote.pk}/links/{made['id']}/revoke")
    assert (ended["url"], ended["revoked_at"] is not None) == (None, True)
    assert [client.get(one).status_code for one in (path, first)] == [410, 200]


def test_who_may_not_change_a_record_learns_nothing_of_its_links(cast: Cast) -> None:
    quote, _url = sent(cast)
    charlie = Program(cast.charlie)
    for method, path in (("GET", "links"), ("POST", "links"), ("POST", "links/1/revoke")):
        assert charlie.call(method, f"quotes/{quote.pk}/{path}", {} if method == "POST" else None).status_code == 404
    reader = Program(cast.admin, cast.roles["reader"])
    assert reader.call("GET", f"quotes/{quote.pk}/links").status_code == 403
    assert reader.call("POST", f"quotes/{quote.pk}/links", {}).status_code == 403


def test_what_is_wrong_is_named(cast: Cast) -> None:
    quote, _url = sent(cast)
    bob = Program(cast.bob)
    wrong: list[tuple[Any, str]] = [
        ({"expires_at": "tomorrow"}, "expires_at"), ({"expires_at": "2027-01-31"}, "expires_at"), ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59Z"}, "expires_at"), ({"note": 3}, "note"), ({"note": "x" * 201}, "note"), ({"for": "Nora"}, "for"),
    ]  # fmt: skip
    for body, name in wrong:
        answer = bob.call("POST", f"quotes/{quote.pk}/links", body)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, name), body
    assert bob.call("POST", f"quotes/{draft(cast).pk}/links", {}).status_code == 422
    assert bob.call("GET", "deals/1/links").status_code == 404
    assert bob.call("POST", f"quotes/{quote.pk}/links/{'9' * 19}/revoke", {}).status_code == 404
