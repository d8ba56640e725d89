"""From a language code as Django writes it ("zh-hans") to what Babel knows of that language."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Babel's locale of a language code; English where Babel does not know it."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def is_chinese(language: str) -> bool:
    """Whether texts in this language count in 万 and 亿 and write dates as 11月18日."""
    return language[:2] == "zh"
