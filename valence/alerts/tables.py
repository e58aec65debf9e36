"""Interactions, customers and promises as the tables that conditions are put to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.alerts import fields
from valence.alerts.condition import Table
from valence.journeys import signs

MINUTES_A_DAY = 1440.0
DAYS_A_MONTH = 30.44
KNOWN_AS = {"kind": "kinds", "facts": "facts", "department": "departments"}
COLUMNS = (
    "source", "kind", "department", "touchpoint", "channel", "reason", "facts", "promise", "scale", "language",
    "team_id", "location_id", "wait_minutes", "duration_minutes", "outage_hours", "transfers", "amount",
    "expected_amount", "promised_at", "score", "interaction_id", "caused_by",
)  # fmt: skip
_PLAIN_WORDS = ("source", "touchpoint", "channel", "reason", "promise", "scale", "team_id", "location_id")
_PLAIN_NUMBERS = ("wait_minutes", "duration_minutes", "outage_hours", "transfers", "amount", "expected_amount", "score")
_SPANS = {"contacts_7d": 7.0, "contacts_14d": 14.0, "contacts_30d": 30.0}


@dataclass(frozen=True)
class People:
    """What is known of customers (c,), sorted by key; words as in terms, numbers NaN where unknown, flags 0 and 1."""

    keys: terms.Keys
    words: Mapping[str, terms.Words]
    numbers: Mapping[str, terms.Floats]


def of_interactions(*, journeys: terms.Journeys, pack: packs.Pack) -> Table:
    """Return what each interaction tells by itself, in the pack's words, a row each."""
    words = {name: journeys.words[name] for name in _PLAIN_WORDS if name in journeys.words}
    for name, column in KNOWN_AS.items():
        if name in journeys.words:
            words[name] = _known_as(journeys.words[name], column, pack)
    if "language" in journeys.words:
        words["written_in"] = journeys.words["language"]
    numbers = {name: journeys.numbers[name] for name in _PLAIN_NUMBERS if name in journeys.numbers}
    texts = {"text": journeys.texts["text"]} if "text" in journeys.texts else {}
    return Table(size=len(journeys), words=words, numbers={**numbers, **_worked_out(journeys)}, texts=texts)


def with_journeys(*, table: Table, journeys: terms.Journeys, pack: packs.Pack) -> Table:
    """Return the table of whole journeys with what came before each interaction. The rows are those of `journeys`."""
    found = signs.read(journeys=journeys, pack=pack)
    group = journeys.owners()
    numbers = {name: _counted(journeys.occurred, group, found.contact, days) for name, days in _SPANS.items()}
    numbers["failures_30d"] = _counted(journeys.occurred, group, found.fault, 30.0)
    numbers["same_reason_14d"] = _same_reason(journeys, group, found.contact)
    numbers["days_since_before"] = _since_before(journeys)
    return replace(table, numbers={**table.numbers, **numbers})


def with_people(*, table: Table, keys: terms.Keys, people: People) -> Table:
    """Return the table with what is known of the customers of its rows; keys (n,): whose each row is."""
    if not len(people.keys):
        return table
    place = np.searchsorted(people.keys, keys).clip(max=len(people.keys) - 1)
    there = people.keys[place] == keys
    words = {
        name: terms.Words(codes=np.where(there, each.codes[place], -1).astype(np.int32), vocabulary=each.vocabulary)
        for name, each in people.words.items()
    }
    numbers = {name: np.where(there, each[place], np.nan) for name, each in people.numbers.items()}
    return replace(table, words={**table.words, **words}, numbers={**table.numbers, **numbers})


def with_readings(*, table: Table, told: Sequence[Mapping[str, str] | None]) -> Table:
    """Return the table with what was read in the text of each row, by field; None: nothing was read, or not yet.

    Sets have `|` between; one that is read and empty says so: nothing of it is there.
    """
    words = {}
    for name in sorted(fields.LATER):
        said = [None if one is None else one.get(name, "") for one in told]
        vocabulary = tuple(sorted({word for word in said if word is not None}))
        place = {word: code for code, word in enumerate(vocabulary)}
        codes = np.array([-1 if word is None else place[word] for word in said], np.int32)
        words[name] = terms.Words(codes=codes, vocabulary=vocabulary)
    return replace(table, words={**table.words, **words})


def of_people(*, people: People) -> Table:
    """Return customers as a table, a row each."""
    return Table(size=len(people.keys), words=people.words, numbers=people.numbers, texts={})


def people_of(*, relationships: terms.Relationships, at: float) -> People:
    """Return what is known of customers by who they are, as of a moment (days)."""
    numbers = {
        "monthly_value": relationships.monthly_value,
        "months_with_us": (np.fmin(at, relationships.left) - relationships.joined) / DAYS_A_MONTH,
        fields.LEFT: at - relationships.left,
    }
    names = ("region", "segment", "plan", "language")
    words = {name: relationships.words[name] for name in names if name in relationships.words}
    return People(keys=relationships.keys, words=words, numbers=numbers)


def _worked_out(journeys: terms.Journeys) -> dict[str, terms.Floats]:
    amount = signs.number(journeys=journeys, name="amount")
    told = signs.number(journeys=journeys, name="expected_amount")
    promised = signs.number(journeys=journeys, name="promised_at")
    over = amount - told
    share = np.divide(over, told, out=np.full(len(over), np.nan), where=told > 0)
    return {
        "over_expected": over,
        "over_expected_share": share,
        "minutes_late": (journeys.occurred - promised) * MINUTES_A_DAY,
    }


def _known_as(words: terms.Words, column: str, pack: packs.Pack) -> terms.Words:
    def known(word: str) -> str:
        return "|".join(pack.known_as(column, part) for part in word.split("|")) if word else word

    return replace(words, vocabulary=tuple(known(word) for word in words.vocabulary))


def _counted(at: terms.Days, group: terms.Keys, which: NDArray[np.bool_], days: float) -> terms.Floats:
    """Count for each row the rows of its group that hold, within so many days before it, itself among them.

    Rows are sorted by (group, at).
    """
    if not len(at):
        return np.empty(0)
    span = float(at.max() - at.min()) + days + 1.0
    place = group * span + (at - at.min())
    first = np.searchsorted(place, place - days, side="left")
    sums = np.concatenate([[0], np.cumsum(which)])
    counts: terms.Floats = (sums[1:] - sums[first]).astype(float)
    return counts


def _same_reason(journeys: terms.Journeys, group: terms.Keys, contact: NDArray[np.bool_]) -> terms.Floats:
    """Count contacts about the same reason within 14 days, each itself among them; unknown where no reason is given."""
    reason = signs.column(journeys=journeys, name="reason")
    size = len(reason.vocabulary) + 1
    both = group * size + reason.codes + 1
    order = np.lexsort((journeys.occurred, both))
    counted = np.empty(len(journeys))
    counted[order] = _counted(journeys.occurred[order], np.unique(both[order], return_inverse=True)[1],
                              contact[order], 14.0)  # fmt: skip
    return np.where(reason.codes >= 0, counted, np.nan)


def _since_before(journeys: terms.Journeys) -> terms.Floats:
    gaps = np.diff(journeys.occurred, prepend=np.nan)
    first = journeys.starts[:-1][np.diff(journeys.starts) > 0]
    gaps[first] = np.nan
    return gaps
