"""How fast contacts come in, with the duplicate check by e-mail and phone, beside raw COPY of the same file: part of `make bench`."""

from __future__ import annotations

import csv
import time
from pathlib import Path

from django.db import connection

from guanxi.web.demo import words

HEAD = ("Name", "Account", "Job title", "Email", "Mobile", "City")


def write_file(path: Path, rows: int) -> None:
    """A table of contacts as another system exports it: half of them Chinese, 5,000 accounts that are there already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM crm_account ORDER BY id LIMIT 5000")
        accounts = [name for (name,) in cursor.fetchall()]
    run = time.time_ns()  # data may be kept from an earlier run, whose contacts would be recognised
    family_zh, given_zh, titles = list(words.FAMILY_ZH), list(words.GIVEN_ZH), list(words.TITLES)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(HEAD)
        for n in range(rows):
            chinese = n % 2 == 1
            name = (
                family_zh[n % len(family_zh)] + given_zh[n // 7 % len(given_zh)]
                if chinese
                else f"{words.GIVEN[n % len(words.GIVEN)]} {words.FAMILY[n // 11 % len(words.FAMILY)]}"
            )
            account = accounts[n * 7 % len(accounts)]
            number = f"{(run // 1000 + n) % 100_000_000:08}"
            phone = f"+86 139 {number[:4]} {number[4:]}" if chinese else f"+44 74{number}"
            table.writerow(
                [name, account, titles[n % len(titles)], f"import{n}.{run}@example{n % 977}.com", phone, "上海市" if chinese else "Boston"]
            )


def raw_copy(path: Path) -> float:
    """Seconds that PostgreSQL takes for the file as it is, into a table without indexes."""
    columns = ", ".join(f"c{place} text" for place in range(len(HEAD)))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS bench_copy; CREATE TABLE bench_copy ({columns})")
        began = time.perf_counter()
        with cursor.copy("COPY bench_copy FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(path.read_bytes())
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_copy")
    return took


def bring_in(path: Path) -> tuple[float, dict[str, int]]:
    """(seconds from the file to the last contact, what became of its rows)."""
    from guanxi.access.models import User
    from guanxi.entity.registry import entity_named
    from guanxi.surfaces.imports.receiving import receive_copy
    from guanxi.surfaces.imports.running import run

    by = User.objects.get(username="user1")
    began = time.perf_counter()
    one = receive_copy(entity_named("contacts"), path, by=by)
    one.save()
    run(one, by=by)
    took = time.perf_counter() - began
    return took, one.counts
