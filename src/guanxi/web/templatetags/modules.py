"""`{% load modules %}{% with_modules %}…{% endwith_modules %}`: a page's custom elements wake with the page.

A module that is fetched only when the page is there misses the first keys and clicks of whoever is quick.
"""

import re
from pathlib import Path
from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

ELEMENT = re.compile(r"<gx-([a-z]+)")
MODULES = frozenset(one.stem for one in (Path(__file__).parent.parent / "static/js").glob("*.js"))


class WithModules(template.Node):
    """What it holds, and behind it the modules of the custom elements in it: browsers run these before a page counts as loaded."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Any) -> SafeString:
        page = self.nodelist.render(context)
        names = sorted(set(ELEMENT.findall(page)) & MODULES)
        return page + format_html_join("\n", '<script src="{}" type="module"></script>', ((static(f"js/{name}.js"),) for name in names))


@register.tag
def with_modules(parser: Parser, token: Token) -> WithModules:
    """To be put around the body of a page."""
    nodelist = parser.parse(("endwith_modules",))
    parser.delete_first_token()
    return WithModules(nodelist)
