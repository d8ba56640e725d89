"""How web forms are set up."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.forms.asking import labels
from guanxi.crm.forms.model import WebForm
from guanxi.crm.pools.queries import pools
from guanxi.crm.sources.entity import SOURCE
from guanxi.entity.actors import Actor, Locale
from guanxi.entity.entity import Entity, Noun, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, LongText, Several, Text, Url, options

LANGUAGE = Choice(
    options(("any", gettext_lazy("The visitor's")), ("en", gettext_lazy("English")), ("zh-hans", gettext_lazy("Simplified Chinese"))),
    plain=True,
)
ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[0-9]{1,5})?")
MOST_SITES = 20


class Sites(LongText):
    """Origins of websites, a line each: scheme and host, without a path."""

    name = "sites"

    def clean(self, raw: object, locale: Locale) -> str:
        found = list(dict.fromkeys(one.lower().rstrip("/") for one in re.split(r"[\s,;]+", super().clean(raw, locale)) if one))
        wrong = next((one for one in found if not ORIGIN.fullmatch(one)), None)
        if wrong is not None:
            raise ValueError(_("“%(text)s” is not the address of a website, such as https://www.example.com.") % {"text": wrong[:80]})
        if len(found) > MOST_SITES:
            raise ValueError(_("At most %(most)d values.") % {"most": MOST_SITES})
        return "\n".join(found)

    def sample(self) -> str:
        return "https://www.example.com"


def derive(form: Any, changed: set[str]) -> None:
    """Its address, once; it asks who it is; what must be filled in is asked for; leads with an owner are in no pool."""
    form.token = form.token or secrets.token_urlsafe(15)
    if not {"name", "company"} & set(form.asks):
        form.asks = ["name", *form.asks]
    form.required = [name for name in form.required if name in form.asks]
    if form.pool_id is not None and form.goes_to_id is not None:
        if "pool" in changed:
            form.goes_to_id = None
        else:
            form.pool_id = None


def check(form: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """The pool is one of leads."""
    if form.pool_id is not None and "pool" in changed and (form.pool_id not in pools() or pools()[form.pool_id].of != "leads"):
        return {"pool": _("This pool is for something else.")}
    return {}


WEB_FORMS = Entity(
    path="web_forms",
    model=WebForm,
    noun=Noun(gettext_lazy("web form"), gettext_lazy("web forms")),
    icon="forms",
    title="name",
    settings=True,
    searchable=False,
    order=("name",),
    fields_declared=[
        Field("name", glance=True),
        Field("active", glance=True),
        Field("asks", kind=Several(labels), default=lambda by: ["name", "company", "emails", "phones", "need"]),
        Field("required", kind=Several(labels), default=lambda by: ["name"]),
        Field("language", kind=LANGUAGE),
        Field("goes_to", glance=True, hint=gettext_lazy("Without an owner and a pool, administrators see the leads and hand them over.")),
        Field("pool", glance=True),
        Field("source", kind=SOURCE, glance=True),
        Field("campaign"),
        Field("heading_en", kind=Text(200)),
        Field("heading_zh", kind=Text(200)),
        Field("consent_en", kind=LongText(2000), hint=gettext_lazy("What the visitor agrees to; kept with the lead as it was shown.")),
        Field("consent_zh", kind=LongText(2000)),
        Field("thanks_en", kind=LongText(1000)),
        Field("thanks_zh", kind=LongText(1000)),
        Field("thanks_url", kind=Url(500), hint=gettext_lazy("Where the visitor goes instead.")),
        Field(
            "origins",
            kind=Sites(4000),
            hint=gettext_lazy("One a line, such as https://www.example.com. Only their pages may frame the form or send to it."),
        ),
        Field("token", read_only=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Web form"), ("name", "active", "asks", "required", "language", "origins", "token")),
        Section(gettext_lazy("Where the leads go"), ("goes_to", "pool", "source", "campaign")),
        Section(
            gettext_lazy("What it says"),
            ("heading_en", "heading_zh", "consent_en", "consent_zh", "thanks_en", "thanks_zh", "thanks_url"),
        ),
    ],
    derive=derive,
    check=check,
)
