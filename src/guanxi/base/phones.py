"""Phone numbers: kept as E.164 with an extension (+862168884321;ext=12), shown as people dial them.

Chinese mobiles and plain international numbers are read without the phonenumbers package, which knows
every numbering plan and takes a hundred times as long.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from django.utils.translation import gettext
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from guanxi.base.dialling import split_country_code

_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
# Of mainland China without trunk zero: area codes with their numbers, 400 and 800; and service numbers.
_CHINESE_DIALLED = r"1[3-9][0-9]{9}|(?:10|2[0-57-9])[2-8][0-9]{7}|[3-9][0-9]{2}[2-8][0-9]{6,7}|[48]00[0-9]{7}"
_CHINESE_SERVICE = r"1[0-2][0-9]{3,6}|9[56][0-9]{3,6}"
_CHINESE = re.compile(rf"(?:\+86|0086|86)?(?:0?({_CHINESE_DIALLED})|({_CHINESE_SERVICE}))")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_PUNCTUATION = str.maketrans("", "", " -().\u00a0\u2010\u2011\u2013")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_EXTENSION = re.compile(r"[;,]?\s*(?:ext(?:ension|n)?\.?[=:]?|#|x|转(?:接)?|分机[::]?)\s*([0-9]{1,8})\s*$", re.IGNORECASE)
_LABEL = re.compile(r"^(?:tel|phone|mobile|fax|电话|手机|传真)\s*[::.]?\s*", re.IGNORECASE)
_LONGEST = 60


def parse_phone(text: str, region: str = "CN") -> str:
    """The number in E.164, with ";ext=" if it has an extension; ValueError says what is wrong.

    A number without a country code belongs to `region`. Chinese service numbers (95588, 12345) get the
    country code too, so that they are kept and found like others; emergency numbers are refused.
    """
    mobile = _CHINESE_MOBILE.fullmatch(text)
    if mobile and (region == "CN" or len(text) > 11):
        return "+86" + mobile[1]
    plain = text.translate(_PUNCTUATION)
    chinese = _CHINESE.fullmatch(plain)
    if chinese and (region == "CN" or plain.startswith(("+86", "0086"))):
        return "+86" + (chinese[1] or chinese[2])
    if _E164.fullmatch(plain) and _needs_no_reading(plain):
        return plain
    return _read_by_plan(text, region)


def _needs_no_reading(e164: str) -> bool:
    """Whether the package would keep the number as it is, by its length and how it begins."""
    code, national = split_country_code(e164[1:])
    lengths, prefix = _plan(code)
    return len(national) in lengths and not (prefix and prefix.match(national))


@lru_cache(maxsize=512)
def _plan(code: str) -> tuple[frozenset[int], re.Pattern[str] | None]:
    """Of a country code: how long national numbers may be, and what is taken off their beginning."""
    if not code or code == "86":  # Chinese numbers have their own expressions above
        return frozenset(), None
    region = phonenumbers.region_code_for_country_code(int(code))
    plan = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    if not plan or not plan.general_desc:
        return frozenset(), None
    prefix = plan.national_prefix_for_parsing
    return frozenset(plan.general_desc.possible_length), re.compile(prefix) if prefix else None


def _read_by_plan(text: str, region: str) -> str:
    plain = _LABEL.sub("", unicodedata.normalize("NFKC", text).strip())
    if not plain or not digits(plain):
        raise ValueError(gettext("Enter a phone number, for example +86 138 1234 5678."))
    extension = _EXTENSION.search(plain)
    number_text = plain[: extension.start()] if extension else plain
    if len(plain) > _LONGEST or (not extension and any(map(str.isalpha, plain))):
        raise _refused(text, gettext("it has letters or is too long"))
    if not number_text.startswith("+") and number_text.startswith("00") and len(digits(number_text)) > 9:
        number_text = "+" + number_text[2:]
    try:
        number = phonenumbers.parse(number_text, region)
    except NumberParseException as problem:
        raise _refused(text, _parse_problem(problem.error_type)) from None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != ValidationResult.IS_POSSIBLE:
        raise _refused(text, _length_problem(possible))
    e164 = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    if number.country_code == 86 and not _CHINESE.fullmatch(e164) and not phonenumbers.is_valid_number(number):
        raise _refused(text, gettext("Chinese mobiles have 11 digits, other numbers need their area code"))
    found = extension[1] if extension else number.extension
    return f"{e164};ext={found}" if found else e164


def _refused(text: str, reason: str) -> ValueError:
    return ValueError(gettext("“%(text)s” is not a phone number: %(reason)s.") % {"text": text.strip()[:_LONGEST], "reason": reason})


def _parse_problem(error: int) -> str:
    if error == NumberParseException.INVALID_COUNTRY_CODE:
        return gettext("no country has this code")
    if error in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD):
        return gettext("it is too short")
    if error == NumberParseException.TOO_LONG:
        return gettext("it is too long")
    return gettext("it does not begin like one")


def _length_problem(result: int) -> str:
    if result in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return gettext("it is too short")
    if result == ValidationResult.TOO_LONG:
        return gettext("it is too long")
    return gettext("numbers of this country are not this long")


class _Parts(NamedTuple):
    e164: str
    extension: str


def _parts(stored: str) -> _Parts:
    e164, _, extension = stored.partition(";ext=")
    return _Parts(e164, extension)


@lru_cache(maxsize=20_000)
def format_phone(e164: str, region: str = "CN") -> str:
    """The number as people at home in `region` dial it: 138 1234 5678, abroad +86 138 1234 5678."""
    number, extension = _parts(e164)
    if not extension and number.startswith("+861") and _CHINESE_MOBILE.fullmatch(number):  # most numbers of most lists
        abroad = "" if region == "CN" else "+86 "
        return f"{abroad}{number[3:6]} {number[6:10]} {number[10:]}"
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        return e164
    at_home = parsed.country_code == phonenumbers.country_code_for_region(region)
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    written = str(phonenumbers.format_number(parsed, style))
    return f"{written} ext. {extension}" if extension else written


def mask_phone(e164: str) -> str:
    """The national number with its middle hidden: 138****4321; of short ones only two digits show."""
    number, _ = _parts(e164)
    plain = digits(number)
    national = split_country_code(plain)[1] if number.startswith("+") else plain
    if len(national) < 8:
        return "****" + national[-2:] if len(national) > 4 else "****"
    return f"{national[:3]}****{national[-4:]}" if len(national) > 9 else f"{national[:2]}****{national[-2:]}"


def digits(text: str) -> str:
    """Only the digits of a text, full-width ones as plain ones."""
    return _NOT_DIGITS.sub("", text if text.isascii() else unicodedata.normalize("NFKC", text))
