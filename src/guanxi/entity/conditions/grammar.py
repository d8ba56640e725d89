"""Reads the text of a condition into its tree.

tree  := all ("or" all)*          all := one ("and" one)*
one   := "not" one | "(" tree ")" | path operator value
path  := step ("." step)*         step := name | name "[" tree "]" | name "(" [name] ")"
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from guanxi.base.words import similar
from guanxi.entity.conditions.errors import ConditionError, Position, position_in
from guanxi.entity.conditions.literals import BARE, CONSTANTS, RESERVED, read_name
from guanxi.entity.conditions.tree import (
    AGGREGATES,
    EVERYTHING,
    MOST_DEPTH,
    MOST_STEPS,
    MOST_TERMS,
    MOST_VALUES,
    Aggregate,
    Compare,
    Not,
    Origin,
    Rows,
    Scalar,
    Step,
    Tree,
    Value,
    all_of,
    any_of,
    too_deep,
    too_many_terms,
    too_many_values,
)
from guanxi.entity.conditions.words import Word, split

SIGNS = ("=", "!=", "<", "<=", ">", ">=")
OPERATORS = (
    *SIGNS, "in", "not in", "contains", "not contains", "starts", "has", "not has", "has any", "has all",
    "is empty", "is not empty", "between", "within",
)  # fmt: skip
LISTS = ("in", "not in", "has any", "has all")
"""Operators that compare with several values."""
_MEANT = {
    "equals": "=", "equal": "=", "eq": "=", "is": "=", "ne": "!=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "over": ">",
    "above": ">", "after": ">", "greater": ">", "more": ">", "below": "<", "under": "<", "before": "<", "less": "<", "fewer": "<", "like": "contains", "ilike": "contains",
    "matches": "contains", "includes": "has", "startswith": "starts", "begins": "starts", "during": "within", "since": ">=",
    "exists": "is not empty", "isnull": "is empty",
}  # fmt: skip
_TOTAL = {
    "total": "sum", "average": "avg", "mean": "avg", "minimum": "min", "maximum": "max", "number": "count", "size": "count",
    "length": "count", "newest": "last", "latest": "last", "oldest": "first", "earliest": "first",
}  # fmt: skip
_SEVERAL = {"=": "in", "!=": "not in", "has": "has any"}


class Budget:
    """How much of a condition may still be read; shared by all texts of one JSON tree."""

    def __init__(self) -> None:
        self.depth = 0
        self.terms = 0

    def enter(self, position: Callable[[], Position]) -> None:
        """One level down."""
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise too_deep(position())

    def leave(self) -> None:
        """One level up again."""
        self.depth -= 1

    def count(self, position: Callable[[], Position]) -> None:
        """One more comparison."""
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise too_many_terms(position())


def parse(text: str) -> Tree:
    """The tree of a condition's text; the empty text holds for every record. ConditionError."""
    reader = _Reader(text, Budget())
    if reader.next.sort == "end":
        return EVERYTHING
    tree = reader.tree()
    reader.end()
    return tree


def parse_path(text: str, pointer: str, budget: Budget) -> tuple[tuple[Step, ...], Origin]:
    """The steps of a path that stands alone in JSON, and where they are. ConditionError."""
    reader = _Reader(text, budget, f"{pointer}/path")
    path, starts = reader.path()
    reader.end()
    return path, Origin(text, starts, pointer=pointer)


class _Reader:
    def __init__(self, text: str, budget: Budget, pointer: str | None = None) -> None:
        self.text = text
        self.pointer = pointer
        self.budget = budget
        self.words = split(text, pointer)
        self.at = 0

    @property
    def next(self) -> Word:
        return self.words[self.at]

    def take(self) -> Word:
        word = self.words[self.at]
        if word.sort != "end":
            self.at += 1
        return word

    def is_sign(self, *signs: str) -> bool:
        return self.next.sort == "sign" and self.next.value in signs

    def takes(self, keyword: str) -> bool:
        """Whether the next word is this keyword; it is taken then."""
        if self.next.lower == keyword:
            self.at += 1
            return True
        return False

    def where(self, word: Word | None = None) -> Position:
        return position_in(self.text, (word or self.next).start, self.pointer)

    def error(self, message: str, *suggestions: str, word: Word | None = None) -> ConditionError:
        word = word or self.next
        return ConditionError(message, self.where(word), place=self.text[word.start : word.end][:60], suggestions=suggestions)

    def close(self, sign: str, opened: Word) -> None:
        """Take the sign that closes what was opened."""
        if self.is_sign(sign):
            self.at += 1
            return
        if self.next.sort == "end":
            raise self.error(_("“%(sign)s” is missing: this is not closed.") % {"sign": sign}, word=opened)
        if self.is_sign("."):
            raise self.error(_("“%(sign)s” is missing before this.") % {"sign": sign}, sign)
        raise self.unexpected()

    def end(self) -> None:
        if self.next.sort != "end":
            raise self.unexpected()

    def unexpected(self) -> ConditionError:
        """The error for a word after a complete comparison."""
        word = self.next
        if word.sort == "sign" and word.value in {")", "]"}:
            return self.error(_("Nothing is open that “%(sign)s” could close.") % {"sign": word.value})
        if word.sort == "sign" and word.value == ",":
            return self.error(_("Join comparisons with “and” or “or”."), "and", "or")
        before = self.words[self.at - 1]
        if word.sort == "name" and before.sort == "name" and before.lower not in CONSTANTS:
            both = self.text[before.start : word.end]
            return self.error(_("Put a text of several words in quotes."), f'"{both[:60]}"', word=before)
        near = [one for one in ("and", "or") if word.lower and similar(word.lower, [one])]
        return self.error(_("“and” or “or” is missing before this."), *near)

    # Combinations

    def tree(self) -> Tree:
        parts = [self.all()]
        while self.takes("or"):
            parts.append(self.all())
        return any_of(parts)

    def all(self) -> Tree:
        parts = [self.one()]
        while self.takes("and"):
            parts.append(self.one())
        return all_of(parts)

    def one(self) -> Tree:
        self.budget.enter(self.where)
        word = self.next
        if self.takes("not"):
            tree: Tree = Not(self.one())
        elif self.is_sign("("):
            self.at += 1
            if self.is_sign(")"):
                raise self.error(_("Write a condition between the brackets."), word=word)
            tree = self.tree()
            self.close(")", word)
        else:
            tree = self.comparison()
        self.budget.leave()
        return tree

    def comparison(self) -> Compare:
        self.budget.count(self.where)
        path, starts = self.path()
        sign = self.next
        op = self.operator()
        value, values = self.value(op)
        return Compare(path, op, value, Origin(self.text, starts, sign.start, values, self.pointer))

    # Paths

    def path(self) -> tuple[tuple[Step, ...], tuple[int, ...]]:
        steps: list[Step] = []
        starts: list[int] = []
        while True:
            starts.append(self.next.start)
            steps.append(self.step(bool(steps)))
            if len(steps) > MOST_STEPS:
                raise self.error(_("A path has at most %(most)d steps.") % {"most": MOST_STEPS})
            if not self.is_sign("."):
                return tuple(steps), tuple(starts)
            if isinstance(steps[-1], Aggregate):
                raise self.error(_("Nothing can follow %(function)s().") % {"function": steps[-1].function})
            self.at += 1

    def step(self, later: bool) -> Step:
        word = self.next
        if word.sort not in {"name", "ticked"} or word.lower in RESERVED:
            raise self.no_name(later)
        self.at += 1
        name = str(word.value)
        if self.is_sign("("):
            return self.aggregate(name, word, later)
        if not self.is_sign("["):
            return name
        opened = self.take()
        if self.is_sign("]"):
            raise self.error(_("Write a condition between the brackets."), word=opened)
        self.budget.enter(self.where)
        where = self.tree()
        self.budget.leave()
        self.close("]", opened)
        return Rows(name, where)

    def no_name(self, later: bool) -> ConditionError:
        if later:
            return self.error(_("The name of a field is missing after “.”."))
        if self.next.sort == "end":
            return self.error(_("A comparison is missing at the end, such as amount > 1000."))
        if self.next.lower in RESERVED:
            return self.error(_("A comparison is missing before “%(word)s”.") % {"word": self.next.value})
        if self.next.sort in {"text", "number"}:
            return self.error(_("A comparison begins with a field, not with a value."))
        return self.error(_("A comparison begins with the name of a field."))

    def aggregate(self, name: str, word: Word, later: bool) -> Aggregate:
        function = name.lower()
        if not later:
            raise self.error(_("Write the list first: orders.%(function)s(…).") % {"function": function}, word=word)
        if function not in AGGREGATES:
            near = [_TOTAL[function]] if function in _TOTAL else similar(function, AGGREGATES)
            message = _("There is no %(function)s(); there are %(all)s.")
            raise self.error(message % {"function": name[:40], "all": ", ".join(AGGREGATES)}, *near, word=word)
        opened = self.take()
        if function == "count":
            if not self.is_sign(")"):
                raise self.error(_("count() takes no field; narrow the list instead: orders[total > 0].count()."))
            self.at += 1
            return Aggregate("count")
        if self.next.sort not in {"name", "ticked"}:
            raise self.error(_("Write a field between the brackets: %(function)s(total).") % {"function": function}, word=opened)
        of = str(self.take().value)
        self.close(")", opened)
        return Aggregate(function, of)

    # Operators

    def operator(self) -> str:
        word = self.next
        if word.sort == "sign" and word.value in SIGNS:
            self.at += 1
            return str(word.value)
        keyword = word.lower
        match keyword:
            case "not":
                return self.negated()
            case "is":
                return self.emptiness()
            case "has":
                self.at += 1
                return next((f"has {each}" for each in ("any", "all") if self.takes(each)), "has")
            case "starts":
                self.at += 1
                self.takes("with")
                return "starts"
            case "in" | "contains" | "between" | "within":
                self.at += 1
                return keyword
        raise self.no_operator()

    def negated(self) -> str:
        first = self.take()
        for keyword in ("in", "contains", "has"):
            if self.takes(keyword):
                return f"not {keyword}"
        if self.next.lower in {"starts", "between", "within"}:
            raise self.error(_('Write “not” before the field: not name starts "A".'), word=first)
        raise self.error(_("After “not” comes in, contains or has."), "not in", "not contains", "not has", word=first)

    def emptiness(self) -> str:
        first = self.take()
        negated = self.takes("not")
        if self.takes("empty") or self.takes("null"):
            return "is not empty" if negated else "is empty"
        sign = "!=" if negated else "="
        message = _("After “is” comes empty or not empty; to compare with a value write %(sign)s.") % {"sign": sign}
        raise self.error(message, sign, word=first)

    def no_operator(self) -> ConditionError:
        word = self.next
        if word.sort == "end" or word.lower in {"and", "or"} or self.is_sign(")", "]"):
            return self.error(_("A comparison is missing after the field, such as “= 5” or “is not empty”."))
        if not word.lower:
            return self.error(_("An operator is missing before the value, such as = or >."), "=")
        shown = self.text[word.start : word.end][:40]
        near = [_MEANT[word.lower]] if word.lower in _MEANT else similar(word.lower, OPERATORS)
        return self.error(_("“%(word)s” is no operator.") % {"word": shown}, *near)

    # Values

    def value(self, op: str) -> tuple[Value, tuple[int, ...]]:
        start = self.next.start
        if op in {"is empty", "is not empty"}:
            return None, ()
        if op in LISTS:
            return self.values()
        if op == "between":
            low = self.scalar()
            if not self.takes("and"):
                raise self.error(_("Write between … and …: the “and” is missing."), "and")
            high_start = self.next.start
            return (low, self.scalar()), (start, high_start)
        if self.is_sign("("):
            message = _("%(op)s compares with one value; for several write in (…) or has any (…).") % {"op": op}
            raise self.error(message, *([_SEVERAL[op]] if op in _SEVERAL else []))
        return self.scalar(), (start,)

    def values(self) -> tuple[tuple[Scalar, ...], tuple[int, ...]]:
        if not self.is_sign("("):
            start = self.next.start
            return (self.scalar(),), (start,)
        opened = self.take()
        if self.is_sign(")"):
            raise self.error(_("Write at least one value between the brackets."), word=opened)
        found: list[Scalar] = []
        starts: list[int] = []
        while True:
            starts.append(self.next.start)
            found.append(self.scalar(listed=True))
            if len(found) > MOST_VALUES:
                raise too_many_values(self.where(opened))
            if not self.is_sign(","):
                break
            self.at += 1
        if not self.is_sign(")") and self.next.sort in {"name", "text", "number"}:
            raise self.error(_("A comma is missing before this value."), ",")
        self.close(")", opened)
        return tuple(found), tuple(starts)

    def scalar(self, listed: bool = False) -> Scalar:
        word = self.next
        if word.sort in {"text", "number"}:
            self.at += 1
            if not listed:
                self.no_thousands(word)
            return word.value
        if word.sort == "name" and word.lower not in RESERVED:
            self.at += 1
            if self.is_sign("."):
                raise self.error(_("Compare with a value, not with another field."), word=word)
            distance = self.next
            if distance.sort == "number" and distance.start == word.end:
                together = self.text[word.start : distance.end].lower()  # start_of_month-1d is two words so far
                if BARE.fullmatch(together):
                    self.at += 1
                    return together
            return read_name(str(word.value))
        if word.sort == "sign" and word.value in {"=", "<", ">", "!=", "<=", ">="}:
            turned = f"{word.value}{self.words[self.at - 1].value}"
            raise self.error(_("There are two operators; one is enough."), *([turned] if turned in SIGNS else []))
        if self.is_sign("["):
            raise self.error(_("Write several values in round brackets: in (1, 2)."), "(")
        raise self.error(_("A value is missing here."))

    def no_thousands(self, word: Word) -> None:
        """Refuse `10,000` outside a list: the comma would end the comparison."""
        comma, after = self.next, self.words[min(self.at + 1, len(self.words) - 1)]
        together = word.end == comma.start and comma.end == after.start and after.sort == "number"
        if word.sort == "number" and together and self.is_sign(","):
            rest = self.text[after.start : after.end]
            thousands = isinstance(word.value, int) and len(rest.partition(".")[0]) == 3
            raise self.error(_("Write the number without commas."), *([f"{word.value}{rest}"] if thousands else []), word=word)
