"""Names and contents from outside: whatever comes, what is kept is safe to show, to save and to serve."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.base.files import LONGEST_NAME, UNKNOWN, clean_name, media_type, shown_as, size_text

NAMES = [
    ("offer.pdf", "offer.pdf"),
    ("报价单 2026.pdf", "报价单 2026.pdf"),
    ("Ange\u0301lique.pdf", "Angélique.pdf"),
    ("../../etc/passwd", "passwd"),
    ("C:\\Users\\bob\\offer.pdf", "offer.pdf"),
    ("..\\..\\offer.pdf", "offer.pdf"),
    ("/", "file"),
    ("..", "file"),
    ("", "file"),
    ("\x00\x01\x1f", "file"),
    ("a\x00b\r\nSet-Cookie: x=1.pdf", "ab Set-Cookie_ x=1.pdf"),
    ("invoice\u202efdp.exe", "invoicefdp.exe"),
    ("\u2066a\u2069.txt", "a.txt"),
    ("zero\u200bwidth\ufeff.txt", "zerowidth.txt"),
    ('a<b>:"c|d?*.txt', "a_b___c_d__.txt"),
    ("CON", "_CON"),
    ("nul.tar.gz", "_nul.tar.gz"),
    ("com1.txt", "_com1.txt"),
    ("console.txt", "console.txt"),
    ("trailing. . .", "trailing"),
    (".htaccess", "htaccess"),
    ("\ud800broken.txt", "_broken.txt"),
    ("👩‍🚀.png", "👩‍🚀.png"),
    ("a\u2028b.txt", "a b.txt"),
]


@pytest.mark.parametrize(("given_name", "kept"), NAMES)
def test_a_name_is_kept_as_every_system_takes_it(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


def test_a_long_name_keeps_its_extension() -> None:
    name = clean_name("报" * 500 + ".xlsx")
    assert name.endswith("报.xlsx")
    assert len(name.encode()) <= LONGEST_NAME
    assert clean_name("x" * 300 + "." + "y" * 300) == "x" * LONGEST_NAME


@given(st.text(max_size=400))
def test_whatever_is_typed_is_one_safe_name_and_stays_as_it_is(typed: str) -> None:
    name = clean_name(typed)
    assert 0 < len(name.encode()) <= LONGEST_NAME + 1
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} or one in "\u202e\u2066\u200f" for one in name)
    assert name == name.strip(" .")
    assert clean_name(name) == name


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
CONTENTS = [
    ("a.png", PNG, "image/png"),
    ("a.pdf", PNG, "image/png"),
    ("a.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
    ("a.pdf", b"%PDF-1.7\n%...", "application/pdf"),
    ("a.docx", b"PK\x03\x04....", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("a.png", b"PK\x03\x04....", "application/zip"),
    ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
    ("photo.heic", b"\x00\x00\x00\x18ftypheic", "image/heic"),
    ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    ("a.csv", "名,额\r\n张三,1".encode("gb18030"), "text/csv"),
    ("a.txt", "报价".encode(), "text/plain"),
    ("a.txt", "\ufeff报价".encode("utf-16"), "text/plain"),
    # What could run in a browser is text at most, whatever it is called.
    ("a.html", b"<!doctype html><script>alert(1)</script>", "text/plain"),
    ("a.png", b"<html><script>alert(1)</script>", "text/plain"),
    ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "text/plain"),
    ("a.xhtml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "text/plain"),
    ("a.js", b"alert(1)", "text/plain"),
    ("a.pdf", b"<script>%PDF-1.7", "text/plain"),
    ("a.exe", b"MZ\x90\x00\x03\x00", UNKNOWN),
    ("a.png", b"", UNKNOWN),
]


@pytest.mark.parametrize(("name", "content", "found"), CONTENTS)
def test_what_a_file_is_follows_from_its_bytes(name: str, content: bytes, found: str) -> None:
    assert media_type(content, name) == found


@given(st.binary(max_size=600), st.sampled_from(["a.html", "a.svg", "a.png", "a.pdf", "a", "a.mht"]))
def test_no_bytes_make_a_page_of_ours_out_of_a_file(content: bytes, name: str) -> None:
    for start in (b"", b"<svg ", b"<!doctype html>", b"GIF89a"):
        found = media_type(start + content, name)
        assert not any(word in found for word in ("html", "svg", "xml", "script"))
        assert shown_as(found) in {"", "image", "pdf"}


def test_a_text_cut_within_a_letter_is_a_text() -> None:
    for shift in range(3):
        assert media_type(("a" * shift + "报价单" * 2000).encode()[:4096], "a.txt") == "text/plain"


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (812, "812 B"), (23_900, "24 kB"), (3_140_000, "3.1 MB"), (25 << 20, "26 MB"), (10**13, "10000 GB")]
)
def test_sizes_are_for_people(size: int, text: str) -> None:
    assert size_text(size) == text
