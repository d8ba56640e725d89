"""Write src/guanxi/base/pinyin.json: how Chinese characters are read, without tones.

Run by hand when pypinyin (MIT) has better readings: `python tools/pinyin.py`. The product
reads only the file: importing pypinyin costs a process 57 MB and a third of a second.
"""

import json
from pathlib import Path

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

TARGET = Path(__file__).parent.parent / "src/guanxi/base/pinyin.json"

# Readings where pypinyin's first choice is not the one people type.
CORRECTED = {"漯": "luo", "涿": "zhuo"}
# Pairs pypinyin lacks, from names of places and trades, by their own reading.
ADDED = {
    "东阿": "dong e",
    "乐亭": "lao ting",
    "乐清": "yue qing",
    "会稽": "kuai ji",
    "伽师": "jia shi",
    "克什": "ke shi",
    "六合": "lu he",
    "勐腊": "meng la",
    "单县": "shan xian",
    "南乐": "nan le",
    "图什": "tu shi",
    "塔什": "ta shi",
    "大埔": "da bu",
    "大城": "dai cheng",
    "尉犁": "yu li",
    "朝阳": "chao yang",
    "民乐": "min le",
    "泊头": "bo tou",
    "洪洞": "hong tong",
    "浚县": "xun xian",
    "涡阳": "guo yang",
    "珲春": "hun chun",
    "荥经": "ying jing",
    "莘县": "shen xian",
    "莘庄": "xin zhuang",
    "蔚县": "yu xian",
    "重工": "zhong gong",
    "铅山": "yan shan",
    "闵行": "min hang",
    "黄陂": "huang pi",
    "乌什": "wu shi",
    "什邡": "shi fang",
    "漯河": "luo he",
    "宕昌": "tan chang",
    "崆峒": "kong tong",
    "浒墅": "xu shu",
    "子长": "zi chang",
    "天长": "tian chang",
    "曾都": "zeng du",
}
# Second characters of places that begin with 长 (chang), both sides of places with 都 (du).
AFTER_CHANG = "海岭白宁丰清垣葛阳洲顺武治泰江城春沙安兴乐汀寿"
BEFORE_DU = "昌襄信望尧昆商盐江莲宁于殷魏宜花丰新郫三秦武成"
AFTER_DU = "江昌安匀兰市会"


def first_readings() -> dict[str, str]:
    """Each character's usual reading; characters without a letter in it are left out."""
    readings = {}
    for code in sorted(PINYIN_DICT):
        character = chr(code)
        reading = lazy_pinyin(character, style=Style.NORMAL)[0]
        if reading.isascii() and reading.isalpha():
            readings[character] = CORRECTED.get(character, reading)
    return readings


def differing_pairs(readings: dict[str, str]) -> dict[str, str]:
    """Two-character words that are not read as their characters are one by one."""
    pairs = dict(ADDED)
    pairs |= {"长" + other: "chang " + readings[other] for other in AFTER_CHANG}
    pairs |= {"都" + other: "du " + readings[other] for other in AFTER_DU}
    pairs |= {other + "都": readings[other] + " du" for other in BEFORE_DU}
    for phrase, tones in PHRASES_DICT.items():
        if len(phrase) == 2 and all(character in readings for character in phrase):
            plain = " ".join(to_normal(reading[0]) for reading in tones)
            if plain.replace(" ", "").isascii():
                pairs.setdefault(phrase, plain)
    usual = {pair: " ".join(readings[character] for character in pair) for pair in pairs}
    return {pair: plain for pair, plain in sorted(pairs.items()) if plain != usual[pair]}


def main() -> None:
    """Write the file and say how much is in it."""
    readings = first_readings()
    by_syllable: dict[str, str] = {}
    for character, reading in readings.items():
        by_syllable[reading] = by_syllable.get(reading, "") + character
    pairs = differing_pairs(readings)
    content = {"readings": dict(sorted(by_syllable.items())), "pairs": pairs}
    TARGET.write_text(
        json.dumps(content, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n",
        encoding="utf-8",
    )
    print(f"{TARGET}: {len(readings)} characters, {len(pairs)} pairs")


if __name__ == "__main__":
    main()
