"""Users, teams and roles as entities: lists, forms, import, export and API like any other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import Absence, Role, Team, User
from guanxi.base.pinyin import pinyin
from guanxi.base.words import fold
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Related, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Email, Links, Phone, Tags, Zone
from guanxi.record.memory import raise_epoch

HAN = re.compile("[\u3400-\u9fff]+")


def tell_everyone(writes: Sequence[Write], by: Actor) -> None:
    """Rights and names are remembered by every process: begin a new epoch."""
    raise_epoch()


def user_name_for(name: str, email: str) -> str:
    """A free name to sign in by, for a user who was given none: before the @, or the name in Latin letters: anna.snelling, zhangwei."""
    read = HAN.sub(lambda run: pinyin(run[0]).replace(" ", ""), name)
    wanted = email.partition("@")[0] or ".".join(fold(read).split()) or "user"
    wanted = "".join(letter for letter in wanted.lower() if letter.isalnum() or letter in "._-")[:60] or "user"
    taken = {one.lower() for one in User.objects.filter(username__istartswith=wanted).values_list("username", flat=True)}
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted}{number}"
    return free


def derive_user(user: Any, changed: set[str]) -> None:
    """A name for those who have none; none but the living sign in."""
    user.name = user.name or user.get_full_name() or user.username
    if not user.username:
        user.username = user_name_for(user.name, user.email)
    if "deleted_at" in changed:
        user.is_active = user.deleted_at is None
    if not user.password:
        user.set_unusable_password()


def check_user(user: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """No two people sign in by one name; only administrators give rights away."""
    if not by.rights.everything and changed & {"is_superuser", "roles"}:
        return {name: _("Only an administrator may set this.") for name in sorted(changed & {"is_superuser", "roles"})}
    others = User.objects.exclude(pk=user.pk)
    if others.filter(username__iexact=user.username).exists():
        return {"username": _("Somebody signs in by this name already.")}
    return {}


def check_absence(absence: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Nobody comes back before they left."""
    return {"ends_on": _("This is before it begins.")} if absence.ends_on < absence.starts_on else {}


USERS = Entity(
    path="users",
    model=User,
    noun=Noun(gettext_lazy("user"), gettext_lazy("users")),
    icon="user",
    title="name",
    settings=True,
    order=("name",),
    subtitle=("title",),
    fields_declared=[
        Field("name", glance=True, search="A", required=True),
        Field("username", glance=True, search="B", required=False),
        Field("email", kind=Email(), glance=True, search="B"),
        Field("team", glance=True, also=("manager", "sales team", "department", "部门", "团队")),
        Field("also_in", kind=Links("teams")),
        Field("skills", kind=Tags(), hint=gettext_lazy("Words that assignment rules ask for: a language, a kind of product")),
        Field("roles", kind=Links("roles"), glance=True),
        Field("title"),
        Field("phone", kind=Phone()),
        Field("is_active", label=gettext_lazy("May sign in"), glance=True, default=True),
        Field("is_superuser", label=gettext_lazy("Administrator")),
        Field("language"),
        Field("zone", kind=Zone(60)),
        Field("last_login", label=gettext_lazy("Last sign-in"), read_only=True, glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Person"), ("name", "username", "email", "phone", "title")),
        Section(gettext_lazy("Rights"), ("team", "also_in", "skills", "roles", "is_active", "is_superuser")),
        Section(gettext_lazy("Preferences"), ("language", "zone")),
    ],
    related=[Related("absences", "absences", "user", gettext_lazy("Absences"), ("starts_on", "ends_on"), "-starts_on")],
    derive=derive_user,
    check=check_user,
    follow=tell_everyone,
)

TEAMS = Entity(
    path="teams",
    model=Team,
    noun=Noun(gettext_lazy("team"), gettext_lazy("teams")),
    icon="users-group",
    title="name",
    settings=True,
    order=("name",),
    fields_declared=[
        Field("name", glance=True, search="A"),
        Field("parent", glance=True, also=("regional office", "region", "大区", "上级部门")),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Team"), ("name", "parent"))],
    related=[Related("people", "users", "team", gettext_lazy("People"), ("title",))],
    follow=tell_everyone,
)

ROLES = Entity(
    path="roles",
    model=Role,
    noun=Noun(gettext_lazy("role"), gettext_lazy("roles")),
    icon="shield-lock",
    title="name",
    settings=True,
    order=("name",),
    fields_declared=[
        Field("name", glance=True, search="A"),
        Field("note", glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Role"), ("name", "note"))],
    follow=tell_everyone,
)

ABSENCES = Entity(
    path="absences",
    model=Absence,
    noun=Noun(gettext_lazy("absence"), gettext_lazy("absences")),
    icon="beach",
    title="note",
    settings=True,
    searchable=False,
    order=("-starts_on",),
    fields_declared=[
        Field("user", glance=True),
        Field("starts_on", glance=True),
        Field("ends_on", glance=True),
        Field("note", glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Absence"), ("user", "starts_on", "ends_on", "note"))],
    calendar="starts_on",
    check=check_absence,
    follow=tell_everyone,
)
