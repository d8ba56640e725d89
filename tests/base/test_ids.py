"""Numbers, e-mail and web addresses: tidied when right, refused with the reason when wrong."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.base.ids import USUAL_EMAIL, check_credit_code, check_vat, clean_email, clean_url, email_domain, is_free_mail


def refusal(check: Callable[[str], str], text: str) -> str:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - callers compare the whole message
        check(text)
    return str(refused.value)


@pytest.mark.parametrize("text", ["91350100M000100Y43", " 91350100-m000100y43 ", "９１３５０１００Ｍ０００１００Ｙ４３"])
def test_a_credit_code_is_normalised(text: str) -> None:
    assert check_credit_code(text) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "A unified social credit code has 18 digits and letters; “” has 0."),
        ("9135010", "A unified social credit code has 18 digits and letters; “9135010” has 7."),
        ("91350100M000100Y44", "The check digit of “91350100M000100Y44” does not fit: is a character mistyped?"),
        (
            "A1350100M000100Y43",
            "“A” cannot stand where it stands in “A1350100M000100Y43”: the first 8 are digits, I O S V Z are not used.",
        ),
        (
            "91350100MO00100Y43",
            "“O” cannot stand where it stands in “91350100MO00100Y43”: the first 8 are digits, I O S V Z are not used.",
        ),
    ],
)
def test_a_wrong_credit_code_is_refused_with_the_check_that_failed(text: str, problem: str) -> None:
    assert refusal(check_credit_code, text) == problem


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_mistyped_character_never_passes(at: int, letter: str) -> None:
    code = "91350100M000100Y43"
    mistyped = code[:at] + letter + code[at + 1 :]
    if mistyped != code:
        assert refusal(check_credit_code, mistyped)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("DE 136 695 976", "", "DE136695976"),
        ("136695976", "de", "DE136695976"),
        ("GB 980 7806 84", "GB", "GB980780684"),
        ("12-345", "XX", "12345"),
    ],
)
def test_a_tax_number_is_normalised(text: str, country: str, expected: str) -> None:
    assert check_vat(text, country) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("DE136695978", "“DE136695978” is not a tax number of DE: its check digit does not fit."),
        ("DE1366959", "“DE1366959” is not a tax number of DE: its length is wrong."),
        ("DEABCDEFGHI", "“DEABCDEFGHI” is not a tax number of DE: its form is wrong."),
        ("XX12345", "“XX” is not a country whose tax numbers are known."),
        ("", "Enter a tax number that begins with its country, for example DE136695976."),
        ("123", "Enter a tax number that begins with its country, for example DE136695976."),
    ],
)
def test_a_wrong_tax_number_is_refused_with_the_reason(text: str, problem: str) -> None:
    assert refusal(check_vat, text) == problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alice@example.com", "alice@example.com"),
        (" Alice.Chen+crm@EXAMPLE.Com ", "Alice.Chen+crm@example.com"),
        ("Alice Chen <alice@example.com>", "alice@example.com"),
        ("mailto:alice@example.com", "alice@example.com"),
        ("ａｌｉｃｅ＠example.com", "alice@example.com"),
        ("o'brien@example.co.uk", "o'brien@example.co.uk"),
        ("info@bücher.de", "info@bücher.de"),
        ("info@xn--bcher-kva.de", "info@bücher.de"),
        ("张伟@例子.中国", "张伟@例子.中国"),
        ("a@b.cn", "a@b.cn"),
    ],
)
def test_an_e_mail_address_is_tidied(text: str, expected: str) -> None:
    assert clean_email(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it needs a name, an @ and a domain"),
        ("alice", "it needs a name, an @ and a domain"),
        ("@example.com", "it needs a name, an @ and a domain"),
        ("alice@", "it needs a name, an @ and a domain"),
        ("a@b@example.com", "there is a wrong character before the @"),
        ("alice chen@example.com", "there is a wrong character before the @"),
        (".alice@example.com", "there is a wrong character before the @"),
        ("al..ice@example.com", "there is a wrong character before the @"),
        ("alice@example", "“example” is not a domain"),
        ("alice@-example.com", "“-example.com” is not a domain"),
        ("alice@exa mple.com", "“exa mple.com” is not a domain"),
        ("alice@127.0.0.1", "“127.0.0.1” is not a domain"),
        ("alice@example..com", "“example..com” is not a domain"),
        ("alice@example.c", "“example.c” is not a domain"),
        (f"{'a' * 65}@example.com", "it is too long"),
        ("a@example.com;b@example.com", "there is a wrong character before the @"),
    ],
)
def test_nonsense_is_no_e_mail_address(text: str, reason: str) -> None:
    assert refusal(clean_email, text) == f"“{text[:60]}” is not an e-mail address: {reason}."


def test_the_domain_of_an_address_tells_companies_from_free_mail() -> None:
    assert email_domain("Alice@Northwind.COM") == "northwind.com"
    assert email_domain("nobody") == ""
    assert is_free_mail("QQ.com")
    assert is_free_mail("gmail.com")
    assert not is_free_mail("northwind.com")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.com", "https://example.com"),
        (" HTTP://Example.COM/Path?q=1#top ", "http://example.com/Path?q=1#top"),
        ("//example.com", "https://example.com"),
        ("https://example.com/", "https://example.com/"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("example.com:8080", "https://example.com:8080"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
        ("www.例子.中国/路径", "https://www.例子.中国/路径"),
        ("https://xn--bcher-kva.de", "https://bücher.de"),
    ],
)
def test_a_web_address_is_tidied(text: str, expected: str) -> None:
    assert clean_url(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it has no domain"),
        ("https://", "it has no domain"),
        ("localhost", "it has no domain"),
        ("javascript:alert(1)", "only http and https are taken"),
        ("mailto:a@example.com", "only http and https are taken"),
        ("https://user:secret@example.com", "it has a user name"),
        ("https://example.com:99999", "its host or port is wrong"),
        ("https://[::1", "its host or port is wrong"),
        ("https://999.1.1.1", "it has no domain"),
        ("exa mple.com", "it has a space or another character that must be written as %20 and the like"),
        ("https://example.com/<script>", "it has a space or another character that must be written as %20 and the like"),
    ],
)
def test_nonsense_is_no_web_address(text: str, reason: str) -> None:
    assert refusal(clean_url, text) == f"“{text}” is not a web address: {reason}."


@given(st.from_regex(USUAL_EMAIL, fullmatch=True).filter(lambda text: len(text) <= 64))
def test_an_address_as_most_are_is_kept_as_it_is_whether_or_not_it_is_looked_at_closely(text: str) -> None:
    closely = clean_email(f" {text}")
    assert clean_email(text) == closely == text


@pytest.mark.parametrize("clean", [clean_email, clean_url, check_credit_code, check_vat])
@given(text=st.text(max_size=40) | st.text("abc@.:/-xn中例1 <>%", max_size=25))
def test_tidying_twice_is_tidying_once(clean: Callable[[str], str], text: str) -> None:
    with contextlib.suppress(ValueError):
        once = clean(text)
        assert clean(once) == once
