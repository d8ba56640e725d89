"""A lead made into an account, a contact and a deal, and back.

What is made carries what the lead says, as far as the actor may read it there and set it here: a conversion tells nobody more than
they may know. Values of custom fields go to fields of the same key and kind. Its files go to the deal, or else to the account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.access.sight import clear, writable
from guanxi.crm.activities.model import Activity
from guanxi.crm.contacts.model import Contact
from guanxi.crm.leads.events import LeadConverted, LeadReverted
from guanxi.crm.leads.model import Conversion
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import Origin, create, delete, update, write
from guanxi.record.files import carry, carry_back
from guanxi.record.leading import leading, links_to
from guanxi.record.models import Identity
from guanxi.record.reach import visible
from guanxi.record.refusals import Refused
from guanxi.record.saying import identities_of

PARTS = ("account", "contact", "deal")
TO_ACCOUNT = ("industry", "employees", "website", "address", "source", "currency", "tags", "description")
TO_CONTACT = ("name", "title", "phones", "emails", "source", "tags")
TO_DEAL = ("source", "currency", "campaign")


def is_person(lead: Any) -> bool:
    """Whether the lead names a person, not a company alone."""
    return bool(lead.name) and lead.name != lead.company


def make_of(
    lead: Any,
    *,
    account: int | None,
    contact: int | None,
    with_deal: bool,
    deal_name: str,
    closes_on: dt.date | None,
    by: Actor,
    origin: Origin,
) -> Any:
    """The locked lead converted to what is chosen, or made where nothing is; the deal, or else the account. Refused, Forbidden."""
    status, chosen, made = lead.status, {"account": account, "contact": contact}, []
    if account is None and contact is not None:
        chosen["account"] = Contact.objects.filter(pk=contact).values_list("account_id", flat=True).first()
    if chosen["account"] is None:
        chosen["account"] = create(entity_named("accounts"), _account(lead, by), by=by, origin=origin).pk
        made.append("account")
    if contact is None and is_person(lead):
        values = _carried(lead, "contacts", TO_CONTACT, by) | {"account": chosen["account"]}
        chosen["contact"] = create(entity_named("contacts"), values, by=by, origin=origin).pk
        made.append("contact")
    deal = None
    if with_deal:
        deal = create(entity_named("deals"), {**_deal(lead, deal_name, closes_on, by), **chosen}, by=by, origin=origin)
        made.append("deal")
    parts = {**chosen, "deal": deal.pk if deal else None}
    moment = timezone.now()
    Conversion.objects.create(
        lead=lead, at=moment, by_id=by.pk, status_before=status, made=made, activities=_lead_on(lead, parts, by, origin),
        **{f"{name}_id": key for name, key in parts.items()},
    )  # fmt: skip
    became = deal or entity_named("accounts").model._default_manager.get(pk=chosen["account"])
    carry(lead, became, by=by, origin=origin)
    write(lead, by=by, event=LeadConverted, origin=origin, status="converted", converted_at=moment, **parts)
    return became


def _account(lead: Any, by: Actor) -> Mapping[str, Any]:
    values = _carried(lead, "accounts", TO_ACCOUNT, by)
    if not is_person(lead):
        values |= _carried(lead, "accounts", ("phones", "emails"), by)
    return values | {"name": lead.company or lead.name, "kind": "company" if lead.company else "person", "relationship": "prospect"}


def _deal(lead: Any, name: str, closes_on: dt.date | None, by: Actor) -> Mapping[str, Any]:
    values = _carried(lead, "deals", TO_DEAL, by)
    entity = entity_of(lead)
    may_read = {one for one in ("need", "budget") if clear(entity, entity.fields[one], to=by)}
    values["description"] = lead.need if "need" in may_read else ""
    if "budget" in may_read and lead.budget is not None:
        values["amount"] = lead.budget
    if closes_on:
        values["closes_on"] = closes_on
    return values | {"name": name or proposed_deal(lead)}


def proposed_deal(lead: Any) -> str:
    """What the deal is called when nobody says: after the need and whose it is."""
    need = lead.need.strip().split("\n")[0][:80]
    who = lead.company or lead.name
    return f"{need} · {who}"[:200] if need else str(who)


def _carried(lead: Any, path: str, names: tuple[str, ...], by: Actor) -> dict[str, Any]:
    """What the lead says, for a new record of that entity: values of these names, custom ones of the same key, the owner."""
    entity, target = entity_of(lead), entity_named(path)
    open_to = {one.name: one for one in writable(target, target.fields.values(), by=by)}
    values: dict[str, Any] = {}
    for one in entity.fields.values():
        other = open_to.get(one.name)
        same = other is not None and (one.name in names or (one.custom and other.custom and other.k.name == one.k.name))
        if not same or not clear(entity, one, to=by) or one.k.is_empty(one.of(lead)):
            continue
        values[one.name] = one.k.dump(one.of(lead))
    if lead.owner_id is not None and "owner" in open_to:
        values["owner"] = lead.owner_id
    return values


def _lead_on(lead: Any, parts: Mapping[str, int | None], by: Actor, origin: Origin) -> list[int]:
    """The lead's activities lead to what it became, too; those that lead elsewhere are left alone."""
    entity = entity_named("activities")
    about = Activity.objects.filter(lead=lead, deleted_at__isnull=True, **dict.fromkeys(PARTS))
    pairs = [(one, {name: key for name, key in parts.items() if key}) for one in about.order_by("pk").select_for_update(of=("self",))]
    return [one.record.pk for one in update(entity, pairs, by=by, event="edited", origin=origin)]


# ——— proposals ———


def proposal(lead: Any, by: Actor) -> Mapping[str, Any]:
    """What the dialog starts with: the account and contact that are likely the same, and a name for the deal."""
    rows = set(identities_of(entity_of(lead), lead))
    strong = {pair for pair in rows if pair[0] != "name"}
    contact = _same(entity_named("contacts"), strong, by) if is_person(lead) else None
    account = contact.account_id if contact else None
    if account is None:
        found = _same(entity_named("accounts"), rows, by)
        account = found.pk if found else None
    return {"account": account, "contact": contact.pk if contact else None, "deal_name": proposed_deal(lead)}


def into_account(account: Any) -> Mapping[str, Any]:
    """What the dialog is told for a lead to go into this account; its person is new there."""
    return {"account": account.pk, "contact": None}


def into_contact(contact: Any) -> Mapping[str, Any]:
    """The same for this contact, and where they work."""
    return {"contact": contact.pk, "account": contact.account_id}


def _same(entity: Entity, pairs: set[tuple[str, str]], by: Actor) -> Any | None:
    """The one record of an entity that shares an identity; nothing when there are several."""
    keys: set[int] = set()
    for what, value in pairs:
        keys |= set(Identity.objects.filter(entity=entity.path, what=what, value=value).values_list("record_id", flat=True)[:10])
    found = list(visible(entity, to=by).filter(pk__in=keys)[:2]) if keys else []
    return found[0] if len(found) == 1 else None


# ——— back ———


def take_back(lead: Any, *, by: Actor, origin: Origin) -> None:
    """What the conversion made goes to the trash, its activities lead to the lead alone, and the lead is as it was. Refused, Forbidden."""
    last, earlier = _conversions(lead)
    deal = last.deal
    if "deal" in last.made and deal and deal.deleted_at is None and deal.outcome != "open":
        raise Refused({"": _("“%(deal)s” is closed already; reopen or delete it first.") % {"deal": deal.name}})
    entity, parts = entity_named("activities"), {name: getattr(last, f"{name}_id") for name in PARTS}
    held = Activity.objects.filter(pk__in=last.activities, deleted_at__isnull=True).order_by("pk").select_for_update(of=("self",))
    pairs = [(one, {name: None for name, key in parts.items() if key and getattr(one, f"{name}_id") == key}) for one in held]
    update(entity, pairs, by=by, event="edited", origin=origin)
    for name in reversed(PARTS):
        record = getattr(last, name)
        if record is not None and record.deleted_at is None:
            carry_back(lead, record, by=by, origin=origin)
        if name in last.made and record is not None and record.deleted_at is None and not _needed(record):
            delete(record, by=by, origin=origin)
    last.undone_at, last.undone_by_id = timezone.now(), by.pk
    last.save(update_fields=["undone_at", "undone_by"])
    values = {"status": last.status_before, "converted_at": None, **dict.fromkeys(PARTS)}
    if earlier is not None:  # of a lead that was merged into this one: it stays converted
        values |= {"status": "converted", "converted_at": earlier.at, **{name: getattr(earlier, f"{name}_id") for name in PARTS}}
    write(lead, by=by, event=LeadReverted, origin=origin, **values)


def _conversions(lead: Any) -> tuple[Conversion, Conversion | None]:
    """The conversion that made the lead what it is, and the last of the others that stand, of leads merged into it. Refused."""
    standing = list(Conversion.objects.select_for_update().filter(lead=lead, undone_at__isnull=True).order_by("-at", "-id"))
    if not standing:
        raise Refused({"": _("Nothing is known of how this lead was converted.")})
    present = [getattr(lead, f"{name}_id") for name in PARTS]
    last = next((one for one in standing if [getattr(one, f"{name}_id") for name in PARTS] == present), standing[0])
    return last, next((one for one in standing if one is not last), None)


def _needed(record: Any) -> bool:
    """Whether other records have come to hang on what was made. What came along from the lead goes back with it."""
    path = entity_of(record).path
    return any(
        leading(other, others, path, record.pk).filter(deleted_at__isnull=True).exists()
        for other, fields in links_to(path)
        if other.path not in {"leads", "activities"} and (others := [one for one in fields if one.name != other.part_of])
    )
