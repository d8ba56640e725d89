"""How much a text looks like a language: which of several readings of the same bytes is the right one.

A reading is judged by the share of its characters that a language written in that encoding uses.
What a file is and where its lines end does not live here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from string import ascii_letters

ENOUGH = 40_000
"""Bytes that are enough to tell one encoding from another."""

# The letters beyond ASCII of each language, the frequent first, by the encodings that were used for it.
# The order of languages breaks ties: the same bytes may be Turkish or Icelandic.
LANGUAGES = (
    (("cp1252", "mac_roman", "cp850"), "éèàêçôâîùûëïœœÿæ"),
    (("cp1252", "mac_roman", "cp850"), "äöüß"),
    (("cp1252", "mac_roman", "cp850"), "óíáéñúü¿¡"),
    (("cp1252", "mac_roman", "cp850"), "ãçáéóêíõâúàô"),
    (("cp1252", "mac_roman", "cp850"), "èàòùìé"),
    (("cp1252", "mac_roman", "cp850"), "äöåéšž"),
    (("cp1252", "mac_roman", "cp850"), "æøåé"),
    (("cp1252", "mac_roman", "cp850"), "ëéïóèêö"),
    (("cp1250", "iso8859_2"), "íáéěřžýčšůúťďňóäö"),
    (("cp1250", "iso8859_2"), "áíéčžýúšľťňôäďóĺŕ"),
    (("cp1250", "iso8859_2"), "łóęążśćńź"),
    (("cp1250", "iso8859_2"), "áéöóőüíűú"),
    (("cp1250", "iso8859_2"), "šćčžđ"),
    (("cp1250",), "ăîâşţ"),
    (("cp1254",), "ıışüöçğİâ"),
    (("cp1257",), "āīēšņžļūčķģ"),
    (("cp1257",), "ėųšžįąčęū"),
    (("cp1257",), "äõüöšž"),
    (("cp1252", "mac_roman"), "áíðéöóúæþý"),
    (("cp1251", "koi8_r", "cp866"), "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё№"),
    (("cp1251",), "оаинтірвеслкмдпуязьбгйчхїюшжцщєфґ№"),
    (("cp1251",), "аиоетнрсвлкдпмзуябгчъйшцжхщфюь№"),
    (("cp1253",), "αοιετσνηυρπκμλςωάίόέδχγθήφύώβξζψϊϋΐ"),
    (("cp1255",), "יוהלארתבמשנדקעחטפגםסצכזןךףץ"),
    (("cp1256",), "اليمونتربدهعسفكحقجشةأصزخىضطغثئذءظإؤآ،؛؟ـ"),
    (("cp874",), "านรอกเงมยลวดทส่ะ้ีคิบปั็หไ์แพชขจใตผูโึ์ุำซฟญธศถษณฎฏฐฑฒภ๊๋"),
    (("cp1258",), "đôàâáưêơóạếảạìờãăéùíúýèòĐ"),
)
ASCII_LETTERS = frozenset(ascii_letters)
WESTERN = "éäöüáíóúèàçñãõâêîôûëïåøæßšž"
"""Of all Western languages, for tables in which they are mixed, as in a list of countries."""
QUOTES_AND_DASHES = frozenset("‹›‘’“”–—«»„‚…\u00a0")
SIGNS = QUOTES_AND_DASHES | frozenset("€‰•™©®°·×±§\u00ad¥£¢½¼²³¶†‡¤ºª")
WIDE_SIGNS = frozenset("，。、；：？！（）【】《》“”‘’·…—～￥「」『』〈〉・ー")
HANGUL = frozenset(
    "이다는에의하고을를가은지로기한사서인리아도어시대나자해정그것수부장전일구주제보상동과공성안스원국관조세여경들만신영용비생게으라김박최강윤임오유민현준지우선진미"
    "회름번호화메처업명무산광북남울포락래금액계약담당직책휴폰팩홈페편록체태역품월년날짜연"
)
PRIOR = {"cp1252": 0.04, "gb18030": 0.02, "cp1250": 0.01, "cp1251": 0.015, "cp950": 0.01, "mac_roman": -0.03}
PRIOR |= {"cp850": -0.06, "koi8_r": -0.01, "cp866": -0.02, "iso8859_2": -0.005, "cp1258": -0.03, "big5hkscs": -0.01}
MULTIBYTE = ("gb18030", "cp950", "big5hkscs", "cp932", "cp949")


def best_of(foreign: Sequence[bytes]) -> tuple[str, float, float]:
    """The encoding that reads these lines best, its score and that of the best one that reads otherwise."""
    # Lines may repeat a thousand times; each says its thing once.
    raw = b"".join(dict.fromkeys(foreign))[:ENOUGH]
    readings: dict[str, list[str]] = {}
    for name in dict.fromkeys([*(name for encodings, _letters in LANGUAGES for name in encodings), *MULTIBYTE]):
        readings.setdefault(raw.decode(name, "replace"), []).append(name)
    # Encodings that give the same text are one reading, called by the most usual of them.
    scores = {
        max(names, key=_prior): max(score(text, name) for name in names) + max(map(_prior, names)) for text, names in readings.items()
    }
    best, second, *_rest = [*sorted(scores, key=lambda name: -scores[name]), ""]
    return best, scores[best], scores.get(second, 0.0)


def _prior(name: str) -> float:
    return PRIOR.get(name, 0.0)


def score(text: str, encoding: str) -> float:
    """How much a text looks like a language of the encoding it was read in: about 1 at most."""
    return _wide_score(text, WEIGHTS[encoding]) if encoding in WEIGHTS else _letter_score(text, encoding)


def simplified(text: str) -> str:
    """The text with common traditional characters as simplified ones."""
    pairs = _characters()[1]
    return "".join(pairs.get(character, character) for character in text)


def common_share(characters: Sequence[str]) -> float:
    """The share of Chinese characters that are common ones, simplified or traditional."""
    common, traditional = _characters()
    seen = sum(character in common or character in traditional for character in characters)
    return seen / len(characters) if characters else 0.0


def _letter_score(text: str, encoding: str) -> float:
    """The share of the best fitting language; letters out of place speak against any."""
    seen = against = 0
    fixed = 0.0
    letters: Counter[str] = Counter()
    before = " "
    for character, after in zip(text, text[1:] + " ", strict=True):
        if character >= "\x80":
            seen += 1
            if character in SIGNS:
                fixed += _weigh_sign(character, before, after)
            elif character == "\ufffd" or "\x80" <= character <= "\x9f" or "\ue000" <= character <= "\uf8ff":
                fixed -= 1.0
            elif _out_of_place(character, before, after):
                against += 1
            else:
                letters[character if character == "İ" else character.lower()] += 1
        before = character
    if not seen:
        return 0.0
    alphabets = _alphabets(encoding)
    neighbours = frozenset().union(*alphabets)
    best = max(_explained(letters, weights, neighbours) for weights in alphabets)
    return (fixed + best - 0.3 * against) / seen


def _weigh_sign(sign: str, before: str, after: str) -> float:
    if sign in QUOTES_AND_DASHES:
        return 0.9
    return -0.3 if before.isalpha() or after.isalpha() else 0.6


def _out_of_place(letter: str, before: str, after: str) -> bool:
    """A capital after a small letter, a letter among digits, two scripts in one word."""
    if letter.isupper() and before.islower():
        return True
    if before.isdigit() or after.isdigit():
        return True
    return letter > "\u036f" and (before in ASCII_LETTERS or after in ASCII_LETTERS)


def _explained(letters: Counter[str], weights: dict[str, float], neighbours: frozenset[str]) -> float:
    """A letter of a neighbour's language is a foreign name; a letter of none is a misreading."""
    return sum(weights.get(letter, -0.1 if letter in neighbours else -0.4) * count for letter, count in letters.items())


@cache
def _alphabets(encoding: str) -> list[dict[str, float]]:
    """For each language of the encoding its letters with a weight: 1 for the commonest, less for the rare."""
    chosen = [letters for encodings, letters in LANGUAGES if encoding in encodings]
    alphabets = [
        {letter: 1 - (0.2 if letter < "\u0370" else 0.4) * rank / len(letters) for rank, letter in enumerate(letters)} for letters in chosen
    ]
    return [*alphabets, dict.fromkeys(WESTERN, 0.8)] if encoding == "cp1252" else alphabets


def _wide_score(text: str, weigh: Callable[[str], float]) -> float:
    seen = Counter(character for character in text if character >= "\x80")
    return sum(weigh(character) * count for character, count in seen.items()) / seen.total() if seen else 0.0


@cache
def _characters() -> tuple[frozenset[str], dict[str, str]]:
    """The 1,250 commonest simplified characters, and simplified for traditional (after OpenCC's table)."""
    stored = json.loads(Path(__file__).with_name("characters.json").read_text("utf-8"))
    pairs = " ".join(stored["traditional"]).split()
    return frozenset("".join(stored["common"])), {pair[0]: pair[1] for pair in pairs}


def _lead(character: str, encoding: str) -> int:
    """The first byte of a two-byte character, 0 of any other."""
    try:
        raw = character.encode(encoding)
    except UnicodeEncodeError:
        return 0
    return raw[0] if len(raw) == 2 else 0


def _sign(character: str) -> bool:
    return character in WIDE_SIGNS or "\uff01" <= character <= "\uff5e"


def _weigh_simplified(character: str) -> float:
    common, traditional = _characters()
    if character in common:
        return 1.0
    if character in traditional:
        return 0.8
    if _sign(character):
        return 0.7
    lead = _lead(character, "gb2312")
    if lead >= 0xB0:
        return 0.6 if lead <= 0xD7 else 0.3
    return 0.05 if "\u4e00" <= character <= "\u9fff" else 0.1 if lead else -0.5


def _weigh_traditional(character: str) -> float:
    common, traditional = _characters()
    if character in traditional or character in common:
        return 1.0
    if _sign(character):
        return 0.7
    lead = _lead(character, "cp950")
    if lead >= 0xA4:
        return 0.5 if lead <= 0xC6 else 0.2
    return 0.1 if lead else 0.0 if "\u4e00" <= character <= "\u9fff" else -0.5


def _weigh_japanese(character: str) -> float:
    if "\u3041" <= character <= "\u30ff":
        return 0.95
    if _sign(character):
        return 0.7
    common, traditional = _characters()
    if "\u4e00" <= character <= "\u9fff":
        return 0.7 if character in common or character in traditional else 0.35
    return -0.4


def _weigh_korean(character: str) -> float:
    if character in HANGUL:
        return 1.0
    if "\uac00" <= character <= "\ud7a3":
        return 0.8 if _lead(character, "euc_kr") else -0.2
    return 0.6 if _sign(character) else 0.1 if "\u4e00" <= character <= "\u9fff" else -0.4


WEIGHTS: dict[str, Callable[[str], float]] = {
    "gb18030": _weigh_simplified,
    "cp950": _weigh_traditional,
    "big5hkscs": _weigh_traditional,
    "cp932": _weigh_japanese,
    "cp949": _weigh_korean,
}
