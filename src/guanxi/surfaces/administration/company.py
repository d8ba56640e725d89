"""For administrators: the company, roles and their rights, custom fields, people's passwords, why someone may."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as render_template
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.explain import field_levels, why
from guanxi.access.models import LANGUAGES, Company, FieldRight, Permission, Role, Scope, User
from guanxi.access.rights import company
from guanxi.base.languages import locale_of
from guanxi.entity.actors import ACTIONS, Level
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record import custom
from guanxi.record.memory import raise_epoch
from guanxi.record.models import CustomField
from guanxi.record.refusals import Refused
from guanxi.surfaces.administration.granting import ACTION_LABELS, LEVEL_LABELS, governed, grant, said_condition, scopes_of
from guanxi.surfaces.pages import render, toast, user_of

View = Callable[..., HttpResponse]
SHORT = {Scope.BELOW: gettext_lazy("Team & below"), Scope.CONDITION: gettext_lazy("Matching…")}
"""What scopes are called where nine of them stand in a row."""


def for_administrators(view: View) -> View:
    """Only administrators get in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not user_of(request).rights.everything:
            raise PermissionDenied(_("Only an administrator may open this page."))
        return view(request, *args, **kwargs)

    return guarded


def months() -> Iterator[tuple[int, str]]:
    """The months of a year, as the reader calls them."""
    yield from locale_of(get_language() or "en").months["stand-alone"]["wide"].items()


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The company's facts."""

    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), choices=lambda: [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    fiscal_month = forms.TypedChoiceField(
        label=gettext_lazy("The fiscal year begins in"), coerce=int, choices=lambda: list(months()),
        help_text=gettext_lazy("Quarters and years of targets and forecasts follow it. Their names stay (2026-Q1), so set it before targets are set."),
    )  # fmt: skip

    class Meta:
        model = Company
        fields = (
            "name", "language", "currency", "region", "zone", "fiscal_month", "fiscal_by_end",
            "letterhead_en", "letterhead_zh", "closing_en", "closing_zh",
        )  # fmt: skip
        widgets = dict.fromkeys(("letterhead_en", "letterhead_zh", "closing_en", "closing_zh"), forms.Textarea(attrs={"rows": 3}))


@for_administrators
def company_page(request: HttpRequest) -> HttpResponse:
    """Show and save the company."""
    form = CompanyForm(request.POST or None, instance=Company.objects.get(pk=company().pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        raise_epoch()
        return toast(redirect("company"), _("Saved."))
    return render(request, "surfaces/administration/company.html", form=form, here="company")


@for_administrators
def people(request: HttpRequest) -> HttpResponse:
    """Everything administrators set up, as lists like any other."""
    kept = [entity for entity in entities() if entity.settings]
    return render(request, "surfaces/administration/lists.html", entities=kept, here="lists")


@for_administrators
def password(request: HttpRequest, key: int) -> HttpResponse:
    """Set somebody's password."""
    person = get_object_or_404(User, pk=key)
    error = ""
    if request.method == "POST":
        chosen = request.POST.get("password", "")
        try:
            validate_password(chosen, person)
        except ValidationError as weak:
            error = " ".join(weak.messages)
        else:
            person.set_password(chosen)
            person.save(update_fields=["password"])
            return toast(redirect(f"/users/{person.pk}"), _("%(person)s has a new password.") % {"person": person})
    return render(request, "surfaces/administration/password.html", person=person, error=error, here="lists")


# ——— roles ———


@for_administrators
def roles(request: HttpRequest) -> HttpResponse:
    """Every role."""
    found = Role.objects.filter(deleted_at__isnull=True)
    holders = {role.pk: User.objects.filter(roles__contains=[role.pk], is_active=True).count() for role in found}
    return render(request, "surfaces/administration/roles.html", roles=[(role, holders[role.pk]) for role in found], here="roles")


@for_administrators
def role(request: HttpRequest, key: int) -> HttpResponse:
    """One role's rights: a scope for each action on each entity."""
    found = get_object_or_404(Role, pk=key, deleted_at__isnull=True)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _save_permissions(found, request)
        if not errors:
            return toast(redirect("role", key=key), _("Saved."))
    granted = {(one.entity, one.action): one for one in Permission.objects.filter(role=found)}
    table = [
        (entity, [_cell(entity, action, granted.get((entity.path, action)), request, errors) for action in ACTIONS])
        for entity in governed()
    ]
    return render(
        request, "surfaces/administration/role.html", role=found, table=table, actions=[ACTION_LABELS[action] for action in ACTIONS],
        errors=errors, here="roles",
    )  # fmt: skip


def _cell(entity: Entity, action: str, present: Permission | None, request: HttpRequest, errors: dict[str, str]) -> dict[str, Any]:
    name = f"{entity.path}.{action}"
    scope = request.POST.get(name, present.scope if present else Scope.NONE)
    text = request.POST.get(f"{name}.condition", "") or said_condition(present)
    label = f"{entity.noun.many}: {ACTION_LABELS[action]}"
    return {
        "name": name,
        "scope": scope,
        "scopes": [(one.value, SHORT.get(one, one.label)) for one in scopes_of(entity)],
        "condition": text,
        "error": errors.get(name, ""),
        "label": label,
        "everyone": action == "see" and entity.settings,
    }


def _save_permissions(role: Role, request: HttpRequest) -> dict[str, str]:
    posted = request.POST
    wanted = {
        (entity, action): (posted.get(f"{entity.path}.{action}", Scope.NONE), posted.get(f"{entity.path}.{action}.condition", "").strip())
        for entity in governed()
        for action in ACTIONS
    }
    try:
        grant(role, scopes=wanted, by=user_of(request))
    except Refused as refused:
        return refused.errors
    return {}


@for_administrators
def field_rights(request: HttpRequest, key: int, entity: Entity) -> HttpResponse:
    """What a role may do with each field of an entity."""
    found = get_object_or_404(Role, pk=key, deleted_at__isnull=True)
    if request.method == "POST":
        known = {str(level.value): level for level in Level}
        sent = {name: known[level] for name in entity.fields if (level := request.POST.get(name, "")) in known}
        grant(found, levels={entity: sent}, by=user_of(request))
        return toast(redirect("field-rights", key=key, entity=entity), _("Saved."))
    said = dict(FieldRight.objects.filter(role=found, entity=entity.path).values_list("field", "level"))
    fields = [(one, said.get(one.name, Level.EDIT.value)) for one in entity.data_fields]
    levels = [(level.value, label) for level, label in LEVEL_LABELS.items()]
    return render(
        request, "surfaces/administration/field_rights.html", role=found, entity=entity, fields=fields, levels=levels, entities=governed(),
        here="roles",
    )  # fmt: skip


@for_administrators
def reasons(request: HttpRequest) -> HttpResponse:
    """Why a person may or may not do something with a record."""
    asked = request.GET
    person = User.objects.filter(username=asked.get("person", "")).first()
    found: dict[str, Any] = {}
    if person and asked.get("entity"):
        try:
            entity = entity_named(asked["entity"])
        except LookupError as unknown:
            raise Http404(str(unknown)) from None
        key = int(asked["record"]) if asked.get("record", "").isdecimal() and len(asked["record"]) < 19 else None
        labelled = [(ACTION_LABELS[one.action], one) for one in why(person, entity, key)]
        levels = {name: LEVEL_LABELS[level] for name, level in field_levels(person, entity).items()}
        found = {"reasons": labelled, "levels": levels, "entity": entity, "key": key}
    return render(
        request, "surfaces/administration/reasons.html", people=User.objects.filter(is_active=True), entities=entities(), person=person,
        here="reasons", **found,
    )  # fmt: skip


# ——— custom fields ———


@for_administrators
def fields(request: HttpRequest, entity: Entity | None = None) -> HttpResponse:
    """An entity's fields, and a form for a new one."""
    shown = entity or governed()[0]
    typed, errors = {}, {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in ("key", "kind")}
        row = CustomField(entity=shown.path, **typed)
        typed |= _worded(row, request)
        try:
            custom.add(row)
        except Refused as refused:
            errors = refused.errors
        else:
            return toast(redirect("entity-fields", entity=shown), _("“%(field)s” is there, on every page.") % {"field": row.label_en})
    return _fields_page(request, shown, typed, errors)


@for_administrators
def field(request: HttpRequest, key: int) -> HttpResponse:
    """New wording of a custom field: labels, hint, choices, where it shows. Its key and its kind stay."""
    row = get_object_or_404(CustomField, pk=key)
    shown = entity_named(row.entity)
    typed = {
        "label_en": row.label_en,
        "label_zh": row.label_zh,
        "hint": row.hint,
        "options": _as_lines(row),
        "to": next(iter(row.options), ""),
    }
    errors: dict[str, str] = {}
    if request.method == "POST":
        before = list(row.options)
        typed = _worded(row, request)
        try:
            custom.change(row, before)
        except Refused as refused:
            errors = refused.errors
        else:
            return toast(redirect("entity-fields", entity=shown), _("Saved."))
    return _fields_page(request, shown, typed, errors, row)


def _worded(row: CustomField, request: HttpRequest) -> dict[str, str]:
    """The row with what the form says of it, unsaved; and the texts as they were typed."""
    typed = {name: request.POST.get(name, "").strip() for name in ("label_en", "label_zh", "hint", "options", "to")}
    row.label_en, row.label_zh, row.hint = typed["label_en"] or typed["label_zh"], typed["label_zh"], typed["hint"]
    row.options = [typed["to"]] if row.kind == "link" else _options(typed["options"]) if row.kind == "choice" else []
    row.required, row.glance, row.search = ("required" in request.POST, "glance" in request.POST, "search" in request.POST)
    return typed


def _fields_page(
    request: HttpRequest, shown: Entity, typed: dict[str, str], errors: dict[str, str], row: CustomField | None = None
) -> HttpResponse:
    rows = CustomField.objects.filter(entity=shown.path)
    declared = [one for one in shown.bound.values() if one.data]
    return render(
        request, "surfaces/administration/fields.html", entity=shown, entities=[one for one in entities() if one.fields], rows=rows,
        targets=[one for one in entities() if not one.part_of], made=custom.key_for(shown, typed.get("label_en", ""), typed.get("label_zh", "")),
        declared=declared, kinds=custom.KINDS.items(), typed=typed, errors=errors, edited=row, here="fields",
        edited_kind=custom.KINDS[row.kind] if row else "",
    )  # fmt: skip


@for_administrators
@require_GET
def field_key(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The input of a new field's key, with the one that its labels make."""
    typed = {name: request.GET.get(name, "").strip() for name in ("key", "label_en", "label_zh")}
    made = custom.key_for(entity, typed["label_en"], typed["label_zh"])
    return render_template(request, "surfaces/administration/fields.html#key", {"typed": typed, "made": made})


def _as_lines(row: CustomField) -> str:
    """The choices as they are typed."""
    lines = []
    for value, english, chinese in row.options if row.kind == "choice" else ():
        short = value == english and (not chinese or custom.HAN.search(chinese))
        lines.append([english, chinese] if short else [value, english, chinese or (english if custom.HAN.search(english) else "")])
    return "\n".join(" | ".join(part for part in parts if part) for parts in lines)


def _options(text: str) -> list[list[str]]:
    """Choices typed a line each: `Gold`, `Gold | 金牌`, or with what records keep before both, `gold | Gold | 金牌`."""
    rows = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("|")]
        if len(parts) == 2 and custom.HAN.search(parts[1]):
            parts.insert(0, parts[0])
        if parts[0]:
            english = parts[1] if len(parts) > 1 and parts[1] else parts[0]
            rows.append([parts[0][:60], english[:80], parts[2][:80] if len(parts) > 2 else ""])
    return rows


@for_administrators
@require_POST
def field_action(request: HttpRequest, key: int, action: str) -> HttpResponse:
    """Index, unindex, retire or bring back a custom field."""
    row = get_object_or_404(CustomField, pk=key)
    if action == "index":
        custom.index(row)
    elif action == "unindex":
        custom.unindex(row)
    elif action in {"retire", "revive"}:
        custom.retire(row, retired=action == "retire")
    else:
        raise Http404
    return toast(redirect("entity-fields", entity=row.entity), _("Saved."))
