"""Words: what texts are found by and what typed text finds, shown on real PostgreSQL."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.base.words import (
    MOST_LEXEMES,
    fold,
    initials_of,
    phone_tokens,
    similar,
    tokens,
    tsquery,
    tsvector,
)

ANY_TEXT = st.text(st.characters(), max_size=60)
SEARCHLIKE = st.text(st.sampled_from("ab'\\\"&|!<->():*~ .@_-+/0123张伟é’\x00\ud800,"), max_size=40)


def found(document: list[str], typed: str) -> bool:
    """Whether PostgreSQL finds a document of these tokens by what was typed."""
    with connection.cursor() as cursor:
        cursor.execute("select %s::tsvector @@ %s::tsquery", [tsvector([("A", document)]), tsquery(typed)])
        row = cursor.fetchone()
    assert row is not None
    return bool(row[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Alice CHEN alice", "alice chen"),
        ("Zürich Øresund", "zurich oresund"),
        ("Ａｃｍｅ １２", "acme 12"),
        ("张伟", "张 伟 张伟 zhangwei zw wei"),
        ("京", "京 jing"),
        ("上海远洋", "上 海 远 洋 上海 海远 远洋 shanghaiyuanyang shyy haiyuanyang hyy yuanyang yy yang"),
        (
            "bob.lee@north-wind.com",
            "bob.lee@north-wind.com lee@north-wind.com north-wind.com wind.com com bob lee north wind",
        ),
        ("O'Brien", "obrien brien o"),
        ("3M中国", "3m 中 国 中国 zhongguo zg guo"),
        ("カナ", "カ ナ カナ"),
    ],
)
def test_a_text_gives_these_tokens(text: str, expected: str) -> None:
    assert " ".join(tokens(text)) == expected


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("单雄信", ["danxiongxin", "shanxiongxin"]),
        ("曾国藩", ["cengguofan", "zengguofan"]),
        ("解缙", ["jiejin", "xiejin"]),
        ("仇英", ["chouying", "qiuying"]),
        ("区志强", ["quzhiqiang", "ouzhiqiang"]),
        ("查良镛", ["chaliangyong", "zhaliangyong"]),
        ("尉迟恭", ["weichigong", "yuchigong"]),
        ("万俟卨", ["wanqixie", "moqixie"]),
        ("吕布", ["lvbu", "lubu", "lyubu"]),
        ("重庆", ["chongqing", "zhongqing"]),
        ("招商银行", ["zhaoshangyinhang", "zhaoshangyinxing"]),
    ],
)
def test_characters_of_several_readings_are_found_by_each(name: str, readings: list[str]) -> None:
    assert [reading for reading in readings if reading in tokens(name)] == readings


def test_pinyin_starts_at_the_first_eight_characters_and_stops_after_forty_letters() -> None:
    found_tokens = tokens("上海上海上海上海上海上海")
    assert max(len(token) for token in found_tokens) == 40
    assert [token for token in found_tokens if token.startswith("sh") and len(token) < 13] == [
        "shshshshshsh",
        "shshshshsh",
        "shshshsh",
        "shshsh",
    ]


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+8613812344321", ["13812344321", "8613812344321", "~1234432183168"]),
        ("+862168884321;ext=12", ["2168884321", "862168884321", "~123488861268"]),
        ("+12025550147", ["2025550147", "12025550147", "~74105552021"]),
        ("+3531234567", ["1234567", "3531234567", "~7654321353"]),
        ("021-6888 4321", ["2168884321", "02168884321", "~12348886120"]),
        ("13812344321", ["13812344321", "~12344321831"]),
        ("", []),
        ("none", []),
    ],
)
def test_a_phone_gives_these_tokens(phone: str, expected: list[str]) -> None:
    assert phone_tokens(phone) == expected


def test_a_tsvector_keeps_each_word_once_with_its_best_weight() -> None:
    assert tsvector([("B", ["a", "it's"]), ("A", ["a"]), ("D", ["back\\slash"])]) == ("'a':1A 'it''s':1B 'back\\\\slash':1D")


def test_a_tsvector_of_too_many_words_keeps_the_heaviest() -> None:
    text = tsvector([("C", [f"c{n}" for n in range(600)]), ("A", ["best"]), ("D", ["worst"])])
    lexemes = text.split(" ")
    assert len(lexemes) == MOST_LEXEMES
    assert lexemes[0] == "'best':1A"
    assert lexemes[-1] == "'c398':1C"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", None),
        (" &|!():*'\\ ", None),
        ("\x00", None),
        ("Zhang", "'zhang':*"),
        ("zhang wei", "'zhang':* & 'wei':*"),
        ("上海远洋", "'上海' & '海远' & '远洋'"),
        ("张", "'张'"),
        ("张wei", "'张' & 'wei':*"),
        ("12", "'12':*"),
        ("138", "('138':* | '~831':*)"),
        ("+86 21-6888 4321", "('862168884321':* | '~123488861268':*)"),
        ("＋８６ １３８ １２３４", "('861381234':* | '~432183168':*)"),
        ("(021) 6888 4321", "('02168884321':* | '2168884321':* | '~1234888612':*)"),
        ("0086 138 1234 4321", "('8613812344321':* | '~1234432183168':*)"),
        ("bob@north", "'bob@north':*"),
        ("o'brien", "('obrien':* | ('o' & 'brien':*))"),
    ],
)
def test_typed_text_asks_for_this(typed: str, expected: str | None) -> None:
    assert tsquery(typed) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("张三", "zhangsan"),
        ("张三", "zhang san"),
        ("张三", "zs"),
        ("张三", "张三"),
        ("张三", "张"),
        ("张三", "san"),
        ("上海远洋物流有限公司", "远洋物流"),
        ("上海远洋物流有限公司", "yywl"),
        ("上海远洋物流有限公司", "yuanyangwu"),
        ("西安", "xi'an"),
        ("吕布", "Lü Bu"),
        ("成都银行", "chengduyinhang"),
        ("深圳长盈精密", "changying"),
        ("Jean Luc", "jean-luc"),
        ("Jean-Luc", "jean luc"),
        ("José Müller", "jose muller"),
        ("alice.chen@northwind.com", "northwind.com"),
        ("alice.chen@northwind.com", "chen@north"),
        ("alice.chen@northwind.com", "@northwind"),
        ("SO-2026-118", "so-2026-118"),
        ("SO-2026-118", "118"),
        ("SO-2026-118", "2026"),
        ("AT&T", "at&t"),
        ("C++", "c++"),
        ("서울전자", "전자"),
    ],
)
def test_this_text_is_found_by_typing_that(text: str, typed: str) -> None:
    assert found(tokens(text), typed)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["李四", "zhangsi", "zx", "三张", "san zhang li", "138"])
def test_another_name_is_not_found(typed: str) -> None:
    assert not found(tokens("张三"), typed)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    ["4321", "138", "13812344321", "+86 138 1234 4321", "138-1234-4321", "138 1234", "86138", "0086 138 1234 4321"],
)
def test_a_phone_is_found_by_its_first_and_last_digits(typed: str) -> None:
    assert found(phone_tokens("+8613812344321"), typed)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["1234", "139", "1381235", "43210"])
def test_a_phone_is_not_found_by_digits_in_its_middle(typed: str) -> None:
    assert not found(phone_tokens("+8613812344321"), typed)


@pytest.mark.django_db
@given(ANY_TEXT | SEARCHLIKE)
@settings(max_examples=400, deadline=None)
def test_whatever_is_typed_is_a_valid_query(typed: str) -> None:
    query = tsquery(typed)
    if query is not None:
        with connection.cursor() as cursor:
            cursor.execute("select numnode(%s::tsquery)", [query])
            assert (cursor.fetchone() or (0,))[0] > 0


@pytest.mark.django_db
@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.lists(ANY_TEXT | SEARCHLIKE))))
@settings(max_examples=200, deadline=None)
def test_whatever_the_tokens_their_vector_is_valid(parts: list[tuple[str, list[str]]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select length(%s::tsvector)", [tsvector(parts)])
        assert (cursor.fetchone() or (-1,))[0] <= MOST_LEXEMES


@pytest.mark.django_db
@given(st.text(st.sampled_from("张伟单重庆长ab1é. -@'"), min_size=1, max_size=12))
@settings(max_examples=300, deadline=None)
def test_every_text_is_found_by_itself(text: str) -> None:
    if tsquery(text) is not None:
        assert found(tokens(text) + phone_tokens(text), text)


@pytest.mark.django_db
def test_a_word_longer_than_postgresql_takes_is_found_by_itself() -> None:
    word = "ß" + "x" * 3000
    assert found(tokens(word), word)


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Café \t Ｎｏｉｒ ", "cafe noir"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("Łódź", "lodz"),
        ("한국", "한국"),
        ("ガ", "ガ"),
    ],
)
def test_folding_removes_case_accents_and_width(text: str, expected: str) -> None:
    assert fold(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Alice Chen", "AC"),
        ("陈雅丽", "陈"),
        ("Northwind Logistics", "NL"),
        ("Northwind Logistics, Inc.", "NL"),
        ("Northwind Ltd", "N"),
        ("Dr. Alice M. Chen", "AC"),
        ("Orchard & Sons", "OS"),
        ("O'Brien", "O"),
        ("éva szabó", "ÉS"),
        ("张伟 Wei", "张"),
        ("Inc.", "I"),
        ("3M", "3"),
        ("", "?"),
        ("😀", "?"),
    ],
)
def test_an_avatar_shows_these_initials(name: str, expected: str) -> None:
    assert initials_of(name) == expected


def test_a_typo_is_answered_with_the_nearest_names() -> None:
    assert similar("Stagge", ["amount", "Stage", "owner", "stages"]) == ["Stage", "stages"]
    assert similar("zzz", ["amount", "Stage"]) == []
    assert similar("amout", [f"amount{n}" for n in range(9)], limit=2) == ["amount0", "amount1"]
