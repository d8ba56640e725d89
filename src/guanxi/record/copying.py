"""Values as the text that COPY reads, and rows of them into a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

from django.db import connection
from psycopg.adapt import PyFormat, Transformer

NULL = r"\N"
_SPECIAL = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_ESCAPE = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "r": "\r", "t": "\t"}


def text_of(value: Any) -> str:
    """A value as one field of a line."""
    if value is None:
        return NULL
    if type(value) is str:
        # Of all texts few hold any of these; to look for them is cheaper than to take them out.
        if "\\" in value or "\n" in value or "\t" in value or "\r" in value:
            return value.translate(_SPECIAL)
        return value
    if value is True:
        return "t"
    if value is False:
        return "f"
    if type(value) is int:
        return str(value)
    said = Transformer().get_dumper(value, PyFormat.TEXT).dump(value)
    return NULL if said is None else bytes(said).decode().translate(_SPECIAL)


def copy_lines(target: str, lines: Iterable[str]) -> None:
    """Lines (fields with a tab between them) into `table (columns)`: by COPY, or by INSERT when there is but one: a round trip less."""
    lines = iter(lines)
    first = list(islice(lines, 2))
    if not first:
        return
    with connection.cursor() as cursor:
        if len(first) == 1:
            values = [None if one == NULL else _ESCAPE.sub(_meant, one) for one in first[0].split("\t")]
            cursor.execute(f"INSERT INTO {target} VALUES ({', '.join(['%s'] * len(values))})", values)
            return
        # Django tells its own errors of what it executes, not of what is copied.
        with connection.wrap_database_errors, cursor.copy(f"COPY {target} FROM STDIN") as copy:
            copy.write("\n".join(chain(first, lines)) + "\n")


def _meant(escape: re.Match[str]) -> str:
    return _MEANT.get(escape[1], escape[1])
