"""What shows that two ids name one person, and how surely. Pure.

Fellegi and Sunter's way, with three cases instead of two: two ids name one person, two of one household (who share
an e-mail, a phone, an address, a surname), or strangers (who share a phone that several have, or a name). Each thing
that two records share or differ in weighs by how usual it is in each case. How usual that is, is learned from the
pairs at hand without anybody's answer, by expectation-maximisation; what people decided counts as known; and what is
usual stands behind it as if PRIOR_PAIRS pairs had been seen, so that few data change little.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
import phonenumbers
from numpy.typing import NDArray

from valence.customers.rules_links import Relation

Levels = NDArray[np.int8]
Table = NDArray[np.float64]

MOST_SHARING = 10
PRIOR_PAIRS = 100.0
ROUNDS = 60
TIGHT = 1e-6
LEAST = 0.5
UNKNOWN = -1
DIFFERS = 0


class Case(IntEnum):
    """What two ids may be to each other; the place of a case in every array."""

    PERSON = 0
    HOUSEHOLD = 1
    STRANGERS = 2


@dataclass(frozen=True)
class Field:
    """Something that two records share or not, its levels in words, and how usual each level is in each case.

    The first level says that they differ; what one of the two lacks says nothing at all.
    """

    name: str
    levels: tuple[str, ...]
    person: tuple[float, ...]
    household: tuple[float, ...]
    strangers: tuple[float, ...]

    @property
    def usual(self) -> Table:
        """How usual each level is, (cases, levels)."""
        return np.array([self.person, self.household, self.strangers])


FIELDS = (
    Field("email", ("different e-mails", "an e-mail that several have", "the same e-mail"),
          (0.25, 0.08, 0.67), (0.50, 0.25, 0.25), (0.90, 0.07, 0.03)),
    Field("phone", ("different phones", "a phone that several have", "the same phone"),
          (0.25, 0.08, 0.67), (0.35, 0.25, 0.40), (0.40, 0.45, 0.15)),
    Field("name", ("different names", "the same surname, another first name", "the same name"),
          (0.04, 0.03, 0.93), (0.15, 0.83, 0.02), (0.93, 0.05, 0.02)),
    Field("birth", ("different birth dates", "the same birth date"), (0.03, 0.97), (0.97, 0.03), (0.98, 0.02)),
    Field("address", ("different addresses", "the same address"), (0.30, 0.70), (0.10, 0.90), (0.75, 0.25)),
)  # fmt: skip
NAMES = tuple(field.name for field in FIELDS)
USUAL_SHARES = np.array([0.3, 0.2, 0.5])
BLOCKS = ("email", "phone", "name_birth", "name_address")
"""Only pairs that share one of these are compared at all."""

BIRTH = frozenset({"birth_date", "birthday", "date_of_birth", "born", "dob", "geburtsdatum", "geburtstag"})
ADDRESS = frozenset({"address", "street", "adresse", "strasse", "straße", "postal_address", "household_address"})
_NOT_ALNUM = re.compile(r"[\W_]+", re.UNICODE)


@dataclass(frozen=True)
class Judged:
    """How sure each case is for each pair (p, cases), and what was learned: shares (cases,), levels by field."""

    chance: Table
    shares: Table
    usual: Mapping[str, Table]


def traits(*, record: Mapping[str, str], attributes: Mapping[str, object], country: str) -> dict[str, str]:
    """Return what of a person's record can be compared, by kind, as it is compared."""
    more = {_plain_name(name): str(value) for name, value in attributes.items() if value not in (None, "")}
    more |= {_plain_name(name.removeprefix("attributes.")): value for name, value in record.items()}
    words = _words(record.get("name", ""))
    born = next((_born(more[name]) for name in sorted(BIRTH & more.keys())), "")
    lives = next((_squeezed(more[name]) for name in sorted(ADDRESS & more.keys())), "")
    found = {
        "email": email(text=record.get("email", "")),
        "phone": phone(text=record.get("phone", ""), country=country),
        "birth": born,
        "address": lives if len(lives) > 5 else "",
    }
    if len(words) > 1:
        whole = " ".join(sorted(words))
        found |= {"name": whole, "surname": _surname(record["name"])}
        found |= {f"name_{kind}": f"{whole} {found[kind]}" for kind in ("birth", "address") if found[kind]}
    return {kind: value for kind, value in found.items() if value}


def email(*, text: str) -> str:
    """Return an e-mail as it is compared: lower case, without what stands after a + before the @."""
    before, at, domain = text.strip().lower().partition("@")
    return f"{before.partition('+')[0]}@{domain}" if at and before and "." in domain else ""


def phone(*, text: str, country: str) -> str:
    """Return a phone number as it is compared: as it is dialled from abroad.

    One without the prefix of its country is taken for one of `country` (two letters, "" where that is not known: then
    it only equals one written in the same way).
    """
    if not text.strip():
        return ""
    try:
        parsed = phonenumbers.parse(re.sub(r"^\s*00", "+", text), country or None)
    except phonenumbers.NumberParseException:
        digits = "".join(re.findall(r"\d", text))
        return digits.lstrip("0") if len(digits) >= 7 else ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def compared(*, one: Mapping[str, bytes], other: Mapping[str, bytes], sharing: Mapping[bytes, int]) -> list[int]:
    """Return the level of each field for a pair, given as hashes by kind; `sharing`: how many ids have a value."""
    found = []
    for field in FIELDS:
        mine, theirs = one.get(field.name), other.get(field.name)
        if mine is None or theirs is None:
            found.append(UNKNOWN)
        elif mine != theirs:
            same_surname = field.name == "name" and one.get("surname") == other.get("surname")
            found.append(1 if same_surname else DIFFERS)
        elif field.name in ("email", "phone"):
            found.append(2 if sharing.get(mine, 2) <= 2 else 1)
        else:
            found.append(len(field.levels) - 1)
    return found


def judged(*, levels: Levels, known: Sequence[Collection[Case]]) -> Judged:
    """Return how sure each case is for each pair (p, fields); `known`: the cases that are left for each after what
    people decided, all of them where nobody did.
    """
    possible = np.array([[case in left for case in Case] for left in known]).reshape(len(levels), len(Case))
    shares, usual = USUAL_SHARES, [field.usual for field in FIELDS]
    chance = _chance(levels, shares, usual) * possible
    for _ in range(ROUNDS if len(levels) else 0):
        weight = chance / chance.sum(1, keepdims=True)
        shares = (weight.sum(0) + USUAL_SHARES * PRIOR_PAIRS) / (len(levels) + PRIOR_PAIRS)
        usual = [_usual(levels[:, at], weight, field.usual) for at, field in enumerate(FIELDS)]
        before, chance = weight, _chance(levels, shares, usual) * possible
        if np.abs(chance / chance.sum(1, keepdims=True) - before).max() < TIGHT:
            break
    return Judged(
        chance=_chance(levels, shares, usual),
        shares=shares,
        usual={field.name: values for field, values in zip(FIELDS, usual, strict=True)},
    )


def evidence(*, levels: Sequence[int]) -> tuple[str, ...]:
    """Return the names of what a pair shares."""
    return tuple(field.name for field, level in zip(FIELDS, levels, strict=True) if level > DIFFERS)


def reason(*, levels: Sequence[int]) -> str:
    """Say in words what a pair shares, and what speaks against it; never a value."""
    shared = [field.levels[level] for field, level in zip(FIELDS, levels, strict=True) if level > DIFFERS]
    against = [field.levels[0] for field, level in zip(FIELDS, levels, strict=True) if level == DIFFERS]
    said = _listed(shared)
    return f"{said[:1].upper()}{said[1:]}" + (f", but {_listed(against)}" if against else "")


def proposed(*, chance: Sequence[float], both_run: bool) -> tuple[Relation, float] | None:
    """Return what to propose for a pair by its chances (cases,) and how surely, None where nothing.

    Two contracts of one person that run side by side stay two customers of one account, so that each stays or leaves
    by itself.
    """
    if chance[Case.PERSON] >= LEAST:
        return (Relation.ACCOUNT if both_run else Relation.SAME), chance[Case.PERSON]
    return (Relation.HOUSEHOLD, chance[Case.HOUSEHOLD]) if chance[Case.HOUSEHOLD] >= LEAST else None


def _chance(levels: Levels, shares: Table, usual: Sequence[Table]) -> Table:
    odds = np.tile(np.log(shares), (len(levels), 1))
    for at, values in enumerate(usual):
        said = levels[:, at] >= 0
        odds[said] += np.log(values)[:, levels[said, at]].T
    likely = np.exp(odds - odds.max(1, keepdims=True)) if len(odds) else odds
    return np.asarray(likely / likely.sum(1, keepdims=True))


def _usual(levels: Levels, weight: Table, prior: Table) -> Table:
    """Return how usual each level is in each case among pairs of these weights, with what is usual behind it."""
    said = levels >= 0
    size = prior.shape[1]
    counted = np.array([np.bincount(levels[said], weights=weight[said, case], minlength=size) for case in Case])
    return np.asarray((counted + PRIOR_PAIRS * prior) / (counted.sum(1, keepdims=True) + PRIOR_PAIRS))


def _plain_name(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def _squeezed(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _NOT_ALNUM.sub("", "".join(each for each in decomposed if not unicodedata.combining(each)))


def _words(name: str) -> list[str]:
    return [word for part in re.split(r"[\s,]+", name) if (word := _squeezed(part)) and len(word) > 1]


def _surname(name: str) -> str:
    """Return the surname: what stands before a comma, else the last word."""
    before, comma, _ = name.partition(",")
    return _squeezed(before) if comma else _words(name)[-1]


def _born(text: str) -> str:
    """Return a date of birth as it is compared, day before month where it is not written as a computer does."""
    parts = re.findall(r"\d+", text)[:3]
    if len(parts) < 3:
        return ""
    year, month, day = parts if len(parts[0]) == 4 else (parts[2], parts[1], parts[0])
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
