"""Phones: every way to write a number gives the same E.164, and masks hide what they should."""

import contextlib

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.base.phones import digits, format_phone, mask_phone, parse_phone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13812344321", "+8613812344321"),
        (" 138 1234 4321 ", "+8613812344321"),
        ("138-1234-4321", "+8613812344321"),
        ("１３８１２３４４３２１", "+8613812344321"),
        ("8613812344321", "+8613812344321"),
        ("+86 138 1234 4321", "+8613812344321"),
        ("0086-13812344321", "+8613812344321"),
        ("013812344321", "+8613812344321"),
        ("手机：13812344321", "+8613812344321"),
        ("021-68884321", "+862168884321"),
        ("（021）6888 4321", "+862168884321"),
        ("+86 (21) 6888-4321", "+862168884321"),
        ("021-68884321转12", "+862168884321;ext=12"),
        ("+86 21 6888 4321 ext. 12", "+862168884321;ext=12"),
        ("010 8888 8888 分机:8001", "+861088888888;ext=8001"),
        ("+862168884321;ext=12", "+862168884321;ext=12"),
        ("0512-6888432", "+865126888432"),
        ("400-699-8888", "+864006998888"),
        ("95588", "+8695588"),
        ("12345", "+8612345"),
        ("+1 (202) 555-0147", "+12025550147"),
        ("+12025550147", "+12025550147"),
        ("+1 202 555 0147 x12", "+12025550147;ext=12"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+49 030 123456", "+4930123456"),
        ("+49030123456", "+4930123456"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+390612345678", "+390612345678"),
        ("+852 2123 4567", "+85221234567"),
    ],
)
def test_a_number_is_read_like_this(text: str, expected: str) -> None:
    assert parse_phone(text) == expected


def test_a_number_without_country_code_belongs_to_the_region() -> None:
    assert parse_phone("(202) 555-0147", "US") == "+12025550147"
    assert parse_phone("13812344321", "US") == "+13812344321"
    assert parse_phone("8613812344321", "US") == "+8613812344321"
    assert parse_phone("020 7946 0958", "GB") == "+442079460958"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Enter a phone number, for example +86 138 1234 5678."),
        ("call me", "Enter a phone number, for example +86 138 1234 5678."),
        ("110", "“110” is not a phone number: it is too short."),
        ("+999123456", "“+999123456” is not a phone number: no country has this code."),
        ("+1", "“+1” is not a phone number: it does not begin like one."),
        ("+1-800-FLOWERS", "“+1-800-FLOWERS” is not a phone number: it has letters or is too long."),
        ("13812344321/13912344321", "“13812344321/13912344321” is not a phone number: it is too long."),
        (
            "68884321",
            "“68884321” is not a phone number: Chinese mobiles have 11 digits, other numbers need their area code.",
        ),
        (
            "1381234432",
            "“1381234432” is not a phone number: Chinese mobiles have 11 digits, other numbers need their area code.",
        ),
        (
            "138123443210",
            "“138123443210” is not a phone number: Chinese mobiles have 11 digits, other numbers need their area code.",
        ),
    ],
)
def test_what_is_not_a_number_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared below
        parse_phone(text)
    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("stored", "at_home", "from_the_us"),
    [
        ("+8613812344321", "138 1234 4321", "+86 138 1234 4321"),
        ("+862168884321;ext=12", "021 6888 4321 ext. 12", "+86 21 6888 4321 ext. 12"),
        ("+8695588", "95588", "+86 95588"),
        ("+12025550147", "+1 202-555-0147", "(202) 555-0147"),
        ("not a number", "not a number", "not a number"),
    ],
)
def test_a_number_is_shown_as_it_is_dialled(stored: str, at_home: str, from_the_us: str) -> None:
    assert format_phone(stored) == at_home
    assert format_phone(stored, "US") == from_the_us


@pytest.mark.parametrize(
    ("stored", "masked"),
    [
        ("+8613812344321", "138****4321"),
        ("+8613812344321;ext=12", "138****4321"),
        ("+12025550147", "202****0147"),
        ("+6561234567", "61****67"),
        ("+8695588", "****88"),
        ("13812344321", "138****4321"),
        ("", "****"),
    ],
)
def test_a_masked_number_shows_only_its_ends(stored: str, masked: str) -> None:
    assert mask_phone(stored) == masked


def test_digits_of_any_width() -> None:
    assert digits("+８６ (21) 6888-4321 转") == "862168884321"


EXAMPLES = [
    phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    if (example := phonenumbers.example_number_for_type(region, kind))
]


def test_the_example_numbers_of_every_country_survive_reading_and_writing() -> None:
    assert len(EXAMPLES) > 400
    for e164 in EXAMPLES:
        assert parse_phone(e164) == e164
        for region in ("CN", "US", "DE"):
            assert parse_phone(format_phone(e164, region), region) == e164


def read(text: str) -> str | None:
    try:
        return parse_phone(text)
    except ValueError:
        return None


@given(st.sampled_from(EXAMPLES), st.integers(0, 99_999))
def test_the_quick_way_reads_like_the_thorough_one(example: str, ending: int) -> None:
    number = example[:-5] + f"{ending:05}"
    spaced = f"{number[:4]} {number[4:]}"
    assert read(number) == read(spaced)


@given(st.text(max_size=30) | st.text("0123456789+-() ext转#;=", max_size=25))
def test_any_text_is_a_stable_number_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        stored = parse_phone(text)
        assert parse_phone(stored) == stored
        assert stored.startswith("+")
