"""One size: load it, start the server, ask. Prints what it does, and the figures as JSON on the last line."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django

from guanxi.web.command import lease_of_database

LEASE = lease_of_database()  # before the settings are read: a database made only now has its address only now
django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.imports import bring_in, raw_copy, write_file  # noqa: E402
from benchmarks.load import PASSWORD, Size, load  # noqa: E402
from benchmarks.measure import Line, Site, environment_of, load_test, memory_of, timed  # noqa: E402
from guanxi.web.listening import listening_socket  # noqa: E402

IMPORTED = 100_000
"""So many contacts are imported, or as many as there are accounts."""
WEBS = 2
"""Web processes, one for each core of the machine the goals are for."""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(size: int, url: str) -> None:
    """The database of this size, made and loaded unless it is there."""
    from django.core.management import call_command

    name = f"bench_{size}"
    with psycopg.connect(url, autocommit=True) as admin:
        there = admin.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s AND shobj_description(oid, 'pg_database') = 'loaded'", [name]
        ).fetchone()
        if not there:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
            admin.execute(f'CREATE DATABASE "{name}"')
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name
    call_command("migrate", interactive=False, verbosity=0)  # data that was kept may be of an earlier version
    if not there:
        call_command("createcachetable", verbosity=0)
        load(Size(size), lambda line: print(f"  {line}", flush=True))
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS 'loaded'")


def queries_of(user: object, path: str, **headers: str) -> int:
    """How many queries a page makes."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    client.get(path, headers=headers)
    with CaptureQueriesContext(connection) as told:
        answer = client.get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.status_code, answer.content[:300])
    return len(told)


def cursor_of(page: bytes, steps: int, site: Site, path: str) -> str:
    """The cursor so many pages on, through the API."""
    after = ""
    for _step in range(steps):
        _status, text = site.ask(f"{path}&cursor={after}" if after else path)
        after = json.loads(text)["next"]
    return after


def main() -> None:
    size, root = int(sys.argv[1]), Path(sys.argv[2])
    url = LEASE.url if LEASE else os.environ["GUANXI_DATABASE_URL"]
    prepare(size, url)
    from guanxi.access.models import User
    from guanxi.record.memory import keep_up

    keep_up()
    database = _with_name(url, f"bench_{size}")
    port = free_port()
    guanxi = str(Path(sys.executable).parent / "guanxi")
    with listening_socket("127.0.0.1", port) as shared:
        shared.listen(128)
        servers = [
            subprocess.Popen(
                [guanxi, "web", "--listening", str(shared.fileno())],
                env=environment_of(database, port), stdout=subprocess.DEVNULL, pass_fds=[shared.fileno()],
            )
            for _number in range(WEBS)
        ]  # fmt: skip
    try:
        _wait(port)
        lines = measure(port, servers[0].pid, User.objects.get(username="user1"), User.objects.get(username="user0"), size, root)
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(20)
    print(json.dumps([dataclasses.asdict(line) for line in lines]))


def _with_name(url: str, name: str) -> str:
    head, _slash, tail = url.partition("://")
    place, _question, query = tail.partition("?")
    server = place.rpartition("/")[0]
    return f"{head}://{server}/{name}" + (f"?{query}" if query else "")


def _wait(port: int) -> None:
    for _try in range(200):
        try:
            Site(port).ask("/health")
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def measure(port: int, pid: int, admin: Any, manager: Any, size: int, root: Path) -> list[Line]:
    """Ask everything."""
    site, theirs = Site(port), Site(port)
    site.sign_in("user1", PASSWORD)
    theirs.sign_in("user0", PASSWORD)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM crm_account ORDER BY id OFFSET 5000 LIMIT 40")
        accounts = [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT id, version FROM crm_deal ORDER BY id LIMIT 100")
        deals = [key for key, _version in cursor.fetchall()]
    lines: list[Line] = []

    def page(what: str, path: str, by: Site = site, user: object = admin, limit: float = 50, queries: bool = True, **headers: str) -> None:
        def ask(_number: int) -> None:
            status, text = by.ask(path, **headers)
            assert status == 200, (path, status, text[:300])

        p50, p95 = timed(ask)
        lines.append(Line(what, p50, p95, queries_of(user, path, **headers) if queries else None, limit))

    page("list, first page", "/accounts?view=all")
    after = cursor_of(b"", 500, site, "/api/v1/accounts?order=name&limit=50")
    page("list, 500th page by scrolling (API)", f"/api/v1/accounts?order=name&limit=50&cursor={after}", limit=20)
    page("list sorted by a custom field", "/accounts?view=all&order=-tier_points")
    page("list filtered over a relation", "/contacts?view=all&where=" + quote('account.industry = "food"'))
    page("list as a user with team scope", "/accounts?view=all", theirs, manager)
    page("board", "/deals?view=pipeline")
    page("board as a user with team scope", "/deals?view=pipeline", theirs, manager)
    page("first page", "/")
    page("first page, its numbers", "/numbers")
    page("calendar", "/activities?view=all&as=calendar")
    page("chart of a list, its numbers", "/deals/chart")
    page("numbers of the tabs", "/accounts/tabs?view=all")
    page("funnel", "/deals/funnel", limit=100)
    page("won and lost", "/deals/wins", limit=100)
    page("forecast", "/deals/forecast", limit=100)
    numbers = iter(range(10_000))

    def details(_number: int) -> None:
        status, _text = site.ask(f"/accounts/{accounts[next(numbers) % len(accounts)]}")
        assert status == 200, status

    p50, p95 = timed(details)
    lines.append(Line("detail", p50, p95, queries_of(admin, f"/accounts/{accounts[0]}"), 50))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM crm_account WHERE owner_id = %s ORDER BY id LIMIT 1", [manager.pk])
        ((mine,),) = cursor.fetchall()
    page("detail as a user with team scope", f"/accounts/{mine}", theirs, manager)
    page("history of a record", f"/accounts/{mine}/history", theirs, manager)
    for what, text in (
        ("a word", "northwind"),
        ("pinyin", "zhangwei"),
        ("initials", "zw"),
        ("phone digits", "0005" + str(size)[:3]),
        ("Chinese", "远洋"),
    ):
        page(f"search, {what} ({text})", f"/palette?q={quote(text)}", limit=30, **{"HX-Request": "true"})
    page("API list of 50", "/api/v1/contacts?limit=50", limit=20)
    origin = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}", "Referer": f"http://127.0.0.1:{port}/"}
    token = _token(site)

    def create(number: int) -> None:
        body = json.dumps(
            {"name": f"Bench {time.time_ns()}", "account": accounts[0], "emails": [{"value": f"b{time.time_ns()}@bench.example"}]}
        )
        status, text = site.ask("/api/v1/contacts", "POST", body, **origin, **{"X-CSRFToken": token})
        assert status == 201, (status, text[:300])

    def edit(number: int) -> None:
        body = json.dumps({"next_step": f"Step {time.time_ns()}"})
        status, text = site.ask(f"/api/v1/deals/{deals[number]}", "PATCH", body, **origin, **{"X-CSRFToken": token})
        assert status == 200, (status, text[:300])

    for what, ask in (("create (API)", create), ("edit (API)", edit)):
        p50, p95 = timed(ask)
        lines.append(Line(what, p50, p95, None, 20))
    lines += references()
    for what, path, limit in (("API", "/api/v1/contacts?limit=50", 300), ("HTML", "/accounts?view=all", 120)):
        lines.append(
            Line(f"{what} lists a second, 8 clients, {WEBS} web processes", load_test(port, site.cookie, path), 0, None, limit, "/s")
        )
    lines.append(Line("memory of a web process", memory_of(pid), 0, None, 250, "MB"))
    lines += imported(root, min(IMPORTED, size))
    return lines


def _token(site: Site) -> str:
    import re

    _status, page = site.ask("/deals/new")
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.decode())
    assert found
    return found[1]


def imported(root: Path, number: int) -> list[Line]:
    """So many contacts by import, recognised by e-mail and phone, and what PostgreSQL alone takes for the same file."""
    path = root / "contacts.csv"
    write_file(path, number)
    alone = raw_copy(path)
    took, counts = bring_in(path)
    assert counts["done"] == number, counts
    return [
        Line(f"import of {number:,} contacts, rows a second", number / took, 0, None, 10_000, "/s"),
        Line("reference: raw COPY of the same file, rows a second", number / alone, 0, None, None, "/s"),
    ]


def references() -> list[Line]:
    """What PostgreSQL alone takes for the rows of a list and for a new row, in the same run."""

    def rows(_number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM crm_account WHERE deleted_at IS NULL ORDER BY name, id LIMIT 51")
            cursor.fetchall()

    def insert(_number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO access_apikey (name, prefix, digest, created_at, user_id) VALUES ('x', %s, 'x', now(), (SELECT min(id) FROM access_user))",
                [str(time.time_ns())[-12:]],
            )

    return [Line("reference: the same 50 rows by plain SQL", *timed(rows)), Line("reference: one plain INSERT", *timed(insert))]


if __name__ == "__main__":
    main()
