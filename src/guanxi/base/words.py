"""Words for searching: what a text is found by, and what a person typed, for PostgreSQL.

Texts give tokens (words, Chinese characters and pairs of them, pinyin, digits); tokens give a
tsvector, typed text gives a tsquery. How characters are read lives in pinyin; where documents
are stored does not live here.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from operator import itemgetter

from guanxi.base.dialling import split_country_code
from guanxi.base.pinyin import is_readable, ways_to_read

MOST_LEXEMES = 400
MOST_LEXEME_BYTES = 496
_SURELY_STORABLE = MOST_LEXEME_BYTES // 4
MOST_TYPED = 200
MOST_TERMS = 16
_PINYIN_STARTS = 8
_PINYIN_LETTERS = 40
_SUFFIXES = 6
_SHORT = 30

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK = _HAN + "\u3040-\u30ff\u31f0-\u31ff\uac00-\ud7af"
_JOINER = r"[.@_\-+&'’]"
_LETTERS = rf"[^\W_{_CJK}]+"
_WORD = re.compile(rf"(?P<cjk>[{_CJK}]+)|{_LETTERS}(?:{_JOINER}{_LETTERS})*")
_ASCII_WORD = re.compile(rf"[a-z0-9]+(?:{_JOINER}[a-z0-9]+)*")  # the same of plain text, sooner
_JOINERS = re.compile(_JOINER)
_APOSTROPHES = str.maketrans("", "", "'’")
_NUMBER = re.compile(r"(?<![a-z0-9.@_\-+&])[+(]{0,2}[0-9](?:[0-9 ().\-/]*[0-9])?(?![a-z0-9@_&])")
_NOT_DIGIT = re.compile(r"[^0-9]+")
_SPACES = re.compile(r"\s+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_SPECIAL = re.compile("['\\\\\x00\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]+")
# Letters that Unicode does not take apart into a plain letter and an accent, and dashes.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | {"ð": "d"}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)
_SMALL_WORDS = frozenset(
    {"and", "of", "the", "de", "van", "von", "der", "den", "di", "da", "la", "le"}
    | {"inc", "ltd", "llc", "llp", "plc", "co", "corp", "gmbh", "ag", "sa", "bv", "pty", "limited"}
    | {"mr", "mrs", "ms", "dr", "prof", "company", "corporation"}
)


def fold(text: str) -> str:
    """The text for comparing: NFKC, without case and accents, spaces collapsed."""
    return " ".join(_plain(text).split())


def tokens(text: str) -> list[str]:
    """What the text is found by, each token once, in order of appearance.

    Words; words joined as in e-mail addresses whole, from each joint on, and in parts; of Chinese,
    Japanese and Korean every character and every pair; of Chinese the pinyin in full and as
    initials from each of the first eight characters on (上海 → shanghai, hai, sh), read in
    every plausible way.
    """
    return list(_short_tokens(text) if len(text) <= _SHORT and "@" not in text else _tokens(text))


def _tokens(text: str) -> tuple[str, ...]:
    text = _plain(text)
    found: list[str] = []
    if text.isascii():
        for word in _ASCII_WORD.findall(text):
            found.extend((word,) if word.isalnum() else _word_tokens(word))
    else:
        for match in _WORD.finditer(text):
            word = match[0]
            found.extend(_cjk_tokens(word) if match["cjk"] else (word,) if word.isalnum() else _word_tokens(word))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1 << 13)
def _short_tokens(text: str) -> tuple[str, ...]:
    """Remembered: names, cities and job titles come again and again."""
    return _tokens(text)


@lru_cache(maxsize=1 << 14)
def _cjk_tokens(run: str) -> tuple[str, ...]:
    """Remembered: family names, cities and job titles come again and again."""
    return (*run, *_pairs(run), *_pinyin_tokens(run, is_name=2 <= len(run) <= 4))


def phone_tokens(e164_or_digits: str) -> list[str]:
    """What a phone is found by: all digits, the national digits, and "~" with the digits reversed.

    The reversed form turns "ends with 4321" into the prefix "~1234".
    """
    number = e164_or_digits.partition(";")[0].lstrip()
    abroad = number.startswith("+")
    digits = number[1:] if abroad and number.isascii() and number[1:].isdecimal() else _digits_of(number)
    if not digits:
        return []
    national = split_country_code(digits)[1] if abroad else digits.lstrip("0")
    found = [national, digits, "~" + digits[::-1]]
    return list(dict.fromkeys(token for token in found if token))


def tsvector(parts: Iterable[tuple[str, list[str]]]) -> str:
    """Weighted tokens ("A" best to "D") as text that PostgreSQL casts with `::tsvector`.

    Each lexeme once with its best weight; the 400 best and earliest when there are more.
    """
    weights: dict[str, str] = {}
    for weight, words in sorted(parts, key=itemgetter(0)):
        for word in words:
            if word not in weights:
                weights[word] = weight
    pairs: Iterable[tuple[str, str]] = islice(weights.items(), MOST_LEXEMES)
    if _SPECIAL.search("".join(weights)) or max(map(len, weights), default=0) > _SURELY_STORABLE:
        return " ".join([f"'{lexeme}':1{weight}" for word, weight in pairs if (lexeme := _storable(word))])
    return " ".join([f"'{word}':1{weight}" for word, weight in pairs if word])  # what most are: stored as they are


def tsquery(typed: str) -> str | None:
    """What a person typed as text that PostgreSQL casts with `::tsquery`; None if nothing counts.

    Every word must be found: letters as the beginning of a word, Chinese as it stands, three
    digits or more as the beginning or the end of a number, however a phone is punctuated.
    """
    typed = _plain(typed[:MOST_TYPED])
    terms: list[str] = []
    position = 0
    for number in _NUMBER.finditer(typed):
        terms.extend(_word_terms(typed[position : number.start()]))
        terms.extend(_number_terms(number[0]))
        position = number.end()
    terms.extend(_word_terms(typed[position:]))
    return " & ".join(list(dict.fromkeys(terms))[:MOST_TERMS]) or None


def initials_of(name: str) -> str:
    """One or two letters for an avatar: Alice Chen → AC, 陈雅丽 → 陈, Northwind Ltd → N.

    For a Chinese company pass its core (names.company_core), or its city would stand for it.
    """
    name = unicodedata.normalize("NFKC", name)
    words = [match[0] for match in re.finditer(rf"[{_CJK}]+|{_LETTERS}(?:['’]{_LETTERS})*", name)]
    if not words:
        return "?"
    if re.match(f"[{_CJK}]", words[0]):
        return words[0][0]
    words = [word for word in words if fold(word) not in _SMALL_WORDS] or words
    words = [word for word in words if not re.match(f"[{_CJK}]", word)] or words
    first = words[0][0].upper()[:1]
    return first + words[-1][0].upper()[:1] if len(words) > 1 else first


def similar(word: str, candidates: Iterable[str], limit: int = 3) -> list[str]:
    """The candidates a mistyped word may have meant, likeliest first."""
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(fold(word))
    scored: list[tuple[float, str]] = []
    for candidate in dict.fromkeys(candidates):
        matcher.set_seq1(fold(candidate))
        if matcher.quick_ratio() >= 0.6 and (score := matcher.ratio()) >= 0.6:
            scored.append((score, candidate))
    scored.sort(key=lambda pair: -pair[0])
    return [candidate for _, candidate in scored[:limit]]


def _plain(text: str) -> str:
    """NFKC, case folded, accents removed."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).translate(_PLAIN_LETTERS)
    return unicodedata.normalize("NFKC", text)


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _pinyin_tokens(run: str, *, is_name: bool) -> list[str]:
    found: list[str] = []
    for readable in _readable_runs(run):
        for way in ways_to_read(readable, is_name=is_name):
            letters = "".join(way)
            initials = "".join([syllable[0] for syllable in way])
            at = 0
            for start, syllable in enumerate(way[:_PINYIN_STARTS]):
                found.append(letters[at : at + _PINYIN_LETTERS])
                if start + 1 < len(way):
                    found.append(initials[start : start + _PINYIN_LETTERS])
                at += len(syllable)
    return found


def _readable_runs(run: str) -> list[str]:
    if all(map(is_readable, run)):
        return [run]
    marked = "".join(character if is_readable(character) else " " for character in run)
    return marked.split()


def _word_tokens(word: str) -> list[str]:
    """A word with joints: whole, what follows each joint, and the parts between them."""
    parts = _JOINERS.split(word)
    found = [word]
    at = 0
    for part in parts[:_SUFFIXES]:
        at += len(part) + 1
        found.append(word[at:])
    if "'" in word or "’" in word:
        found = [one.translate(_APOSTROPHES) for one in found]
    return [token for token in [*found, *parts] if token]


def _word_terms(typed: str) -> list[str]:
    terms: list[str] = []
    for match in _WORD.finditer(typed):
        word = match[0]
        if match["cjk"]:
            terms.extend(map(_lexeme, _pairs(word) or [word]))
        elif word.isalnum():
            terms.append(_digit_term(word) if _is_number(word) else _prefix(word))
        else:
            terms.append(_joined_term(word))
    return terms


def _joined_term(word: str) -> str:
    """A word with joints: as it stands, or (except in e-mail addresses) its parts anywhere.

    Short last parts must match whole: the prefix "co" alone would visit every .com address.
    """
    whole = _prefix(word.translate(_APOSTROPHES))
    if "@" in word:
        return whole
    *before, last = _JOINERS.split(word)
    parts = [*map(_lexeme, before), _prefix(last) if len(last) > 3 else _lexeme(last)]
    return f"({whole} | ({' & '.join(parts)}))"


def _number_terms(stretch: str) -> list[str]:
    """Digits punctuated like a phone: as one number, or (if short enough) word by word."""
    words = [word for word in _NOT_DIGIT.split(stretch) if word]
    joined = _digits_of(stretch)
    if len(words) == 1 and joined == words[0]:
        return [_digit_term(joined)]
    apart = _word_terms(stretch)
    if len(joined) < 5 and not stretch.startswith("+"):
        return apart
    if len(joined) >= 10 or stretch.startswith("+"):
        return [_digit_term(joined)]
    return [f"({_digit_term(joined)} | ({' & '.join(apart)}))"]


def _digit_term(digits: str) -> str:
    if len(digits) < 3:
        return _prefix(digits)
    national = digits.lstrip("0")
    if len(national) < 3:
        national = digits
    choices = dict.fromkeys([_prefix(digits), _prefix(national), _prefix("~" + national[::-1])])
    return f"({' | '.join(choices)})"


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal()


def _digits_of(number: str) -> str:
    """The digits of a phone without the bracketed trunk zero of +44 (0)20 and a leading 00."""
    digits = _NOT_DIGIT.sub("", number.replace("(0)", ""))
    return digits.removeprefix("00") if len(digits) > 6 else digits


def _prefix(word: str) -> str:
    return _lexeme(word) + ":*"


def _lexeme(word: str) -> str:
    return f"'{_storable(word)}'"


def _storable(word: str) -> str:
    """The word as it stands between quotes: escaped, cut to a length PostgreSQL takes."""
    if word.isalnum() and len(word) <= _SURELY_STORABLE:
        return word
    if not word.isascii() or "\x00" in word:
        word = _UNSTORABLE.sub("", word)
    if len(word) * 4 > MOST_LEXEME_BYTES:
        word = word.encode()[:MOST_LEXEME_BYTES].decode(errors="ignore")
    if "'" in word or "\\" in word:
        word = word.replace("\\", "\\\\").replace("'", "''")
    return word
