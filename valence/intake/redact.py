"""Personal data that follows a pattern, taken out of text: e-mail, phone, card, IBAN, long numbers. Names stay.

Every pattern is bounded, so that no text can make it slow.
"""

from __future__ import annotations

import re

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_NUMBER = re.compile(r"(?<![\w.,])(?:\+|\()?\d(?:[\d ()/.-]{4,30})\d(?![\w])")
_DATE = re.compile(r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?:[T ]\d{1,2})?")
_US_PHONE = re.compile(r"(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}")
_LONG_RUN = re.compile(r"\d{8,}")
_PERSONAL_NAMES = frozenset(
    {
        "name", "first_name", "last_name", "full_name", "surname", "email", "e_mail", "mail", "phone", "mobile",
        "telephone", "tel", "iban", "card", "card_number", "account_number", "address", "street", "birthday",
        "birth_date", "date_of_birth", "ssn", "passport",
    }
)  # fmt: skip


def clean(text: str) -> str:
    """Return the text with what looks personal replaced by what it was: `[email]`, `[phone]`, `[card]` ..."""
    if "@" in text:
        text = _EMAIL.sub("[email]", text)
    if any(character.isdigit() for character in text):
        text = _IBAN.sub(_iban, text)
        text = _NUMBER.sub(_number, text)
    return text


def looks_personal(*, name: str, value: str) -> bool:
    """Return whether a value of an attribute belongs into the person's encrypted record."""
    if name.strip().lower().replace("-", "_").replace(" ", "_") in _PERSONAL_NAMES:
        return True
    whole = value.strip()
    if "@" in whole and _EMAIL.fullmatch(whole):
        return True
    digits = _digits(whole)
    if len(digits) < 9:
        return False
    if _IBAN.fullmatch(whole) and is_iban(whole):
        return True
    if not _NUMBER.fullmatch(whole) or _DATE.match(whole):
        return False
    return (13 <= len(digits) <= 19 and passes_luhn(digits)) or _is_phone(whole, digits)


def passes_luhn(digits: str) -> bool:
    """Return whether the last digit checks the others, as on payment cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Return whether the check digits of an IBAN hold (ISO 13616, remainder of 97)."""
    compact = re.sub(r"[ -]", "", text).upper()
    if not 15 <= len(compact) <= 34 or not compact.isascii():
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def _iban(match: re.Match[str]) -> str:
    """Replace an IBAN; a word that follows it may have been caught too, so the longest valid beginning counts."""
    found = match.group()
    for end in range(len(found), 14, -1):
        if found[end - 1] not in " -" and is_iban(found[:end]):
            return "[iban]" + found[end:]
    return found


def _number(match: re.Match[str]) -> str:
    found = match.group()
    date = _DATE.match(found)
    if date:
        return date.group() + _NUMBER.sub(_number, found[date.end() :])
    digits = _digits(found)
    if 13 <= len(digits) <= 19 and passes_luhn(digits):
        return "[card]"
    if _is_phone(found, digits):
        return "[phone]"
    return "[number]" if _LONG_RUN.search(found) or len(digits) >= 10 else found


def _is_phone(found: str, digits: str) -> bool:
    if not 7 <= len(digits) <= 15:
        return False
    return found[0] in "+(" or digits[0] == "0" or _US_PHONE.fullmatch(found) is not None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isdigit())
