"""Columns get the field that their vendor meant; names are matched without guessing silently."""

import csv
import datetime as dt
import io
import json
import random
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from guanxi.surfaces.imports.looks import parse_date, parse_number
from guanxi.surfaces.imports.mapping import REASONS, Match, Proposal, Target, column_format, guess_entity, match_names, propose
from guanxi.surfaces.imports.reading import inspect
from guanxi.surfaces.imports.vocabulary import entities, normalised


def targets(entity: str, described: str) -> list[Target]:
    """Fields from lines such as `phones/mobile: phones` or `name*: text Name|名称` (* required)."""
    found = []
    for line in described.strip().splitlines():
        place, said = line.strip().split(": ", 1)
        kind, _, labels = said.partition(" | ")
        name, _, part = place.rstrip("*").partition("/")
        first, *others = (labels or name.replace("_", " ").capitalize()).split("|")
        found.append(Target(entity, name, f"{part} {first}" if part else first, tuple(others), kind, place.endswith("*"), part or None))
    return found


REACH = """
phones: phones | Phones|电话
phones/mobile: phones | Phones
phones/work: phones | Phones
phones/home: phones | Phones
phones/fax: phones | Phones
phones/other: phones | Phones
emails: e-mails | E-mails|邮箱
emails/work: e-mails | E-mails
emails/home: e-mails | E-mails
address/country: address
address/province: address
address/city: address
address/district: address
address/street: address
address/postcode: address
address/text: address
tags: tags | Tags|标签
source: choice | Source|来源
owner: user | Owner|负责人
external_id: text | External key
id: whole number | Guanxi number|Guanxi 编号
"""
ACCOUNTS = targets(
    "accounts",
    "name*: text | Name|名称\nrelationship: choice\nindustry: choice | Industry|行业\nparent: link | Part of|上级\nemployees: whole number"
    "\nrevenue: money | Yearly revenue\nfounded: year\nwebsite: url\nregistration_number: registration number\ndescription: long text"
    + REACH,
)
CONTACTS = targets(
    "contacts",
    "name*: text | Name|姓名\ngiven: text | Given name|名\nfamily: text | Family name|姓\nprefix: text | Form of address"
    "\naccount: link | Account|客户\ntitle: text | Job title|职务\ndepartment: text\nreports_to: link\nbirthday: date"
    "\nfamily_notes: long text\ninterests: long text\nnotes: long text" + REACH,
)
DEALS = targets(
    "deals",
    "name*: text\naccount: link\ncontact: link\nproduct: link\npipeline: link\nstage*: link\namount: money\ncurrency: currency"
    "\nprobability: percent\nopened_on: date | Opened\ncloses_on: date | Closes\nclosed_on: date | Closed\nloss_reason: link | Reason lost"
    "\nnext_step: text\ndescription: long text\nowner: user\nsource: choice\nexternal_id: text | External key",
)
PRODUCTS = targets("products", "name*: text\ncode: text\nfamily: text\nprice: money | List price\nunit: text\ncurrency: currency")
ACTIVITIES = targets(
    "activities",
    "subject: text\nkind: choice\naccount: link\ncontact: link\ndeal: link\ndue_at: moment | Due\ndone_at: moment | Done\nresult: choice"
    "\nduration: duration\nbody: long text | What happened\nowner: user\nexternal_id: text | External key",
)
USERS = targets("users", "name*: text\nemail: e-mail | E-mail\nteam: link\ntitle: text | Job title\nphone: phone")
ALL = {"accounts": ACCOUNTS, "contacts": CONTACTS, "deals": DEALS, "products": PRODUCTS, "activities": ACTIVITIES, "users": USERS}


def placed(columns: Sequence[str], entity: str, samples: Sequence[Sequence[object]] = ()) -> dict[str, str]:
    """{column: place} of what is proposed."""
    return {one.column: one.target.place for one in propose(columns, samples, ALL[entity]) if one.target}


# ── Every export of another system ────────────────────────────────────────────────────────────────────

EXPECTED = {
    "cn_crm_customers_gbk": (
        "accounts",
        "客户名称=name 手机=phones/mobile 电话=phones 地址=address/text 备注=description 来源=source"
        " 客户行业=industry 客户类型=relationship 归属人=owner",
    ),
    "european_semicolon_cp1250": ("contacts", "Jméno=given Příjmení=family E-mail=emails Telefon=phones Firma=account"),
    "google_contacts_2024": (
        "contacts",
        "First_Name=given Last_Name=family Name_Prefix=prefix File_As=name Organization_Name=account Organization_Title=title"
        " Organization_Department=department Birthday=birthday Notes=notes Labels=tags E-mail_1_-_Value=emails E-mail_2_-_Value=emails"
        " Phone_1_-_Value=phones Phone_2_-_Value=phones Address_1_-_Street=address/street Address_1_-_City=address/city"
        " Address_1_-_Region=address/province Address_1_-_Postal_Code=address/postcode Address_1_-_Country=address/country",
    ),
    "google_contacts_old": (
        "contacts",
        "Name=name Given_Name=given Family_Name=family Name_Prefix=prefix Birthday=birthday Hobby=interests Notes=notes"
        " Group_Membership=tags"
        " E-mail_1_-_Value=emails E-mail_2_-_Value=emails E-mail_3_-_Value=emails Phone_1_-_Value=phones Phone_2_-_Value=phones"
        " Phone_3_-_Value=phones Address_1_-_Street=address/street Address_1_-_City=address/city Address_1_-_Region=address/province"
        " Address_1_-_Postal_Code=address/postcode Address_1_-_Country=address/country Organization_1_-_Name=account"
        " Organization_1_-_Title=title Organization_1_-_Department=department",
    ),
    "hubspot_companies": (
        "accounts",
        "Record_ID=external_id Company_name=name Website_URL=website Company_owner=owner Legal_entity_address=address/text",
    ),
    "hubspot_contacts": (
        "contacts",
        "Record_ID=external_id First_Name=given Last_Name=family Email=emails Phone_Number=phones Mobile_Phone_Number=phones/mobile"
        " Job_Title=title Company_Name=account Contact_owner=owner Country/Region=address/country Original_Source=source",
    ),
    "hubspot_deals": (
        "deals",
        "Record_ID=external_id Deal_Name=name Deal_Stage=stage Pipeline=pipeline Amount=amount Close_Date=closes_on Deal_owner=owner"
        " Associated_Company=account Associated_Contact_IDs=contact",
    ),
    "linkedin_connections": ("contacts", "First_Name=given Last_Name=family Email_Address=emails Company=account Position=title"),
    "pipedrive_deals_fields": (
        "deals",
        "Deal_-_Title=name Deal_-_Value=amount Organization=account Contact_person=contact Deal_-_Owner=owner Deal_-_Stage_(pipeline)=stage"
        " Deal_-_Expected_close_date=closes_on Deal_-_Currency_of_value=currency Deal_-_Closed_on=closed_on"
        " Deal_-_Lost_reason=loss_reason Deal_-_Probability=probability Deal_-_Pipedrive_System_ID=external_id",
    ),
    "pipedrive_import_sample": (
        "deals",
        "Person_-_Name*=contact Organization_-_Name*=account Deal_-_Title=name Deal_-_Value=amount Note_-_Content*=description"
        " Product_-_Name*=product",
    ),
    "salesforce_account_export": (
        "accounts",
        "Id=external_id Name=name Type=relationship ParentId=parent BillingStreet=address/street BillingCity=address/city"
        " BillingState=address/province BillingPostalCode=address/postcode BillingCountry=address/country Phone=phones Fax=phones/fax"
        " Website=website Industry=industry AnnualRevenue=revenue NumberOfEmployees=employees Description=description OwnerId=owner"
        " AccountSource=source DunsNumber=registration_number YearStarted=founded",
    ),
    "salesforce_contact_export": (
        "contacts",
        "Id=external_id AccountId=account LastName=family FirstName=given Salutation=prefix Name=name MailingStreet=address/street"
        " MailingCity=address/city MailingState=address/province MailingPostalCode=address/postcode MailingCountry=address/country"
        " Phone=phones Fax=phones/fax MobilePhone=phones/mobile HomePhone=phones/home OtherPhone=phones/other AssistantPhone=phones/other"
        " ReportsToId=reports_to Email=emails Title=title Department=department LeadSource=source Birthdate=birthday Description=notes"
        " OwnerId=owner",
    ),
    "salesforce_leads_report": (
        "contacts",
        "Lead_Source=source First_Name=given Last_Name=family Email=emails Phone=phones Owner_Alias=owner",
    ),
    "zoho_accounts": (
        "accounts",
        "Record_Id=external_id Account_Name=name Website=website Phone=phones Industry=industry Account_Owner=owner",
    ),
}
OUTLOOK = ("outlook_com_people", "outlook_desktop_en", "outlook_desktop_zh_gbk")


@pytest.mark.parametrize("name", EXPECTED)
def test_the_columns_of_an_export_go_where_they_belong_and_the_others_are_left(shared_data: Path, name: str) -> None:
    entity, pairs = EXPECTED[name]
    found = inspect(shared_data / "importer_headers" / f"{name}.csv")

    proposals = propose(found.columns, found.samples, ALL[entity])

    expected = dict(pair.replace("_", " ").rsplit("=", 1) for pair in pairs.split())
    got = {one.column: one.target.place.replace("_", " ") for one in proposals if one.target}
    assert got == expected
    assert [one.column for one in proposals] == list(found.columns)
    assert guess_entity(found.columns)[0][0] == ("contacts" if name == "pipedrive_import_sample" else entity)


@pytest.mark.parametrize("name", OUTLOOK)
def test_outlook_keeps_the_address_that_is_filled_and_every_phone(shared_data: Path, name: str) -> None:
    found = inspect(shared_data / "importer_headers" / f"{name}.csv")

    got = placed(found.columns, "contacts", found.samples)

    chinese = name.endswith("zh_gbk")
    street, mobile, fax, company = (
        ("商务地址 街道", "移动电话", "商务传真", "单位") if chinese else ("Business Street", "Mobile Phone", "Business Fax", "Company")
    )
    assert [got[one] for one in (street, mobile, fax, company)] == ["address/street", "phones/mobile", "phones/fax", "account"]
    assert {column for column, place in got.items() if place.startswith("address")} == {
        column for column in got if column.startswith(("Business", "商务地址")) and got[column].startswith("address")
    }
    assert sum(place.startswith("phones") for place in got.values()) >= 15
    assert guess_entity(found.columns)[0][0] == "contacts"


@pytest.mark.parametrize(
    ("name", "entity", "pairs"),
    [
        (
            "crm_sales_opportunities/accounts.csv",
            "accounts",
            "account=name sector=industry year_established=founded revenue=revenue employees=employees subsidiary_of=parent",
        ),
        ("crm_sales_opportunities/products.csv", "products", "product=name series=family sales_price=price"),
        ("crm_sales_opportunities/sales_teams.csv", "users", "sales_agent=name manager=team"),
        (
            "crm_sales_opportunities/sales_pipeline.csv",
            "deals",
            "opportunity_id=external_id sales_agent=owner product=product account=account deal_stage=stage engage_date=opened_on"
            " close_date=closes_on close_value=amount",
        ),
        (
            "callcentre/CRMCallCenterLogs.csv",
            "activities",
            "Date_received=done_at call_id=external_id type=kind outcome=result ser_time=duration ser_start=due_at",
        ),
        (
            "cn_companies/cn_service_companies.csv",
            "accounts",
            "industry=industry organization=name phones=phones emails=emails url=website",
        ),
    ],
)
def test_the_columns_of_a_data_set_go_where_they_belong(shared_data: Path, name: str, entity: str, pairs: str) -> None:
    found = inspect(shared_data / name)

    assert placed(found.columns, entity, found.samples) == dict(pair.split("=") for pair in pairs.split())
    if name != "cn_companies/cn_service_companies.csv":
        assert guess_entity(found.columns)[0][0] == entity


def test_every_column_of_every_export_is_mapped_or_says_why_not(shared_data: Path) -> None:
    headers = json.loads((shared_data / "importer_headers" / "headers.json").read_text("utf-8"))
    unknown = []
    for name, said in headers.items():
        entity = guess_entity(said["columns"])[0][0]
        proposals = propose(said["columns"], [], ALL[entity])
        assert [one.index for one in proposals] == list(range(len(said["columns"])))
        assert all((one.target is None) == (one.confidence == 0) and one.reason in REASONS for one in proposals)
        unknown += [(name, one.column) for one in proposals if one.reason == "unknown"]
    assert unknown == []


# ── Rules of a proposal ───────────────────────────────────────────────────────────────────────────────


def test_a_field_takes_one_column_and_a_list_takes_all() -> None:
    proposals = propose(["Company", "Company Name", "Mobile", "Cell phone", "Email", "Work email"], [], ACCOUNTS)

    assert [(one.target.place if one.target else None, one.reason) for one in proposals] == [
        (None, "taken"),
        ("name", "vendor name"),
        ("phones/mobile", "vendor name"),
        ("phones/mobile", "vendor name"),
        ("emails", "vendor name"),
        ("emails/work", "vendor name"),
    ]


def test_another_systems_id_is_never_our_number() -> None:
    for name in ("Id", "ID", "Record ID", "编号", "Number"):
        found = propose([name, "Company", "Phone"], [["17", "Acme", "010-65550100"]], ACCOUNTS)[0]
        assert found.target is None or found.target.field == "external_id"

    ours = propose(["Guanxi 编号", "名称", "id"], [["17", "甲公司", "A-1"]], ACCOUNTS)
    assert [one.target.place if one.target else None for one in ours] == ["id", "name", "external_id"]


def test_values_that_contradict_a_name_lower_the_confidence() -> None:
    good = propose(["Email"], [["a@example.com"], ["b@example.com"]], CONTACTS)[0]
    bad = propose(["Email"], [["yes"], ["no"]], CONTACTS)[0]

    assert (good.target, bad.target) == (CONTACTS[[one.place for one in CONTACTS].index("emails")],) * 2
    assert bad.confidence < 0.6 < good.confidence


def test_a_column_without_a_telling_name_is_known_by_its_values() -> None:
    columns = ["Column A", "Feld 7", "Zeug", "Key"]
    samples = [["x", "anna@example.com", "+49 170 5550100", "1234567"], ["y", "ben@example.com", "0171 5550101", "2345678"]]

    proposals = propose(columns, samples, CONTACTS)

    assert [(one.target.place if one.target else None, one.reason) for one in proposals] == [
        (None, "unknown"),
        ("emails", "looks like email"),
        ("phones", "looks like phone"),
        (None, "unknown"),
    ]


def test_a_full_name_beside_its_parts_is_left_unless_it_is_required() -> None:
    columns = ["Full name", "First name", "Last name"]
    optional = [Target("contacts", one.field, one.label, one.labels, one.kind, False, one.part) for one in CONTACTS]

    assert [one.reason for one in propose(columns, [], optional)] == ["in parts", "vendor name", "vendor name"]
    assert [one.target.place for one in propose(columns, [], CONTACTS) if one.target] == ["name", "given", "family"]


def test_a_file_about_several_kinds_is_divided_among_them() -> None:
    columns = ["Person - Name*", "Person - Phone", "Organization - Name*", "Organization - Address", "Deal - Title", "Deal - Value"]

    got = {one.column: (one.target.entity, one.target.place) for one in propose(columns, [], [*CONTACTS, *ACCOUNTS, *DEALS]) if one.target}

    assert got == {
        "Person - Name*": ("contacts", "name"),
        "Person - Phone": ("contacts", "phones"),
        "Organization - Name*": ("accounts", "name"),
        "Organization - Address": ("accounts", "address/text"),
        "Deal - Title": ("deals", "name"),
        "Deal - Value": ("deals", "amount"),
    }


def test_a_column_about_another_kind_of_record_is_left() -> None:
    proposal = propose(["Deal - Value"], [], CONTACTS)[0]
    assert (proposal.target, proposal.reason) == (None, "about another")
    with translation.override("en"):
        assert proposal.why == "About another kind of record"


@pytest.mark.parametrize(
    ("columns", "entity", "places"),
    [
        ("公司名稱 電話 傳真 電郵 地址 統一編號 備註 負責人", "accounts",
         "name phones phones/fax emails address/text registration_number description owner"),
        ("客户名称 统一社会信用代码 所属行业 人员规模 官网 上级客户 省 市 区 详细地址 邮编", "accounts",
         "name registration_number industry employees website parent address/province"
         " address/city address/district address/street address/postcode"),
        ("姓名 所属客户 职位 部门 手机 邮箱 生日 备注", "contacts", "name account title department phones/mobile emails birthday notes"),
        ("商机名称 客户名称 销售阶段 预计成交金额 预计成交日期 赢率 输单原因 负责人 币种", "deals",
         "name account stage amount closes_on probability loss_reason owner currency"),
        ("产品名称 产品编码 标准价格 计量单位 产品分类", "products", "name code price unit family"),
        ("跟进主题 跟进方式 跟进时间 跟进内容 客户名称 联系人 下次跟进时间", "activities", "subject kind done_at body account contact"),
        ("Opportunity Name;Account Name;Stage;Amount;Closing Date;Probability (%);Next Step;Type", "deals",
         "name account stage amount closes_on probability next_step"),
        ("Est. Revenue;Est. Close Date;Topic;Potential Customer;Currency;Owner", "deals", "amount closes_on name account currency owner"),
        ("First Name;Last Name;Title;Department;Mailing Street;Mailing Zip/Postal Code;Account Name;Phone", "contacts",
         "given family title department address/street address/postcode account phones"),
    ],
)  # fmt: skip
def test_names_of_many_systems_are_known_in_both_languages(columns: str, entity: str, places: str) -> None:
    names = columns.split(";" if ";" in columns else " ")
    got = placed(names, entity)
    assert [got[name] for name in names if name in got] == places.split()


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("BillingPostalCode", "billing postal code"),
        ("Associated Company IDs", "associated company ids"),
        ("E-mail 1 - Value", "email 1 value"),
        ("CustomerPriority__c", "customer priority"),
        ("  Próxima   Acción* ", "proxima accion"),
        ("客戶名稱（必填）", "客户名称"),
        ("商务地址 - 街道 2", "商务地址街道2"),
        ("Ｃｏｍｐａｎｙ　Ｎａｍｅ", "company name"),
        ("sales_agent", "sales agent"),
        ("Manager's Name", "managers name"),
    ],
)
def test_a_name_is_normalised(name: str, plain: str) -> None:
    assert normalised(name) == plain


def test_the_vocabulary_is_sound() -> None:
    stored = json.loads((Path(__file__).parents[2] / "src/guanxi/surfaces/imports/vocabulary.json").read_text("utf-8"))
    assert entities() == ["accounts", "contacts", "deals", "activities", "products", "users"]
    for entity in [*entities(), "any"]:
        for concept, said in stored[entity].items():
            assert set(said) <= {"at", "names", "looks", "unless"}, concept
            assert said["at"], concept
            assert said["names"], concept
            assert said.get("looks", "number") in {"email", "phone", "url", "date", "number"}, concept
            assert set(said.get("unless", [])) <= set(stored[entity]), concept


@given(
    st.lists(st.one_of(st.text(max_size=30), st.sampled_from(["Name", "Email", "电话", "Deal - Value", "", "Id"])), max_size=12),
    st.lists(st.lists(st.one_of(st.text(max_size=10), st.integers(), st.none(), st.floats(), st.dates()), max_size=12), max_size=4),
)
def test_every_column_gets_one_proposal_and_every_single_field_one_column(columns: list[str], samples: list[list[object]]) -> None:
    proposals: list[Proposal] = propose(columns, samples, CONTACTS)

    assert [(one.index, one.column) for one in proposals] == list(enumerate(columns))
    single = [one.target for one in proposals if one.target and not one.target.many]
    assert len(single) == len(set(single))
    assert all(0 <= one.confidence <= 1 for one in proposals)
    assert len(guess_entity(columns)) == 6


# ── Names ─────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_same_name_is_certain_and_the_others_are_proposed() -> None:
    known = {"GTX Pro": 1, "GTX Plus Pro": 2, "MG Special": 3, "华为技术有限公司": 4, "Müller GmbH": 5, "Acme, Inc.": 6}

    found = match_names(
        ["GTXPro", "GTX Pro", "gtx-pro", "MG Speciall", "华为", "華為技術有限公司", "Mueller", "Muller", "Acme", "Zebra", ""], known
    )

    assert {value: (match.how, match.name) for value, match in found.items()} == {
        "GTXPro": ("folded", "GTX Pro"),
        "GTX Pro": ("exact", "GTX Pro"),
        "gtx-pro": ("folded", "GTX Pro"),
        "MG Speciall": ("near", "MG Special"),
        "华为": ("near", "华为技术有限公司"),
        "華為技術有限公司": ("folded", "华为技术有限公司"),
        "Mueller": ("near", "Müller GmbH"),
        "Muller": ("near", "Müller GmbH"),
        "Acme": ("near", "Acme, Inc."),
        "Zebra": ("none", ""),
        "": ("none", ""),
    }
    assert [value for value, match in found.items() if match.is_certain] == ["GTX Pro"]
    assert found["GTXPro"] == Match("folded", 1, "GTX Pro", 1.0)


def test_the_product_of_the_pipeline_that_is_written_otherwise_is_proposed(shared_data: Path) -> None:
    folder = shared_data / "crm_sales_opportunities"
    products = {row["product"]: number for number, row in enumerate(csv.DictReader(io.StringIO((folder / "products.csv").read_text())))}
    sold = [row["product"] for row in csv.DictReader(io.StringIO((folder / "sales_pipeline.csv").read_text()))]

    found = match_names(sold, products)

    assert {value: match.name for value, match in found.items() if not match.is_certain} == {"GTXPro": "GTX Pro"}


def test_names_as_likely_as_the_best_are_named_too() -> None:
    found = match_names(["Sample"], {"Sample Ltd": 1, "Sample Inc": 2})["Sample"]
    assert (found.how, found.name, found.others) == ("near", "Sample Ltd", ("Sample Inc",))


@pytest.mark.slow
def test_ten_thousand_names_are_matched_with_ten_thousand_in_seconds() -> None:
    chance = random.Random(5)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvwyz", k=chance.randint(3, 9))).title() for _word in range(4000)]
    names = [f"{one} {other} Ltd" for one, other in (chance.sample(words, 2) for _name in range(10_000))]
    known = {name: number for number, name in enumerate(names)}
    mistyped = [name.removesuffix(" Ltd").replace("e", "a", 1) for name in known]

    before = time.perf_counter()
    found = match_names(mistyped, known)
    seconds = time.perf_counter() - before

    right = sum(found[wrong].name == name for wrong, name in zip(mistyped, known, strict=True))
    assert right > 0.98 * len(known)
    assert seconds < 30  # a quadratic loop would take an hour


# ── How a column is written ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("samples", "look", "day_first", "ambiguous"),
    [
        (["01/02/2026", "31/12/2026"], "date", True, False),
        (["01/02/2026", "12/31/2026"], "date", False, False),
        (["01/02/2026", "03/04/2026"], "date", None, True),
        (["05/05/2026"], "date", None, False),
        (["2026-01-02", "2026/1/3", "2026年1月4日"], "date", None, False),
        (["31.12.2026", "01.02.2026"], "date", True, False),
        (["01 Sep 2026", "2 September 2026", "Sep 3, 2026"], "date", None, False),
        (["2024/5/1 9:00", "2024/5/1 下午3:05"], "moment", None, False),
        (["2024-05-01T09:00:00.000Z"], "moment", None, False),
        ([dt.date(2026, 1, 2)], "date", None, False),
    ],
)
def test_the_order_of_dates_is_decided_over_the_whole_column(
    samples: list[object], look: str, day_first: bool | None, ambiguous: bool
) -> None:
    found = column_format(samples)
    assert (found.look, found.day_first, found.ambiguous, found.month_first_too) == (look, day_first, ambiguous, False)


def test_a_column_with_both_orders_is_said_to_be_mixed() -> None:
    assert column_format(["31/12/2026", "30/11/2026", "12/25/2026"]) == column_format(["12/25/2026", "31/12/2026", "30/11/2026"])
    found = column_format(["31/12/2026", "30/11/2026", "12/25/2026"])
    assert (found.day_first, found.month_first_too) == (True, True)


@pytest.mark.parametrize(
    ("samples", "decimal", "ambiguous"),
    [
        (["1 234,56", "7"], ",", False),
        (["1.234,56"], ",", False),
        (["1,234.56"], ".", False),
        (["1,234,567"], ".", False),
        (["1.234.567"], ",", False),
        (["1,234"], ".", True),
        (["1,234", "0,5"], ",", False),
        (["12,5", "3"], ",", False),
        (["3.141"], ".", True),
        (["¥1,000.00", "(200.50)"], ".", False),
        ([1.5, 2], ".", False),
    ],
)
def test_the_decimal_mark_is_decided_over_the_whole_column(samples: list[object], decimal: str, ambiguous: bool) -> None:
    found = column_format(samples)
    assert (found.look, found.decimal, found.decimal_ambiguous) == ("number", decimal, ambiguous)


@pytest.mark.parametrize(
    ("samples", "look"),
    [
        (["yes", "no", "Yes"], "yes/no"),
        (["是", "否"], "yes/no"),
        (["√", "×"], "yes/no"),
        (["Ja", "Nein"], "yes/no"),
        ([True, False], "yes/no"),
        (["1", "0", "1"], "number"),
        (["a@example.com", "b@example.com; c@example.com"], "email"),
        (["https://example.com", "www.example.cn"], "url"),
        (["010-65550100", "+86 138 0013 8000"], "phone"),
        (["13800138000", "13900139000"], "phone"),
        (["", None, "  "], "empty"),
        (["Acme", "Beta"], "text"),
        (["Yes, gladly", "no"], "text"),
    ],
)
def test_what_a_column_holds_is_seen(samples: list[object], look: str) -> None:
    assert column_format(samples).look == look


def test_whole_numbers_that_may_be_days_of_a_spreadsheet_are_said_to_be() -> None:
    assert column_format(["45631.0", "45632.0"]).dates_as_numbers
    assert not column_format(["45631.5", "45632"]).dates_as_numbers
    assert not column_format(["5", "45632"]).dates_as_numbers


@pytest.mark.parametrize(
    ("samples", "tidied"),
    [
        (["1 234,56", "7,5"], [Decimal("1234.56"), Decimal("7.5")]),
        (["(1,234.50)", "$5.00", "60%", "3.5万", "12-"], [Decimal("-1234.50"), Decimal("5.00"), Decimal("0.60"),
          Decimal(35000), Decimal(-12)]),
        (["01/02/2026", "31/12/2026"], [dt.date(2026, 2, 1), dt.date(2026, 12, 31)]),
        (["是", "否"], [True, False]),
        (["2024/5/1 9:00"], [dt.datetime(2024, 5, 1, 9)]),  # noqa: DTZ001 - the file knows no zone
        (["2024-05-01T09:00:00.000+08:00"], [dt.datetime(2024, 5, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))]),
        (["Acme"], ["Acme"]),
    ],
)  # fmt: skip
def test_cells_are_tidied_as_the_column_writes_them(samples: list[str], tidied: list[object]) -> None:
    found = column_format(samples)
    assert [found.tidy(value) for value in samples] == tidied


@given(st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)), st.booleans(), st.sampled_from("/-"))
def test_a_written_date_is_read_again(day: dt.date, day_first: bool, mark: str) -> None:
    assert parse_date(day.isoformat(), day_first=day_first) == day
    first, second = (day.day, day.month) if day_first else (day.month, day.day)
    assert parse_date(f"{first}{mark}{second}{mark}{day.year}", day_first=day_first) == day
    assert parse_date(f"{first:02}{mark}{second:02}{mark}{day.year % 100:02}", day_first=day_first) == day
    assert parse_date(f"{day.day:02} {day:%b} {day.year}", day_first=day_first) == day


@given(st.decimals(-(10**12), 10**12, places=2), st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")]))
def test_a_written_number_is_read_again(number: Decimal, marks: tuple[str, str]) -> None:
    thousands, decimal = marks
    written = f"{number:,.2f}".replace(",", "§").replace(".", decimal).replace("§", thousands)
    assert parse_number(written, decimal) == number
    assert column_format([written, f"0{decimal}25"]).decimal == decimal


@given(st.lists(st.one_of(st.text(), st.integers(), st.floats(), st.dates(), st.datetimes(), st.booleans(), st.none()), max_size=6))
def test_no_values_whatever_break_it(values: list[object]) -> None:
    found = column_format(values)
    for value in values:
        found.tidy(value)


@pytest.mark.parametrize(
    ("written", "decimal", "number"),
    [
        ("99,50", ".", None), ("1.234,56", ".", None), ("99.50", ",", None), ("1,234.56", ",", None), ("1,23", ".", None),
        ("12,34,567.89", ".", Decimal("1234567.89")), ("1234.5", ".", Decimal("1234.5")), (".5", ".", Decimal("0.5")),
        ("1 234 567", ",", Decimal(1234567)), ("1.234.567", ",", Decimal(1234567)), ("-3,5", ",", Decimal("-3.5")), ("1e3", ".", Decimal(1000)),
    ],
)  # fmt: skip
def test_a_mark_that_parts_no_groups_makes_no_other_number_of_it(written: str, decimal: str, number: Decimal | None) -> None:
    assert parse_number(written, decimal) == number
