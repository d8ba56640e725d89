"""How Chinese characters are read, in letters without tones, from a table made by tools/pinyin.py.

Characters are read one by one; pairs of characters that are read otherwise together (重庆, 银行)
come from the table too. Searching for what was read lives in words.
"""

import json
from pathlib import Path

_TABLE = json.loads(Path(__file__).with_name("pinyin.json").read_text(encoding="utf-8"))

_READINGS: dict[str, str] = {character: reading for reading, characters in _TABLE["readings"].items() for character in characters}
_PAIRS: dict[str, list[str]] = {pair: plain.split() for pair, plain in _TABLE["pairs"].items()}

# How a family name is read where that differs from the character's usual reading.
_FAMILY_READINGS: dict[str, tuple[str, ...]] = {
    "万俟": ("mo", "qi"),
    "尉迟": ("yu", "chi"),
    "澹台": ("tan", "tai"),
    "乐正": ("yue", "zheng"),
    "单": ("shan",),
    "曾": ("zeng",),
    "解": ("xie",),
    "仇": ("qiu",),
    "区": ("ou",),
    "查": ("zha",),
    "朴": ("piao",),
    "盖": ("ge",),
    "缪": ("miao",),
    "覃": ("qin",),
    "翟": ("zhai",),
    "阚": ("kan",),
    "卜": ("bu",),
    "乐": ("yue",),
    "召": ("shao",),
    "繁": ("po",),
    "员": ("yun",),
    "折": ("she",),
    "秘": ("bi",),
    "种": ("chong",),
    "薄": ("bo",),
    "隗": ("wei",),
    "郇": ("xun",),
    "谌": ("shen",),
    "祭": ("zhai",),
    "都": ("du",),
    "宓": ("fu",),
    "佴": ("nai",),
    "洗": ("xian",),
    "牟": ("mu",),
    "那": ("nuo",),
    "於": ("wu",),
}

# The other reading of characters that names of people and companies use with either.
_OTHER_READINGS = {
    "长": "chang",
    "重": "chong",
    "乐": "yue",
    "行": "hang",
    "都": "du",
    "藏": "zang",
    "朝": "zhao",
    "传": "zhuan",
    "厦": "xia",
    "盛": "cheng",
    "晟": "sheng",
    "茜": "xi",
    "率": "shuai",
    "柏": "bo",
    "蔚": "yu",
    "参": "shen",
    "会": "kuai",
    "调": "tiao",
    "省": "xing",
    "埔": "bu",
    "炅": "gui",
    "种": "chong",
}

_PAIR_STARTS = frozenset(pair[0] for pair in _PAIRS)
_TRICKY = frozenset(
    _PAIR_STARTS
    | set(_OTHER_READINGS)
    | {family[0] for family in _FAMILY_READINGS}
    | {character for character, reading in _READINGS.items() if "v" in reading}
)


def is_readable(character: str) -> bool:
    """Whether the table knows how this character is read."""
    return character in _READINGS


def pinyin(text: str) -> str:
    """The text with its Chinese characters read aloud, syllables apart: 上海 → "shang hai"."""
    syllables = _one_by_one(text)
    return " ".join(_in_pairs(text, syllables) or syllables)


def ways_to_read(run: str, *, is_name: bool = False) -> list[list[str]]:
    """Every plausible reading of a run of Chinese characters, one syllable a character.

    Most runs have one. A run with characters of several readings has up to four more, so that
    it is found however it is typed; with `is_name` the family name's own reading is among them.
    """
    usual = _one_by_one(run)
    if _TRICKY.isdisjoint(run):
        return [usual]
    paired = _in_pairs(run, usual)
    ways = [paired or usual]
    if paired:
        ways.append(usual)
    else:
        paired = usual
    other = [
        _OTHER_READINGS.get(character, syllable) if syllable == plain else syllable
        for character, syllable, plain in zip(run, paired, usual, strict=True)
    ]
    if other not in ways:
        ways.append(other)
    if is_name:
        family = _FAMILY_READINGS.get(run[:2]) or _FAMILY_READINGS.get(run[0])
        if family:
            named = [*family, *paired[len(family) :]]
            if named not in ways:
                ways.append(named)
    for way in ways[:2]:
        if any("v" in syllable for syllable in way):
            ways.append([syllable.replace("v", "u") for syllable in way])
            ways.append([syllable.replace("v", "yu") for syllable in way])
    return ways


def _one_by_one(run: str) -> list[str]:
    return [_READINGS.get(character, character) for character in run]


def _in_pairs(run: str, usual: list[str]) -> list[str] | None:
    """The readings corrected for pairs, or None where no pair says otherwise."""
    corrected: list[str] | None = None
    for start in range(len(run) - 1):
        if run[start] in _PAIR_STARTS:
            pair = _PAIRS.get(run[start : start + 2])
            if pair:
                corrected = corrected or usual.copy()
                corrected[start : start + 2] = pair
    return corrected
