"""The order of names: what people expect of a list, and the same in Python and in the database."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.base.ordering import ACCENTED, ALIKE, PLAIN, RARE, in_order
from guanxi.surfaces.forms.addresses import COMMON, territories


def from_database(names: list[str]) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name_order(name) FROM unnest(%s::text[]) WITH ORDINALITY AS given(name, place) ORDER BY place", [names])
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize(
    "names",
    [
        ["3M", "alpha", "Alpine", "ärger GmbH", "Bosch", "eBay", "Éclair", "Zeta", "zulu"],
        ["北京", "成都", "广州", "杭州", "南京", "上海", "深圳", "武汉", "西安"],
        ["陈明", "褚健", "丁一", "佟丽", "万方", "闫伟", "严伟", "张三", "赵四"],
        ["Acme", "Zeta", "安徽", "浙江", "中国"],
    ],
)
def test_names_stand_where_people_look_for_them(names: list[str]) -> None:
    shuffled = random.Random(7).sample(names, len(names))
    by_key = sorted(shuffled, key=lambda name: (in_order(name), name))
    alike = {"闫伟", "严伟"}
    assert [name for name in by_key if name not in alike] == [name for name in names if name not in alike]
    assert not alike <= set(names) or abs(by_key.index("闫伟") - by_key.index("严伟")) == 1


def test_each_rare_character_stands_with_a_common_one_and_each_letter_with_a_plain_one() -> None:
    assert len(RARE) == len(ALIKE) == len(set(RARE))
    assert len(ACCENTED) == len(PLAIN) == len(set(ACCENTED))
    assert all(0xB0 <= one.encode("gb2312")[0] <= 0xD7 for one in ALIKE)
    assert not set(RARE) & set(ALIKE)


@pytest.mark.django_db
@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12), max_size=20))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_has_its_place_in_the_database(names: list[str]) -> None:
    assert all(isinstance(one, bytes) for one in from_database(names))


@pytest.mark.django_db
def test_python_and_the_database_agree() -> None:
    names = ["Acme", "eBay", "Ärger", "ĄŻÓŁW", "闫伟", "张三", "重庆", "Müller & Söhne 你好", "😀", "𠮷野家", "かな", RARE, ACCENTED]
    assert from_database(names) == [in_order(name) for name in names]


@pytest.mark.parametrize(("language", "codes"), [("en", ["AX", "AL", "BR", "FR", "ZM"]), ("zh-hans", ["AL", "AX", "BR", "FR", "ZM"])])
def test_countries_stand_in_the_order_of_the_language_after_the_common_ones(language: str, codes: list[str]) -> None:
    told = [code for code in territories(language) if code not in COMMON]
    assert [code for code in told if code in codes] == [code for code in codes if code not in COMMON]
