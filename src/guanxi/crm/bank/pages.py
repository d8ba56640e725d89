"""The page on which a clerk matches a bank statement: upload it, see what each line may pay, confirm with one click."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.access.models import User
from guanxi.base.moments import format_day
from guanxi.base.money import format_money
from guanxi.crm.bank.choosing import must_see_lines, uploaded
from guanxi.crm.bank.proposing import Proposal, between, propose
from guanxi.crm.bank.verbs import match, may_match
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin
from guanxi.record.reach import reachable, visible
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.answers import announce, one_submit, undo_of
from guanxi.surfaces.history.told import Saying
from guanxi.surfaces.pages import answering, record_or_404, render, toast, user_of

SHOWN = 20
AT_ONCE = 500
"""Lines that “match all sure ones” looks at."""
TABS = (
    ("open", gettext_lazy("To match"), Q(state__in=["open", "part"])),
    ("matched", gettext_lazy("Matched"), Q(state="matched")),
    ("aside", gettext_lazy("Set aside"), Q(state="aside")),
    ("out", pgettext_lazy("bank line", "Paid out"), Q(state="out")),
)
SAYINGS = {
    "bankline.dismissed": Saying(gettext_lazy("%(who)s set %(what)s aside"), "circle-minus", "warn"),
    "bankline.reopened": Saying(gettext_lazy("%(who)s took %(what)s up again"), "arrow-back-up", "warn"),
}


@answering
@require_http_methods(["GET", "POST"])
def bank(request: HttpRequest) -> HttpResponse:
    """The lines with what each may pay; or a statement taken in, or on to its columns."""
    user, problem = user_of(request), ""
    must_see_lines(user)
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if not isinstance(file, UploadedFile):
                raise Refused({"file": _("Choose a file first.")})
            return uploaded(request, file, user)
        except Refused as refusal:
            problem = str(refusal)
    response = render(request, "crm/bank.html", "lines", problem=problem, **_context(request, user))
    response.status_code = 422 if problem else 200
    return response


def _context(request: HttpRequest, user: User) -> dict[str, Any]:
    entity = entity_named("bank_lines")
    show = next((one for one in TABS if one[0] == request.GET.get("show")), TABS[0])
    found = visible(entity, to=user).filter(show[2]).order_by("-booked_on", "-pk")
    after = _place(request.GET.get("after", ""))
    may_edit = Exists(reachable(entity, "edit", user).filter(pk=OuterRef("pk")).order_by())
    rows = list((found.filter(after) if after is not None else found).annotate(able=may_edit)[: SHOWN + 1])
    more, rows = len(rows) > SHOWN, rows[:SHOWN]
    proposals = propose(rows, by=user) if show[0] == "open" else {}
    here = {"show": show[0], **({"after": request.GET["after"]} if after is not None else {})}
    return {
        "rows": [_row(row, proposals.get(row.pk, []), user) for row in rows],
        "tabs": [(name, label, name == show[0]) for name, label, _where in TABS],
        "show": show[0],
        "here": "/payments/bank?" + urlencode(here),
        "next": f"/payments/bank?show={show[0]}&after={rows[-1].booked_on}~{rows[-1].pk}" if more else "",
        "sure": sum(bool(several and several[0].sure) for several in proposals.values()),
        "may_upload": user.rights.may("create", entity.path),
        "none": not rows and after is None and not visible(entity, to=user).exists(),
    }


def _place(text: str) -> Q | None:
    day, _tilde, key = text.partition("~")
    try:
        before = dt.date.fromisoformat(day)
    except ValueError:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    return Q(booked_on__lt=before) | Q(booked_on=before, pk__lt=int(key))


def _row(line: Any, proposals: Sequence[Proposal], user: User) -> dict[str, Any]:
    language = user.locale.language
    return {
        "line": line,
        "day": format_day(line.booked_on, user.locale.today, language),
        "amount": format_money(line.amount, line.currency, language),
        "left": format_money(line.left, line.currency, language) if line.used else "",
        "able": line.able and line.amount > 0,
        "proposals": [
            {
                "value": _value(one), "of": one, "url": f"/accounts/{one.account}",
                "days": between(format_day(each.due_on, user.locale.today, language) for each in one.instalments[:3]),
            }
            for one in proposals
        ],
    }  # fmt: skip


def _value(one: Proposal) -> str:
    """A proposal as the form sends it back: what the clerk saw is what is confirmed."""
    if one.payment is not None:
        return f"payment:{one.payment.pk}"
    return f"instalments:{','.join(map(str, one.keys))}" if one.keys else f"account:{one.account}"


@answering
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """One line matched as the clerk says, or every line whose proposal is sure."""
    user, origin = user_of(request), one_submit()
    must_see_lines(user)
    asked = request.POST.get("line", "")
    if asked == "sure":
        done = match_sure(user, origin)
        if not done:
            raise Refused({"": _("No line has a proposal that is sure.")})
        said = ngettext("%(count)d line is matched.", "%(count)d lines are matched.", done) % {"count": done}
        return announce(toast(HttpResponse(status=204), said, undo=undo_of(origin)), entity_named("bank_lines"), None)
    key = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    line = record_or_404(entity_named("bank_lines"), key, user)
    what, _colon, keys = request.POST.get(f"pick-{key}", "").partition(":")
    if what not in {"payment", "instalments", "account"} or not keys:
        raise Refused({"": _("Choose what was paid.")})
    match(line, by=user, origin=origin, **{what: keys})
    response = toast(HttpResponse(status=204), _("%(record)s is matched.") % {"record": line.name}, undo=undo_of(origin))
    return announce(response, entity_named("bank_lines"), key)


def match_sure(user: User, origin: Origin) -> int:
    """Open lines matched with proposals that are sure; how many. Each is asked again when its turn comes: what one line paid is no other's."""
    entity = entity_named("bank_lines")
    rows = list(reachable(entity, "edit", user).filter(may_match(user)).order_by("booked_on", "pk")[:AT_ONCE])
    done = 0
    for start in range(0, len(rows), SHOWN):
        proposals = propose(rows[start : start + SHOWN], by=user)
        sure = [line for line in rows[start : start + SHOWN] if proposals[line.pk] and proposals[line.pk][0].sure]
        for line in sure:
            try:
                with transaction.atomic():
                    match(line, by=user, origin=origin)
            except (Refused, Forbidden):
                continue
            done += 1
    return done
