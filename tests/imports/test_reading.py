"""Table files as they come from other programs, and as they come damaged."""

import csv
import datetime as dt
import gzip
import io
import itertools
import json
import random
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from guanxi.surfaces.imports.layout import letters
from guanxi.surfaces.imports.reading import FormulaError, Limits, TableInspection, UnreadableTable, inspect, rows

Maker = Callable[..., Path]
HEADERS = (
    "cn_crm_customers_gbk",
    "european_semicolon_cp1250",
    "google_contacts_2024",
    "google_contacts_old",
    "hubspot_companies",
    "hubspot_contacts",
    "hubspot_deals",
    "linkedin_connections",
    "outlook_com_people",
    "outlook_desktop_en",
    "outlook_desktop_zh_gbk",
    "pipedrive_deals_fields",
    "pipedrive_import_sample",
    "salesforce_account_export",
    "salesforce_contact_export",
    "salesforce_leads_report",
    "zoho_accounts",
)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes | str], Path]:
    """A file of these bytes."""

    def write(content: bytes | str, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def read(path: Path, **chosen: Any) -> list[list[Any]]:
    return [row.values for row in rows(path, inspect(path, **chosen))]


def codes(path: Path, **chosen: Any) -> list[str]:
    return [remark.code for remark in inspect(path, **chosen).warnings]


# ── Every export of another system ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", HEADERS)
def test_an_export_of_another_system_is_read_as_it_was_written(shared_data: Path, name: str) -> None:
    path = shared_data / "importer_headers" / f"{name}.csv"
    truth = json.loads((path.parent / "headers.json").read_text("utf-8"))[path.name]

    found = inspect(path)

    assert (found.encoding, found.delimiter, list(found.columns)) == (truth["encoding"], truth["delimiter"], truth["columns"])
    assert bool(found.preamble) == truth["preamble"]
    assert "mojibake" not in [remark.code for remark in found.warnings]
    text = path.read_bytes().decode(truth["encoding"])
    plain = list(csv.reader(io.StringIO(text, newline=""), delimiter=truth["delimiter"]))
    assert [(row.number, row.values) for row in rows(path, found)] == [
        (number, values) for number, values in enumerate(plain, 1) if number > found.header_row and any(values)
    ]


@pytest.mark.parametrize(
    ("name", "encoding", "columns", "count"),
    [
        (
            "crm_sales_opportunities/accounts.csv",
            "utf-8",
            "account sector year_established revenue employees office_location subsidiary_of",
            85,
        ),
        ("crm_sales_opportunities/products.csv", "utf-8", "product series sales_price", 7),
        ("crm_sales_opportunities/sales_teams.csv", "utf-8", "sales_agent manager regional_office", 35),
        (
            "crm_sales_opportunities/sales_pipeline.csv",
            "utf-8",
            "opportunity_id sales_agent product account deal_stage engage_date close_date close_value",
            8800,
        ),
        ("cn_companies/stock_basic_gbk.csv", "gb18030", "code code_name ipoDate outDate type status", 4935),
        ("cn_companies/cn_service_companies.csv", "utf-8", "industry organization phones emails url source_file", 314),
        (
            "callcentre/CRMCallCenterLogs.csv",
            "utf-8-sig",
            "Date_received Complaint_ID rand_client phonefinal vru_line call_id priority type outcome server ser_start ser_exit ser_time",
            3999,
        ),
    ],
)
def test_a_data_set_is_read_whole(shared_data: Path, name: str, encoding: str, columns: str, count: int) -> None:
    found = inspect(shared_data / name)

    assert (found.encoding, found.delimiter, found.columns) == (encoding, ",", tuple(columns.split()))
    assert (found.row_count, found.row_count_exact, found.warnings) == (count, True, ())
    assert len(list(rows(shared_data / name, found))) == count


def test_the_head_of_the_online_shop_is_read(shared_data: Path, file: Maker) -> None:
    with gzip.open(shared_data / "online_retail" / "online_retail.csv.gz", "rt", encoding="utf-8", newline="") as packed:
        path = file("".join(itertools.islice(packed, 20_000)))

    found = inspect(path)

    assert found.columns == ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
    assert (found.row_count, found.warnings) == (19_999, ())


# ── Encodings, delimiters, headers ────────────────────────────────────────────────────────────────────

CHINESE = "客户名称,电话,备注\n北京示例科技有限公司,010-65550100,老客户\n上海样品贸易有限公司,021-55550100,需要报价\n"
TAIWANESE = "公司名稱,電話,備註\n臺北範例科技股份有限公司,02-5555-0100,老客戶\n高雄樣品貿易有限公司,07-555-0100,需要報價\n"


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-16-le", "utf-16-le"),
        (CHINESE, "utf-16-be", "utf-16-be"),
        (CHINESE, "utf-32", "utf-32"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE.replace("北京", "𠮷林"), "gb18030", "gb18030"),
        (TAIWANESE, "big5", "cp950"),
        (TAIWANESE, "gbk", "gb18030"),
        ("Name,Ort\nJürgen Groß,Köln\nFrançois Lefèvre,Besançon\n", "cp1252", "cp1252"),
        ("Jméno,Město\nŽofie Nováková,Plzeň\nJiří Dvořák,Třebíč\n", "cp1250", "cp1250"),
        ("Imię,Miasto\nŁukasz Wiśniewski,Łódź\nZofia Wójcik,Kraków\n", "cp1250", "cp1250"),
        ("Имя,Город\nИван Петров,Москва\nОльга Смирнова,Казань\n", "cp1251", "cp1251"),
        ("İsim,Şehir\nAyşe Yılmaz,İstanbul\nÇağlar Öztürk,Eskişehir\n", "cp1254", "cp1254"),
        ("氏名,会社\n山田太郎,サンプル株式会社\n鈴木花子,テスト商事\n", "cp932", "cp932"),
        ("이름,회사\n김민준,한국무역 주식회사\n이서연,서울전자\n", "cp949", "cp949"),
    ],
)
def test_the_encoding_is_found(file: Maker, text: str, written: str, found: str) -> None:
    path = file(text.encode(written))

    assert inspect(path).encoding == found
    assert [list(inspect(path).columns), *read(path)] == [line.split(",") for line in text.split("\n")[:-1]]


def test_a_chosen_encoding_is_taken_and_what_does_not_fit_is_said(file: Maker) -> None:
    path = file(CHINESE.encode("gbk"))

    assert inspect(path, encoding="gb2312").encoding == "gb18030"
    assert inspect(path, encoding="gb2312").columns == ("客户名称", "电话", "备注")
    wrong = inspect(path, encoding="utf-8")
    assert [remark.code for remark in wrong.warnings] == ["undecodable", "lost characters"]
    assert len(list(rows(path, wrong))) == 2


def test_a_file_pasted_together_from_two_encodings_is_read_line_by_line(file: Maker) -> None:
    lines = [f"公司{number},北京市海淀区,备注{number}\r\n" for number in range(50)]
    raw = "名称,地址,备注\r\n".encode() + b"".join(line.encode("gbk" if number % 7 == 3 else "utf-8") for number, line in enumerate(lines))
    path = file(raw)

    found = inspect(path)

    assert (found.encoding, found.fallback) == ("utf-8", "gb18030")
    assert [(remark.code, remark.values) for remark in found.warnings] == [
        ("mixed encodings", {"count": 7, "row": 5, "encoding": "gb18030"})
    ]
    assert [row.values for row in rows(path, found)] == [line.strip().split(",") for line in lines]


def test_a_character_cut_in_half_does_not_turn_the_rest_of_the_file_into_another_encoding(file: Maker) -> None:
    utf_8 = file(f"名称,备注\n北京示例科技,{'很' * 20}".encode()[:-1] + "\n上海样品贸易,好\n".encode())
    assert (inspect(utf_8).encoding, codes(utf_8)[0]) == ("utf-8", "undecodable")
    assert read(utf_8)[1] == ["上海样品贸易", "好"]

    gbk = file("名称,备注\n北京示例科技有限公司,很好的客户".encode("gbk")[:-1] + "\n上海样品贸易有限公司,好\n".encode("gbk"))
    assert (inspect(gbk).encoding, codes(gbk)[0]) == ("gb18030", "undecodable")
    assert read(gbk)[-1] == ["上海样品贸易有限公司", "好"]


@pytest.mark.parametrize(("delimiter", "kind"), [(",", "csv"), (";", "csv"), ("\t", "tsv"), ("|", "csv"), ("，", "csv")])
def test_the_delimiter_is_found_among_the_punctuation_of_the_cells(file: Maker, delimiter: str, kind: str) -> None:
    table = [["Name", "Address", "Amount"], ["Acme, Inc.", "5; Long Road, York", "1,5"], ["Beta | Co", "Main St., Leeds", "2,5"]]
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in table]
    path = file("\r\n".join(delimiter.join(row) for row in quoted))

    found = inspect(path)

    assert (found.delimiter, found.format, list(found.columns)) == (delimiter, kind, table[0])
    assert read(path) == table[1:]


def test_excels_own_separator_line_is_obeyed_and_counted(file: Maker) -> None:
    path = file("sep=;\r\nName;Note\r\nAnna;a,b,c\r\n")

    found = inspect(path)

    assert (found.delimiter, found.columns, found.header_row) == (";", ("Name", "Note"), 2)
    assert [row.number for row in rows(path, found)] == [3]


def test_single_quotes_and_backslashes_are_understood(file: Maker) -> None:
    single = file("'Name','Note'\n'Acme, Inc.','a'\n'Beta','b, c'\n")
    assert (inspect(single).quote, read(single)) == ("'", [["Acme, Inc.", "a"], ["Beta", "b, c"]])

    escaped = file('name,note\n"Acme","He said \\"yes\\", twice"\n"Beta","plain"\n')
    assert (inspect(escaped).escape, read(escaped)) == ("\\", [["Acme", 'He said "yes", twice'], ["Beta", "plain"]])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_a_line_end_and_those_in_cells_are_kept(file: Maker, end: str) -> None:
    path = file(f'Name,Note{end}Anna,"one{end}two"{end}{end}Ben,x')

    assert [(row.number, row.values) for row in rows(path, inspect(path))] == [(2, ["Anna", f"one{end}two"]), (4, ["Ben", "x"])]


def test_notes_above_and_below_the_table_are_left_out(file: Maker) -> None:
    path = file(
        'Accounts by owner\n"As of 2026-11-05 • generated by Anna"\n\nAccount Name,Phone,Amount\nAcme,010-65550100,5\nBeta,,7\n\n'
        '"Copyright (c) 2000-2026 example.com, inc."\n"Confidential Information - Do Not Distribute"\n'
    )

    found = inspect(path)

    assert (found.columns, found.header_row, found.last_row) == (("Account Name", "Phone", "Amount"), 4, 6)
    assert found.preamble == ("Accounts by owner", "As of 2026-11-05 • generated by Anna")
    assert [(row.number, row.values) for row in rows(path, found)] == [(5, ["Acme", "010-65550100", "5"]), (6, ["Beta", "", "7"])]
    assert [remark.code for remark in found.warnings] == ["closing rows", "skipped rows"]


def test_a_table_without_header_is_named_by_letters(file: Maker) -> None:
    path = file("Anna,anna@example.com,2024-05-01\nBen,ben@example.com,2024-05-02\n")

    found = inspect(path)

    assert (found.header_row, found.columns) == (0, ("Column A", "Column B", "Column C"))
    assert [row.number for row in rows(path, found)] == [1, 2]
    with translation.override("en"):
        assert [str(remark) for remark in found.warnings] == ["No row of column names was found, so the columns are named by letter."]


def test_blank_and_repeated_names_are_completed(file: Maker) -> None:
    found = inspect(file("Name,,Email,email,Email 2,\nAnna,x,a@example.com,b@example.com,c@example.com,\n"))

    assert found.columns == ("Name", "Column B", "Email", "email 3", "Email 2")
    assert {remark.code for remark in found.warnings} == {"blank names", "repeated names"}


def test_a_person_may_choose_everything(file: Maker) -> None:
    path = file("a;b,c\nd;e,f\n")

    chosen = inspect(path, delimiter=",", header_row=2, quote="", encoding="cp1252")

    assert (chosen.columns, chosen.delimiter, chosen.quote, chosen.encoding) == (("d;e", "f"), ",", "", "cp1252")
    assert inspect(path, header_row=0, delimiter=",").columns == ("Column A", "Column B")
    assert inspect(path, **chosen.overrides()) == chosen


def test_the_columns_go_on_beyond_z() -> None:
    assert [letters(number) for number in (0, 25, 26, 51, 52, 701, 702, 16_383)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]


def test_reading_resumes_after_any_row(shared_data: Path) -> None:
    path = shared_data / "importer_headers" / "linkedin_connections.csv"
    found = inspect(path)
    everything = list(rows(path, found))

    assert [row.number for row in everything] == [5, 6]
    for start in range(8):
        assert list(rows(path, found, start)) == [row for row in everything if row.number > start]


def test_what_was_found_survives_being_stored(shared_data: Path) -> None:
    path = shared_data / "importer_headers" / "outlook_desktop_zh_gbk.csv"
    found = inspect(path)

    again = TableInspection.from_json(json.loads(json.dumps(found.to_json())))

    assert again == found
    assert list(rows(path, again)) == list(rows(path, found))


def test_a_long_text_table_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("id,name,note\n")
        file.writelines(f"{number},名称{number},{'x' * 80}\n" for number in range(60_000))
    found = inspect(path)
    assert (found.row_count_exact, abs(found.row_count - 60_000) < 100) == (False, True)

    tracemalloc.start()
    count = sum(1 for _row in rows(path, found))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 60_000
    assert peak < 2_000_000  # of 6 MB


# ── Workbooks ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_workbook_gives_dates_whole_numbers_and_its_rows_as_numbered_on_screen(make_xlsx: Maker) -> None:
    moment = dt.datetime(2024, 5, 1, 9, 30)  # noqa: DTZ001 - a spreadsheet knows no zone
    path = make_xlsx(
        {
            "客户": [
                ["客户列表"],
                [],
                ["名称", "日期", "金额", "手机", "有效"],
                ["甲", dt.date(2024, 5, 1), 1.5, 13800138000, True],
                [],
                ["乙", moment, 2],
            ]
        },
    )

    found = inspect(path)

    assert (found.format, found.sheet, found.columns) == ("xlsx", "客户", ("名称", "日期", "金额", "手机", "有效"))
    assert (found.header_row, found.row_count, found.preamble) == (3, 2, ("客户列表",))
    assert [(row.number, row.values) for row in rows(path, found)] == [
        (4, ["甲", dt.date(2024, 5, 1), 1.5, 13800138000, True]),
        (6, ["乙", moment, 2, "", ""]),
    ]


def test_formula_errors_are_flagged_and_not_taken_for_blank(make_xlsx: Maker, tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "errors.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(1, 1, ["Name", "Amount", "Rate"])
        sheet.write_row(2, 1, ["Acme"])
        sheet.write_formula(2, 2, '=IF(A1<B2,"x",1/0)', None, "#DIV/0!")
        sheet.write_formula(2, 3, "=NA()", None, "#N/A")
        sheet.write_formula(3, 2, "=1+1", None, 2)

    found = inspect(path)
    values = [row.values for row in rows(path, found)]

    assert (found.first_column, found.columns) == (1, ("Name", "Amount", "Rate"))
    assert values == [["Acme", "#DIV/0!", "#N/A"], ["", 2, ""]]
    assert [type(cell) for cell in values[0]] == [str, FormulaError, FormulaError]
    assert [(remark.code, remark.values["count"]) for remark in found.warnings] == [("formula errors", 2)]


def test_merged_cells_say_their_value_in_every_row_they_reach(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 2, "Contacts by company")
        sheet.write_row(1, 0, ["Company", "Contact", "Phone"])
        sheet.merge_range(2, 0, 3, 0, "Acme")
        sheet.write_column(2, 1, ["Anna", "Ben\nBerg"])
        sheet.write_row(4, 0, ["Beta", "Cleo"])

    assert read(path) == [["Acme", "Anna", ""], ["Acme", "Ben\nBerg", ""], ["Beta", "Cleo", ""]]


def test_a_sheet_is_chosen_and_the_others_are_named(make_xlsx: Maker) -> None:
    path = make_xlsx({"Empty": [], "Accounts": [["Name"], ["Acme"]], "Contacts": [["Email"], ["a@example.com"]]})

    found = inspect(path)
    assert (found.sheet, found.sheets) == ("Accounts", ("Empty", "Accounts", "Contacts"))
    assert [(remark.code, remark.values) for remark in found.warnings] == [("other sheets", {"count": 1, "text": "Accounts"})]
    assert read(path, sheet="Contacts") == [["a@example.com"]]
    with pytest.raises(UnreadableTable, match=r"There is no sheet “Deals”\. There are: Empty, Accounts, Contacts\."):
        inspect(path, sheet="Deals")
    with pytest.raises(UnreadableTable, match="The sheet “Empty” is empty"):
        inspect(path, sheet="Empty")


def test_an_excel_97_workbook_is_read_with_its_errors(make_xls: Maker) -> None:
    path = make_xls(
        {
            (0, 0): "客户名称",
            (0, 1): "金额",
            (0, 2): "比率",
            (1, 0): "甲公司",
            (1, 1): 12.0,
            (1, 2): "=error42",
            (2, 0): "乙公司",
            (2, 1): 1.5,
        }
    )

    found = inspect(path)

    assert (found.format, found.sheet, found.columns) == ("xls", "客户", ("客户名称", "金额", "比率"))
    assert read(path) == [["甲公司", 12, "#N/A"], ["乙公司", 1.5, ""]]
    assert [(remark.code, remark.values["text"]) for remark in found.warnings] == [("formula errors", "#N/A")]


def test_an_opendocument_sheet_is_read_with_its_errors_and_repeats(make_ods: Maker) -> None:
    def cell(value: str, kind: str = "string", more: str = "") -> str:
        return f'<table:table-cell office:value-type="{kind}" {more}><text:p>{value}</text:p></table:table-cell>'

    head = "".join(map(cell, ("Name", "Signed", "Amount", "Rate")))
    values = cell("Acme") + cell("1 May", "date", 'office:date-value="2024-05-01"') + cell("7", "float", 'office:value="7"')
    error = cell("#DIV/0!", "string", 'office:string-value="" calcext:value-type="error"')
    blank = '<table:table-cell table:number-columns-repeated="16000"/>'
    path = make_ods(
        f"<table:table-row>{head}{blank}</table:table-row><table:table-row>{values}{error}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="2">{values}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="1048000">{blank}</table:table-row>'
    )

    found = inspect(path)

    assert (found.format, found.columns) == ("ods", ("Name", "Signed", "Amount", "Rate"))
    day = dt.date(2024, 5, 1)
    assert [(row.number, row.values) for row in rows(path, found)] == [
        (2, ["Acme", day, 7, "#DIV/0!"]),
        (3, ["Acme", day, 7, ""]),
        (4, ["Acme", day, 7, ""]),
    ]
    assert [remark.code for remark in found.warnings] == ["formula errors"]


# ── What cannot be read says why ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty", "The file is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty", "The file is empty"),
        (b"\xff\xfe", "empty", "The file is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "not a table", "not a table but a PDF document"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "not a table", "not a table but a picture"),
        (bytes(range(256)) * 40, "not a table", "not a table but a binary file"),
        (b"\x1f\x8b\x08" + bytes(60), "archive", "an archive (gzip)"),
        (b"Name,Phone\nAcme,1\n" + bytes(5000), "zero bytes", "from byte 18 on it holds only zeros"),
        (bytes(8192), "zero bytes", "it holds only zeros"),
        (b"<html><table><tr><td>Name</td></tr></table></html>", "web page", "web page saved with the ending of a spreadsheet"),
        ("<HTML xmlns:x='urn:schemas-microsoft-com:office:excel'>".encode("utf-16"), "web page", "web page"),
        (b"MIME-Version: 1.0\nX-Document-Type: Workbook\nContent-Type: multipart/related\n", "web page", "web page"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>', "xml", "XML file"),
        (b'[{"name": "Acme"}]', "json", "JSON"),
        (b"BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nEND:VCARD\n", "vcard", "vCard"),
        (b"BEGIN:VCALENDAR\n", "calendar", "calendar"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00" + bytes(20), "old excel", "Excel 4"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(300), "damaged", "damaged or was cut off"),
        (b"PK\x03\x04" + bytes(60), "damaged", "damaged or was cut off"),
        (b'Name,Note\nAcme,ok\nBeta,"' + b"x" * 1_100_000 + b'"\n', "long cell", "A cell in row 3 is longer than 1,000,000"),
    ],
)
def test_what_is_no_table_is_refused_with_the_way_out(file: Maker, content: bytes, code: str, words: str) -> None:
    path = file(content, "export.xls")
    with pytest.raises(UnreadableTable) as refused, translation.override("en"):
        list(rows(path, inspect(path)))
    assert refused.value.code == code
    with translation.override("en"):
        assert words in str(refused.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTable, match="There is no such file"):
        inspect(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"word/document.xml": b"<w/>"}, "not a table"),
        ({"ppt/presentation.xml": b"<p/>"}, "not a table"),
        ({"xl/workbook.bin": b"\x00"}, "binary workbook"),
        ({"Index/Document.iwa": b"\x00"}, "numbers"),
        ({"customers.csv": b"Name\nAcme\n"}, "archive"),
        ({"xl/workbook.xml": b"<workbook>", "[Content_Types].xml": b"<x/>"}, "damaged"),
    ],
)
def test_other_packages_are_named(tmp_path: Path, parts: dict[str, bytes], code: str) -> None:
    path = tmp_path / "package.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(UnreadableTable) as refused:
        inspect(path)
    assert refused.value.code == code


def test_a_protected_workbook_asks_for_the_password_to_be_removed(make_compound: Maker, make_xls: Maker, make_ods: Maker) -> None:
    protected = [
        make_compound({"EncryptionInfo": b"\x04\x00", "EncryptedPackage": bytes(5000)}),
        make_xls({(0, 0): "Name"}, protected=True),
        make_ods("", manifest="<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"),
    ]
    for path in protected:
        with pytest.raises(UnreadableTable, match="Remove the password"):
            inspect(path)


def test_other_compound_files_are_named(make_compound: Maker) -> None:
    with pytest.raises(UnreadableTable, match="not a table but a text document"):
        inspect(make_compound({"WordDocument": bytes(100)}))
    with pytest.raises(UnreadableTable, match="not a table but a binary file"):
        inspect(make_compound({"Contents": bytes(100)}))


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_workbook_cut_off_anywhere_is_refused_or_read_and_never_breaks(
    kind: str, make_xlsx: Maker, make_xls: Maker, make_ods: Maker
) -> None:
    table = {"S": [["Name", "Amount"], *[[f"Acme {number}", number] for number in range(300)]]}
    cells = {(row, column): value for row, values in enumerate(table["S"]) for column, value in enumerate(values)}
    ods_row = '<table:table-row><table:table-cell office:value-type="string"><text:p>Acme</text:p></table:table-cell></table:table-row>'
    path = {"xlsx": lambda: make_xlsx(table), "xls": lambda: make_xls(cells), "ods": lambda: make_ods(ods_row * 300)}[kind]()
    whole = path.read_bytes()
    chance = random.Random(7)
    refused = 0
    for size in [*(len(whole) * part // 12 for part in range(1, 12)), len(whole) - 1]:
        path.write_bytes(whole[:size])
        refused += _is_refused(path)
    assert refused >= 11
    for _turn in range(25):
        spoilt = bytearray(whole)
        for _byte in range(8):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        path.write_bytes(spoilt)
        _is_refused(path)


def _is_refused(path: Path) -> bool:
    try:
        list(rows(path, inspect(path)))
    except UnreadableTable:
        return True
    return False


def test_a_bomb_is_refused_before_it_is_unpacked_whatever_its_directory_says(tmp_path: Path, make_xlsx: Maker) -> None:
    path = make_xlsx({"S": [["Name"], ["Acme"]]})
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))
        target.writestr("xl/media/big.bin", bytes(30_000_000))
    raw = bomb.read_bytes()
    lying = raw.replace((30_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != raw
    for content in (raw, lying):
        bomb.write_bytes(content)
        with pytest.raises(UnreadableTable, match="Unpacked, the workbook is larger than 10 MB"):
            inspect(bomb, limits=Limits(unpacked=10 << 20))


def test_a_stray_cell_far_away_does_not_take_all_memory(make_xlsx: Maker, tmp_path: Path, make_ods: Maker) -> None:
    import xlsxwriter

    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Far")
        sheet.write(0, 0, "Name")
        sheet.write(1_048_575, 16_383, "stray")
    with pytest.raises(UnreadableTable, match="spans 1,048,576 rows × 16,384 columns, mostly empty"):
        inspect(path)

    repeated = '<table:table-cell table:number-columns-repeated="16000" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    wide = make_ods(f'<table:table-row table:number-rows-repeated="9000">{repeated}</table:table-row>')
    with pytest.raises(UnreadableTable, match="spans 9,000 rows × 16,000 columns"):
        inspect(wide)


def test_entities_that_expand_are_refused(make_ods: Maker) -> None:
    with pytest.raises(UnreadableTable, match="it declares entities"):
        inspect(make_ods("<table:table-row/>", declared='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'))


def test_an_open_quotation_mark_is_reported_and_nothing_before_it_is_lost(file: Maker) -> None:
    path = file('Name,Note\nAcme,fine\nBeta,"never closed\nGamma,x\nDelta,y\n')

    found = inspect(path)

    assert [(remark.code, remark.values) for remark in found.warnings] == [("open quote", {"row": 3})]
    given = rows(path, found)
    assert next(given).values == ["Acme", "fine"]
    with pytest.raises(UnreadableTable, match="opened in row 3 is never closed"):
        next(given)
    assert read(path, quote="")[1:] == [["Beta", '"never closed'], ["Gamma", "x"], ["Delta", "y"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Name,A,B\nAcme,1\nBeta,1,2,3\n", "ragged rows"),
        ("Name,Amount\nAcme,#REF!\n", "formula errors"),
        ("Name,City\nMÃ¼ller,KÃ¶ln\n", "mojibake"),
        ("名称,城市\n锟斤拷锟斤拷,x\n", "mojibake"),
        ("名称,城市\n鍖椾含甯傛捣娣�,x\n", "mojibake"),
        ("名称,城市\n????,北京\n", "lost characters"),
        ("Name,Phone\nAcme,1.38E+10\n", "rounded numbers"),
        ("Name,Note\nAcme,a\0b\n", "nul characters"),
        ('Name,Note,X\nA,"open,1\nB,two,2\nC,three,3\nD,four,4\nE,five",5\n', "swallowed rows"),
        ("Name,Phone\n", "no rows"),
    ],
)
def test_what_looks_wrong_is_said(file: Maker, text: str, code: str) -> None:
    path = file(text)
    assert code in codes(path)
    with translation.override("en"):
        assert all("%(" not in str(remark) for remark in inspect(path).warnings)


def test_nul_characters_are_left_out_of_the_cells(file: Maker) -> None:
    assert read(file("Name,Note\nAc\0me,a\0\n")) == [["Acme", "a"]]


def test_a_row_keeps_its_filled_cells_beyond_the_columns_and_loses_its_blank_ones(file: Maker) -> None:
    assert read(file("A,B\n1,2,3\n1,2,,\n1\n")) == [["1", "2", "3"], ["1", "2"], ["1", ""]]


def test_a_wrong_choice_is_answered(file: Maker) -> None:
    path = file("A,B\n1,2\n")
    for chosen, code in (
        ({"encoding": "klingon"}, "unknown encoding"),
        ({"encoding": "base64"}, "unknown encoding"),
        ({"delimiter": "::"}, "bad delimiter"),
        ({"header_row": 9}, "bad header row"),
    ):
        with pytest.raises(UnreadableTable) as refused:
            inspect(path, **chosen)  # type: ignore[arg-type]
        assert refused.value.code == code


# ── Laws ──────────────────────────────────────────────────────────────────────────────────────────────

CODECS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "cp950", "cp1252", "cp1250", "cp1251")
NAMES = ("Name", "Company", "Email", "Phone", "City", "Notes")


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, list[list[str]]]:
    """An encoding, a delimiter and a table that can be written so."""
    encoding = draw(st.sampled_from(CODECS))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    width = draw(st.integers(2, 6))
    kept_out = "\ufeff\x1d" + ("¢£¥•‾∼☉♁､" if encoding == "cp950" else "")  # which Big5 gives back as others
    codec = "utf-8" if encoding.startswith("utf") else encoding
    usable = st.characters(codec=codec, exclude_categories=("Cs", "Cc"), exclude_characters=kept_out)
    cell = st.text(st.one_of(usable, st.sampled_from(list(" ,;|\t\n'\"")), st.sampled_from("abc123")), max_size=12)
    body = draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=8))
    return encoding, delimiter, [list(NAMES[:width]), *body]


@settings(max_examples=120, deadline=None)
@given(tables())
@example(("gb18030", ";", [["Name", "Phone"], ["联通", "1"]]))
def test_a_table_written_and_read_as_it_was_written_is_the_same(written: tuple[str, str, list[list[str]]]) -> None:
    encoding, delimiter, table = written
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "table.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(table)

        found = inspect(path, encoding=encoding, delimiter=delimiter, quote='"', header_row=1)
        read_again = [row.values for row in rows(path, found)]

    kept = [row for row in table[1:] if any(row)]
    # Notes below a table are left out: a lone cell after a blank row at the very end.
    if not found.last_row:
        assert read_again == kept


@settings(max_examples=60, deadline=None)
@given(tables())
def test_a_table_is_found_to_be_what_it_was_written_as(written: tuple[str, str, list[list[str]]]) -> None:
    encoding, delimiter, table = written
    assume(encoding.startswith("utf"))
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "table.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(table)

        found = inspect(path)
        read_again = [row.values for row in rows(path, found)]

    assert (found.delimiter, found.columns) == (delimiter, tuple(table[0]))
    assert read_again == [row for row in table[1:] if any(row)]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=3000))
@example(b"\x00,\x00\n")
@example(b'"')
@example(b"\r\r\r")
@example(b"PK\x05\x06")
def test_no_bytes_whatever_break_it(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "any"
        path.write_bytes(content)
        said = ""
        try:
            read(path)
        except UnreadableTable as error:
            said = str(error)
    assert "%(" not in said
