"""Country calling codes: where the code ends and the national number begins."""

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

_CODES = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


def split_country_code(digits: str) -> tuple[str, str]:
    """Digits of an international number as (calling code, national digits).

    Without a known code the first part is empty. No code begins another, so there is one answer.
    """
    for length in (1, 2, 3):
        if digits[:length] in _CODES:
            return digits[:length], digits[length:]
    return "", digits
