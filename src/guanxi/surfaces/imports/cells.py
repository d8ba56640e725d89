"""From a row's cells to the values of fields, as their kinds mean them.

Asks the database nothing, so that rows can be read ahead while others are written. Names of linked records stay names;
`links` turns them into keys.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from babel import Locale as Names

from guanxi.base.money import parse_money
from guanxi.base.words import fold
from guanxi.entity.actors import Locale
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Choice, Day, Duration, Labelled, LongText, Moment, MoneyKind, Number, Percent, Tags, Text, YesNo
from guanxi.entity.kinds.links import key_of
from guanxi.entity.kinds.lists import APART
from guanxi.record.cleaning import Cleaned
from guanxi.record.saying import Said
from guanxi.surfaces.exports.heads import OWN_KEY
from guanxi.surfaces.exports.writing import bare
from guanxi.surfaces.imports.looks import ColumnFormat
from guanxi.surfaces.imports.plan import ABOVE, KEPT, Place, Wishes, note_field
from guanxi.surfaces.imports.reading import FormulaError, Row
from guanxi.surfaces.imports.study import Study

REMEMBERED = 20_000
"""Texts of a column whose meaning is remembered: cities and job titles come again and again."""
LONGEST_REMEMBERED = 60
NOTHING = frozenset({"-", "--", "–", "—", "/", "n/a", "#n/a", "null", "none", "(null)", "(none)", "nan", "\\n"})
"""What other systems write where there is no number, day or choice."""
NO_DAY = re.compile(r"\s*0+[-/.]0+[-/.]0+\b")
"""0/0/00, 0000-00-00: how programs write a day they do not have."""
BLANK: Any = object()

Cell = Any


class Ready(NamedTuple):
    """A new record worked out before it is known to be new."""

    title: str
    """What the row calls it."""
    said: Said


@dataclass(slots=True)
class Candidate:
    """A row on its way in."""

    row: Row
    cleaned: Cleaned
    names: dict[str, Any] = field(default_factory=dict)
    """Linked records by field, as the file names them: a text, several, or `{"": text, "above": text}`."""
    errors: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    """The record's own number, when the file says it."""
    kept: dict[str, Any] = field(default_factory=dict)
    """When and by whom it was made elsewhere."""
    notes: list[str] = field(default_factory=list)
    """What could not be read, kept as text."""
    identities: list[tuple[str, str]] = field(default_factory=list)
    called: bool = False
    """Whether its title was made here, for want of one in the file."""
    ready: Ready | None = None
    """What it comes to if its record is new, when that was worked out ahead; what its cells mean is then not told."""


class RowReader:
    """Reads the rows of one import."""

    def __init__(self, entity: Entity, places: Sequence[Place], wishes: Wishes, study: Study, locale: Locale) -> None:
        self.entity, self.wishes, self.locale = entity, wishes, locale
        self.note = note_field(entity)
        self.unknown: dict[str, Counter[str]] = defaultdict(Counter)
        """Texts that are none of a field's choices, and how often."""
        self.readers = [_reader(entity.fields[name], parts, study, wishes, locale) for name, parts in _by_field(places).items()]
        if wishes.title_from and not any(one.name == entity.title for one in self.readers):
            self.readers.append(_Title(entity.fields[entity.title], wishes.title_from, locale))

    def read(self, row: Row) -> Candidate:
        """What the row's cells mean; what is wrong with them is in `errors`."""
        one = Candidate(row, Cleaned())
        cells = row.values
        for reader in self.readers:
            try:
                value = reader.read(cells)
            except ValueError as refusal:
                self._refuse(one, reader, cells, str(refusal))
                continue
            if value is not BLANK:
                reader.put(one, value)
        if one.notes and self.note is not None:
            _add_notes(one, self.note.name)
        if self.nameless:
            self._call(one)
        return one

    def _refuse(self, one: Candidate, reader: _Reader, cells: Sequence[Cell], refusal: str) -> None:
        """A value that cannot be read: the row is rejected, or the field left empty and the text kept."""
        told = "; ".join(as_text(cells[index]) for index, _part in reader.parts if not is_blank(cells[index]))
        if isinstance(reader.kind, Choice):
            self.unknown[reader.name][told] += 1
        if self.wishes.unreadable == "reject" or reader.field.required or reader.name == OWN_KEY:
            one.errors[reader.name] = refusal
        elif self.wishes.unreadable == "note":
            one.notes.append(f"{reader.field.label}: {told}")

    @property
    def nameless(self) -> bool:
        """Whether records may come without a name: people are then called by their address, phone or company."""
        return "given" in self.entity.fields

    def _call(self, one: Candidate) -> None:
        columns, title = one.cleaned.columns, self.entity.title
        if any(columns.get(name) for name in (title, "given", "family")) or one.number is not None:
            return
        told = [pair["value"] for name in ("emails", "phones") for pair in columns.get(name) or ()]
        told += [text for text in one.names.values() if isinstance(text, str)]
        if told:
            columns[title] = told[0]
            one.called = True


def _add_notes(one: Candidate, name: str) -> None:
    text = "\n".join(one.notes)
    told = one.cleaned.columns.get(name)
    one.cleaned.columns[name] = f"{told}\n{text}" if told else text


def _by_field(places: Sequence[Place]) -> dict[str, list[tuple[int, str | None]]]:
    """The columns of each field: (index, part)."""
    found: dict[str, list[tuple[int, str | None]]] = {}
    for index, place in enumerate(places):
        if place is not None:
            found.setdefault(place[0], []).append((index, place[1]))
    return found


def _reader(one: Field, parts: list[tuple[int, str | None]], study: Study, wishes: Wishes, locale: Locale) -> _Reader:
    formats = [study.formats[index] if index < len(study.formats) else ColumnFormat("text") for index, _part in parts]
    if one.name == OWN_KEY:
        return _OwnKey(one, parts, locale)
    if one.k.linked():
        return _Names(one, parts, locale)
    if isinstance(one.k, Labelled):
        return _Several(one, parts, locale, study.is_chinese)
    if isinstance(one.k, Choice):
        return _OneOf(one, parts, locale, wishes.values.get(one.name, {}))
    if isinstance(one.k, Tags):
        return _Words(one, parts, locale)
    if isinstance(one.k, Address):
        return _Parts(one, parts, locale)
    percent = bool(study.percents[parts[0][0]]) if parts[0][0] < len(study.percents) else False
    return _Plain(one, parts, locale, tidied(one, formats[0], wishes, locale, percent))


class _Reader:
    """Reads one field from its columns."""

    def __init__(self, one: Field, parts: Sequence[tuple[int, str | None]], locale: Locale) -> None:
        self.field, self.name, self.kind, self.locale = one, one.name, one.k, locale
        self.parts = list(parts)
        self.first = self.parts[0][0]
        self.remembered: dict[Any, Any] = {}

    def read(self, cells: Sequence[Cell]) -> Any:
        """The value, or BLANK when the cells say nothing. ValueError."""
        said: Any
        if len(self.parts) == 1:
            said = cells[self.first]
            if said == "" or said is None:
                return BLANK
            remembers = type(said) is str and len(said) <= LONGEST_REMEMBERED
        else:
            said = tuple(cells[index] for index, _part in self.parts)
            remembers = all(type(cell) is str for cell in said)
        if not remembers:
            return self._value(said)
        try:
            return self.remembered[said]
        except KeyError:
            pass
        if len(self.remembered) > REMEMBERED:
            self.remembered.clear()
        value = self.remembered[said] = self._value(said)
        return value

    def put(self, one: Candidate, value: Any) -> None:
        """The value to where the row's values of this field are kept."""
        if self.name in KEPT:
            one.kept[self.name] = value
        elif self.field.custom:
            one.cleaned.custom[self.name] = self.kind.keep(value)
        else:
            one.cleaned.columns[self.name] = value

    def _value(self, said: Any) -> Any:
        raw = self._joined([(cell, part) for cell, (_index, part) in zip(self._cells(said), self.parts, strict=True) if not is_blank(cell)])
        return BLANK if raw is BLANK else self.kind.clean(raw, self.locale)

    def _cells(self, said: Any) -> Sequence[Cell]:
        return said if len(self.parts) > 1 else (said,)

    def _joined(self, told: list[tuple[Cell, str | None]]) -> Any:
        """The cells that say something as one raw value."""
        raise NotImplementedError


class _Plain(_Reader):
    """One value; of several columns the first that says something, or all of them as lines of a long text."""

    def __init__(self, one: Field, parts: Sequence[tuple[int, str | None]], locale: Locale, tidy: Callable[[Cell], Any]) -> None:
        super().__init__(one, parts, locale)
        self.tidy = tidy

    def put(self, one: Candidate, value: Any) -> None:
        if isinstance(value, _InCurrency):
            if one.cleaned.columns.get(value.field) is None:
                one.cleaned.columns[value.field] = value.currency
            value = value.amount
        super().put(one, value)

    def _value(self, said: Any) -> Any:
        value = super()._value(said)
        if isinstance(self.kind, MoneyKind) and value is not BLANK and len(self.parts) == 1:
            currency = _currency_in(said, self.locale)
            return _InCurrency(value, self.kind.currency, currency) if currency else value
        return value

    def _joined(self, told: list[tuple[Cell, str | None]]) -> Any:
        if not told:
            return BLANK
        if isinstance(self.kind, LongText):
            return "\n".join(as_text(cell) for cell, _part in told)
        return self.tidy(told[0][0])


@dataclass(frozen=True)
class _InCurrency:
    """An amount that came with its currency (€1,200), where no column says the currency."""

    amount: Any
    field: str
    currency: str


def _currency_in(said: Cell, locale: Locale) -> str:
    if not isinstance(said, str) or said.strip().strip("()+-0123456789.,' ") == "":
        return ""
    try:
        currency = parse_money(said, locale.currency).currency
    except ValueError:
        return ""
    return "" if currency == locale.currency else currency


class _OneOf(_Reader):
    """A choice; texts that are none may be what the person said they mean."""

    def __init__(self, one: Field, parts: Sequence[tuple[int, str | None]], locale: Locale, said: dict[str, str]) -> None:
        super().__init__(one, parts, locale)
        self.said = said

    def _joined(self, told: list[tuple[Cell, str | None]]) -> Any:
        texts = [text for cell, _part in told if (text := as_text(cell).strip()).lower() not in NOTHING]
        if not texts:
            return BLANK
        return (self.said[texts[0]] or BLANK) if texts[0] in self.said else texts[0]


class _Several(_Reader):
    """Phones and e-mails: every column adds some, under its own label."""

    def __init__(self, one: Field, parts: Sequence[tuple[int, str | None]], locale: Locale, chinese: bool) -> None:
        super().__init__(one, parts, locale)
        self.elsewhere = replace(locale, region="CN") if chinese and locale.region != "CN" else None
        assert isinstance(one.k, Labelled)
        self.each = one.k.each
        self.label = {"label": self.parts[0][1]} if self.parts[0][1] else {}

    def _value(self, said: Any) -> Any:
        try:
            return self._read(said)
        except ValueError:
            if self.elsewhere is None:
                raise
        here, self.locale = self.locale, self.elsewhere
        try:
            return self._read(said)
        finally:
            self.locale = here

    def _read(self, said: Any) -> Any:
        """The values; most cells say one, which takes the short way."""
        if type(said) is not str or (text := said.strip()).startswith(("'", "[")) or text.lower() in NOTHING or APART.search(text):
            return super()._value(said)
        value = self.each.clean(text, self.locale)
        return [{"value": value, **self.label}] if value else BLANK

    def _joined(self, told: list[tuple[Cell, str | None]]) -> Any:
        assert isinstance(self.kind, Labelled)
        found: list[object] = []
        for cell, part in told:
            text = as_text(cell)
            if text.strip().lower() in NOTHING:
                continue
            found.extend(one if isinstance(one, dict) else {"value": one, "label": part or ""} for one in self.kind.parts_of(text))
        return found or BLANK


class _Words(_Reader):
    """Tags: every column adds some."""

    def _joined(self, told: list[tuple[Cell, str | None]]) -> Any:
        assert isinstance(self.kind, Tags)
        return [word for cell, _part in told for word in self.kind.words_of(as_text(cell))] or BLANK


class _Parts(_Reader):
    """An address from its parts, or from one line."""

    def _joined(self, told: list[tuple[Cell, str | None]]) -> Any:
        parts: dict[str, str] = {}
        for cell, part in told:
            text = as_text(cell)
            name = part or "text"
            if name == "country":
                text = country_code(text)
            parts[name] = f"{parts[name]}, {text}" if name in parts else text
        if not parts:
            return BLANK
        return parts["text"] if set(parts) == {"text"} else parts


class _Names(_Reader):
    """Names of linked records."""

    def put(self, one: Candidate, value: Any) -> None:
        if self.name in KEPT:
            one.kept[self.name] = value
        else:
            one.names[self.name] = value

    def _value(self, said: Any) -> Any:
        told: dict[str, str] = {}
        for cell, (_index, part) in zip(self._cells(said), self.parts, strict=True):
            text = "" if is_blank(cell) else as_text(cell).replace("\x00", "").strip()
            if not self.kind.listed:
                text = " ".join(text.split())
            if text and text.lower() not in NOTHING:
                several = self.kind.listed and "" in told
                told[part or ""] = f"{told['']}; {text}" if several else text
        if not told:
            return BLANK
        return told if ABOVE in told else told[""]


class _OwnKey(_Reader):
    """The record's own number, as our exports write it."""

    def put(self, one: Candidate, value: Any) -> None:
        one.number = value

    def _value(self, said: Any) -> Any:
        cell = self._cells(said)[0]
        if is_blank(cell):
            return BLANK
        key = key_of(int(cell) if isinstance(cell, float) and cell.is_integer() else as_text(cell))
        return BLANK if key is None else key


class _Title(_Reader):
    """What a record is called when the file has no column for it: the texts of others."""

    def __init__(self, one: Field, indexes: Sequence[int], locale: Locale) -> None:
        super().__init__(one, [(index, None) for index in indexes], locale)

    def _joined(self, told: list[tuple[Cell, str | None]]) -> Any:
        return " · ".join(as_text(cell).strip() for cell, _part in told) or BLANK


# ——— single cells ———


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing; a formula that failed does not."""
    return cell is None or isinstance(cell, FormulaError) or (isinstance(cell, str) and not cell.strip())


def as_text(cell: Cell) -> str:
    """A cell as the text a person sees in it."""
    if isinstance(cell, str):
        return bare(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def tidied(one: Field, shape: ColumnFormat, wishes: Wishes, locale: Locale, percent: bool) -> Callable[[Cell], Any]:
    """How a cell of a column is made ready for the kind: dates and numbers as the column writes them."""
    kind = one.k
    if isinstance(kind, (Day, Moment)):
        return _days(shape, wishes, locale)
    if isinstance(kind, Duration):
        return _minutes
    if isinstance(kind, Number):
        return _shares(shape) if percent and isinstance(kind, Percent) else _numbers(shape)
    if isinstance(kind, YesNo):
        return lambda cell: BLANK if _says_nothing(cell) else shape.tidy(cell)
    return as_text if isinstance(kind, Text) else lambda cell: BLANK if _says_nothing(cell) else as_text(cell)


def _says_nothing(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.strip().lower() in NOTHING


def _days(shape: ColumnFormat, wishes: Wishes, locale: Locale) -> Callable[[Cell], Any]:
    first = wishes.day_first if wishes.day_first is not None else shape.day_first if shape.day_first is not None else locale.day_first
    chosen = ColumnFormat("moment", day_first=first)

    def read(cell: Cell) -> Any:
        if _says_nothing(cell) or (isinstance(cell, str) and NO_DAY.match(cell)):
            return BLANK
        serial = cell if isinstance(cell, (int, float)) and not isinstance(cell, bool) else None
        if serial is None and shape.dates_as_numbers and isinstance(cell, str) and cell.strip().isdecimal():
            serial = int(cell)
        if serial is not None and 1 <= serial < 2_958_466:
            return dt.datetime(1899, 12, 30) + dt.timedelta(days=float(serial))  # noqa: DTZ001 - the file's own zone, as written
        return chosen.tidy(bare(cell) if isinstance(cell, str) else cell)

    return read


def _numbers(shape: ColumnFormat) -> Callable[[Cell], Any]:
    chosen = ColumnFormat("number", decimal=shape.decimal)
    return lambda cell: BLANK if _says_nothing(cell) else chosen.tidy(bare(cell) if isinstance(cell, str) else cell)


def _shares(shape: ColumnFormat) -> Callable[[Cell], Any]:
    number = _numbers(shape)

    def read(cell: Cell) -> Any:
        found = number(cell)
        signed = isinstance(cell, str) and cell.strip().endswith(("%", "％"))
        return Decimal(str(found)) / 100 if not signed and isinstance(found, (int, float, Decimal)) else found

    return read


def _minutes(cell: Cell) -> Any:
    if isinstance(cell, dt.timedelta):
        return round(cell.total_seconds() / 60)
    if isinstance(cell, dt.time):
        return cell.hour * 60 + cell.minute
    return BLANK if _says_nothing(cell) else as_text(cell)


def country_code(text: str) -> str:
    """The ISO code of a country named in English, Chinese or its own language; other texts as they are."""
    plain = text.strip()
    if len(plain) == 2 and plain.isascii():
        return plain.upper()
    return _countries().get(fold(plain), plain)


@cache
def _countries() -> dict[str, str]:
    said = {"usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "england": "GB",
            "scotland": "GB", "wales": "GB", "prc": "CN", "p.r. china": "CN", "people's republic of china": "CN", "中华人民共和国": "CN",
            "hong kong": "HK", "香港": "HK", "macau": "MO", "macao": "MO", "澳门": "MO", "korea": "KR", "south korea": "KR", "philipines": "PH",
            "czech republic": "CZ", "russian federation": "RU", "holland": "NL", "the netherlands": "NL", "viet nam": "VN", "türkiye": "TR"}  # fmt: skip
    for language in ("pl", "cs", "hu", "de", "fr", "es", "it", "ja", "zh_Hant", "zh", "en"):
        said |= {fold(name): code for code, name in Names.parse(language).territories.items() if len(code) == 2 and code.isalpha()}
    return said
