"""How contacts and their affiliations are shown."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from guanxi.base.names import full_name, split_name
from guanxi.crm.activities.choices import LAST_CONTACT, NEXT_CONTACT
from guanxi.crm.contacts.model import Affiliation, Contact
from guanxi.crm.sources.entity import SOURCE
from guanxi.entity.entity import Entity, Noun, Preset, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Choice, Emails, Name, Phones, Tags, options

BUYING_ROLES = Choice(
    options(
        ("decides", gettext_lazy("Decides"), "good"),
        ("approves", gettext_lazy("Approves"), "acc"),
        ("influences", gettext_lazy("Influences"), "info"),
        ("uses", gettext_lazy("Uses")),
        ("guards", gettext_lazy("Guards"), "warn"),
        ("champions", gettext_lazy("Champions"), "good"),
    )
)


def derive(contact: Any, changed: set[str]) -> None:
    """The whole name from its parts, or the parts from the whole."""
    parted = bool(contact.given or contact.family)
    if {"given", "family"} & changed and parted and not ("name" in changed and contact.name):
        language = "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in contact.family + contact.given) else "en"
        contact.name = full_name(contact.given, contact.family, language)
    elif "name" in changed and not ({"given", "family"} & changed and parted):
        parts = split_name(contact.name)
        contact.given, contact.family = parts.given[:80], parts.family[:80]
        contact.prefix = contact.prefix or parts.prefix[:20]


def derive_affiliation(affiliation: Any, changed: set[str]) -> None:
    """An affiliation is called after the contact."""
    if affiliation.contact_id and ("contact" in changed or not affiliation.name):
        name = Contact.objects.filter(pk=affiliation.contact_id).values_list("name", flat=True).first()
        affiliation.name = name or ""


CONTACTS = Entity(
    path="contacts",
    model=Contact,
    noun=Noun(gettext_lazy("contact"), gettext_lazy("contacts")),
    icon="user",
    title="name",
    group="sell",
    order=("name",),
    subtitle=("title",),
    fields_declared=[
        Field("name", kind=Name(160), glance=True, search="A", required=True),
        Field("given"),
        Field("family"),
        Field("prefix"),
        Field("account", glance=True),
        Field("title", glance=True, search="C"),
        Field("department"),
        Field("buying_role", kind=BUYING_ROLES, glance=True),
        Field("reports_to"),
        Field("phones", kind=Phones(), glance=True, search="B", identity=True),
        Field("emails", kind=Emails(), glance=True, search="B", identity=True),
        Field("address", kind=Address(), search="D"),
        Field("birthday"),
        Field("lunar"),
        Field("education"),
        Field("family_notes"),
        Field("interests"),
        Field("notes"),
        Field("source", kind=SOURCE),
        Field("tags", kind=Tags(), search="C"),
        Field("owner"),
        Field("team"),
        Field("last_contact_at", rollup=LAST_CONTACT),
        Field("next_contact_at", rollup=NEXT_CONTACT),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("changed_at", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(
            gettext_lazy("Contact"),
            ("name", "given", "family", "prefix", "account", "title", "department", "buying_role", "reports_to"),
        ),
        Section(gettext_lazy("Reach"), ("phones", "emails", "address")),
        Section(
            gettext_lazy("Person"),
            ("birthday", "lunar", "education", "family_notes", "interests", "notes", "source", "tags"),
        ),
        Section(gettext_lazy("Responsible"), ("owner", "team")),
    ],
    related=[
        Related("deals", "deals", "contact", gettext_lazy("Deals"), ("stage", "amount"), "-id"),
        Related(
            "affiliations",
            "affiliations",
            "contact",
            gettext_lazy("Also acts for"),
            ("account", "title", "buying_role"),
            "-id",
        ),
        Related("reports", "contacts", "reports_to", gettext_lazy("Reports"), ("title",), "name"),
        Related("activities", "activities", "contact", gettext_lazy("Activities"), ("kind", "at"), "-at", aside=False),
    ],
    parent="account",
    about="contact",
    mergeable=True,
    views=[
        Preset("mine", gettext_lazy("My contacts"), "owner = me", ("name",)),
        Preset("all", gettext_lazy("All contacts"), "", ("name",)),
    ],
    derive=derive,
)

AFFILIATIONS = Entity(
    path="affiliations",
    model=Affiliation,
    noun=Noun(gettext_lazy("affiliation"), gettext_lazy("affiliations")),
    icon="affiliate",
    title="name",
    searchable=False,
    part_of="contact",
    parent="account",
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("contact", glance=True),
        Field("account", glance=True),
        Field("title", glance=True),
        Field("department"),
        Field("buying_role", kind=BUYING_ROLES, glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Affiliation"), ("contact", "account", "title", "department", "buying_role"))],
    derive=derive_affiliation,
)
