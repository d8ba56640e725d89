"""Names of people in their parts, and the part of a company's name that tells it from others."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from guanxi.base.divisions import divisions, english_name
from guanxi.base.words import fold


class PersonName(NamedTuple):
    """A person's name in its parts; a part that was not written is empty."""

    prefix: str
    given: str
    family: str
    suffix: str = ""


COMPOUND_FAMILY_NAMES = frozenset(
    {"欧阳", "司马", "上官", "诸葛", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政"}
    | {"濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "闾丘", "亓官", "司寇"}
    | {"颛孙", "端木", "巫马", "公西", "漆雕", "乐正", "壤驷", "公良", "拓跋", "夹谷", "宰父", "谷梁", "段干", "百里", "东郭", "南门"}
    | {"呼延", "羊舌", "微生", "梁丘", "左丘", "东门", "西门", "令狐", "轩辕", "第五", "太史", "淳于", "完颜", "纳兰", "百里", "西陵"}
    | {"남궁", "황보", "제갈", "선우", "독고", "사공", "서문"}
)
"""Chinese and Korean family names of two characters."""

_CJK = "\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff\U00020000-\U0003ffff"
_HAS_CJK = re.compile(f"[{_CJK}]")
_ALL_CJK = re.compile(f"[{_CJK}々]+")
_KANA = re.compile("[\u3040-\u30ff]")
_FOREIGN_DOT = re.compile(r"[·•・‧]")
_TITLES_AFTER = re.compile(
    "(先生|女士|小姐|太太|夫人|同志|老师|教授|博士|医生|律师|经理|总经理|总监|主任|主管|董事长|局长|处长|科长|总|董|工|さん|様|씨|님)$"
)
_PREFIXES = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lord", "lady", "herr", "frau", "mme", "mlle"}
)
_PREFIXES_WITH_DOT = frozenset({"rev", "hon", "capt", "col", "gen", "lt", "maj", "sgt", "hr", "fr", "sr", "sra", "ing", "dipl"})
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "esq", "cpa", "cfa", "msc", "bsc", "dds", "jd", "llm", "obe"})
_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le", "lo", "ten", "ter"}
    | {"zu", "zum", "zur", "af", "av", "al", "el", "bin", "ibn", "ben", "st", "st.", "mac", "o'"}
)


def split_name(text: str) -> PersonName:
    """A person's name in its parts.

    Characters: family name first (欧阳娜娜 → 欧阳, 娜娜), titles after it (张伟先生), foreign names by
    their dot (约翰·史密斯). Letters: given names first, unless a comma (Chen, Alice) or capitals
    (CHEN Wei) mark the family name; particles belong to it (van Beethoven). A lone word is the given
    name, after a title the family name (Mr. Smith).
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    words = name.split(" ")
    if _ALL_CJK.fullmatch(words[0]) or (_FOREIGN_DOT.search(words[0]) and _HAS_CJK.match(name)):
        return _split_characters(words[0], " ".join(words[1:]))
    return _split_letters(name)


def _split_characters(first: str, rest: str) -> PersonName:
    if _FOREIGN_DOT.search(first):
        given, family = re.split(_FOREIGN_DOT, first)[0], _FOREIGN_DOT.split(first, maxsplit=1)[1]
        return PersonName("", " ".join(filter(None, [given, rest])), family)
    if rest and _ALL_CJK.fullmatch(rest) and not _TITLES_AFTER.fullmatch(rest):
        return PersonName("", rest, first)
    title = _TITLES_AFTER.search(rest or first)
    prefix = ""
    if title and (rest or title.start() > 0) and (len(title[1]) > 1 or len(first) == 2):
        prefix = title[1]
        first, rest = (first, rest[: title.start()].strip()) if rest else (first[: title.start()], "")
    family = first[:2] if first[:2] in COMPOUND_FAMILY_NAMES else first[:1]
    if _KANA.search(first):  # where a Japanese family name ends cannot be seen
        return PersonName(prefix, " ".join(filter(None, [first, rest])), "")
    return PersonName(prefix, " ".join(filter(None, [first[len(family) :], rest])), family)


def _split_letters(name: str) -> PersonName:
    before, comma, after = name.partition(",")
    suffix = ""
    if comma and after.strip() and all(_bare(word) in _SUFFIXES for word in after.replace(",", " ").split()):
        name, suffix = before.strip(), after.strip()
    words = name.replace(",", " , ").split()
    prefix: list[str] = []
    while len(words) > 1 and _is_prefix(words[0]):
        prefix.append(words.pop(0))
    while len(words) > 2 and _bare(words[-1]) in _SUFFIXES:
        suffix = " ".join(filter(None, [words.pop(), suffix]))
        if words[-1] == ",":
            words.pop()
    if prefix and len(words) == 1:
        return PersonName(" ".join(prefix), "", words[0], suffix)
    given, family = _given_and_family(words)
    return PersonName(" ".join(prefix), given, family, suffix)


def _is_prefix(word: str) -> bool:
    bare = _bare(word)
    return bare in _PREFIXES or (word.endswith(".") and bare in _PREFIXES_WITH_DOT)


def _given_and_family(words: list[str]) -> tuple[str, str]:
    if "," in words:
        at = words.index(",")
        return " ".join(word for word in words[at:] if word != ","), " ".join(words[:at])
    if len(words) < 2:
        return " ".join(words), ""
    loud = [word for word in words if len(word) > 1 and word.isupper() and "." not in word]
    if loud and len(loud) < len(words) and words[: len(loud)] == loud:
        return " ".join(words[len(loud) :]), " ".join(loud)
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in _PARTICLES:
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


def _bare(word: str) -> str:
    return word.replace(".", "").casefold()


def full_name(given: str, family: str, language: str = "") -> str:
    """A whole name in the order of its script: 张伟, 约翰·史密斯, Alice Chen.

    Characters go family first without a space whatever the reader's language; where only one part is
    in characters, a Chinese reader's order puts the family name first too.
    """
    given, family = given.strip(), family.strip()
    if not given or not family:
        return given or family
    if _HAS_CJK.match(family) and _HAS_CJK.match(given):
        first_name = given.partition(" ")[0]
        if len(family) > 2 and not _KANA.search(family) and _ALL_CJK.fullmatch(first_name):
            return f"{given}·{family}"
        return family + given
    if _HAS_CJK.match(family) and language[:2] == "zh":
        return f"{family} {given}"
    return f"{given} {family}"


_HAN = re.compile("[\u3400-\u9fff]")
_SPACE_IN_CHINESE = re.compile("(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_BRANCH = re.compile("(有限(?:责任)?公司|集团|股份公司).{2,12}(?:分公司|分行|办事处|代表处|营业部)$")
_CHINESE_FORM = re.compile(
    r"(?:集团|控股)?(?:股份)?有限(?:责任)?(?:总)?公司$|(?:股份|集团|控股|总|分|子)?公司$|\(?(?:有限|普通|特殊普通)合伙\)?$|合伙企业$|集团$"
    r"|个体工商户$"
)
_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
# Names made of these alone tell no company from another: 上海银行 keeps its 上海.
_TRADES = re.compile(
    "(?:银行|农商|商业|航空|机场|地铁|电力|石油|石化|移动|联通|电信|铁路|港口|物流|贸易|商贸|科技|信息|技术|实业|投资|发展|建设|工程|建筑|房地产"
    "|置业|汽车|电子|机械|医药|医院|食品|服装|纺织|化工|能源|电气|环保|文化|传媒|广告|教育|旅游|酒店|餐饮|服务|咨询|管理|资产|证券|保险|基金"
    "|信托|大学|学院|研究院|研究所|国际|进出口|供应链|网络|软件|智能|数据|设备|材料|钢铁|农业|生物|水务|燃气|公交|出版社|日报|集团|制药"
    "|药业|重工|电视台|图书馆|博物馆|电器|纸业|乳业|啤酒|轮胎|客车|通信|通讯|唱片|电影|烟草|邮政|人寿|分公司)+"
)
_OTHER_NAME = re.compile("[路街道巷区县市镇乡村]")
_ENGLISH_FORMS = frozenset(
    {"inc", "incorporated", "ltd", "limited", "llc", "llp", "lp", "plc", "co", "company", "corp", "corporation", "gmbh", "ag"}
    | {"kg", "kgaa", "ohg", "ug", "ev", "se", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "oy", "oyj", "ab", "as", "asa", "aps"}
    | {"pty", "pte", "pvt", "private", "kk", "bhd", "sdn", "tbk", "sl", "slu", "ltda", "sp", "zoo", "doo", "kft", "zrt", "sro"}
)
_FORMS_IN_FRONT = frozenset({"sarl", "sas", "pt", "ooo", "ооо", "зао", "the"})
_COUNTRIES = frozenset(
    {"china", "prc", "hong kong", "hk", "macau", "taiwan", "asia", "asia pacific", "apac", "usa", "us", "uk", "europe", "emea"}
    | {"japan", "korea", "singapore", "germany", "france", "india", "international", "global", "greater china"}
    | {"中国", "香港", "澳门", "台湾", "亚太", "亚洲", "大中华区", "国际", "全球", "美国", "日本", "韩国", "新加坡", "德国", "法国", "英国"}
)


def company_core(name: str) -> str:
    """What tells a company from others: 上海远洋物流有限公司 → 远洋物流, Northwind Logistics, Inc. → northwind logistics.

    Folded, without legal form, branch and the place it begins with or has in brackets. A name that
    would have nothing of its own left keeps its place (上海银行).
    """
    folded = fold(name)
    core, before = folded, ""
    while core != before:  # forms, places and brackets come nested; each round takes some off and never adds any
        core, before = _peeled(core), core
    return core or folded


def _peeled(name: str) -> str:
    name = _BRACKETS.sub(_kept_of_brackets, name)
    name = _SPACE_IN_CHINESE.sub("", " ".join(re.sub("[,，、]", " ", name).split()))
    if _HAN.search(name):
        name = _BRANCH.sub(r"\1", name)
        name = _without_chinese_place(_CHINESE_FORM.sub("", name).strip() or name)
    words = name.split(" ")
    while len(words) > 1 and _form(words[-1]) in _ENGLISH_FORMS | {"&", "and", "-"}:
        words.pop()
    while len(words) > 1 and _form(words[0]) in _FORMS_IN_FRONT:
        words.pop(0)
    if len(words) > 2 and words[0] in _english_places():
        words.pop(0)
    return " ".join(words)


def _form(word: str) -> str:
    return word.replace(".", "").strip("'\"") or word


def _kept_of_brackets(match: re.Match[str]) -> str:
    inside = match[1].strip()
    is_place = inside in _COUNTRIES or inside in _english_places() or _place_length(inside) == len(inside)
    is_form = bool(_CHINESE_FORM.fullmatch(inside)) or _form(inside) in _ENGLISH_FORMS
    return " " if is_place or is_form else f" {inside} "


def _without_chinese_place(name: str) -> str:
    length = 2 if name.startswith("中国") else _place_length(name)
    rest = name[length:].strip()
    keeps_place = len(rest) < 2 or _TRADES.fullmatch(rest) or _OTHER_NAME.match(rest)
    return rest if length and not keeps_place else name


def _place_length(name: str) -> int:
    """How many characters at the start name a province, city or district."""
    places = _chinese_places()
    return next((length for length in range(min(12, len(name)), 1, -1) if name[:length] in places), 0)


@lru_cache(maxsize=1)
def _chinese_places() -> frozenset[str]:
    table = divisions()
    whole = {at.city.name for at in table.cities} | set(table.districts_by_name)
    # Prefectures are not said short in names of companies: 阿里 is one.
    short = {at.city.short for at in table.cities if at.city.name.endswith("市")}
    return frozenset(whole | short | {name for one in table.provinces for name in (one.name, one.short)})


@lru_cache(maxsize=1)
def _english_places() -> frozenset[str]:
    table = divisions()
    named = [*table.provinces, *(at.city for at in table.cities)]
    return frozenset(fold(english_name(division.name)) for division in named)
