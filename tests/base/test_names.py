"""Names: of people in their parts, of companies down to what tells them apart."""

import gzip
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guanxi.base.names import COMPOUND_FAMILY_NAMES, PersonName, company_core, full_name, split_name


@pytest.mark.parametrize(
    ("text", "prefix", "given", "family", "suffix"),
    [
        ("张伟", "", "伟", "张", ""),
        ("欧阳娜娜", "", "娜娜", "欧阳", ""),
        ("司马光", "", "光", "司马", ""),
        ("欧阳", "", "", "欧阳", ""),
        ("张", "", "", "张", ""),
        ("张 伟", "", "伟", "张", ""),
        ("张伟先生", "先生", "伟", "张", ""),
        ("张伟 先生", "先生", "伟", "张", ""),
        ("王总经理", "总经理", "", "王", ""),
        ("李总", "总", "", "李", ""),
        ("陈雅丽 Alice", "", "雅丽 Alice", "陈", ""),
        ("约翰·史密斯", "", "约翰", "史密斯", ""),
        ("阿卜杜拉•买买提", "", "阿卜杜拉", "买买提", ""),
        ("山田 太郎", "", "太郎", "山田", ""),
        ("山田たろう", "", "山田たろう", "", ""),
        ("김철수", "", "철수", "김", ""),
        ("남궁민", "", "민", "남궁", ""),
        ("Alice Chen", "", "Alice", "Chen", ""),
        ("Alice  Chen ", "", "Alice", "Chen", ""),
        ("Alice", "", "Alice", "", ""),
        ("Dr. Alice M. Chen", "Dr.", "Alice M.", "Chen", ""),
        ("Prof. Dr. Hans Müller", "Prof. Dr.", "Hans", "Müller", ""),
        ("Mr. Smith", "Mr.", "", "Smith", ""),
        ("Rev. Bob Reyes", "Rev.", "Bob", "Reyes", ""),
        ("Gen Sato", "", "Gen", "Sato", ""),
        ("Chen, Alice", "", "Alice", "Chen", ""),
        ("Chen, Ma", "", "Ma", "Chen", ""),
        ("Chen, Alice, Jr.", "", "Alice", "Chen", "Jr."),
        ("Alice Chen, PhD", "", "Alice", "Chen", "PhD"),
        ("Martin Luther King Jr.", "", "Martin Luther", "King", "Jr."),
        ("Ludwig van Beethoven", "", "Ludwig", "van Beethoven", ""),
        ("Maria de la Cruz", "", "Maria", "de la Cruz", ""),
        ("CHEN Wei", "", "Wei", "CHEN", ""),
        ("ALICE CHEN", "", "ALICE", "CHEN", ""),
        ("J. R. R. Tolkien", "", "J. R. R.", "Tolkien", ""),
        ("Alice 陈", "", "Alice", "陈", ""),
        ("", "", "", "", ""),
        (",", "", "", "", ""),
    ],
)
def test_a_persons_name_has_these_parts(text: str, prefix: str, given: str, family: str, suffix: str) -> None:
    assert split_name(text) == PersonName(prefix, given, family, suffix)


@pytest.mark.parametrize(
    ("given", "family", "language", "expected"),
    [
        ("伟", "张", "en", "张伟"),
        ("娜娜", "欧阳", "zh-hans", "欧阳娜娜"),
        ("约翰", "史密斯", "zh", "约翰·史密斯"),
        ("雅丽 Alice", "陈", "zh", "陈雅丽 Alice"),
        ("Alice", "Chen", "zh", "Alice Chen"),
        ("Alice", "陈", "zh", "陈 Alice"),
        ("Alice", "陈", "en", "Alice 陈"),
        ("", "Smith", "en", "Smith"),
        ("伟", "", "zh", "伟"),
        ("", "", "en", ""),
    ],
)
def test_a_whole_name_follows_its_script(given: str, family: str, language: str, expected: str) -> None:
    assert full_name(given, family, language) == expected


@given(
    st.sampled_from([*sorted(COMPOUND_FAMILY_NAMES - {"百里"}), *"王李张刘陈杨赵黄周吴"]),
    st.text("伟芳娜秀英敏静丽强磊", min_size=1, max_size=2),
)
def test_a_chinese_name_taken_apart_and_put_together_is_the_same(family: str, given: str) -> None:
    parts = split_name(family + given)
    assert (parts.family, parts.given) == (family, given)
    assert full_name(parts.given, parts.family, "zh") == family + given


@given(st.text(max_size=30) | st.text("张伟 Alice,.·Jr先生", max_size=20))
def test_any_text_has_parts(text: str) -> None:
    parts = split_name(text)
    assert all(part == part.strip() for part in parts)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("上海远洋物流有限公司", "远洋物流"),
        ("上海市远洋物流有限责任公司", "远洋物流"),
        ("远洋物流（上海）有限公司", "远洋物流"),
        ("北京市朝阳区远洋物流股份有限公司", "远洋物流"),
        ("广东省深圳市腾讯计算机系统有限公司", "腾讯计算机系统"),
        ("上海远洋物流有限公司北京分公司", "远洋物流"),
        ("上海远洋", "远洋"),
        ("上海银行股份有限公司", "上海银行"),
        ("中国银行", "中国银行"),
        ("浙江大学", "浙江大学"),
        ("南京路商店", "南京路商店"),
        ("阿里巴巴(中国)网络技术有限公司", "阿里巴巴网络技术"),
        ("深圳市红杉企业管理合伙企业（有限合伙）", "红杉企业管理"),
        ("三一集团", "三一"),
        ("公司", "公司"),
        ("上海", "上海"),
        ("Northwind Logistics, Inc.", "northwind logistics"),
        ("NORTHWIND LOGISTICS LLC", "northwind logistics"),
        ("Siemens (China) Co., Ltd.", "siemens"),
        ("Shanghai Ocean Logistics Co., Ltd.", "ocean logistics"),
        ("Shanghai Logistics Ltd", "shanghai logistics"),
        ("The Boeing Company", "boeing"),
        ("SARL Dupont", "dupont"),
        ("Nestlé S.A.", "nestle"),
        ("Müller GmbH & Co. KG", "muller"),
        ("Orchard & Sons", "orchard & sons"),
        ("AT&T Inc.", "at&t"),
        ("Inc.", "inc."),
        ("", ""),
    ],
)
def test_a_company_is_told_by_this(name: str, core: str) -> None:
    assert company_core(name) == core


def test_two_banks_of_two_cities_stay_two() -> None:
    assert company_core("上海银行股份有限公司") != company_core("北京银行股份有限公司")


@example("(" * 12 + "远洋" + ")" * 12)  # nested deeper than a fixed number of rounds would go
@given(st.text(max_size=30) | st.text("上海远洋物流有限公司分集团（）() co.ltd,", max_size=20))
def test_the_core_of_a_core_is_the_core(name: str) -> None:
    core = company_core(name)
    assert company_core(core) == core


def test_no_real_company_loses_its_whole_name(shared_data: Path) -> None:
    with gzip.open(shared_data / "cn_companies" / "company_short_forms.txt.gz", "rt", encoding="utf-8") as file:
        names = [line.strip() for line in file][::200]
    assert len(names) > 1300
    assert [name for name in names if name and len(company_core(name)) < min(2, len(name))] == []
