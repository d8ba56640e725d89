"""Conditions that are wrong: each is refused with its place, and with what may have been meant."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.entity.actors import Level
from guanxi.entity.conditions import Aggregate, And, Compare, ConditionError, Not, check, compile, from_json, parse, print_text, to_json  # noqa: A004
from guanxi.entity.conditions.tree import MOST_DEPTH, MOST_TERMS, MOST_TEXT, MOST_VALUES
from tests.conditions import toy

WRONG: list[tuple[str, int, str, tuple[str, ...], str]] = [
    # what is written, where it is wrong, the part it is about, what may have been meant, what is said
    ('amount', 6, '', (), 'A comparison is missing after the field, such as “= 5” or “is not empty”.'),
    ('amount >', 8, '', (), 'A value is missing here.'),
    ('amount > 5 and', 14, '', (), 'A comparison is missing at the end, such as amount > 1000.'),
    ('amount > 5 and or stage = won', 15, 'or', (), 'A comparison is missing before “or”.'),
    ('and amount > 5', 0, 'and', (), 'A comparison is missing before “and”.'),
    ('not', 3, '', (), 'A comparison is missing at the end, such as amount > 1000.'),
    ('(amount > 5', 0, '(', (), '“)” is missing: this is not closed.'),
    ('amount > 5)', 10, ')', (), 'Nothing is open that “)” could close.'),
    ('()', 0, '(', (), 'Write a condition between the brackets.'),
    ('amount > 5 stage = won', 11, 'stage', (), '“and” or “or” is missing before this.'),
    ('amount > 5 adn stage = won', 11, 'adn', ('and',), '“and” or “or” is missing before this.'),
    ('amount > 5, stage = won', 10, ',', ('and', 'or'), 'Join comparisons with “and” or “or”.'),
    ('amount 5', 7, '5', ('=',), 'An operator is missing before the value, such as = or >.'),
    ('amount "5"', 7, '"5"', ('=',), 'An operator is missing before the value, such as = or >.'),
    ('amount = > 5', 9, '>', ('>=',), 'There are two operators; one is enough.'),
    ('amount => 5', 8, '>', ('>=',), 'There are two operators; one is enough.'),
    ('amount > 10,000', 9, '10', ('10000',), 'Write the number without commas.'),
    ('amount > 10.000,50', 9, '10.000', (), 'Write the number without commas.'),
    ('amount > 5five', 9, '5five', (), '“5five” is neither a number nor a date; put text in quotes.'),
    ('amount > five', 9, 'amount', (), '“five” is not an amount: write it like 1,054.00.'),
    ('amount is 5', 7, 'is', ('=',), 'After “is” comes empty or not empty; to compare with a value write =.'),
    ('amount is not 5', 7, 'is', ('!=',), 'After “is” comes empty or not empty; to compare with a value write !=.'),
    ('amount not 5', 7, 'not', ('not in', 'not contains', 'not has'), 'After “not” comes in, contains or has.'),
    ('amount greater 5', 7, 'greater', ('>',), '“greater” is no operator.'),
    ('amount like 5', 7, 'like', ('contains',), '“like” is no operator.'),
    ('name like "a%"', 5, 'like', ('contains',), '“like” is no operator.'),
    ('name contians "a"', 5, 'contians', ('contains', 'not contains'), '“contians” is no operator.'),
    ('name = bob smith', 7, 'bob', ('"bob smith"',), 'Put a text of several words in quotes.'),
    ('name = "bob', 7, '"bob', (), 'This quotation is not closed; add ".'),
    ("name = 'it's'", 12, "'", (), "This quotation is not closed; add '."),
    ('name = “bob', 7, '“bob', (), 'This quotation is not closed; add ”.'),
    ('name not starts "a"', 5, 'not', (), 'Write “not” before the field: not name starts "A".'),
    ('stage in won, lost', 12, ',', ('and', 'or'), 'Join comparisons with “and” or “or”.'),
    ('stage in ()', 9, '(', (), 'Write at least one value between the brackets.'),
    ('stage in (won lost)', 14, 'lost', (',',), 'A comma is missing before this value.'),
    ('stage in (won, lost', 9, '(', (), '“)” is missing: this is not closed.'),
    ('stage in [won, lost]', 9, '[', ('(',), 'Write several values in round brackets: in (1, 2).'),
    ('stage = (won, lost)', 8, '(', ('in',), '= compares with one value; for several write in (…) or has any (…).'),
    ('stage has (won, lost)', 10, '(', ('has any',), 'has compares with one value; for several write in (…) or has any (…).'),
    ('amount between 5', 16, '', ('and',), 'Write between … and …: the “and” is missing.'),
    ('amount between 5 and', 20, '', (), 'A value is missing here.'),
    ('amount between 5 or 9', 17, 'or', ('and',), 'Write between … and …: the “and” is missing.'),
    ('amount between 9 and 5', 15, 'amount', ('5 and 9',), 'Between takes the smaller value first.'),
    ('5 = amount', 0, '5', (), 'A comparison begins with a field, not with a value.'),
    ('"amount" = 5', 0, '"amount"', (), 'A comparison begins with a field, not with a value.'),
    ('amount > visits.max', 9, 'visits', (), 'Compare with a value, not with another field.'),
    ('amount > 5 && vip = true', 11, '&&', ('and',), '“&&” has no meaning here.'),
    ('amount > 5 || vip = true', 11, '||', ('or',), '“||” has no meaning here.'),
    ('!vip = true', 0, '!', ('not', '!='), '“!” has no meaning here.'),
    ('amount ~ 5', 7, '~', ('contains',), '“~” has no meaning here.'),
    ('name = "a"; drop table customer', 10, ';', (), '“;” has no meaning here.'),
    ('amount > 5 -- comment', 11, '-', (), '“-” has no meaning here.'),
    ('stage..x = 1', 6, '.', (), 'The name of a field is missing after “.”.'),
    ('stage. = 1', 7, '=', (), 'The name of a field is missing after “.”.'),
    ('.stage = 1', 0, '.', (), 'A comparison begins with the name of a field.'),
    ('count() > 1', 0, 'count', (), 'Write the list first: orders.count(…).'),
    ('orders.count > 1', 7, 'orders.count', ('count()',), 'There is no field “count” in orders.'),
    ('orders.total() > 1', 7, 'total', ('sum',), 'There is no total(); there are count, sum, min, max, avg, first, last.'),
    ('orders.length() > 1', 7, 'length', ('count',), 'There is no length(); there are count, sum, min, max, avg, first, last.'),
    ('orders.foo() > 1', 7, 'foo', (), 'There is no foo(); there are count, sum, min, max, avg, first, last.'),
    ('orders.count(total) > 1', 13, 'total', (), 'count() takes no field; narrow the list instead: orders[total > 0].count().'),
    ('orders.sum() > 1', 10, '(', (), 'Write a field between the brackets: sum(total).'),
    ('orders.sum(totl) > 1', 7, 'orders.sum(totl)', ('total',), 'There is no field “totl” in orders.'),
    ('orders.sum(number) > 1', 7, 'orders.sum(number)', ('total', 'items', 'weight'), 'sum(number) means nothing: that field cannot be added up.'),
    ('orders.max(number) > 1', 7, 'orders.max(number)', ('total', 'placed_on', 'paid_at'), 'max(number) means nothing: that field is neither a number nor a date.'),
    ('orders.sum(total).x > 1', 17, '.', (), 'Nothing can follow sum().'),
    ('orders[] is empty', 6, '[', (), 'Write a condition between the brackets.'),
    ('orders[total > 5.count() = 0', 16, '.', (']',), '“]” is missing before this.'),
    ('orders[totl > 5].count() = 0', 7, 'totl', ('total',), 'There is no field “totl” in orders.'),
    ('orders[total > 5]', 17, '', (), 'A comparison is missing after the field, such as “= 5” or “is not empty”.'),
    ('orders[total > 5] = 3', 18, 'orders[total > 5]', ('is empty', 'is not empty'), '“=” does not go with this field.'),
    ('orders > 3', 7, 'orders', ('is empty', 'is not empty'), '“>” does not go with this field.'),
    ('shop[city = x].name = y', 0, 'shop[city = "x"]', (), '“shop” is no list of records: brackets, count() and the like need one.'),
    ('shop.customers[orders.totl > 5].count() > 1', 22, 'orders.totl', ('total',), 'There is no field “totl” in orders.'),
    ('amont > 5', 0, 'amont', ('amount', 'about'), 'There is no field “amont” in customers.'),
    ('Amount > 5', 0, 'Amount', ('amount', 'about'), 'There is no field “Amount” in customers.'),
    ('shop.nmae = "x"', 5, 'shop.nmae', ('name',), 'There is no field “nmae” in shops.'),
    ('shop.name.x = "x"', 10, 'shop.name.x', (), 'Nothing can follow “name”: it leads to no other record.'),
    ('amount.x = 5', 7, 'amount.x', (), 'Nothing can follow “amount”: it leads to no other record.'),
    ('address.town = "x"', 8, 'address.town', (), 'An address has no part “town”.'),
    ('address.city.x = "x"', 13, 'address.city.x', (), 'Nothing can follow “city”: it leads to no other record.'),
    ('order.total > 5', 0, 'order', ('orders', 'owner', 'grade'), 'There is no field “order” in customers.'),
    ('hush = true', 0, 'hush', (), 'There is no field “hush” in customers.'),
    ('stage = wonn', 8, 'stage', ('Won', 'won'), '“wonn” is not one of the choices.'),
    ('stage = 洽谈中', 8, 'stage', ('New', 'In talks', 'Won', 'Lost'), '“洽谈中” is not one of the choices.'),
    ('stage > won', 6, 'stage', ('=', '!=', 'in'), '“>” does not go with this field.'),
    ('stage contains "w"', 6, 'stage', ('=',), '“contains” does not go with this field.'),
    ('currency = dollars', 11, 'currency', (), '“DOLLARS” is not a currency code.'),
    ('amount = "a lot"', 9, 'amount', (), '“a lot” is not an amount: write it like 1,054.00.'),
    ('amount contains 5', 7, 'amount', ('=',), '“contains” does not go with this field.'),
    ('visits = 1.5', 9, 'visits', (), 'Type a whole number.'),
    ('visits = 99999999999', 9, 'visits', (), 'Type a number from -2147483648 to 2147483647.'),
    ('rate = 60', 7, 'rate', (), 'Type a percentage, such as 60%.'),
    ('vip = maybe', 6, 'vip', (), '“maybe” is neither yes nor no.'),
    ('vip is empty', 4, 'vip', ('=', '!='), '“is empty” does not go with this field.'),
    ('since = tomorow', 8, 'since', ('tomorrow',), '“tomorow” is not a date: write it like 2026-11-05.'),
    ('since = 2026-13-01', 8, 'since', (), 'There is no day 01 in month 13 of 2026 (“2026-13-01”).'),
    ('since = 2026-02-30', 8, 'since', (), 'There is no day 30 in month 02 of 2026 (“2026-02-30”).'),
    ('since = 2026-1-5', 8, '2026-1-5', (), 'Write dates as 2026-11-05.'),
    ('since > 90d', 8, 'since', ('-90d', '+90d'), 'Write a sign: -90d is in the past, +90d in the future.'),
    ('since > -2h', 8, 'since', (), 'A date has no hours; write days, such as -1d.'),
    ('since = this_month', 8, 'since', ('within',), '“this_month” is a period; compare with “within”.'),
    ('since within this_moth', 13, 'since', ('this_month', 'last_month', 'next_month'), '“this_moth” is not a period: write it like this_month or last_7d.'),
    ('since within 90', 13, 'since', ('last_90d', 'next_90d'), '“90” is not a period: write it like this_month or last_7d.'),
    ('since within last_2h', 13, 'since', ('last_7d', 'last_month', 'last_30d'), 'A date has no hours; write days, such as last_1d.'),
    ('since = "next tuesday"', 8, 'since', (), '“next tuesday” is not a date: write it like 2026-11-05.'),
    ('seen_at > now-', 13, '-', (), '“-” has no meaning here.'),
    ('seen_at within yesterday and', 28, '', (), 'A comparison is missing at the end, such as amount > 1000.'),
    ('owner = "Alise" or owner in my_team and shop = me', 47, 'shop', (), '“me” is a person; this field leads to no person.'),
    ('shop in my_team', 8, 'shop', (), '“my_team” means people or teams; this field leads to neither.'),
    ('owner = 1.5', 8, 'owner', (), "Write the record's title in quotes, or its key."),
    ('owner = true', 8, 'owner', (), "Write the record's title in quotes, or its key."),
    ('about = "deals"', 8, 'about', (), 'Write entity:key, such as deals:17.'),
    ('tags = "vip"', 5, 'tags', ('has',), '“=” does not go with this field.'),
    ('tags contains "vip"', 5, 'tags', ('has',), '“contains” does not go with this field.'),
    ('tags has (a, b)', 9, '(', ('has any',), 'has compares with one value; for several write in (…) or has any (…).'),
    ('tags has any ()', 13, '(', (), 'Write at least one value between the brackets.'),
    ('phones has "abc"', 11, 'phones', ('contains',), 'Enter a phone number, for example +86 138 1234 5678.'),
    ('phones = "138"', 7, 'phones', ('has', 'contains'), '“=” does not go with this field.'),
    ('emails has "nobody"', 11, 'emails', ('contains',), '“nobody” is not an e-mail address: it needs a name, an @ and a domain.'),
    ('name = 5 and name > ""', 20, 'name', ('is empty',), 'To find empty values write “is empty”.'),
    ('name contains ""', 14, 'name', ('is empty',), 'To find empty values write “is empty”.'),
    ('note = "x"', 5, 'note', ('contains',), '“=” does not go with this field.'),
    ('note > "x"', 5, 'note', ('contains', 'not contains', 'starts'), '“>” does not go with this field.'),
    ('people has me and people in (me)', 25, 'people', ('has any',), '“in” does not go with this field.'),
    ('id is empty', 3, 'id', ('=', '!=', 'in'), '“is empty” does not go with this field.'),
    ('id = "x"', 5, 'id', (), '“x” is not a number.'),
    ('id = -1', 5, 'id', (), 'Type a number from 1 to 9223372036854775807.'),
    ('nick in (null)', 9, 'nick', ('is empty',), 'To find empty values write “is empty”.'),
    ('colour = null and points = "x"', 27, 'points', (), '“x” is not a number.'),
    ('name = "\x00"', 7, 'name', ('contains',), 'Contains a character that cannot be stored (NUL).'),
    ('a.b.c.d.e.f.g = 1', 14, '=', (), 'A path has at most 6 steps.'),
    ('`` = 1', 0, '``', (), 'Write a name between the backticks.'),
    ('`name = 1', 0, '`name = 1', (), 'This quotation is not closed; add `.'),
    ('orders.last(tags) = "x"', 7, 'orders.last(tags)', ('stage',), 'There is no field “tags” in orders.'),
    ('orders.last(total).x = 5', 18, '.', (), 'Nothing can follow last().'),
    ('shop.orders.count() = 1', 5, 'shop.orders', (), 'There is no field “orders” in shops.'),
    ('lines.count() = 1', 0, 'lines', ('minutes', 'since'), 'There is no field “lines” in customers.'),
    ('favourite.nme = "x"', 10, 'favourite.nme', ('name',), 'There is no field “nme” in shops.'),
]  # fmt: skip


@pytest.mark.usefixtures("entities")
@pytest.mark.parametrize(("text", "offset", "place", "suggestions", "message"), WRONG, ids=[one[0] for one in WRONG])
def test_a_wrong_condition_says_what_where_and_what_instead(
    text: str, offset: int, place: str, suggestions: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConditionError) as refusal:
        check(parse(text), toy.CUSTOMERS, toy.BOB)
    wrong = refusal.value
    assert wrong.position is not None
    assert (wrong.message, wrong.position.offset, wrong.place, wrong.suggestions) == (message, offset, place, suggestions)


@pytest.mark.usefixtures("entities")
def test_lines_and_columns_count_from_one() -> None:
    with pytest.raises(ConditionError) as refusal:
        check(parse('stage = won\n  and (amount > 5\n    or nmae = "x")'), toy.CUSTOMERS, toy.BOB)
    assert refusal.value.as_json() == {
        "message": "There is no field “nmae” in customers.",
        "offset": 37,
        "line": 3,
        "column": 8,
        "pointer": None,
        "place": "nmae",
        "suggestions": ["name"],
    }
    assert str(refusal.value) == ("There is no field “nmae” in customers. Did you mean “name”? (line 3, column 8)")


@pytest.mark.usefixtures("entities")
def test_the_value_at_fault_is_pointed_at_among_several() -> None:
    with pytest.raises(ConditionError) as refusal:
        check(parse("stage in (won, lots, new)"), toy.CUSTOMERS, toy.BOB)
    assert refusal.value.position is not None
    assert (refusal.value.position.offset, refusal.value.suggestions) == (15, ("Lost", "lost"))


WRONG_JSON: list[tuple[Any, str, str]] = [
    ([], "", "A condition is an object with “and”, “or”, “not” or “path”."),
    ("amount > 5", "", "A condition is an object with “and”, “or”, “not” or “path”."),
    ({"and": {}}, "/and", "Send a list of conditions here."),
    ({"and": [{"or": [5]}]}, "/and/0/or/0", "A condition is an object with “and”, “or”, “not” or “path”."),
    ({"and": [], "or": []}, "/or", "“or” has no meaning here."),
    ({"not": None}, "/not", "There is nothing to negate here."),
    ({"not": {"and": [{}]}}, "/not", "There is nothing to negate here."),
    ({"path": "amount"}, "/op", "“op” is missing: the operator, as text."),
    ({"op": "=", "value": 5}, "/path", "“path” is missing: the field to compare, as text."),
    ({"path": 5, "op": "=", "value": 5}, "/path", "“path” is missing: the field to compare, as text."),
    ({"path": "amount", "op": "~", "value": 5}, "/op", "“~” is no operator."),
    ({"path": "amount", "op": "="}, "/value", "“value” is missing."),
    ({"path": "amount", "op": "=", "value": {}}, "/value", "A value is a text, a number, true, false or null."),
    ({"path": "amount", "op": "=", "value": [5]}, "/value", "= compares with one value; for several write in (…) or has any (…)."),
    ({"path": "amount", "op": "=", "value": float("nan")}, "/value", "A value is a text, a number, true, false or null."),
    ({"path": "amount", "op": "=", "value": 10**60}, "/value", "This number has too many digits."),
    ({"path": "amount", "op": "=", "value": 1e300}, "/value", "This number has too many digits."),
    ({"path": "amount", "op": "in", "value": []}, "/value", "Send at least one value."),
    ({"path": "amount", "op": "in", "value": [1, []]}, "/value/1", "A value is a text, a number, true, false or null."),
    ({"path": "amount", "op": "between", "value": [1]}, "/value", "Send two values."),
    ({"path": "amount", "op": "is empty", "value": 5}, "/value", "is empty takes no value."),
    ({"path": "amount", "op": "=", "value": 5, "valeu": 6}, "/valeu", "“valeu” has no meaning here."),
    ({"path": "orders[total > ].count()", "op": "=", "value": 5}, "/path", "A value is missing here."),
    ({"path": "amount = 5", "op": "=", "value": 5}, "/path", "“and” or “or” is missing before this."),
    ({"path": "", "op": "=", "value": 5}, "/path", "A comparison is missing at the end, such as amount > 1000."),
    ({"path": "amout", "op": "=", "value": 5}, "/path", "There is no field “amout” in customers."),
    ({"path": "stage", "op": ">", "value": "won"}, "/op", "“>” does not go with this field."),
    ({"and": [{"path": "stage", "op": "in", "value": ["won", "x"]}]}, "/and/0/value/1", "“x” is not one of the choices."),
]


@pytest.mark.usefixtures("entities")
@pytest.mark.parametrize(("value", "pointer", "message"), WRONG_JSON)
def test_wrong_json_is_pointed_at(value: Any, pointer: str, message: str) -> None:
    with pytest.raises(ConditionError) as refusal:
        check(from_json(value), toy.CUSTOMERS, toy.BOB)
    assert refusal.value.position is not None
    assert (refusal.value.position.pointer, refusal.value.message) == (pointer, message)


@pytest.mark.parametrize("value", [None, {}, {"and": []}, {"or": []}, {"and": [{}, {"or": [None]}]}])
def test_json_that_says_nothing_holds_for_every_record(value: Any) -> None:
    assert from_json(value) == And(())
    assert print_text(from_json(value)) == ""


HOSTILE = {
    "ten megabytes of letters": "a" * 10**7,
    "ten megabytes of quotation": '"' + "x" * 10**7,
    "ten thousand brackets": "(" * 10_000 + "amount > 5" + ")" * 10_000,
    "ten thousand lists": "orders[" * 5_000 + "total > 5",
    "ten thousand nots": "not " * 10_000 + "amount > 5",
    "ten thousand comparisons": " and ".join(["amount > 5"] * 4_000),
    "ten thousand values": f"visits in ({', '.join(['1'] * 10_000)})",
    "ten thousand steps": ".".join(["shop"] * 10_000) + " = 1",
    "ten thousand digits": "amount > " + "9" * 10_000,
    "ten thousand signs": "=" * 10_000,
    "backslashes": '"' + "\\" * 9_999,
    "a far away year": "since > +99999y",
    "no digits of ours": "amount > ٥",
    "half a character": 'name = "\ud800"',
    "a title with half a character": 'shop = "\ud800"',
    "nul in a title": 'shop = "\x00"',
    "nul in a tag": 'tags has "\x00"',
    "nul in a phone": 'phones contains "\x00"',
    "nul in a part of an address": 'address.city = "\x00"',
    "nul in an e-mail": 'emails has "a\x00@b.co"',
    "nul in a choice": 'stage = "\x00"',
    "nul in a custom text": 'colour starts "\x00"',
}


@pytest.mark.usefixtures("entities")
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        compile(parse(text), toy.CUSTOMERS, toy.BOB)


def nested(depth: int) -> Any:
    value: Any = {"path": "amount", "op": ">", "value": 5}
    for _level in range(depth):
        value = {"not": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        nested(900),
        {"and": [nested(1)] * 10_000},
        {"and": [{"path": "visits", "op": "=", "value": 1}] * (MOST_TERMS + 1)},
        {"path": "visits", "op": "in", "value": [1] * (MOST_VALUES + 1)},
        {"path": "name", "op": "=", "value": "x" * (MOST_TEXT + 1)},
        {"path": "a" * (MOST_TEXT + 1), "op": "=", "value": "x"},
        {"path": "orders[" * 100 + "total > 1" + "].count()" * 100, "op": "=", "value": 1},
    ],
    ids=["deep", "wide", "terms", "values", "text", "path", "brackets"],
)
def test_hostile_json_is_refused(value: Any) -> None:
    with pytest.raises(ConditionError):
        from_json(value)


def test_trees_made_by_hand_are_limited_too() -> None:
    tree: Any = Compare(("amount",), "=", 5)
    for _level in range(MOST_DEPTH + 1):
        tree = Not(tree)
    for use in (print_text, to_json, lambda one: compile(one, toy.CUSTOMERS, toy.BOB)):
        with pytest.raises(ConditionError):
            use(tree)


@pytest.mark.usefixtures("entities")
@pytest.mark.parametrize(
    "term",
    [
        Compare((), "=", 5),
        Compare(("amount",), "≈", 5),
        Compare(("amount",), "=", (1, 2)),
        Compare(("amount",), "between", (1,)),
        Compare(("amount",), "in", ()),
        Compare((Aggregate("count"),), "=", 5),
        Compare(("orders", Aggregate("sum", "total"), "x"), "=", 5),
        Compare(("orders", Aggregate("median", "total")), "=", 5),
        Compare(("shop", Aggregate("count")), "=", 5),
    ],
)
def test_terms_made_by_hand_are_checked(term: Compare) -> None:
    with pytest.raises(ConditionError):
        compile(term, toy.CUSTOMERS, toy.BOB)


@pytest.mark.usefixtures("entities")
@pytest.mark.parametrize("level", [Level.HIDDEN, Level.MASKED])
def test_a_field_the_reader_may_not_read_is_no_field_and_never_suggested(level: Level) -> None:
    bob = toy.Reader(rights=toy.ToyRights(levels={("toy_customers", "secret"): level, ("toy_orders", "total"): level}))
    for text in (
        'secret = "x"',
        "secret is empty",
        "orders.total > 1",
        "orders.sum(total) > 1",
        "orders[total > 1] is empty",
        "orders.last(total) > 1",
    ):
        with pytest.raises(ConditionError, match="There is no field") as refusal:
            compile(parse(text), toy.CUSTOMERS, bob)
        assert not {"secret", "total"} & set(refusal.value.suggestions)
    with pytest.raises(ConditionError) as mistyped:
        compile(parse('secert = "x"'), toy.CUSTOMERS, bob)
    assert "secret" not in mistyped.value.suggestions


@pytest.mark.usefixtures("entities")
def test_a_hidden_link_hides_what_lies_behind_it() -> None:
    hidden = {("toy_customers", "shop"): Level.HIDDEN, ("toy_orders", "customer"): Level.HIDDEN, ("toy_shops", "name"): Level.MASKED}
    bob = toy.Reader(rights=toy.ToyRights(levels=hidden))
    for text in ('shop.city = "x"', "shop = 1", "orders.count() > 1", "orders is empty"):
        with pytest.raises(ConditionError, match="There is no field"):
            compile(parse(text), toy.CUSTOMERS, bob)
    with pytest.raises(ConditionError, match="Write the record's key"):
        compile(parse('favourite = "Acme"'), toy.CUSTOMERS, bob)


@pytest.mark.usefixtures("entities")
def test_what_one_may_not_see_at_all_cannot_be_stepped_to() -> None:
    bob = toy.Reader(rights=toy.ToyRights(blind_to=frozenset({"toy_orders", "toy_shops"})))
    with pytest.raises(ConditionError, match="There is no field “orders”"):
        compile(parse("orders is empty"), toy.CUSTOMERS, bob)
    with pytest.raises(ConditionError, match="You may not look into shops"):
        compile(parse('shop.name = "x"'), toy.CUSTOMERS, bob)
    with pytest.raises(ConditionError, match="Write the record's key"):
        compile(parse('shop = "Acme"'), toy.CUSTOMERS, bob)
