"""All kinds asked in order, overlaps settled, placeholders put in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from types import ModuleType

from valence.text.annotation import Span
from valence.text.redaction import cues, digits
from valence.text.redaction.found import Found, Kind, Names, Redacted
from valence.text.redaction.kinds import (
    address,
    birth,
    card,
    email,
    iban,
    ip,
    name,
    national,
    number,
    phone,
    secret,
    url,
)

# In this order one that comes first wins what both claim: what check digits prove goes before what a shape suggests.
_MARKED: tuple[ModuleType, ...] = (email, url)
_NUMBERED: tuple[ModuleType, ...] = (iban, ip, card, national, birth, secret, address, phone, number)
_PERSONAL_NAMES = frozenset(
    {
        "name", "first_name", "last_name", "full_name", "surname", "email", "e_mail", "mail", "phone", "mobile",
        "telephone", "tel", "iban", "card", "card_number", "account_number", "address", "street", "birthday",
        "birth_date", "date_of_birth", "ssn", "passport", "firstname", "lastname", "given_name", "family_name",
        "middle_name", "vorname", "nachname", "familienname", "geburtsdatum", "geburtstag", "strasse", "straße",
        "anschrift", "rufnummer", "telefon", "handy", "prenom", "prénom", "nom", "apellido", "apellidos", "nombre",
        "voornaam", "achternaam", "cognome", "imie", "imię", "nazwisko",
    }
)  # fmt: skip


def clean(text: str, *, names: Names | None = None) -> str:
    """Return the text with what is personal replaced by what it was: `[email]`, `[phone]`, `[name]` ..."""
    return read(text, names=names).text


def clean_line(text: str) -> str:
    """Return a short field (a reason, an attribute) without numbers and addresses of people; its words stay.

    Names are not looked for: "Max" may be a tariff, and a code must stay the same code.
    """
    seen = cues.see(text=text, numbers_only=True)
    kinds = _MARKED + (_NUMBERED if seen.has_digits else ())
    found = _settled(chain.from_iterable(kind.find(seen=seen) for kind in kinds), len(text))
    return _replaced(text, found) if found else text


def read(text: str, *, names: Names | None = None) -> Redacted:
    """Return the text with placeholders, and what was found. `names`: a model that finds more names than the rules."""
    return read_all([text], names=names)[0]


def read_all(texts: Sequence[str], *, names: Names | None = None) -> list[Redacted]:
    """Return each text with placeholders; a model of names reads all of them together."""
    more = names.find(texts=texts) if names else [[] for _ in texts]
    return [_read(text, spans) for text, spans in zip(texts, more, strict=True)]


def looks_personal(*, name: str, value: str) -> bool:
    """Return whether a value of an attribute belongs into the person's encrypted record."""
    if name.strip().lower().replace("-", "_").replace(" ", "_") in _PERSONAL_NAMES:
        return True
    whole = value.strip()
    if email.is_whole(text=whole) or iban.is_whole(text=whole):
        return True
    if len(whole) > 40 or sum(map(str.isdecimal, whole)) < 9:
        return False
    return card.is_card(number=digits.plain(text=whole)) or phone.is_whole(text=whole)


def _read(text: str, by_model: Iterable[Span]) -> Redacted:
    seen = cues.see(text=text)
    kinds = _MARKED + (_NUMBERED if seen.has_digits else ()) + (name,)
    found = chain.from_iterable(kind.find(seen=seen) for kind in kinds)
    settled = _settled(chain(found, (Found(kind=Kind.NAME, span=span) for span in by_model)), len(text))
    return Redacted(text=_replaced(text, settled), found=tuple(settled)) if settled else Redacted(text=text, found=())


def _settled(found: Iterable[Found], length: int) -> list[Found]:
    """Return what was found in order of place; where two claim a character, the one that was found first keeps it."""
    taken = bytearray(length)
    kept: list[Found] = []
    for each in found:
        start, end = each.span.start, each.span.end
        if end > start and not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            kept.append(each)
        else:
            kept.extend(_rest_of(each, taken))
    return sorted(kept, key=lambda one: one.span)


def _rest_of(each: Found, taken: bytearray) -> list[Found]:
    """Return what nobody claimed yet of an address or a name; of a number a rest would mean nothing."""
    rest: list[Found] = []
    if each.kind not in (Kind.ADDRESS, Kind.NAME):
        return rest
    start = each.span.start
    while start < each.span.end:
        if taken[start]:
            start += 1
            continue
        end = taken.find(1, start, each.span.end)
        end = each.span.end if end < 0 else end
        rest.append(Found(kind=each.kind, span=Span(start, end)))
        taken[start:end] = b"\x01" * (end - start)
        start = end
    return rest


def _replaced(text: str, found: Sequence[Found]) -> str:
    parts: list[str] = []
    at = 0
    for each in found:
        if text[at : each.span.start].strip(" ,\n") or not parts or parts[-1] != f"[{each.kind}]":
            parts += (text[at : each.span.start], f"[{each.kind}]")
        at = each.span.end
    return "".join((*parts, text[at:]))
