"""`{% load icons %}`: icons and the colours of people, for templates of every room."""

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from guanxi.web.icons import icon as icon_named

AVATAR_COLOURS = 12
FIRST_HAN = "\u2e80"  # Chinese, Japanese and Korean begin here

register = template.Library()


@register.simple_tag
def icon(name: str, label: str | Promise | None = None) -> SafeString:
    """`{% icon "building" %}`; with `label` when it stands alone."""
    return icon_named(name, label)


@register.filter
def av(key: object) -> str:
    """The colour class of a person or account, the same on every page: `av-0` … `av-11`."""
    text = str(key)
    number = int(text) if text.isascii() and text.isdigit() else sum(map(ord, text))
    return f"av-{number % AVATAR_COLOURS}"


@register.filter
def initials(name: object) -> str:
    """`AC` for Alice Chen; for a Chinese name its first character."""
    words = str(name).split()
    if not words:
        return "?"
    if words[0][0] >= FIRST_HAN:
        return words[0][0]
    last = words[-1][0] if len(words) > 1 else ""
    return (words[0][0] + last).upper()


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, for loops over a few names."""
    return text.split()
