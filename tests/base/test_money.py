"""Money: what is written can be read again, and dividing it loses nothing."""

import contextlib
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.base.amounts import parse_amount
from guanxi.base.money import CURRENCIES, Money, format_in_full, format_money, format_sum, parse_money, split

AMOUNTS = st.decimals(-(10**12), 10**12, places=2)
LANGUAGES = ["en", "zh-hans", "de"]


def test_currencies_in_use_know_their_smallest_coin() -> None:
    assert {code: CURRENCIES[code].minor_units for code in ("USD", "CNY", "JPY", "KWD", "RSD")} == {
        "USD": 2,
        "CNY": 2,
        "JPY": 0,
        "KWD": 3,
        "RSD": 2,
    }
    assert "DEM" not in CURRENCIES
    assert CURRENCIES["USD"].name("zh-hans") == "美元"
    assert CURRENCIES["CNY"].symbol("en") == "CN¥"


def test_money_of_one_currency_adds_and_compares() -> None:
    ten, three = Money(Decimal(10), "EUR"), Money(Decimal(3), "EUR")
    assert ten + three == Money(Decimal(13), "EUR")
    assert ten - three == Money(Decimal("7.00"), "EUR")
    assert sum([ten, three, three]) == Money(Decimal(16), "EUR")
    assert 2 * -three == Money(Decimal(-6), "EUR")
    assert abs(-three) == three
    assert (ten / 3).rounded() == Money(Decimal("3.33"), "EUR")
    assert sorted([ten, three]) == [three, ten]
    assert not ten - ten
    assert str(three) == "3 EUR"


def test_money_of_two_currencies_neither_adds_nor_compares() -> None:
    euro, dollar = Money(Decimal(1), "EUR"), Money(Decimal(1), "USD")
    assert euro != dollar
    with pytest.raises(ValueError, match="EUR and USD cannot be added or compared"):
        euro + dollar
    with pytest.raises(ValueError, match="EUR and USD cannot be added or compared"):
        assert euro < dollar


@pytest.mark.parametrize(
    ("amount", "currency", "language", "expected"),
    [
        ("184000", "USD", "en", "$184,000"),
        ("1745300.00", "CNY", "zh-hans", "¥1,745,300"),
        ("1745300", "CNY", "en", "CN¥1,745,300"),
        ("0.5", "USD", "en", "$0.50"),
        ("0.125", "USD", "en", "$0.13"),
        ("-1234.5", "EUR", "en", "-€1,234.50"),
        ("-0.001", "USD", "en", "$0"),
        ("12.345", "KWD", "en", "KWD\u00a012.345"),
        ("99.6", "JPY", "en", "¥100"),
        ("1234.5", "EUR", "de", "€1.234,50"),
        ("5", "XXQ", "en", "XXQ\u00a05"),
    ],
)
def test_an_amount_is_written_like_this(amount: str, currency: str, language: str, expected: str) -> None:
    assert format_money(Decimal(amount), currency, language) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "language", "expected"),
    [
        ("1428650", "USD", "en", "$1.4M"),
        ("184000", "USD", "en", "$184K"),
        ("61200", "USD", "en", "$61.2K"),
        ("999949", "USD", "en", "$1M"),
        ("999499", "USD", "en", "$999K"),
        ("950.4", "USD", "en", "$950"),
        ("9.5", "USD", "en", "$9.50"),
        ("-2500000000", "USD", "en", "-$2.5B"),
        ("1350000", "CNY", "zh-hans", "¥135\u00a0万"),
        ("12345", "CNY", "zh-hans", "¥1.2\u00a0万"),
        ("9500", "CNY", "zh-hans", "¥9,500"),
        ("320000000", "CNY", "zh-hans", "¥3.2\u00a0亿"),
        ("99999999", "CNY", "zh-hans", "¥1\u00a0亿"),
        ("-0.001", "CNY", "zh-hans", "¥0"),
    ],
)
def test_an_amount_is_shortened_like_this(amount: str, currency: str, language: str, expected: str) -> None:
    assert format_money(Decimal(amount), currency, language, short=True) == expected


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1,054.00", "1054", "CNY"),
        ("¥1 234,50", "1234.5", "CNY"),
        ("USD 1.5k", "1500", "USD"),
        ("12万", "120000", "CNY"),
        ("￥3.2亿", "320000000", "CNY"),
        ("人民币12.5万元整", "125000", "CNY"),
        ("3亿2000万", "320000000", "CNY"),
        ("3万5000", "35000", "CNY"),
        ("3万5千", "35000", "CNY"),
        ("(500)", "-500", "CNY"),
        ("($500.00)", "-500", "USD"),
        ("−500", "-500", "CNY"),
        ("-$500", "-500", "USD"),
        ("$-500", "-500", "USD"),
        ("500-", "-500", "CNY"),
        ("500 USD-", "-500", "USD"),
        ("+500", "500", "CNY"),
        ("(0)", "0", "CNY"),
        ("５００．５", "500.5", "CNY"),
        ("1.054", "1.054", "CNY"),
        ("1,054", "1054", "CNY"),
        ("0,054", "0.054", "CNY"),
        ("1054,125", "1054.125", "CNY"),
        ("1,5", "1.5", "CNY"),
        ("1.054,50", "1054.5", "CNY"),
        ("1.054.000", "1054000", "CNY"),
        ("1'000.50", "1000.5", "CNY"),
        ("1,23,456.50", "123456.5", "CNY"),
        ("1 234 567,89 €", "1234567.89", "EUR"),
        ("1\u202f234,5 €", "1234.5", "EUR"),
        ("1.8E+06", "1800000", "CNY"),
        ("1054.1000000000001", "1054.1000000000001", "CNY"),
        (".5", "0.5", "CNY"),
        ("100.", "100", "CNY"),
        ("HK$3.5", "3.5", "HKD"),
        ("US$5m", "5000000", "USD"),
        ("5k$", "5000", "USD"),
        ("kr 500", "500", "SEK"),
        ("2.5bn usd", "2500000000", "USD"),
        ("500港币", "500", "HKD"),
        ("CHF 12.–", "12", "CHF"),
    ],
)
def test_an_amount_is_read_like_this(text: str, amount: str, currency: str) -> None:
    assert parse_money(text, "CNY") == Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "default", "currency"),
    [("$5", "CAD", "CAD"), ("$5", "EUR", "USD"), ("¥5", "JPY", "JPY"), ("¥5", "EUR", "CNY"), ("5 kr", "NOK", "NOK")],
)
def test_a_shared_symbol_means_the_default_currency_if_it_can(text: str, default: str, currency: str) -> None:
    assert parse_money(text, default).currency == currency


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Enter an amount, for example 1,054.00."),
        ("  ", "Enter an amount, for example 1,054.00."),
        ("$", "“$” is not an amount: write it like 1,054.00."),
        ("--", "“--” is not an amount: write it like 1,054.00."),
        ("nan", "“nan” is not an amount: write it like 1,054.00."),
        ("12 bananas", "“bananas” in “12 bananas” is not part of a number."),
        ("5%", "“%” in “5%” is not part of a number."),
        ("1万2亿", "“亿” in “1万2亿” is not part of a number."),
        ("12k5", "“5” in “12k5” is not part of a number."),
        ("1m500", "“500” in “1m500” is not part of a number."),
        ("3万5", "“5” in “3万5” is not part of a number."),
        ("1,2,3", "The separators in “1,2,3” do not fit: write it like 1,054.00."),
        ("1..2", "The separators in “1..2” do not fit: write it like 1,054.00."),
        ("1 2", "The separators in “1 2” do not fit: write it like 1,054.00."),
        ("1,05,4", "The separators in “1,05,4” do not fit: write it like 1,054.00."),
        ("9" * 19, f"“{'9' * 19}” has too many digits."),
        ("1e99", "“1e99” has too many digits."),
        ("$5 EUR", "There are two different currencies in one amount."),
        ("$x5", "“$x5” is not an amount of money. “x5” in “x5” is not part of a number."),
    ],
)
def test_what_is_not_an_amount_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared below
        parse_money(text, "CNY")
    assert str(refused.value) == problem


@given(AMOUNTS, st.sampled_from(sorted(CURRENCIES)), st.sampled_from(["en", "zh-hans"]))
def test_reading_what_was_written_gives_the_same_money(amount: Decimal, currency: str, language: str) -> None:
    money = Money(amount, currency).rounded()
    assert parse_money(format_money(money.amount, currency, language), currency) == money
    assert parse_money(str(money), "CNY") == money


@given(AMOUNTS, st.sampled_from(["USD", "CNY", "JPY", "KWD"]), st.sampled_from(["en", "zh-hans"]))
def test_a_shortened_amount_is_right_to_a_twentieth(amount: Decimal, currency: str, language: str) -> None:
    short = parse_money(format_money(amount, currency, language, short=True), currency)
    assert abs(short.amount - amount) <= max(abs(amount) / 20, Decimal("0.5"))


@given(st.text(max_size=30) | st.text("0123456789.,-+()$¥€ kKmM万亿eE元'", max_size=20))
def test_any_text_is_money_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        money = parse_money(text, "USD")
        assert money.amount.is_finite()
        assert money.currency in CURRENCIES


@given(st.decimals(0, 10**9, places=3))
def test_a_plain_number_is_read_as_it_stands(number: Decimal) -> None:
    assert parse_amount(f"{number:,}" if number >= 1 else str(number)) == number


@given(
    AMOUNTS,
    st.lists(st.integers(0, 1000) | st.decimals(0, 100, places=3), min_size=1, max_size=20),
    st.integers(0, 3),
)
def test_the_shares_of_a_split_sum_to_the_whole(amount: Decimal, weights: list[Decimal | int], coin: int) -> None:
    shares = split(amount, weights, coin)
    assert sum(shares) == amount
    assert len(shares) == len(weights)
    total = sum(map(Fraction, weights))
    if total:
        finest = Fraction(1, 10 ** max(coin, 2))
        fair = [Fraction(amount) * Fraction(weight) / total for weight in weights]
        assert all(abs(Fraction(share) - due) < finest for share, due in zip(shares, fair, strict=True))
    assert split(-amount, weights, coin) == [-share for share in shares]


@pytest.mark.parametrize(
    ("amount", "weights", "coin", "expected"),
    [
        ("100", [1, 1, 1], 2, ["33.34", "33.33", "33.33"]),
        ("100", [1, 1, 1], 0, ["34", "33", "33"]),
        ("0.05", [1, 2, 0], 2, ["0.02", "0.03", "0.00"]),
        ("1.001", [1, 1], 2, ["0.501", "0.500"]),
        ("10", [0, 0], 2, ["5.00", "5.00"]),
        ("0", [1, 5], 2, ["0.00", "0.00"]),
    ],
)
def test_an_amount_is_split_like_this(amount: str, weights: list[int], coin: int, expected: list[str]) -> None:
    assert split(Decimal(amount), weights, coin) == [Decimal(share) for share in expected]


def test_nothing_is_split_by_no_weights_or_negative_ones() -> None:
    for weights in ([], [1, -1]):
        with pytest.raises(ValueError, match="one or more weights"):
            split(Decimal(1), weights, 2)


def test_papers_write_amounts_in_full() -> None:
    cases = [
        ("890", "USD", "$890.00"),
        ("0.0125", "USD", "$0.0125"),
        ("1234567.5", "USD", "$1,234,567.50"),
        ("-12", "JPY", "-¥12"),
        ("129.5000", "USD", "$129.50"),
    ]
    assert [format_in_full(Decimal(amount), currency, "en") for amount, currency, _said in cases] == [
        said for _amount, _currency, said in cases
    ]


def test_large_sums_are_written_without_their_coins() -> None:
    cases = [("500728.78", "$500,729"), ("-1999.50", "-$2,000"), ("999.99", "$999.99"), ("0", "$0")]
    assert [format_sum(Decimal(amount), "USD", "en") for amount, _said in cases] == [said for _amount, said in cases]
