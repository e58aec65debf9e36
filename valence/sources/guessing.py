"""Which column is which of ours: guessed from its name in eight languages and from what stands in it.

A guess is what the name says times how well the values fit. The surest guess is taken first; a column is one of ours
only once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from valence.sources import lexicon
from valence.sources.notation import times
from valence.sources.profiles import Profile

SURE = 0.65
TAKEN = 0.34
SENTENCES = 4.5
"""How many words the values of a column have on average where they are sentences, and no names of reasons."""
MANY = 12
FEW_ROWS = 20
MOST_CONTRACTS = 0.2
"""One customer has up to five contracts on average; where there are more rows for each, they are something else."""
TIME_FIELDS = ("occurred_at", "promised_at", "recorded_at", "joined_at", "left_at")


FILLERS = frozenset({"customer", "ticket", "date", "time", "id", "name", "first", "last", "opened", "order", "visit"})
"""Words that say little beside others: of two columns with a date, `date` is not what tells them apart."""


@dataclass(frozen=True)
class Guess:
    """One of ours, which column of theirs it may be, how sure that is (0..1), and why, in words."""

    ours: str
    theirs: str
    confidence: float
    why: str


def guess(*, profiles: Sequence[Profile], record_kind: str, fields: Collection[str]) -> dict[str, Guess]:
    """Return the likeliest column for each of our fields that may have one, surest first."""
    found = [one for field in fields for profile in profiles if (one := _of(field, profile, record_kind))]
    chosen: dict[str, Guess] = {}
    taken: set[str] = set()
    for one in sorted(found, key=lambda guess: -guess.confidence):
        if one.ours not in chosen and one.theirs not in taken and one.confidence >= TAKEN:
            chosen[one.ours] = one
            taken.add(one.theirs)
    return chosen


def _of(field: str, profile: Profile, record_kind: str) -> Guess | None:
    named = by_name(name=profile.name, field=field, record_kind=record_kind)
    fit, seen = FITS.get(field, _anything)(profile, record_kind)
    alone = ALONE[field](profile) if field in ALONE else 0.0
    confidence = max(named * (0.25 + 0.75 * fit), alone * fit)
    if profile.name == field:
        return Guess(field, profile.name, 0.99, "its name, which is ours")
    if not profile.filled:
        confidence, seen = named * 0.4, "it is empty here"
    if confidence < 0.2:
        return None
    why = " and ".join(part for part in ("its name" if named > alone else "", seen) if part)
    return Guess(field, profile.name, round(min(confidence, 0.99), 2), why)


def by_name(*, name: str, field: str, record_kind: str) -> float:
    """Return how surely a name alone says that a column is one of ours, 0..1."""
    if name == field:
        return 1.0
    words = lexicon.concepts(name=name)
    if not words:
        return 0.0
    return max(
        (_says(words, wanted) * sure for wanted, sure in lexicon.fields(record_kind=record_kind).get(field, ())),
        default=0.0,
    )


def _says(words: Sequence[frozenset[str]], wanted: frozenset[str]) -> float:
    """Return how much of a name is accounted for by what is wanted; 0 where something wanted is not there."""
    if not all(any(one in word for word in words) for one in wanted):
        return 0.0
    others = [word for word in words if not word & wanted]
    weight = sum(0.15 if word & FILLERS else 0.45 if word else 0.3 for word in others)
    return 1.0 / (1.0 + weight)


def _anything(profile: Profile, record_kind: str) -> tuple[float, str]:
    return 0.8, ""


def _time(profile: Profile, record_kind: str) -> tuple[float, str]:
    if profile.time is None:
        return 0.0, ""
    numeric = profile.time.notation in (times.EXCEL, times.SECONDS, times.MILLIS)
    return (0.85 if numeric else 1.0), "its values are times"


def _joined(profile: Profile, record_kind: str) -> tuple[float, str]:
    if profile.time is None and profile.number and profile.whole and profile.low >= 0 and profile.high < 1200:
        return 0.8, "it counts months"
    return _time(profile, record_kind)


def _interaction_id(profile: Profile, record_kind: str) -> tuple[float, str]:
    if profile.time and profile.time.notation not in (times.EXCEL, times.SECONDS, times.COMPACT):
        return 0.0, ""
    share = profile.distinct / max(1, profile.rows)
    return (1.0, "each value comes once") if share > 0.95 else (0.1, "its values repeat")


def _customer_id(profile: Profile, record_kind: str) -> tuple[float, str]:
    if profile.known > 0.5:
        return 1.0, f"{profile.known:.0%} of its values are customers who are known"
    if profile.filled < 0.5 * profile.rows or profile.words > 2.5 or profile.is_flag or profile.distinct < 2:
        return 0.0 if profile.rows > 3 else 0.8, ""
    unique = profile.distinct > 0.98 * profile.rows
    if record_kind == "customers":
        return _of_contracts(profile, unique)
    return (0.8, "") if unique else (1.0, "its values come again")


def _of_contracts(profile: Profile, unique: bool) -> tuple[float, str]:
    """Return how well a column names customers where one customer may have several contracts, each in a row."""
    if unique:
        return 1.0, "each value comes once"
    few = profile.distinct >= MOST_CONTRACTS * profile.filled
    return (0.75, "some of its values come again: several contracts") if few else (0.4, "its values repeat")


def _word(profile: Profile, record_kind: str) -> tuple[float, str]:
    if profile.time or profile.is_flag or profile.words >= SENTENCES:
        return 0.05, ""
    few = 1 < profile.distinct <= max(25, 0.05 * profile.rows) and profile.length < 60
    return (1.0, "it holds few different words") if few and not profile.number else (0.45, "")


def _of_table(table: str) -> Callable[[Profile, str], tuple[float, str]]:
    def fit(profile: Profile, record_kind: str) -> tuple[float, str]:
        base, why = _word(profile, record_kind)
        if table == "department" and _numbered(profile):
            return 0.5, ""
        known = sum(bool(lexicon.word_for(column=table, said=value)) for value, _ in profile.values)
        if known and known >= 0.3 * len(profile.values):
            return 1.0, f"{known} of its {len(profile.values)} words are known"
        return base * 0.85, why

    return fit


def _numbered(profile: Profile) -> bool:
    """Return whether most values end with a digit, as names of teams do and those of departments do not."""
    return sum(value[-1:].isdigit() for value, _ in profile.values) > 0.5 * len(profile.values)


def _left_kind(profile: Profile, record_kind: str) -> tuple[float, str]:
    known = sum(bool(lexicon.left(said=value)) for value, _ in profile.values)
    return (1.0, "its words are known") if known == len(profile.values) > 0 else (0.0, "")


def _place(profile: Profile, record_kind: str) -> tuple[float, str]:
    own = profile.rows > FEW_ROWS and profile.distinct > 0.9 * profile.rows
    return (0.1, "each value comes once") if own else (0.8, "")


def _number(profile: Profile, record_kind: str) -> tuple[float, str]:
    return (1.0, "its values are numbers") if profile.number and not profile.is_flag else (0.0, "")


def _duration(profile: Profile, record_kind: str) -> tuple[float, str]:
    if profile.clock:
        return 1.0, "its values are durations"
    return _number(profile, record_kind)


def _small(profile: Profile, record_kind: str) -> tuple[float, str]:
    fits = profile.number is not None and profile.whole and profile.low >= 0 and profile.high <= 50
    return (1.0, "its values are small numbers") if fits else (0.0, "")


def _score(profile: Profile, record_kind: str) -> tuple[float, str]:
    fits = profile.number is not None and profile.low >= 0 and profile.high <= 10
    return (1.0, f"its values go from {profile.low:g} to {profile.high:g}") if fits else (0.0, "")


def _text(profile: Profile, record_kind: str) -> tuple[float, str]:
    if profile.number or profile.time:
        return 0.05, ""
    long = profile.words >= 3 and (profile.distinct > 0.3 * profile.filled or profile.words >= SENTENCES)
    return (1.0, "it holds sentences") if long else (0.7, "")


def _email(profile: Profile, record_kind: str) -> tuple[float, str]:
    return (1.0, "its values are e-mail addresses") if profile.emails > 0.6 else (0.0, "")


def _phone(profile: Profile, record_kind: str) -> tuple[float, str]:
    plain = bool(profile.number and profile.whole and profile.length >= 7)
    return (1.0, "its values are phone numbers") if profile.phones > 0.6 or plain else (0.0, "")


def _name(profile: Profile, record_kind: str) -> tuple[float, str]:
    return (0.05, "") if profile.number or profile.time or profile.is_flag else (0.9, "")


FITS: Mapping[str, Callable[[Profile, str], tuple[float, str]]] = {
    **dict.fromkeys(TIME_FIELDS, _time),
    "joined_at": _joined,
    "left_kind": _left_kind,
    "interaction_id": _interaction_id,
    "customer_id": _customer_id,
    **{name: _of_table(name) for name in ("kind", "department", "channel")},
    **dict.fromkeys(("reason", "touchpoint", "segment", "plan", "region", "language", "source"), _word),
    **dict.fromkeys(("left_reason", "switched_from"), _word),
    **dict.fromkeys(("amount", "expected_amount", "monthly_value"), _number),
    **dict.fromkeys(("wait_minutes", "duration_minutes", "outage_hours"), _duration),
    "location_id": _place,
    "transfers": _small,
    "score": _score,
    "text": _text,
    "email": _email,
    "phone": _phone,
    "name": _name,
}
ALONE: Mapping[str, Callable[[Profile], float]] = {
    "customer_id": lambda profile: 0.8 if profile.known > 0.5 else 0.0,
    "email": lambda profile: 0.9 if profile.emails > 0.8 else 0.0,
    "occurred_at": lambda profile: 0.4 if profile.time and not profile.time.notation.startswith("e") else 0.0,
    "text": lambda profile: 0.4 if _tells(profile) else 0.0,
    "department": lambda profile: 0.5 if _known_words("department", profile) else 0.0,
    "channel": lambda profile: 0.5 if _known_words("channel", profile) else 0.0,
    "kind": lambda profile: 0.45 if _known_words("kind", profile) else 0.0,
}
"""How surely a column is ours by what stands in it, whatever its name."""


def _tells(profile: Profile) -> bool:
    """Return whether a column holds sentences of people, whatever its name; phone numbers in groups are none."""
    if profile.phones > 0.5 or profile.words < 3:
        return False
    return profile.distinct > 0.5 * profile.filled or (profile.words >= SENTENCES and profile.distinct > MANY)


def _known_words(column: str, profile: Profile) -> bool:
    known = sum(bool(lexicon.word_for(column=column, said=value)) for value, _ in profile.values)
    return profile.distinct >= 2 and known >= 0.6 * len(profile.values)
