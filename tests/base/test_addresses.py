"""Addresses: Chinese ones are taken apart by the table of divisions and put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.base.addresses import cities, districts, english_name, one_line, parse_address, provinces
from guanxi.base.divisions import divisions


def test_the_picker_goes_from_province_to_city_to_district() -> None:
    assert len(provinces()) == 31
    assert [province.name for province in provinces()][:3] == ["北京市", "天津市", "河北省"]
    assert [city.name for city in cities("海南省")][:4] == ["海口市", "三亚市", "三沙市", "儋州市"]
    assert [district.name for district in districts("厦门市")] == [
        "思明区",
        "海沧区",
        "湖里区",
        "集美区",
        "同安区",
        "翔安区",
    ]


def test_the_picker_takes_codes_and_short_names_too() -> None:
    assert cities("46") == cities("海南") == cities("海南省")
    assert districts("3502") == districts("厦门") == districts("厦门市")


def test_a_municipality_is_its_own_city() -> None:
    assert [(city.code, city.name) for city in cities("上海市")] == [("3101", "上海市")]
    assert len(districts("上海市")) == 16
    assert [district.name for district in districts("重庆市") if district.name.startswith("云阳")] == ["云阳县"]


def test_a_county_directly_under_its_province_stands_as_a_city_without_districts() -> None:
    assert "济源市" in [city.name for city in cities("河南省")]
    assert districts("济源市") == districts("东莞市") == []


def test_an_unknown_name_has_no_parts() -> None:
    assert cities("Bavaria") == districts("Munich") == cities("") == districts("") == []


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("上海市", "Shanghai"),
        ("陕西省", "Shaanxi"),
        ("山西省", "Shanxi"),
        ("内蒙古自治区", "Inner Mongolia"),
        ("广西壮族自治区", "Guangxi"),
        ("西安市", "Xi'an"),
        ("吕梁市", "Lüliang"),
        ("重庆市", "Chongqing"),
        ("厦门市", "Xiamen"),
        ("长治市", "Changzhi"),
        ("漯河市", "Luohe"),
        ("大兴安岭地区", "Daxing'anling"),
        ("恩施土家族苗族自治州", "Enshi"),
        ("彭水苗族土家族自治县", "Pengshui County"),
        ("浦东新区", "Pudong New Area"),
        ("长宁区", "Changning District"),
        ("闵行区", "Minhang District"),
        ("丰都县", "Fengdu County"),
        ("单县", "Shanxian County"),
        ("科尔沁左翼中旗", "Ke'erqinzuoyizhong Banner"),
    ],
)
def test_a_division_is_called_this_in_english(name: str, english: str) -> None:
    assert english_name(name) == english


PUDONG = {"country": "CN", "province": "上海市", "city": "上海市", "district": "浦东新区", "street": "东方路88号"}
NANSHAN = {"country": "CN", "province": "广东省", "city": "深圳市", "district": "南山区", "street": "科技园1栋"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("上海市浦东新区东方路88号", PUDONG),
        ("上海浦东新区东方路88号", PUDONG),
        ("上海市上海市浦东新区东方路88号", PUDONG),
        ("上海市市辖区浦东新区东方路88号", PUDONG),
        ("中国 上海市 浦东新区 东方路88号", PUDONG),
        ("中国，上海，浦东新区，东方路88号", PUDONG),
        ("200120 上海市浦东新区东方路88号", PUDONG | {"postcode": "200120"}),
        ("上海市浦东新区东方路88号（邮编：200120）", PUDONG | {"postcode": "200120"}),
        ("广东省深圳市南山区科技园1栋 518057", NANSHAN | {"postcode": "518057"}),
        ("广东深圳南山区科技园1栋", NANSHAN),
        ("深圳市南山区科技园1栋", NANSHAN),
        ("深圳南山区科技园1栋", NANSHAN),
        (
            "昆山市玉山镇",
            {"country": "CN", "province": "江苏省", "city": "苏州市", "district": "昆山市", "street": "玉山镇"},
        ),
        ("吉林市昌邑区", {"country": "CN", "province": "吉林省", "city": "吉林市", "district": "昌邑区"}),
        ("吉林省长春市朝阳区", {"country": "CN", "province": "吉林省", "city": "长春市", "district": "朝阳区"}),
        ("重庆市县云阳县", {"country": "CN", "province": "重庆市", "city": "重庆市", "district": "云阳县"}),
        (
            "海南藏族自治州共和县",
            {"country": "CN", "province": "青海省", "city": "海南藏族自治州", "district": "共和县"},
        ),
        ("内蒙古呼和浩特", {"country": "CN", "province": "内蒙古自治区", "city": "呼和浩特市"}),
        ("上海南京西路1号", {"country": "CN", "province": "上海市", "city": "上海市", "street": "南京西路1号"}),
        ("朝阳区建国路1号", {"text": "朝阳区建国路1号"}),
        ("北京东路12号", {"text": "北京东路12号"}),
        ("中山大道3号", {"text": "中山大道3号"}),
        ("中国银行大厦", {"text": "中国银行大厦"}),
        ("1 Main St, Springfield, IL 62701", {"text": "1 Main St, Springfield, IL 62701"}),
        (" ", {}),
    ],
)
def test_an_address_has_these_parts(text: str, parts: dict[str, str]) -> None:
    assert parse_address(text) == parts


ENGLISH = {"street": "1 Main St", "city": "Springfield", "province": "IL", "postcode": "62701", "country": "US"}


@pytest.mark.parametrize(
    ("address", "chinese", "english"),
    [
        (PUDONG, "上海市浦东新区东方路88号", "上海市浦东新区东方路88号"),
        (
            PUDONG | {"street": "", "postcode": "200120"},
            "上海市浦东新区 200120",
            "Pudong New Area, Shanghai 200120, China",
        ),
        (
            PUDONG | {"street": "88 Dongfang Road"},
            "上海市浦东新区88 Dongfang Road",
            "88 Dongfang Road, Pudong New Area, Shanghai, China",
        ),
        (ENGLISH, "1 Main St, Springfield, IL 62701, 美国", "1 Main St, Springfield, IL 62701, United States"),
        ({"text": "somewhere", "country": "Freedonia"}, "somewhere, Freedonia", "somewhere, Freedonia"),
        ({"country": "HK", "street": "中環皇后大道"}, "中国香港特别行政区中環皇后大道", "Hong Kong SAR China中環皇后大道"),
        ({}, "", ""),
    ],
)
def test_an_address_is_written_in_a_line(address: dict[str, str], chinese: str, english: str) -> None:
    assert one_line(address, "zh-hans") == chinese
    assert one_line(address, "en") == english


PLACES = [
    {"country": "CN", "province": at.province.name, "city": at.city.name, "district": district.name}
    for at in divisions().cities
    for district in at.districts
]


def test_every_district_is_found_again_in_the_line_it_is_written_in() -> None:
    assert len(PLACES) > 2900
    assert [place for place in PLACES if parse_address(one_line(place, "zh-hans")) != place] == []


@given(st.sampled_from(PLACES), st.text("东方路大道88号弄楼a ", max_size=8), st.sampled_from(["", "200120"]))
def test_a_written_address_is_read_back(place: dict[str, str], street: str, postcode: str) -> None:
    parts = place | {"street": " ".join(street.split()), "postcode": postcode}
    parts = {part: value for part, value in parts.items() if value}
    assert parse_address(one_line(parts, "zh-hans")) == parts


@given(st.text(max_size=30) | st.text("上海市浦东新区北京朝阳县吉林海南路中国 ,1", max_size=14))
def test_reading_what_was_written_changes_nothing(text: str) -> None:
    parts = parse_address(text)
    assert parse_address(one_line(parts, "zh-hans")) == parts
