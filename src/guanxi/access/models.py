"""People and what they may: users, teams in a tree, roles with scopes and field rights, API keys."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from guanxi.base.ordering import InOrder
from guanxi.base.zones import zone_named
from guanxi.entity.actors import ACTIONS, Level, Locale
from guanxi.record.memory import raise_epoch
from guanxi.record.model import Record

LANGUAGES = (("en", "English"), ("zh-hans", "简体中文"))
THEMES = (("auto", _("As the system")), ("light", _("Light")), ("dark", _("Dark")))


class Company(models.Model):
    """The one company that runs this Guanxi; one row, made at set-up."""

    name = models.CharField(_("Company"), max_length=120)
    language = models.CharField(_("Language"), max_length=10, choices=LANGUAGES, default="en")
    currency = models.CharField(_("Currency"), max_length=3, default="USD")
    region = models.CharField(_("Country"), max_length=2, default="US")
    zone = models.CharField(_("Time zone"), max_length=60, default="UTC")
    fiscal_month = models.PositiveSmallIntegerField(
        _("The fiscal year begins in"), default=1, db_default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    fiscal_by_end = models.BooleanField(_("The fiscal year is called by the year in which it ends"), default=False, db_default=False)
    letterhead_en = models.TextField(_("Letterhead of papers, in English"), max_length=2000, blank=True, default="", db_default="")
    letterhead_zh = models.TextField(_("Letterhead of papers, in Chinese"), max_length=2000, blank=True, default="", db_default="")
    closing_en = models.TextField(_("Closing words of papers, in English"), max_length=2000, blank=True, default="", db_default="")
    closing_zh = models.TextField(_("Closing words of papers, in Chinese"), max_length=2000, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name


class Team(Record):
    """A group of people; teams stand in a tree."""

    name = models.CharField(_("Name"), max_length=80)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Part of"))

    class Meta(Record.Meta):
        ordering = [InOrder("name")]

    def __str__(self) -> str:
        return self.name


class User(Record, AbstractUser):
    """A person who works with Guanxi."""

    name = models.CharField(_("Name"), max_length=80)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("Team"))
    also_in = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("Also in"))
    roles = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("Roles"))
    skills = ArrayField(models.CharField(max_length=60), default=list, db_default=[], blank=True, verbose_name=_("Skills"))
    language = models.CharField(_("Language"), max_length=10, choices=LANGUAGES, default="en")
    zone = models.CharField(_("Time zone"), max_length=60, default="UTC")
    theme = models.CharField(_("Theme"), max_length=5, choices=THEMES, default="auto")
    day_first = models.BooleanField(_("The day comes first in dates I type (05/11 is November 5)"), default=False)
    title = models.CharField(_("Job title"), max_length=80, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)

    objects = UserManager()  # type: ignore[misc]

    class Meta(Record.Meta):
        ordering = [InOrder("name"), "id"]
        constraints = [models.UniqueConstraint(Upper("username"), name="user_name_once")]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The name, as Django and its guests ask for it."""
        return self.name or super().get_full_name()

    @cached_property
    def rights(self) -> Any:
        """What the user may do, merged over the roles."""
        from guanxi.access.rights import rights_of  # noqa: PLC0415 - rights are computed from these models

        return rights_of(self)

    @cached_property
    def locale(self) -> Locale:
        """How the user reads and types."""
        from guanxi.access.rights import company  # noqa: PLC0415 - as above

        here = company()
        return Locale(self.language, zone_named(self.zone), here.currency, here.region, self.day_first)

    @cached_property
    def team_ids(self) -> tuple[int, ...]:
        """The teams the user belongs to."""
        return tuple(self.rights.team_ids)


class Absence(Record):
    """Days on which a person is away; nothing is given to them then."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences", verbose_name=_("Person"))
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("Until and with"))
    note = models.CharField(_("Note"), max_length=200, blank=True)

    class Meta(Record.Meta):
        ordering = ["-starts_on", "id"]
        indexes = [*Record.Meta.indexes, models.Index(fields=["ends_on"], name="absence_ends")]

    def __str__(self) -> str:
        return f"{self.starts_on}–{self.ends_on}"


class Role(Record):
    """What a job may do. A person may have several; the most permissive wins."""

    name = models.CharField(_("Name"), max_length=80, unique=True)
    note = models.CharField(_("Note"), max_length=200, blank=True)

    class Meta(Record.Meta):
        ordering = [InOrder("name")]

    def __str__(self) -> str:
        return self.name


class Scope(models.TextChoices):
    """Which records, narrowest first."""

    NONE = "none", _("None")
    OWN = "own", _("Own")
    TEAM = "team", _("Team")
    BELOW = "below", _("Team and below")
    ALL = "all", _("All")
    CONDITION = "condition", _("Those that match…")


class Permission(models.Model):
    """One action of a role on one entity, and on which records."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="permissions")
    entity = models.CharField(max_length=40)
    action = models.CharField(max_length=10, choices=[(action, action) for action in ACTIONS])
    scope = models.CharField(max_length=10, choices=Scope)
    condition = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "entity", "action"], name="permission_once")]

    def __str__(self) -> str:
        return f"{self.entity}.{self.action}: {self.scope}"


class FieldRight(models.Model):
    """What a role may do with one field; without a row, everything the record allows."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="field_rights")
    entity = models.CharField(max_length=40)
    field = models.CharField(max_length=60)
    level = models.SmallIntegerField(choices=[(level.value, level.name.lower()) for level in Level])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "entity", "field"], name="field_right_once")]

    def __str__(self) -> str:
        return f"{self.entity}.{self.field}: {Level(self.level).name.lower()}"


class ApiKey(models.Model):
    """A key by which a program acts as a user, narrowed to a role of its own when it has one. Only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(_("Name"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    role = models.ForeignKey(Role, models.PROTECT, null=True, blank=True, verbose_name=_("Role"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(_("Expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(cls, user: User, name: str, role: Role | None = None, expires_at: Any = None) -> tuple[ApiKey, str]:
        """A new key and the secret, which is shown once."""
        prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        key = cls.objects.create(user=user, name=name, role=role, prefix=prefix, digest=digest_of(secret), expires_at=expires_at)
        return key, f"gx_{prefix}_{secret}"

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def revoke(self) -> None:
        """End the key, everywhere at once: processes remember keys for an epoch."""
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])
        raise_epoch()


def digest_of(secret: str) -> str:
    """What is kept of a secret; it has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
