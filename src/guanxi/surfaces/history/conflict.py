"""A stale write: what changed meanwhile beside what was typed, and a way to go on without losing either."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import readable
from guanxi.access.titles import people
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Moment
from guanxi.record.models import Change
from guanxi.record.refusals import Stale
from guanxi.surfaces.answers import by_htmx
from guanxi.surfaces.history.values import value_text
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.pages import user_of


@dataclass(frozen=True)
class Meanwhile:
    """One field that somebody else changed: what it was, what they wrote, what was typed here."""

    field: Field
    label: str
    who: str
    when: SafeString
    before: str
    theirs: str
    mine: str
    clashes: bool
    """Both wrote into it, and not the same."""


EMPTY: tuple[Any, ...] = (None, "", [], {}, False)


def touched(changes: Iterable[Change]) -> set[str]:
    """The names of the fields these changes wrote."""
    return {name for change in changes for name in change.diff}


def conflict(request: HttpRequest, entity: Entity, stale: Stale, raw: Mapping[str, Any]) -> HttpResponse:
    """The dialog (409): saving it writes what was typed, and of what both wrote the one that is chosen."""
    user = user_of(request)
    compared = compare(entity, stale, raw, user)
    fields = entity.fields
    mine = {name: value for name, value in raw.items() if name in fields and _typed_anew(entity, stale, name, value, user)}
    clashing = {one.field.name for one in compared if one.clashes}
    context = {
        "entity": entity,
        "record": stale.record,
        "title": title_for(entity, to=user)(stale.record),
        "meanwhile": compared,
        "clashing": bool(clashing),
        "kept": [(fields[name].label, _shown(fields[name], value, user)) for name, value in mine.items() if name not in clashing],
        "names": ",".join(mine),
        "typed": [(key, text) for key, text in _as_posted(request, entity, mine)],
        "action": request.get_full_path(),
    }
    page = "surfaces/conflict.html#dialog" if by_htmx(request) else "surfaces/conflict.html"
    response = render_template(request, page, context, status=409)
    response.headers["HX-Retarget"] = "#dialog-body"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def compare(entity: Entity, stale: Stale, raw: Mapping[str, Any], user: User) -> list[Meanwhile]:
    """Every field that was changed meanwhile, as far as the person may read it, newest writer named."""
    names = dict.fromkeys(name for change in stale.meanwhile for name in change.diff)
    known = {one.name for one in readable(entity, entity.fields.values(), to=user)}
    return [_compared(entity, entity.fields[name], stale, raw, user) for name in names if name in known and name in entity.fields]


def _compared(entity: Entity, one: Field, stale: Stale, raw: Mapping[str, Any], user: User) -> Meanwhile:
    wrote = [change for change in stale.meanwhile if one.name in change.diff]
    before, theirs = wrote[-1].diff[one.name][0], one.k.dump(one.of(stale.record))
    mine = _dumped(one, raw.get(one.name), user) if one.name in raw else before
    currency = str(getattr(stale.record, getattr(one.k, "currency", "") or "pk", ""))
    texts = [value_text(one, value, to=user, currency=currency) for value in (before, theirs)]
    anew = one.name in raw and not _same(mine, before)
    return Meanwhile(
        field=one,
        label=str(one.label),
        who=people().get(wrote[0].by_id or 0) or _("Guanxi"),
        when=mark_safe(Moment().html(wrote[0].at, user.locale, {})),  # noqa: S308 - the kind escapes
        before=texts[0],
        theirs=texts[1],
        mine=_shown(one, raw[one.name], user) if anew else "",
        clashes=anew and not _same(mine, theirs),
    )


def _typed_anew(entity: Entity, stale: Stale, name: str, value: Any, user: User) -> bool:
    """Whether what was sent differs from what stood there when the form was opened."""
    one = entity.fields[name]
    wrote = [change for change in stale.meanwhile if name in change.diff]
    before = wrote[-1].diff[name][0] if wrote else one.k.dump(one.of(stale.record))
    return not _same(_dumped(one, value, user), before)


def _same(one: Any, other: Any) -> bool:
    """Whether two stored values are the same; empty is empty."""
    return bool(one == other) or (one in EMPTY and other in EMPTY)


_WRONG = object()


def _dumped(one: Field, raw: Any, user: User) -> Any:
    try:
        return one.k.dump(one.k.clean(raw, user.locale))
    except ValueError:
        return _WRONG


def _shown(one: Field, raw: Any, user: User) -> str:
    """What was typed, as the person would read it once saved; as it was typed when it is wrong."""
    try:
        value = one.k.clean(raw, user.locale)
    except ValueError:
        return str(raw)[:200]
    return value_text(one, one.k.dump(value), to=user)


def _as_posted(request: HttpRequest, entity: Entity, names: Iterable[str]) -> Iterable[tuple[str, str]]:
    """The posted parameters that make up these fields, to be sent again as they are."""
    for name in names:
        for key in request.POST:
            if key == name or key.startswith(f"{name}-"):
                for text in request.POST.getlist(key):
                    yield key, text
