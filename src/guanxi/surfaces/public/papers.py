"""The paper of a record: what its public page shows, as a PDF with the company's letterhead, in either language.

Typst sets it: one wheel without system libraries. The font, Noto Sans CJK, is a wheel too, so that Chinese is there on any machine.
Values reach it as data and never as markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _

from guanxi.access.rights import company
from guanxi.base.places import filled
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.surfaces.public.showing import Shown, names_on, shown

TEMPLATE = Path(__file__).with_name("paper.typ")
FONT_PACKAGE = "cvttf_NotoSansCJK_Regular"


@cache
def _fonts() -> typst.Fonts:
    spec = find_spec(FONT_PACKAGE)
    assert spec is not None, f"{FONT_PACKAGE} is not installed"
    assert spec.origin is not None
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(Path(spec.origin).parent)])


@dataclass(frozen=True)
class Wording:
    """How a company has its papers of one kind in one language. Texts have places for the title, the company and what stands on the paper."""

    heading: str = ""
    opening: str = ""
    closing: str = ""
    left_out: frozenset[str] = frozenset()
    """As `names_on` calls it."""
    accent: str = "#0f766e"
    sheet: str = "a4"


worded: list[Callable[[str, str], Wording | None]] = []
"""Who knows the wording for an entity in a language, if a room does."""


def _wording(entity: Entity, language: str) -> Wording:
    return next((found for ask in worded if (found := ask(entity.path, language))), Wording())


def paper(entity: Entity, record: Any, *, to: Actor, language: str) -> bytes:
    """The PDF for this reader, in the language in force. Forbidden when not all that stands on it is theirs to read."""
    wording = _wording(entity, language)
    told = shown(entity, record, to=to, without=wording.left_out)
    places = {**dict.fromkeys(names_on(entity), ""), **told.values, "title": told.title, "company": told.company}
    return _set(told, wording, places, language)


def _set(shown: Shown, wording: Wording, places: Mapping[str, str], language: str) -> bytes:
    here, chinese = company(), language.startswith("zh")
    closing = here.closing_zh or here.closing_en if chinese else here.closing_en or here.closing_zh
    told: dict[str, Any] = {
        "language": "zh" if chinese else "en",
        "company": here.name,
        "letterhead": here.letterhead_zh or here.letterhead_en if chinese else here.letterhead_en or here.letterhead_zh,
        "opening": filled(wording.opening, places),
        "closing": filled(wording.closing, places) or closing,
        "accent": wording.accent,
        "sheet": wording.sheet,
        "noun": wording.heading or shown.noun,
        "title": shown.title,
        "state": shown.state,
        "facts": shown.facts,
        "heads": shown.heads,
        "numeric": shown.numeric,
        "rows": [{"cells": row.cells, "mark": row.mark, "beneath": row.beneath} for row in shown.rows],
        "totals": shown.totals,
        "texts": shown.texts,
        "note": shown.note,
        "page": _("Page"),
    }
    # The folder of the template is all that it could read; it reads nothing.
    made = typst.compile(TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts(), format="pdf", sys_inputs={"told": json.dumps(told)})
    assert isinstance(made, bytes)
    return made


def file_name(entity: Entity, record: Any) -> str:
    """What the file is called: the noun and the number it goes by, or its title."""
    said = getattr(record, "number", "") or entity.title_of(record)
    name = re.sub(r"[^\w.-]+", "-", f"{entity.noun.one} {said}").strip("-.")[:120]
    return f"{name or 'document'}.pdf"
