"""What the site says to browsers, and what it does not let pass."""

import http.client
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from guanxi.access.models import Company
from guanxi.web.secret_key import secret_key_in
from guanxi.web.static_files import fingerprint

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}


def test_every_page_says_what_a_browser_may_do(client: Client) -> None:
    answer = client.get("/health")

    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    said = {name: answer.headers.get(name) for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy")}
    assert said == {"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_refused(client: Client) -> None:
    assert client.get("/health", headers={"host": "evil.example"}).status_code == 400


@pytest.fixture
def alice(db: None) -> str:
    """Somebody who may sign in, and her company; nobody has tried to sign in yet."""
    cache.clear()
    Company.objects.create(name="Harbour")
    get_user_model().objects.create_user("alice", password="the-right-pass-phrase")
    return "alice"


@pytest.mark.usefixtures("alice")
def test_guessing_passwords_is_slowed_down(client: Client) -> None:
    for _ in range(5):
        client.post("/login/", {"login": "alice", "password": "wrong"})

    refused = client.post("/login/", {"login": "alice", "password": "the-right-pass-phrase"})

    assert "_auth_user_id" not in client.session
    assert refused.status_code == 200
    assert b"Too many failed login attempts" in refused.content


@pytest.mark.usefixtures("alice")
def test_signing_in_changes_the_session_and_its_cookie_is_out_of_reach_of_scripts(client: Client) -> None:
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key

    client.post("/login/", {"login": "alice", "password": "the-right-pass-phrase"})

    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert client.session.get("_auth_user_id")
    assert client.session.session_key != before
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(live: str, method: str, path: str, headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(live).netloc, timeout=20)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(live: str) -> None:
    refused = ask(live, "POST", "/health", headers={"Content-Length": str(settings.MAX_BODY_BYTES + 1)})

    assert (refused.status, refused.body) == (413, b"The request is larger than 200 MB.\n")


def test_a_length_that_is_no_number_is_refused(live: str) -> None:
    assert ask(live, "POST", "/health", headers={"Content-Length": "-5"}).status == 400


def test_a_header_written_with_underscores_never_passes_for_the_real_one(live: str) -> None:
    refused = ask(live, "GET", "/health", headers={"X_Forwarded_Host": "evil.example", "Host": "127.0.0.1"})

    assert refused.status == 200


def test_static_files_may_be_kept_for_ever_under_their_address(live: str) -> None:
    answer = ask(live, "GET", f"{settings.STATIC_URL}css/app.css")

    assert (answer.status, answer.headers["Cache-Control"]) == (200, "max-age=315360000, public, immutable")
    assert f"/static/{fingerprint()}/" == settings.STATIC_URL
    assert ask(live, "GET", "/static/another/css/app.css").status == 404


def test_the_address_of_static_files_changes_with_any_of_them_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "app.js").write_text("one")
    first = fingerprint(tmp_path)

    os.utime(tmp_path / "js" / "app.js", (0, 0))
    assert fingerprint(tmp_path) == first
    (tmp_path / "js" / "app.js").write_text("two")
    assert fingerprint(tmp_path) != first


def test_a_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = secret_key_in(tmp_path / "new")

    assert len(first) >= 50
    assert secret_key_in(tmp_path / "new") == first
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret-key"]
    assert (tmp_path / "new" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert secret_key_in(tmp_path / "other") != first
