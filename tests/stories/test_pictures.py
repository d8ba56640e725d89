"""The pictures of the README: the demo company as its people see it. `make pictures` keeps them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from django.db.models import Count

from guanxi.access.models import User
from guanxi.crm.models import Account
from guanxi.record.memory import forget
from guanxi.web.demo.company import Size, build
from tests.stories.conftest import Enter, all_there
from tests.stories.test_accessible import faults_of

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

KEPT = os.environ.get("PICTURES", "")
"""The folder for the pictures; without one they are looked at and not kept, of a smaller company."""


@dataclass(frozen=True)
class Picture:
    """A page, who looks at it, and how."""

    name: str
    who: str
    path: Callable[[], str]
    theme: Literal["light", "dark"] = "light"
    phone: bool = False


def customer() -> str:
    """Of whom most is known, among Yali's."""
    best = Account.objects.filter(owner__username="yali").annotate(sold=Count("deals")).order_by("-sold", "pk")[0]
    return f"/accounts/{best.pk}"


PICTURES = [
    Picture("list-en", "alice", lambda: "/deals"),
    Picture("board-en-dark", "bob", lambda: "/deals?shape=board", theme="dark"),
    Picture("home-en", "bob", lambda: "/"),
    Picture("detail-zh", "yali", customer),
    Picture("phone-zh", "yali", lambda: "/deals", phone=True),
]


def test_the_readme_shows_what_people_see(live: str, enter: Enter) -> None:
    forget()
    build(Size() if KEPT else Size(accounts=60, contacts=90, deals=120, activities=400, leads=20), lambda count: None)
    forget()
    found: dict[str, list[str]] = {}
    for one in PICTURES:
        width, height = (390, 844) if one.phone else (1440, 900)
        page = enter(User.objects.get(username=one.who))
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=one.theme, reduced_motion="reduce")
        page.goto(live + one.path())
        all_there(page)
        found[one.name] = list(faults_of(page, width))
        page.evaluate("document.querySelectorAll('*').forEach((one) => one.scrollTo(0, 0)); document.fonts.ready")
        picture = page.screenshot(animations="disabled")
        if KEPT:
            Path(KEPT, f"{one.name}.png").write_bytes(picture)
    assert {name: faults for name, faults in found.items() if faults} == {}
