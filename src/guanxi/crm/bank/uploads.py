"""A bank statement sent by a program: what was read of it, what was left out and why, and what each open line may pay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.crm.bank.columns import LABELS
from guanxi.crm.bank.layouts import named
from guanxi.crm.bank.proposing import Proposal, propose
from guanxi.crm.bank.taking import Taken, take
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin
from guanxi.record.reach import visible
from guanxi.surfaces.api.rows import Sheet
from guanxi.surfaces.api.schemas import Json, list_of, obj, ref
from guanxi.surfaces.api.uploads import Upload

MOST = 500
"""Open lines that are told with their proposals; the others are in the list."""
AT_ONCE = 100
READING = ("encoding", "delimiter", "sheet", "header_row")


def statement(user: User, file: UploadedFile[Any], how: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    """The statement taken in. Refused, Forbidden."""
    columns, dates = how.get("columns", {}), how.get("dates", "")
    reading = {name: how[name] for name in READING if name in how}
    taken = take(
        file.name or "statement", file.chunks(), by=user, origin=origin, reading=reading, choose=lambda study: named(study, columns, dates)
    )
    lines = open_lines(taken, user)
    return {
        "new": taken.new, "received": taken.received, "known": taken.known - taken.otherwise, "known_otherwise": taken.otherwise,
        "columns": {role: [taken.study.inspection.columns[place] for place in places] for role, places in taken.layout.places.items()},
        "warnings": list(map(str, taken.study.inspection.warnings)), "left_out": _left_out(taken), "lines": lines[:MOST], "more": len(lines) > MOST,
    }  # fmt: skip


def _left_out(taken: Taken) -> list[dict[str, Any]]:
    """The rows that are no lines, in the order of the file."""
    several = [("unreadable", one) for one in taken.statement.unread] + [("no line", one) for one in taken.statement.besides]
    return [{"row": row, "kind": kind, "why": why} for kind, (row, why) in sorted(several, key=lambda pair: pair[1][0])]


def open_lines(taken: Taken, user: User) -> list[dict[str, Any]]:
    """What this person sees of the lines in the file that are to be matched, oldest first, with proposals."""
    entity = entity_named("bank_lines")
    prints = {*taken.statement.prints}.union(*taken.statement.earlier)
    found = visible(entity, to=user).filter(fingerprint__in=prints, state__in=("open", "part")).order_by("booked_on", "pk")
    lines = list(found[: MOST + 1])
    proposals = dict[int, list[Proposal]]()
    for start in range(0, len(lines), AT_ONCE):
        proposals |= propose(lines[start : start + AT_ONCE], by=user)
    told = zip(lines, Sheet(entity, user).tell(lines), strict=True)
    return [{"line": values, "proposals": _proposals(proposals.get(line.pk, ()))} for line, values in told]


def _proposals(several: Iterable[Proposal]) -> list[dict[str, Any]]:
    return [
        {
            "account": {"id": one.account, "title": one.account_name}, "instalments": list(one.keys), "payment": one.payment.pk if one.payment else None,
            "title": one.title, "score": one.score, "sure": one.sure, "evidence": list(one.evidence),
        }
        for one in several
    ]  # fmt: skip


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
PROPOSAL = obj(
    {
        "account": ref("Titled"), "instalments": list_of(NUMBER), "payment": {"type": ["integer", "null"]},
        "title": TEXT, "score": NUMBER, "sure": {"type": "boolean"}, "evidence": list_of(TEXT),
    }
)  # fmt: skip
LEFT_OUT = obj({"row": NUMBER, "kind": {"type": "string", "enum": ["unreadable", "no line"]}, "why": TEXT})
SCHEMA: Json = obj(
    {
        **dict.fromkeys(("new", "received", "known", "known_otherwise"), NUMBER),
        "columns": {"type": "object", "propertyNames": {"enum": list(LABELS)}, "additionalProperties": list_of(TEXT)},
        "warnings": list_of(TEXT),
        "left_out": list_of(LEFT_OUT),
        "lines": list_of(obj({"line": ref("bank_lines"), "proposals": list_of(PROPOSAL)})),
        "more": {"type": "boolean"},
    }
)
STATEMENT = Upload("bank_lines", "statement", gettext_lazy("Take in a bank statement"), statement, SCHEMA)
