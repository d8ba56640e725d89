"""Which columns of a bank's file are what: found by their names, remembered from a file with the same header, or said by somebody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from guanxi.base.words import similar
from guanxi.crm.bank.columns import LABELS, SEVERAL, SUMS, candidates
from guanxi.crm.bank.model import StatementLayout
from guanxi.entity.actors import Actor
from guanxi.record.refusals import Refused
from guanxi.surfaces.imports.looks import ColumnFormat
from guanxi.surfaces.imports.reading import inspect
from guanxi.surfaces.imports.study import Study, studied
from guanxi.surfaces.imports.vocabulary import normalised

MOST_COLUMNS = 200
"""A bank's file has a dozen or two; what has more is something else."""
MOST_EARLIER = 5
NAMED = 12
DAY_FIRST, MONTH_FIRST = "day first", "month first"


@dataclass(frozen=True)
class Layout:
    """For each role its columns, by their places from 0; and whether the day comes first in dates such as 01/02/2026, if that was said."""

    places: Mapping[str, tuple[int, ...]]
    day_first: bool | None = None
    said: bool = field(default=False, compare=False)
    """Somebody said so, now or before; otherwise it follows from the names."""

    def role_of(self, place: int) -> str:
        """What a column is; empty for nothing."""
        return next((role for role, places in self.places.items() if place in places), "")


def look_at(path: Path, reading: Mapping[str, Any]) -> Study:
    """What a file holds. UnreadableTable, Refused."""
    inspection = inspect(path, **reading)
    if len(inspection.columns) > MOST_COLUMNS:
        said = {"count": f"{len(inspection.columns):,}", "most": MOST_COLUMNS}
        raise Refused({"file": _("The file has %(count)s columns; a bank statement has at most %(most)d.") % said})
    return studied(path, inspection)


def header_of(study: Study) -> str:
    """Tells this header from others; empty when the file has none."""
    if not study.inspection.header_row:
        return ""
    return hashlib.sha256("\x1f".join(map(normalised, study.inspection.columns)).encode()).hexdigest()


def by_names(study: Study) -> Layout:
    """What the columns are called. Of several called alike the first in which something stands."""
    found = {}
    for role, places in candidates(study.inspection.columns).items():
        filled = [place for place in places if study.formats[place].look != "empty"] or places
        found[role] = tuple(filled if role in SEVERAL else filled[:1])
    return Layout(found)


def said_before(study: Study) -> list[Layout]:
    """What was said of files with this header, latest first."""
    header = header_of(study)
    kept = StatementLayout.objects.filter(header=header).order_by("-pk")[:MOST_EARLIER] if header else ()
    layouts = [Layout({role: tuple(places) for role, places in one.columns.items()}, one.day_first, said=True) for one in kept]
    return [one for one in layouts if all(place < len(study.formats) for places in one.places.values() for place in places)]


def proposed(study: Study) -> Layout:
    """As somebody said of such a file last, or by names. The dates of the file itself know best which part is the day."""
    layout = next(iter(said_before(study)), None) or by_names(study)
    return layout if _is_unsure(_days(study, layout)) else replace(layout, day_first=None)


def remember(study: Study, layout: Layout, *, by: Actor) -> None:
    """Have the next file with this header read alike."""
    header, last = header_of(study), next(iter(said_before(study)), None)
    if last and layout.day_first is None:
        layout = replace(layout, day_first=last.day_first)
    if header and layout.said and layout != last:
        columns = {role: list(places) for role, places in layout.places.items()}
        StatementLayout.objects.create(header=header, columns=columns, day_first=layout.day_first, by_id=by.pk)


def _days(study: Study, layout: Layout) -> ColumnFormat | None:
    places = layout.places.get("day")
    return study.formats[places[0]] if places else None


def _is_unsure(days: ColumnFormat | None) -> bool:
    return days is not None and (days.ambiguous or days.month_first_too)


# ——— what is missing ———


def unclear(study: Study, layout: Layout) -> dict[str, str]:
    """What must be said before the file can be read: of `columns`, of `dates`; nothing when all is clear."""
    problems = _missing(study, layout) or _several(study, layout)
    found = {"columns": problems} if problems else {}
    days = _days(study, layout)
    if days is not None and layout.day_first is None and _is_unsure(days):
        found["dates"] = _("Dates such as “%(date)s” can be read either way: say whether the day or the month comes first.") % {
            "date": _unsure_date(study, layout)
        }
    return found


def _missing(study: Study, layout: Layout) -> str:
    wanted = ((_("the day"), ("day",)), (_("the amount"), ("amount", "credit")))
    missing = [words for words, roles in wanted if not any(role in layout.places for role in roles)]
    if not missing:
        return ""
    columns = ", ".join(study.inspection.columns[:NAMED])[:300]
    return _("No column for %(what)s was found among: %(columns)s. Say which it is.") % {"what": " / ".join(missing), "columns": columns}


def _several(study: Study, layout: Layout) -> str:
    """Of several columns called like an amount somebody must say which it is; where money in stands apart, an amount counts for nothing."""
    if layout.said:
        return ""
    asked = SUMS[1:] if "credit" in layout.places else SUMS
    for role, places in candidates(study.inspection.columns).items():
        filled = [place for place in places if study.formats[place].look != "empty"]
        if role in asked and len(filled) > 1:
            columns = ", ".join(f"“{study.inspection.columns[place]}”" for place in filled[:NAMED])
            return _("Several columns may be the amount: %(columns)s. Say which it is.") % {"columns": columns}
    return ""


def _unsure_date(study: Study, layout: Layout) -> str:
    place = layout.places["day"][0]
    return next((str(row[place]) for row in study.inspection.samples if row[place] not in ("", None)), "01/02")[:40]


# ——— what is said ———


def chosen(study: Study, roles: Iterable[str], dates: str = "") -> Layout:
    """A role for each column in turn, empty for none. Refused."""
    places: dict[str, tuple[int, ...]] = {}
    for place, role in zip(range(len(study.formats)), roles, strict=False):
        if role not in LABELS:
            continue
        if role in places and role not in SEVERAL:
            said = {"what": LABELS[role], "columns": _both(study, places[role][0], place)}
            raise Refused({"columns": _("Only one column can be “%(what)s”: choose between %(columns)s.") % said})
        places[role] = (*places.get(role, ()), place)
    return Layout(places, order_of(dates), said=True)


def _both(study: Study, one: int, other: int) -> str:
    return f"“{study.inspection.columns[one]}”, “{study.inspection.columns[other]}”"


def order_of(dates: str) -> bool | None:
    """What was said of the order in dates. Refused."""
    if dates not in ("", DAY_FIRST, MONTH_FIRST):
        raise Refused({"dates": _("Choose one of these.") + f" {DAY_FIRST}, {MONTH_FIRST}"})
    return {DAY_FIRST: True, MONTH_FIRST: False}.get(dates)


def named(study: Study, columns: Mapping[str, Any], dates: str = "") -> Layout:
    """As proposed, with these roles given to columns by name or number (from 1), to none by nothing. Refused."""
    said: dict[str, tuple[int, ...]] = {}
    for role, column in columns.items():
        if role not in LABELS:
            raise Refused(
                {
                    "columns": _("“%(name)s” is no part of a bank line. There are: %(parts)s.")
                    % {"name": str(role)[:60], "parts": ", ".join(LABELS)}
                }
            )
        several = column if isinstance(column, list) else [column] if column not in (None, "") else []
        if len(several) > 1 and role not in SEVERAL:
            raise Refused({"columns": _("Only one column can be “%(what)s”.") % {"what": LABELS[role]}})
        said[role] = tuple(_place_of(study, one) for one in several)
    taken = {place for places in said.values() for place in places}
    if len(taken) < sum(map(len, said.values())):
        raise Refused({"columns": _("One column cannot be two things.")})
    layout = proposed(study)
    if not layout.said and said.keys().isdisjoint(SUMS) and (problem := _several(study, layout)):
        raise Refused({"columns": problem})
    others = {role: tuple(place for place in places if place not in taken) for role, places in layout.places.items() if role not in said}
    places = {role: places for role, places in {**others, **said}.items() if places}
    order = order_of(dates)
    return Layout(places, layout.day_first if order is None else order, said=bool(said) or order is not None or layout.said)


def _place_of(study: Study, column: Any) -> int:
    names = study.inspection.columns
    if isinstance(column, int) and not isinstance(column, bool) and 1 <= column <= len(names):
        return column - 1
    alike = [place for place, name in enumerate(names) if normalised(name) == normalised(str(column))]
    exact = [place for place, name in enumerate(names) if name == column]
    if len(exact or alike) == 1:
        return (exact or alike)[0]
    near = similar(str(column)[:60], list(names))
    hint = " " + _("Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
    raise Refused({"columns": _("The file has no column “%(name)s”.") % {"name": str(column)[:60]} + hint})
