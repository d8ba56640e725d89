"""Conditions: the one language of filters, views, segments, triggers, scopes, assignment and SLA rules.

    tree = parse('stage.outcome = "open" and orders[placed_on > -90d].sum(total) >= 1000')
    deals = visible(DEALS, to=alice).filter(compile(tree, DEALS, alice))

A tree is written as text (`parse`, `print_text`) and as JSON (`from_json`, `to_json`); it is checked and compiled for
a reader, whose rights hold inside it. There is no other evaluator than the database. docs/reference/conditions.md
is the reference of the language.
"""

from guanxi.entity.conditions.catalogue import catalogue
from guanxi.entity.conditions.checking import check
from guanxi.entity.conditions.compiling import compile, matches  # noqa: A004
from guanxi.entity.conditions.errors import ConditionError, Position
from guanxi.entity.conditions.grammar import parse
from guanxi.entity.conditions.json_form import from_json, to_json
from guanxi.entity.conditions.printing import print_text
from guanxi.entity.conditions.sentences import Chip, keys_in, sentence
from guanxi.entity.conditions.tree import EVERYTHING, Aggregate, And, Compare, Not, Or, Rows, Tree, all_of, any_of

__all__ = [
    "EVERYTHING", "Aggregate", "And", "Chip", "Compare", "ConditionError", "Not", "Or", "Position", "Rows", "Tree",
    "all_of", "any_of", "catalogue", "check", "compile", "from_json", "keys_in", "matches", "parse", "print_text",
    "sentence", "to_json",
]  # fmt: skip
