"""What sellers and administrators see of web forms: how to put one on a website, and by which a lead came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.titles import titles
from guanxi.base.moments import format_moment
from guanxi.crm.forms.asking import askable
from guanxi.crm.forms.model import FormEntry
from guanxi.crm.forms.pages import TRAP, key_of
from guanxi.surfaces.detail.asides import Aside, Figure
from guanxi.surfaces.inbox.words import Said
from guanxi.surfaces.public.inputs import as_plain

NEWS: Mapping[str, Said] = {"lead by form": Said("forms", gettext_lazy("%(record)s filled in the form “%(form)s”"), "acc")}


def ways(form: Any, reader: User) -> Sequence[Figure]:
    """The form's address, and what to put on a website: a frame, or plain HTML in the website's own dress."""
    address = settings.ENVIRONMENT.address.rstrip("/") + reverse("web-form", args=[form.token])
    language = form.spoken or reader.language
    with translation.override(language):
        known = askable()
        fields = [(as_plain(known[name]), name in form.required) for name in form.asks if name in known]
        consent = form.said("consent", language)
        snippet = render_to_string(
            "crm/form_snippet.html",
            {"address": f"{address}?lang={language}", "fields": fields, "consent": consent, "consent_key": key_of(consent), "trap": TRAP},
        )
        frame = render_to_string(
            "crm/form_frame.html", {"address": f"{address}?embed=1", "heading": form.said("heading", language) or form.name}
        )
    return [
        Figure(_("Address"), copied(address), wide=True),
        Figure(_("In a frame"), copied(frame.strip()), wide=True),
        Figure(_("As plain HTML"), copied(snippet.strip()), wide=True),
        Figure(_("Leads so far"), str(form.entries.count())),
    ]


def copied(text: str) -> SafeString:
    """A text with a button that copies it."""
    return SafeString(render_to_string("crm/copied.html", {"text": text}))


def came_by(lead: Any, reader: User) -> Sequence[Figure]:
    """The form by which a lead came, what was agreed to, and who it may be already."""
    entry = FormEntry.objects.filter(lead=lead).select_related("form").order_by("at").first()
    if entry is None:
        return []
    figures = [Figure(_("Form"), entry.form.name), Figure(_("Sent"), format_moment(entry.at, reader.locale.zone, reader.locale.language))]
    if entry.page:
        figures.append(Figure(_("From"), entry.page))
    if entry.consented_at:
        figures.append(Figure(_("Agreed to"), entry.consent, wide=True))
    same = _same(entry, reader)
    if same:
        figures.append(Figure(_("The same e-mail or phone"), same, wide=True))
    return figures


def _same(entry: FormEntry, reader: User) -> SafeString | str:
    """Links to those of the records that may be the same and that the reader may see."""
    wanted: dict[str, set[int]] = {}
    for path, key in entry.alike:
        wanted.setdefault(path, set()).add(key)
    known = titles({path: keys for path, keys in wanted.items() if reader.rights.may("see", path)}, to=reader)
    return format_html_join(", ", '<a class="link" href="/{}/{}">{}</a>', ((path, key, title) for (path, key), title in known.items()))


WAYS = Aside("web_forms", "ways", gettext_lazy("On your website"), ways)
CAME_BY = Aside("leads", "form", gettext_lazy("Web form"), came_by)
