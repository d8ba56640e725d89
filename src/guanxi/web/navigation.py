"""The side bar: which pages there are for this person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from guanxi.access.models import User
from guanxi.access.rights import company
from guanxi.entity.registry import entities
from guanxi.surfaces.arranging.views import arranged

GROUPS = (("sell", gettext_lazy("Sell")), ("serve", gettext_lazy("Serve")), ("grow", gettext_lazy("Grow")))


def context(request: HttpRequest) -> dict[str, Any]:
    """What the shell needs on every page; asks the database nothing that is not remembered."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"company_name": company().name}
    seen = [entity for entity in entities() if entity.group and user.rights.may("see", entity.path)]
    here = request.path
    top = [
        {"label": _("Home"), "url": reverse("home"), "icon": "home", "active": here == reverse("home")},
        {
            "label": _("Inbox"), "url": reverse("inbox"), "icon": "inbox", "active": here.startswith(reverse("inbox")),
            "count_url": reverse("inbox-count"),
        },
    ]  # fmt: skip
    groups: list[dict[str, Any]] = [{"label": "", "items": top}]
    for name, label in GROUPS:
        items = [
            {
                "label": str(entity.noun.many)[:1].upper() + str(entity.noun.many)[1:], "url": f"/{entity.path}", "icon": entity.icon,
                "active": here == f"/{entity.path}" or here.startswith(f"/{entity.path}/"),
            }
            for entity in seen
            if entity.group == name
        ]  # fmt: skip
        if items:
            groups.append({"label": label, "items": items})
    return {
        "navigation": groups,
        "company_name": company().name,
        "arranged": arranged,
        "theme": user.theme,
        "create_items": [
            {"label": pgettext("create", "New %(one)s") % {"one": entity.noun.one}, "url": f"/{entity.path}/new", "icon": entity.icon}
            for entity in seen
            if user.rights.may("create", entity.path)
        ],
    }
