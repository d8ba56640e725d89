"""What identifies a company or a person to others: registration and tax numbers, e-mail, web addresses."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from django.utils.translation import gettext
from stdnum import get_cc_module
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

_LONGEST_SHOWN = 60


def check_credit_code(text: str) -> str:
    """A Chinese unified social credit code (GB 32100), normalised; ValueError says which check failed."""
    code = _letters_and_digits(text)
    try:
        return str(uscc.validate(code))
    except InvalidLength:
        raise ValueError(
            gettext("A unified social credit code has 18 digits and letters; “%(code)s” has %(count)d.")
            % {"code": code[:_LONGEST_SHOWN], "count": len(code)}
        ) from None
    except InvalidChecksum:
        raise ValueError(gettext("The check digit of “%(code)s” does not fit: is a character mistyped?") % {"code": code}) from None
    except ValidationError:
        raise ValueError(_credit_code_problem(code)) from None


def _credit_code_problem(code: str) -> str:
    misplaced = next((letter for letter in code[:8] if not letter.isdecimal()), None)
    misplaced = misplaced or next((letter for letter in code if letter not in "0123456789ABCDEFGHJKLMNPQRTUWXY"), "")
    return gettext("“%(letter)s” cannot stand where it stands in “%(code)s”: the first 8 are digits, I O S V Z are not used.") % {
        "letter": misplaced,
        "code": code,
    }


def check_vat(text: str, country: str = "") -> str:
    """A value added tax number, normalised; ValueError says which check failed.

    `country` is an ISO code; without it the number must begin with one (DE136695976). Numbers of
    countries whose rules are not known are only tidied.
    """
    number = _letters_and_digits(text)
    code = (country or number[:2]).upper()
    if not number or not code.isalpha():
        raise ValueError(gettext("Enter a tax number that begins with its country, for example DE136695976."))
    rules = get_cc_module(code.lower(), "vat")
    if rules is None:
        if country:
            return number
        raise ValueError(gettext("“%(code)s” is not a country whose tax numbers are known.") % {"code": code})
    try:
        valid = str(rules.validate(number))
    except ValidationError as problem:
        raise ValueError(
            gettext("“%(number)s” is not a tax number of %(country)s: %(reason)s.")
            % {"number": number[:_LONGEST_SHOWN], "country": code, "reason": _reason(problem)}
        ) from None
    return valid if valid.startswith(code) else code + valid


def _reason(problem: ValidationError) -> str:
    if isinstance(problem, InvalidLength):
        return gettext("its length is wrong")
    if isinstance(problem, InvalidChecksum):
        return gettext("its check digit does not fit")
    return gettext("its form is wrong")


def _letters_and_digits(text: str) -> str:
    return re.sub(r"[\s\-._/]+", "", unicodedata.normalize("NFKC", text)).upper()


_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]+)>")
_LOCAL_PART = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
USUAL_EMAIL = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@(?:[a-z0-9]+\.)+[a-z]{2,}", re.ASCII)
"""What most addresses are: short ones are kept as they are."""
_SURELY_SHORT = 64
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")


def clean_email(text: str) -> str:
    """The address with its domain in small letters, international domains in their own script; ValueError.

    A name around it (Alice <alice@example.com>) and "mailto:" are dropped.
    """
    if len(text) <= _SURELY_SHORT and USUAL_EMAIL.fullmatch(text):
        return text
    plain = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()
    if "<" in plain and (match := _IN_BRACKETS.fullmatch(plain)):
        plain = match[1].strip()
    if plain[:7].lower() == "mailto:":
        plain = plain[7:]
    local, at, domain = plain.rpartition("@")
    if not at or not local or not domain:
        raise _not_email(text, gettext("it needs a name, an @ and a domain"))
    if not _LOCAL_PART.fullmatch(local):
        raise _not_email(text, gettext("there is a wrong character before the @"))
    if len(local.encode()) > 64 or len(plain.encode()) > 254:
        raise _not_email(text, gettext("it is too long"))
    clean = _clean_domain(domain)
    if not clean:
        raise _not_email(text, gettext("“%(domain)s” is not a domain") % {"domain": domain[:_LONGEST_SHOWN]})
    return f"{local}@{clean}"


def _not_email(text: str, reason: str) -> ValueError:
    shown = text.strip()[:_LONGEST_SHOWN]
    return ValueError(gettext("“%(text)s” is not an e-mail address: %(reason)s.") % {"text": shown, "reason": reason})


@lru_cache(maxsize=1 << 12)
def _clean_domain(domain: str) -> str:
    """The domain in small letters and its own script; empty if it is none."""
    domain = domain.casefold().removesuffix(".")
    labels = domain.split(".")
    if len(labels) < 2 or "_" in domain or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        return ""
    try:
        encoded = domain.encode("idna")
        return encoded.decode("idna") if len(encoded) <= 253 and len(labels[-1]) > 1 else ""
    except UnicodeError:
        return ""


def email_domain(email: str) -> str:
    """What follows the @, in small letters; empty without one."""
    _, at, domain = email.rpartition("@")
    return domain.strip().casefold() if at else ""


_FREE_MAIL = frozenset(
    {"126.com", "139.com", "163.com", "163.net", "188.com", "189.cn", "21cn.com", "263.net", "aliyun.com", "foxmail.com"}
    | {"qq.com", "sina.cn", "sina.com", "sohu.com", "tom.com", "vip.163.com", "vip.qq.com", "vip.sina.com", "wo.cn"}
    | {"yeah.net", "vip.126.com", "aol.com", "comcast.net", "daum.net", "duck.com", "fastmail.com", "free.fr", "gmail.com"}
    | {"gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hanmail.net", "hey.com", "hotmail.co.uk"}
    | {"hotmail.com", "hotmail.de", "hotmail.fr", "icloud.com", "inbox.ru", "laposte.net", "libero.it", "live.cn"}
    | {"live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr", "outlook.com"}
    | {"outlook.de", "outlook.fr", "pm.me", "proton.me", "protonmail.com", "rediffmail.com", "t-online.de", "tutanota.com"}
    | {"wanadoo.fr", "web.de", "yahoo.cn", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.com.cn"}
    | {"yahoo.com.hk", "yahoo.com.tw", "yahoo.de", "yahoo.fr", "yandex.com", "yandex.ru", "ymail.com", "zohomail.com"}
)


def is_free_mail(domain: str) -> bool:
    """Whether anyone may have an address of this domain, so that it says nothing of their company."""
    return domain.strip().casefold() in _FREE_MAIL


_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
_HOST_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def clean_url(text: str) -> str:
    """The web address with its scheme, which is https if none was written; ValueError.

    Scheme and host in small letters, a default port dropped. Only http and https, no user names.
    """
    plain = text.strip()
    scheme = _SCHEME.match(plain)
    if not scheme:
        plain = "https://" + plain.removeprefix("//")
    elif scheme[1].lower() not in ("http", "https"):
        raise _not_url(text, gettext("only http and https are taken"))
    if any(letter.isspace() or ord(letter) < 32 or letter in '<>"\\^`{|}' for letter in plain):
        raise _not_url(text, gettext("it has a space or another character that must be written as %20 and the like"))
    try:
        parts = urlsplit(plain)
        port = parts.port
    except ValueError:
        raise _not_url(text, gettext("its host or port is wrong")) from None
    if parts.username is not None:
        raise _not_url(text, gettext("it has a user name"))
    host = _clean_host(parts.hostname or "")
    if not host:
        raise _not_url(text, gettext("it has no domain"))
    if port is not None and port != {"http": 80, "https": 443}[parts.scheme]:
        host = f"{host}:{port}"
    return urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))


def _clean_host(host: str) -> str:
    if _HOST_NUMBER.fullmatch(host):
        return host if all(int(part) < 256 for part in host.split(".")) else ""
    return _clean_domain(unicodedata.normalize("NFKC", host))


def _not_url(text: str, reason: str) -> ValueError:
    shown = text.strip()[:_LONGEST_SHOWN]
    return ValueError(gettext("“%(text)s” is not a web address: %(reason)s.") % {"text": shown, "reason": reason})
