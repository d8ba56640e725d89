"""Files by programs: forms and bodies, twice, broken, too long; over the real server what is cut off and who is slow."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from guanxi.access.models import ApiKey
from guanxi.crm.models import Deal
from guanxi.record.keeping import incoming
from guanxi.record.models import Change, File
from tests.api.conftest import Program, paths, problem
from tests.cast import Cast, make
from tests.files.conftest import PDF, content_of, parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(cast: Cast) -> Deal:
    made = make("deals", name="Fleet renewal", owner=cast.bob.pk, account=make("accounts", name="Bluefin", owner=cast.bob.pk).pk)
    return Deal.objects.get(pk=made.pk)


@pytest.fixture
def bob(cast: Cast) -> Program:
    return Program(cast.bob)


def form(*files: tuple[str, bytes]) -> bytes:
    return encode_multipart(BOUNDARY, {"file": parts(*files)})


def test_a_program_adds_reads_renames_deletes_and_restores(bob: Program, deal: Deal) -> None:
    files = f"deals/{deal.pk}/files"
    answer = bob.call("POST", files, raw=form(("报价.pdf", PDF), ("b.txt", b"hello")), **{"Content-Type": MULTIPART_CONTENT})
    assert answer.status_code == 201, answer.content
    offer, text = answer.json()["data"]
    assert (offer["name"], offer["type"], offer["size"]) == ("报价.pdf", "application/pdf", len(PDF))
    assert offer["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert offer["added_by"]["title"] == "Bob Reyes"
    assert [one["id"] for one in bob.get(files)["data"]] == [text["id"], offer["id"]]
    answer = bob.call("GET", f"{files}/{offer['id']}/content")
    assert content_of(answer) == PDF
    assert answer.headers["Content-Disposition"] == "attachment; filename*=utf-8''%E6%8A%A5%E4%BB%B7.pdf"
    assert bob.patch(f"{files}/{offer['id']}", {"name": "final"})["name"] == "final.pdf"
    bob.delete(f"{files}/{text['id']}")
    assert [one["name"] for one in bob.get(f"{files}?removed=true")["data"]] == ["b.txt"]
    bob.refused("GET", f"{files}/{text['id']}/content", status=404)
    assert bob.post(f"{files}/{text['id']}/restore")["deleted_at"] is None
    events = [(one["event"], one["files"]) for one in bob.get(f"deals/{deal.pk}/history")["data"] if "files" in one]
    assert [event for event, _files in events] == [f"deal.file_{one}" for one in ("restored", "removed", "renamed", "added", "added")]
    assert [[one["name"] for one in side] for side in events[2][1]] == [["报价.pdf"], ["final.pdf"]]


def test_a_file_is_sent_as_the_body_in_whatever_type(bob: Program, deal: Deal) -> None:
    for kind, name, kept in (
        ("application/octet-stream", "a.json", "a.json"),
        ("application/json", "../b.json", "b.json"),
        ("image/png", "", "file"),
    ):
        content = b'{"a": 1}' + name.encode()
        path = f"deals/{deal.pk}/files" + (f"?name={name}" if name else "")
        (told,) = bob.call("POST", path, raw=content, **{"Content-Type": kind}).json()["data"]
        assert (told["name"], told["size"], told["type"]) == (kept, len(content), "text/plain" if kept == "file" else "application/json")
    assert (
        "multipart/form-data"
        in bob.refused("POST", f"deals/{deal.pk}/files", status=415, raw=b"x", **{"Content-Type": "application/x-www-form-urlencoded"})[
            "detail"
        ]
    )


def test_what_is_sent_twice_is_added_once(bob: Program, deal: Deal) -> None:
    path, headers = f"deals/{deal.pk}/files", {"Content-Type": MULTIPART_CONTENT, "Idempotency-Key": "k1"}
    first = bob.call("POST", path, raw=form(("a.pdf", PDF)), **headers)
    again = bob.call("POST", path, raw=form(("a.pdf", PDF)), **headers)
    assert (again.status_code, again.json(), again.headers["Idempotency-Replayed"]) == (201, first.json(), "true")
    other = bob.call("POST", path, raw=form(("a.pdf", PDF + b"2")), **headers)
    assert other.status_code == 422
    assert paths(problem(other)) == ["Idempotency-Key"]
    raw = {"Content-Type": "application/octet-stream", "Idempotency-Key": "k2"}
    assert {bob.call("POST", f"{path}?name=b.bin", raw=b"\x00body", **raw).status_code for _time in range(2)} == {201}
    assert File.objects.count() == 2
    assert Change.objects.filter(event="deal.file_added").count() == 2


def test_all_of_one_call_are_added_or_none(settings: Any, bob: Program, deal: Deal) -> None:
    settings.MAX_FILE_BYTES = 1 << 20
    path, large = f"deals/{deal.pk}/files", b"\x00" * ((1 << 20) + 1)
    for sent in ([("a.pdf", PDF), ("empty", b"")], [("a.pdf", PDF), ("large", large)]):
        bob.refused("POST", path, status=422, raw=form(*sent), **{"Content-Type": MULTIPART_CONTENT})
    bob.refused("POST", path, status=413, raw=large, **{"Content-Type": "application/octet-stream"})
    bob.refused("POST", path, status=422, raw=form(), **{"Content-Type": MULTIPART_CONTENT})
    bob.refused("POST", path, status=400, raw=b"--nothing", **{"Content-Type": "multipart/form-data"})
    assert File.objects.count() == 0
    assert list(incoming().glob("*")) == []


def test_a_large_file_passes_in_portions(bob: Program, deal: Deal) -> None:
    content = os.urandom(12 << 20)  # more than a form without files may have
    headers = {"Content-Type": "application/octet-stream", "Idempotency-Key": "large"}
    (told,) = bob.call("POST", f"deals/{deal.pk}/files?name=large.bin", raw=content, **headers).json()["data"]
    answer = bob.call("GET", f"deals/{deal.pk}/files/{told['id']}/content")
    assert answer.streaming
    assert content_of(answer) == content


def test_misspelt_and_wrong_bodies_are_refused(bob: Program, deal: Deal, cast: Cast) -> None:
    file = bob.call("POST", f"deals/{deal.pk}/files?name=a.pdf", raw=PDF, **{"Content-Type": "application/pdf"}).json()["data"][0]
    one = f"deals/{deal.pk}/files/{file['id']}"
    assert paths(bob.refused("PATCH", one, {"nam": "x"}, status=422)) == ["nam", "name"]
    assert paths(bob.refused("PATCH", one, {"name": ""}, status=422)) == ["name"]
    bob.refused("GET", f"deals/{deal.pk}/files?remvoed=true", status=400)
    for key in ("0", "x", "9" * 30, str(file["id"] + 1)):
        bob.refused("GET", f"deals/{deal.pk}/files/{key}", status=404)
    charlie = Program(cast.charlie)
    for method, path, body in (
        ("GET", f"{one}/content", None), ("PATCH", one, {"name": "x"}), ("DELETE", one, None), ("POST", f"{one}/restore", {}), ("GET", one, None),
    ):  # fmt: skip
        charlie.refused(method, path, body, status=404)
    charlie.refused("POST", f"deals/{deal.pk}/files", status=404, raw=PDF, **{"Content-Type": "application/pdf"})


# ——— over the wire ———


def speak(live: str, head: str, body: bytes, *, hang_up: bool = False) -> bytes:
    """What the server answers to these bytes; nothing when we hang up first."""
    address = urlsplit(live)
    with socket.create_connection((address.hostname, address.port), timeout=20) as wire:
        wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
        if hang_up:
            return b""
        wire.settimeout(3)
        told = b""
        try:
            while portion := wire.recv(65536):
                told += portion
        except TimeoutError:
            pass
        return told


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_breaks_off_adds_nothing_and_a_lying_length_neither(live: str, cast: Cast) -> None:
    deal = make("deals", name="Fleet", owner=cast.bob.pk, account=make("accounts", name="Bluefin", owner=cast.bob.pk).pk)
    secret = ApiKey.issue(cast.bob, "test", None)[1]
    head = (
        f"POST /api/v1/deals/{deal.pk}/files?name=a.pdf HTTP/1.1\nHost: {urlsplit(live).netloc}\nAuthorization: Bearer {secret}\n"
        "Content-Type: application/pdf\nConnection: close\n"
    )
    speak(live, f"{head}Content-Length: 5000000\n", PDF, hang_up=True)
    speak(live, f"{head}Content-Length: {len(PDF) + 400}\n", PDF)
    assert b" 413 " in speak(live, f"{head}Content-Length: 99999999999\n", PDF)[:20]
    assert b" 400 " in speak(live, f"{head}Content-Length: -1\n", PDF)[:20]
    time.sleep(0.3)
    assert File.objects.count() == 0
    # Shorter than what comes: the rest is not of this request.
    assert b" 201 " in speak(live, f"{head}Content-Length: {len(PDF) - 5}\n", PDF)[:20]
    assert File.objects.get().size == len(PDF) - 5
    last = Program(cast.bob).get("changes?entity=deals")["data"][-1]
    assert (last["event"], [one["name"] for one in last["files"][1]], last["changes"]) == ("deal.file_added", ["a.pdf"], {})
    assert list(incoming().glob("*")) == []


@pytest.mark.django_db(transaction=True)
def test_people_who_read_slowly_keep_nobody_from_the_server(live: str, cast: Cast, settings: Any) -> None:
    """More of them than there are threads, each with a large file of which they take nothing."""
    deal = make("deals", name="Fleet", owner=cast.bob.pk, account=make("accounts", name="Bluefin", owner=cast.bob.pk).pk)
    bob = Program(cast.bob)
    (file,) = bob.call("POST", f"deals/{deal.pk}/files?name=a.bin", raw=os.urandom(8 << 20), **{"Content-Type": "a/b"}).json()["data"]
    address = urlsplit(live)
    request = (
        f"GET /api/v1/deals/{deal.pk}/files/{file['id']}/content HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {bob.secret}\r\n\r\n"
    ).encode()
    wires = []
    for _number in range(settings.ENVIRONMENT.web_threads + 2):
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.connect((address.hostname, address.port))
        wire.sendall(request)
        wires.append(wire)
    try:
        for wire in wires:
            wire.settimeout(20)
            assert wire.recv(15).startswith(b"HTTP/1.1 200")
        assert b" 200 " in speak(live, f"GET /health HTTP/1.1\nHost: {address.netloc}\nConnection: close\n", b"")[:20]
    finally:
        for wire in wires:
            wire.close()


def test_a_page_takes_a_plain_form_too(client_of: Any, cast: Cast, deal: Deal) -> None:
    client: Client = client_of(cast.bob)
    answer = client.post(f"/deals/{deal.pk}/files", {"file": parts(("a.pdf", PDF))})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/deals/{deal.pk}")
    assert File.objects.get().name == "a.pdf"
