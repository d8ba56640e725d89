"""Fields as inputs: which a person may fill in, in which sections, and the HTML of each by its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.access.models import User
from guanxi.access.sight import changeable, writable
from guanxi.access.titles import titles
from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Kind, Links
from guanxi.surfaces.forms.addresses import AddressInput, address_input
from guanxi.surfaces.forms.choices import Pick, offered

WIDE = {"long text", "address", "phones", "e-mails", "tags", "recipients"}
SAY_LABEL = {"kinds/text.html", "kinds/number.html", "kinds/choice.html", "kinds/link.html"}
MODES = {
    "number": "decimal", "whole number": "numeric", "year": "numeric", "percent": "decimal", "money": "decimal",
    "e-mail": "email", "phone": "tel", "phones": "tel", "e-mails": "email", "url": "url",
}  # fmt: skip


@dataclass(frozen=True)
class Input:
    """One field on a form, ready to be shown."""

    name: str
    id: str
    label: str
    html: SafeString
    hint: str = ""
    error: str = ""
    required: bool = False
    wide: bool = False
    grouped: bool = False
    """Several controls under one label: the label is no `<label for>`."""
    silent: bool = False
    """The control shows its label itself, as a placeholder."""


@dataclass(frozen=True)
class Group:
    """A titled part of a form."""

    label: str
    fields: list[Field]


@dataclass
class Sheet:
    """What a form's inputs need to know besides the field: whose form it is, and what stands in it."""

    entity: Entity
    by: User
    record: Any = None
    values: Mapping[str, Any] | None = None
    """Values as the kinds mean them, by name."""
    typed: Mapping[str, Any] | None = None
    """Raw values as they were sent, kept when they were refused."""
    errors: Mapping[str, str] | None = None
    prefix: str = "f"
    titles: Titles | None = None
    context: Mapping[str, Field] | None = None
    """The other fields of the same form, by which a picker may narrow what it offers."""
    alone: bool = False
    """Whether a field stands in a form of its own: what narrows it is as the record has it."""
    under: Mapping[str, Sequence[int]] | None = None
    """What the records of a form for many lead to, by field: what narrows a picker as long as the form does not say another."""
    offers: Mapping[str, Sequence[tuple[Any, str]]] | None = None
    """Values proposed for a field beside those it has, each with what it is called."""

    def value(self, one: Field) -> Any:
        """What stands in the field: given, or the record's own."""
        if self.values is not None and one.name in self.values:
            return self.values[one.name]
        return one.of(self.record) if self.record is not None else one.k.empty


def groups(entity: Entity, by: User, record: Any = None) -> list[Group]:
    """The entity's sections with the fields this person may set, of a record or of a new one; custom fields come last."""
    settable = writable if record is None else changeable
    allowed = {one.name: one for one in settable(entity, entity.fields.values(), by=by)}
    if record is not None:
        allowed = {name: one for name, one in allowed.items() if not entity.keeps_back(name, record, by)}
    found, placed = [], set[str]()
    for section in entity.sections:
        fields = [allowed[name] for name in section.fields if name in allowed]
        placed.update(section.fields)
        if fields:
            found.append(Group(str(section.label), fields))
    custom = [one for one in allowed.values() if one.custom and one.name not in placed]
    if custom:
        found.append(Group(pgettext("section", "More"), custom))
    return found


def essentials(entity: Entity, by: User, given: Iterable[str]) -> list[Group]:
    """The few fields of a quick form: what is required, what lists show, what is given already."""
    wanted = set(given)
    sections = groups(entity, by)
    first = sections[0].fields if sections else []
    fields = [
        one
        for group in sections
        for one in group.fields
        if one.required or one.name in wanted or (one.glance and one.name != "owner") or (one in first and len(first) <= 7)
    ]
    money = {getattr(one.k, "currency", "") for one in fields}
    fields += [one for group in sections for one in group.fields if one.name in money and one not in fields]
    return [Group("", fields)]


def inputs(sheet: Sheet, fields: Sequence[Field]) -> list[Input]:
    """The fields as inputs. A currency stands beside its amount when both are there."""
    context = {one.name: one for one in fields}
    if sheet.context is None:
        sheet.context = context
    if sheet.titles is None:
        sheet.titles = link_titles(sheet, fields)
    beside: dict[str, str] = {}
    for one in fields:
        currency = getattr(one.k, "currency", "")
        if currency in context and currency not in beside.values():
            beside[one.name] = currency
    return [as_input(sheet, one, beside=context.get(beside.get(one.name, ""))) for one in fields if one.name not in beside.values()]


def link_titles(sheet: Sheet, fields: Iterable[Field]) -> Titles:
    """What the records chosen in these fields are called; typed ones included."""
    wanted: dict[str, set[int]] = {}
    for one in fields:
        target = one.k.linked()
        if not target:
            continue
        value = sheet.value(one)
        if sheet.typed is not None and one.name in sheet.typed:
            try:
                value = one.k.clean(sheet.typed[one.name], sheet.by.locale)
            except ValueError:
                value = None
        keys = value if isinstance(value, (tuple, list)) else [value] if value is not None else []
        wanted.setdefault(target, set()).update(keys)
    return titles(wanted, to=sheet.by)


def as_input(sheet: Sheet, one: Field, *, beside: Field | None = None, focus: bool = False, small: bool = False) -> Input:
    """One field as an input, with its error and what was typed; `small` ones say their label themselves where they can."""
    error = (sheet.errors or {}).get(one.name, "")
    id_ = f"{sheet.prefix}-{one.name}"
    hint = str(one.hint or "")
    grouped = one.k.listed or one.k.name in {"address", "yes/no"}
    grouped = grouped and one.k.template not in {"kinds/tags.html", "kinds/links.html", "kinds/several.html", "kinds/recipients.html"}
    small = small and one.k.template in SAY_LABEL
    html = control(sheet, one, id_=id_, error=error, hint=hint, beside=beside, focus=focus, named=small)
    if beside is not None and not error:
        error = (sheet.errors or {}).get(beside.name, "")
    return Input(
        one.name, id_, capital(one.label), html, hint=hint, error=error, required=bool(one.required),
        wide=one.k.wide or one.k.name in WIDE, grouped=grouped, silent=small or one.k.template == "kinds/yesno.html",
    )  # fmt: skip


def control(
    sheet: Sheet,
    one: Field,
    *,
    id_: str,
    error: str = "",
    hint: str = "",
    beside: Field | None = None,
    focus: bool = False,
    named: bool = False,
) -> SafeString:
    """The HTML of the input alone; `named` gives it its label as `aria-label`, and as its placeholder where there is room."""
    titles_known = sheet.titles if sheet.titles is not None else link_titles(sheet, [one])
    said = shown(sheet, one, titles_known)
    context = {
        "field": one,
        "name": one.name,
        "id": id_,
        "label": str(one.label),
        "input": said,
        "address": _address(one, said, sheet),
        "again": f"/{sheet.entity.path}/input/{one.name}?id={id_}",
        "taken": {key for key, _title in said.get("chosen", ())} if isinstance(one.k, Links) else (),
        "attributes": attributes(one, id_, error=error, hint=hint, focus=focus, named=named),
        "pick": _picked_from(sheet, one),
        "offers": (sheet.offers or {}).get(one.name, ()),
        "beside": currency_choices(sheet, beside) if beside else None,
        "placeholder": str(one.label) if named else "",
        "mode": MODES.get(one.k.name, ""),
    }
    return mark_safe(get_template(one.k.template).render(context))  # noqa: S308 - rendered by a template that escapes


def _picked_from(sheet: Sheet, one: Field) -> Pick | None:
    """Where the choices come from: what is offered for this record, or what the field leads to."""
    if one.k.linked() and one.name in (sheet.offers or {}):
        return Pick(options=tuple((sheet.offers or {})[one.name]))
    pick = offered(sheet.entity, one, sheet.by, context=sheet.context or {}, value=sheet.value(one))
    if pick is None or not pick.depends:
        return pick
    if sheet.alone:
        under = sheet.value(sheet.entity.fields[pick.depends])
        return replace(pick, depends="", url=f"{pick.url}?depend={under}" if under else pick.url)
    keys = ",".join(map(str, (sheet.under or {}).get(pick.depends, ())))
    return replace(pick, url=f"{pick.url}?depend={keys}") if keys else pick


def shown(sheet: Sheet, one: Field, known: Titles) -> Mapping[str, Any]:
    """What the kind's template shows: what was typed when there is such, else the value."""
    locale = sheet.by.locale
    if sheet.typed is None or one.name not in sheet.typed:
        return one.k.input(sheet.value(one), locale, known)
    return as_typed(one.k, sheet.typed[one.name], sheet, known)


def as_typed(kind: Kind, raw: Any, sheet: Sheet, known: Titles) -> Mapping[str, Any]:
    """A raw value as it was typed, right or wrong."""
    locale = sheet.by.locale
    try:
        return kind.input(kind.clean(raw, locale), locale, known)
    except ValueError:
        pass
    context = dict(kind.input(kind.empty, locale, known))
    if isinstance(raw, str):
        context["text"] = raw
    elif isinstance(raw, Mapping):
        context["parts"] = {**context.get("parts", {}), **raw}
    elif isinstance(raw, (list, tuple)):
        if "rows" in context:
            context["rows"] = [(one.get("value", ""), one.get("label", "")) for one in raw if isinstance(one, dict)]
        elif kind.linked() is None:
            context["chosen"] = [str(one) for one in raw]
    return context


def _address(one: Field, said: Mapping[str, Any], sheet: Sheet) -> AddressInput | None:
    if not isinstance(one.k, Address):
        return None
    return address_input(said["parts"], {part: str(label) for part, label in one.k.labels.items()}, sheet.by.locale)


def currency_choices(sheet: Sheet, one: Field) -> dict[str, Any]:
    """The currency that stands beside an amount."""
    return {"name": one.name, "label": str(one.label), "input": shown(sheet, one, {})}


def attributes(one: Field, id_: str, *, error: str, hint: str, focus: bool, named: bool) -> SafeString:
    """What every control says of itself."""
    name = f"{one.name}-street" if isinstance(one.k, Address) else one.name
    said = format_html('id="{}" name="{}"', id_, name)
    if one.required:
        said += mark_safe(' aria-required="true"')
    if error:
        said += mark_safe(' aria-invalid="true"')
    described = [f"{id_}-{part}" for part, there in (("hint", hint), ("error", error)) if there]
    if described:
        said += format_html(' aria-describedby="{}"', " ".join(described))
    if focus:
        said += mark_safe(" autofocus")
    if one.identity:
        said += mark_safe(" data-identity")
    if named:
        said += format_html(' aria-label="{}"', one.label)
    return said


# ——— what was sent ———


def sent(posted: QueryDict, fields: Iterable[Field]) -> dict[str, Any]:
    """Raw values of the fields that stood in the form. `_fields` names them; without it, those that are there.

    A field that came to be after the form was opened is not emptied by it.
    """
    listed = posted.get("_fields")
    stood = set(listed.split(",")) if listed is not None else None
    return {
        one.name: one.k.read(posted, one.name) for one in fields if (one.name in stood if stood is not None else _there(posted, one.name))
    }


def _there(posted: QueryDict, name: str) -> bool:
    return name in posted or any(key.startswith(f"{name}-") for key in posted)


def given(entity: Entity, query: QueryDict, by: User) -> dict[str, Any]:
    """Values that an address asks a new record to start with; what is wrong or not allowed is left out."""
    found: dict[str, Any] = {}
    for one in writable(entity, entity.fields.values(), by=by):
        if one.name in query:
            try:
                found[one.name] = one.k.clean(one.k.read(query, one.name), by.locale)
            except ValueError:
                continue
    return found


def starting(entity: Entity, by: User) -> dict[str, Any]:
    """Values a new record of this person starts with."""
    values = {one.name: one.starting(by) for one in entity.fields.values()}
    found = {name: value for name, value in values.items() if value is not None}
    if entity.owned:
        found.setdefault("owner", by.pk)
    return found


def other_errors(entity: Entity, errors: Mapping[str, str], shown_names: Iterable[str]) -> list[str]:
    """Errors of values that stand nowhere in the form, each with the name of its field."""
    seen, told = set(shown_names), []
    for name, message in errors.items():
        if name in seen or name == "#":
            continue
        one = entity.fields.get(name)
        told.append(_("%(field)s: %(message)s") % {"field": one.label, "message": message} if one else message)
    return told


def capital(words: Any) -> str:
    """Words with their first letter large."""
    text = str(words)
    return text[:1].upper() + text[1:]
