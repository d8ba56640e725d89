"""Custom fields: rows that yield the same `Field` as a declaration, for every surface, without restart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.base.pinyin import pinyin
from guanxi.base.words import fold
from guanxi.entity import kinds
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Kind, Option
from guanxi.entity.registry import entity_named, set_custom
from guanxi.record.memory import raise_epoch
from guanxi.record.models import CustomField
from guanxi.record.refusals import Refused

KINDS: dict[str, Any] = {
    "text": gettext_lazy("Text"),
    "long text": gettext_lazy("Long text"),
    "number": gettext_lazy("Number"),
    "money": gettext_lazy("Money"),
    "date": gettext_lazy("Date"),
    "choice": gettext_lazy("Choice"),
    "yes/no": gettext_lazy("Yes or no"),
    "link": gettext_lazy("Link"),
    "e-mail": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "url": gettext_lazy("Web address"),
}
MOST_VALUE, MOST_LABEL = 60, 80
"""Of a choice's value and labels."""
KEY = re.compile(r"[a-z][a-z0-9_]{0,38}[a-z0-9]")
MOST_KEY = 30
"""Of a key that is made of a label; a number may follow."""
HAN = re.compile("[\u4e00-\u9fff]+")


def _in_language(english: str, chinese: str) -> str:
    return chinese if chinese and (get_language() or "").startswith("zh") else english


label_of = lazy(_in_language, str)


def kind_of(row: CustomField) -> Kind:
    """The kind of a custom field."""
    if row.kind == "choice":
        return kinds.Choice([Option(value, label_of(en, zh), also=(en, zh)) for value, en, zh in row.options])
    if row.kind == "link":
        return kinds.Person() if row.options[0] == "users" else kinds.Link(row.options[0])
    plain: dict[str, type[Kind]] = {
        "text": kinds.Text, "long text": kinds.LongText, "number": kinds.Number, "money": kinds.MoneyKind, "date": kinds.Day,
        "yes/no": kinds.YesNo, "e-mail": kinds.Email, "phone": kinds.Phone, "url": kinds.Url,
    }  # fmt: skip
    return plain[row.kind]()


def field_of(row: CustomField) -> Field:
    """The field a row declares."""
    return Field(
        name=row.key, kind=kind_of(row), label=label_of(row.label_en, row.label_zh), hint=row.hint, required=row.required, glance=row.glance,
        search="C" if row.search else "", custom=True, indexed=row.indexed, source=f"custom field {row.pk}", attribute=row.key,
        spoken=row.kind in TEXTS,
    )  # fmt: skip


def refresh() -> None:
    """Join the custom fields in the database to the entities of this process."""
    by_entity: dict[str, list[Field]] = {}
    for row in CustomField.objects.filter(retired_at__isnull=True):
        by_entity.setdefault(row.entity, []).append(field_of(row))

    def fields_of(path: str) -> Sequence[Field]:
        return by_entity.get(path, ())

    set_custom(fields_of)


def key_for(entity: Entity, *labels: str) -> str:
    """A free key made of the first label that has letters or digits to make one of: 客户等级 is ke_hu_deng_ji."""
    read = (HAN.sub(lambda run: f" {pinyin(run[0])} ", label) for label in labels)
    words = next((words for label in read if (words := re.findall(r"[a-z0-9]+", fold(label)))), [])
    plain = "_".join(words)[:MOST_KEY].strip("_")
    base = plain if KEY.fullmatch(plain) else f"field_{plain}".strip("_")
    taken = set(CustomField.objects.filter(entity=entity.path, key__startswith=base).values_list("key", flat=True))
    keys = (base if number == 1 else f"{base}_{number}" for number in count(1))
    return next(key for key in keys if key not in taken and not _has(entity, key))


def _has(entity: Entity, key: str) -> bool:
    return key in entity.bound or hasattr(entity.model, key) or entity.relation(key) is not None


def add(row: CustomField) -> CustomField:
    """Save a new custom field, with a key made of its label where none is given; every process learns of it. Refused."""
    row.key = row.key or key_for(entity_named(row.entity), row.label_en, row.label_zh)
    errors = wrong_in(row)
    if "key" not in errors and CustomField.objects.filter(entity=row.entity, key=row.key).exists():
        errors["key"] = _("There is such a field already, or was; choose another key.")
    return _save(row, errors)


def change(row: CustomField, before: Sequence[Any]) -> CustomField:
    """Save the new wording of a custom field whose options were others before; choices that records have stay. Refused."""
    errors = wrong_in(row)
    if row.kind == "choice" and "options" not in errors:
        gone = {one[0] for one in before} - {one[0] for one in row.options}
        living = entity_named(row.entity).model._default_manager.filter(deleted_at__isnull=True)
        used = next((value for value in sorted(gone) if living.filter(**{f"custom__{row.key}": value}).exists()), None)
        if used is not None:
            errors["options"] = _("“%(choice)s” is in use; change those records first.") % {"choice": used}
    return _save(row, errors)


def _save(row: CustomField, errors: Mapping[str, str]) -> CustomField:
    if errors:
        raise Refused(errors)
    row.save()
    raise_epoch()
    return row


def wrong_in(row: CustomField) -> dict[str, str]:
    """What is wrong with a custom field by itself."""
    errors = {}
    entity = entity_named(row.entity)
    if not KEY.fullmatch(row.key):
        errors["key"] = _("Use small letters, digits and underscores, beginning with a letter.")
    elif _has(entity, row.key):
        errors["key"] = _("%(many)s already have “%(key)s”.") % {"many": entity.noun.many, "key": row.key}
    if row.kind not in KINDS:
        errors["kind"] = _("Choose one of the kinds.")
    for name, most in {"label_en": 80, "label_zh": 80, "hint": 200}.items():
        try:
            kinds.Text(most).checked(getattr(row, name))
        except ValueError as wrong:
            errors[name] = str(wrong)
    if not row.label_en.strip():
        errors["label_en"] = _("Fill this in.")
    if row.kind == "choice" and not (row.options and all(len(one) == 3 and one[0] for one in row.options)):
        errors["options"] = _("Give at least one choice.")
    elif row.kind == "choice" and len({one[0] for one in row.options}) < len(row.options):
        errors["options"] = _("Two choices have the same value.")
    elif row.kind == "choice" and any(len(one[0]) > MOST_VALUE or max(map(len, one[1:])) > MOST_LABEL for one in row.options):
        errors["options"] = _("At most %(most)s characters.") % {"most": MOST_VALUE}
    if any("\x00" in text for one in row.options for text in one):
        errors["options"] = _("Contains a character that cannot be stored (NUL).")
    if row.kind == "link":
        try:
            entity_named(row.options[0] if row.options else "")
        except LookupError as unknown:
            errors["options"] = str(unknown)
    return errors


TEXTS = {"text", "e-mail", "phone", "url"}


def indexes(row: CustomField) -> dict[str, str]:
    """The indexes of a custom field, by name: for sorting and ranges; of a text, which conditions compare in capitals, one more."""
    name = f"custom_{row.pk}_{row.key}"[:57]
    if row.kind not in TEXTS:
        return {name: f"((custom -> '{row.key}'), id)"}
    return {name: f"(name_order(custom ->> '{row.key}'), id)", f"{name}_up": f"(upper(custom ->> '{row.key}') text_pattern_ops)"}


def index(row: CustomField) -> None:
    """Build the indexes that serve sorting and conditions, without blocking writes; to be called outside a transaction."""
    table = entity_named(row.entity).model._meta.db_table
    with connection.cursor() as cursor:
        for name, over in indexes(row).items():
            cursor.execute(f'CREATE INDEX CONCURRENTLY IF NOT EXISTS {connection.ops.quote_name(name)} ON "{table}" {over}')
        cursor.execute(f'ANALYZE "{table}"')
    CustomField.objects.filter(pk=row.pk).update(indexed=True)
    raise_epoch()


def unindex(row: CustomField) -> None:
    """Drop the field's indexes."""
    with connection.cursor() as cursor:
        for name in indexes(row):
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {connection.ops.quote_name(name)}")
    CustomField.objects.filter(pk=row.pk).update(indexed=False)
    raise_epoch()


def retire(row: CustomField, *, retired: bool) -> None:
    """Take a field from every surface, or bring it back; its values stay with the records."""
    CustomField.objects.filter(pk=row.pk).update(retired_at=timezone.now() if retired else None)
    raise_epoch()
