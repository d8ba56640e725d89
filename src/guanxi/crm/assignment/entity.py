"""How assignment rules and territories are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.assignment.choices import OF, WAYS, WHILE_AWAY, industries
from guanxi.crm.assignment.model import AssignmentRule, Territory
from guanxi.crm.assignment.queries import numbers_in, parts_of_code
from guanxi.crm.conditions import ConditionText, wrong_in
from guanxi.crm.pools.queries import pools
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Links, Several, Tags
from guanxi.entity.registry import entity_named
from guanxi.record.memory import tell_everyone


def check_rule(rule: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Conditions are of the rule's entity; its way has what it needs."""
    errors = {name: wrong_in(getattr(rule, name), rule.of) for name in ("condition", "counted")}
    errors["weights"] = _wrong_weights(rule)
    if rule.way == "pool":
        pool = pools().get(rule.pool_id or 0)
        errors["pool"] = "" if pool is not None and pool.of == rule.of else _("Choose a pool of such records.")
    elif rule.way == "parent" and not _has_owned_parent(rule.of):
        errors["way"] = _("These records belong to nothing that has an owner.")
    return {name: message for name, message in errors.items() if message}


def _wrong_weights(rule: Any) -> str:
    numbers = numbers_in(rule.weights)
    if numbers is None:
        return _("Write whole numbers from 1 to 1000, with commas between them: 3, 1, 1.")
    return _("There are more weights than people.") if len(numbers) > len(rule.people) else ""


def _has_owned_parent(path: str) -> bool:
    entity = entity_named(path)
    above = entity.bound[entity.parent].k.linked() if entity.parent else None
    return above is not None and entity_named(above).owned


def check_territory(one: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Codes are codes of places, and sizes are the right way round."""
    for region in one.regions:
        if region.isascii() and region.isdigit() and not parts_of_code(region):
            return {"regions": _("“%(code)s” is the code of no province, city or district.") % {"code": region}}
    if one.employees_from is not None and one.employees_to is not None and one.employees_to < one.employees_from:
        return {"employees_to": _("This is less than where it begins.")}
    return {}


ASSIGNMENT_RULES = Entity(
    path="assignment_rules",
    model=AssignmentRule,
    noun=Noun(gettext_lazy("assignment rule"), gettext_lazy("assignment rules")),
    icon="route",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    arranged="position",
    fields_declared=[
        Field("name", glance=True),
        Field("of", kind=OF, glance=True),
        Field("condition", kind=ConditionText(), glance=True, hint=gettext_lazy('Such as: source = "website" and budget > 10000')),
        Field("way", kind=WAYS, glance=True),
        Field("people", kind=Links("users"), glance=True, hint=gettext_lazy("Everybody but administrators, when nobody is named")),
        Field("teams", kind=Links("teams"), glance=True),
        Field("skills", kind=Tags(), hint=gettext_lazy("Only people who have all of these; a person’s skills stand with the user")),
        Field("active", glance=True),
        Field("weights", hint=gettext_lazy("For “by weight”: a number for each person, in their order: 3, 1, 1")),
        Field("counted", kind=ConditionText(), hint=gettext_lazy("For “least loaded”: which records count; open ones when empty")),
        Field("while_away", kind=WHILE_AWAY, hint=gettext_lazy("What this rule gave to somebody who is away now, by Settings → Absences")),
        Field("pool"),
        Field("position"),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Which records"), ("name", "of", "condition", "active", "position")),
        Section(gettext_lazy("Who gets them"), ("way", "people", "teams", "skills", "weights", "counted", "pool", "while_away")),
    ],
    check=check_rule,
    follow=tell_everyone,
)

TERRITORIES = Entity(
    path="territories",
    model=Territory,
    noun=Noun(gettext_lazy("territory"), gettext_lazy("territories")),
    icon="map-2",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    arranged="position",
    fields_declared=[
        Field("name", glance=True),
        Field("parent", glance=True),
        Field(
            "regions",
            kind=Tags(),
            glance=True,
            hint=gettext_lazy("Names of provinces, cities or districts, their codes (33, 3301), or countries (CN)"),
        ),
        Field("industries", kind=Several(industries), glance=True),
        Field("tags", kind=Tags(), hint=gettext_lazy("Any of these: for those who know what the tag is about")),
        Field("employees_from", glance=True),
        Field("employees_to", glance=True),
        Field("people", kind=Links("users"), glance=True),
        Field("position"),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Territory"), ("name", "parent", "position")),
        Section(gettext_lazy("What lies in it"), ("regions", "industries", "tags", "employees_from", "employees_to")),
        Section(gettext_lazy("Whose it is"), ("people",)),
    ],
    related=[Related("children", "territories", "parent", gettext_lazy("Parts"), ("regions",), "position")],
    check=check_territory,
    follow=tell_everyone,
)
