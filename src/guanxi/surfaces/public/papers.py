"""The paper of a record: what its public page shows, as a PDF with the company's letterhead, in either language.

Typst sets it: one wheel without system libraries. The font, Noto Sans CJK, is a wheel too, so that Chinese is there on any machine.
Values reach it as data and never as markup.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _

from guanxi.access.rights import company
from guanxi.entity.entity import Entity
from guanxi.surfaces.public.showing import Shown

TEMPLATE = Path(__file__).with_name("paper.typ")
FONT_PACKAGE = "cvttf_NotoSansCJK_Regular"


@cache
def _fonts() -> typst.Fonts:
    spec = find_spec(FONT_PACKAGE)
    assert spec is not None, f"{FONT_PACKAGE} is not installed"
    assert spec.origin is not None
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(Path(spec.origin).parent)])


def paper(shown: Shown, language: str) -> bytes:
    """The PDF."""
    here, chinese = company(), language.startswith("zh")
    told: dict[str, Any] = {
        "language": "zh" if chinese else "en",
        "company": here.name,
        "letterhead": here.letterhead_zh or here.letterhead_en if chinese else here.letterhead_en or here.letterhead_zh,
        "closing": here.closing_zh or here.closing_en if chinese else here.closing_en or here.closing_zh,
        "noun": shown.noun,
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
