"""Facts and amounts that a source does not record but that a customer's own journey shows, by rules said in words.

Nothing derived is stored: it is read off the whole journey each time, so that it is right in whatever order and
portions the files came, and gone when they are undone. What only a later interaction shows is known from then on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms

COLUMNS = ("source", "kind", "reason", "facts", "amount", "expected_amount", "promised_at")
BILLS = frozenset({"bill", "invoice", "billing"})
VISITS = frozenset({"visit", "install", "repair", "installation", "technician_visit", "appointment", "field_visit"})
SETTLED = frozenset({"late", "on_time", "no_show"})
FEWEST_BILLS = 2
ANY = "*"
MINUTES_A_DAY = 1440.0
WORDS = {
    "late": re.compile(r"came after the promised time(?: by (\d+) minutes)?"),
    "expected_amount": re.compile(r"median of the last (\d+)"),
    "repeat": re.compile(r"same reason within (\d+) days"),
    "unresolved": re.compile(r"followed by a repeat"),
}
"""How each rule is said; the number in it may be changed."""
USUAL = {
    "late": "came after the promised time",
    "expected_amount": "median of the last 3",
    "repeat": "same reason within 7 days",
    "unresolved": "followed by a repeat",
}

Mask = NDArray[np.bool_]


class WrongRule(ValueError):  # noqa: N818 - it is said to people as such
    """A rule is not said as rules are. The text names it and says how."""


@dataclass(frozen=True)
class Rules:
    """What is derived for the interactions of one source. None or False: not derived.

    late_minutes: how much later than promised is late. bills: of how many earlier ones the median is expected.
    repeat_days: within how long the same reason again is a repeat. unresolved: whether what a repeat follows was not
    resolved.
    """

    late_minutes: float | None = None
    bills: int | None = None
    repeat_days: float | None = None
    unresolved: bool = False


def rules_of(*, said: Mapping[str, str]) -> Rules:
    """Return the rules that words say: `{"repeat": "same reason within 7 days"}`. Raises WrongRule."""
    found: dict[str, float] = {}
    for name, words in said.items():
        shape = WORDS.get(name)
        match = shape.fullmatch(words.strip()) if shape else None
        if match is None:
            ways = "; ".join(f"{name}: {usual}" for name, usual in USUAL.items())
            raise WrongRule(f"“{name}: {words}” is no rule. Rules are: {ways}.")
        found[name] = float(next((number for number in match.groups() if number), 0))
    repeat = found.get("repeat", 7.0 if "unresolved" in found else None)
    return Rules(
        late_minutes=found.get("late"),
        bills=max(1, int(found["expected_amount"])) if "expected_amount" in found else None,
        repeat_days=repeat,
        unresolved="unresolved" in found,
    )


def put(*, journeys: terms.Journeys, rules: Mapping[str, Rules]) -> terms.Journeys:
    """Return journeys with what the rules of their sources derive. rules: by source; `*` for every other one.

    What a source recorded itself is never replaced. Needs the columns of COLUMNS; without them nothing is derived.
    """
    if not rules or not len(journeys) or not _has_columns(journeys):
        return journeys
    for names, one in _grouped(journeys, rules):
        rows = _of_sources(journeys, names)
        if rows.any():
            journeys = _put(journeys, one, rows)
    return journeys


def _has_columns(journeys: terms.Journeys) -> bool:
    words = {"source", "kind", "reason", "facts"} <= set(journeys.words)
    return words and {"amount", "expected_amount", "promised_at"} <= set(journeys.numbers)


def _grouped(journeys: terms.Journeys, rules: Mapping[str, Rules]) -> list[tuple[frozenset[str], Rules]]:
    there = journeys.words["source"].vocabulary
    named = [(frozenset({source}), one) for source, one in rules.items() if source != ANY]
    others = frozenset(source for source in there if source not in rules)
    return [*named, (others, rules[ANY])] if ANY in rules else named


def _of_sources(journeys: terms.Journeys, names: frozenset[str]) -> Mask:
    return _holding(journeys.words["source"], [word in names for word in journeys.words["source"].vocabulary])


def _put(journeys: terms.Journeys, rules: Rules, rows: Mask) -> terms.Journeys:
    """1. What is expected. 2. What came late. 3. What was a repeat, and what it shows of the one before."""
    if rules.bills:
        journeys = _with_expected(journeys, rows & _is_kind(journeys, BILLS), rules.bills)
    if rules.late_minutes is not None:
        late = _late(journeys, rules.late_minutes) & rows & _is_kind(journeys, VISITS)
        journeys = _with_fact(journeys, "late", np.flatnonzero(late & ~_says(journeys, SETTLED)))
    if rules.repeat_days is not None:
        first, again = _repeats(journeys, rows, rules.repeat_days)
        journeys = _with_fact(journeys, "repeat", again[~_says(journeys, frozenset({"repeat"}))[again]])
        if rules.unresolved:
            journeys = _unresolved(journeys, first, again)
    return journeys


def _with_expected(journeys: terms.Journeys, bills: Mask, last: int) -> terms.Journeys:
    """Expect the median of the same customer's last bills, where the source says nothing and there were two or more."""
    rows = np.flatnonzero(bills & np.isfinite(journeys.numbers["amount"]))
    owner, amount = journeys.owners()[rows], journeys.numbers["amount"][rows]
    before = np.full((len(rows), last), np.nan)
    for back in range(1, min(last, max(0, len(rows) - 1)) + 1):
        same = owner[back:] == owner[:-back]
        before[back:, back - 1][same] = amount[:-back][same]
    known = np.isfinite(before).sum(axis=1) >= min(FEWEST_BILLS, last)
    expected = journeys.numbers["expected_amount"].copy()
    fill = known & ~np.isfinite(expected[rows])
    expected[rows[fill]] = np.nanmedian(before[fill], axis=1) if fill.any() else np.empty(0)
    return replace(journeys, numbers={**journeys.numbers, "expected_amount": expected})


def _late(journeys: terms.Journeys, minutes: float) -> Mask:
    promised = journeys.numbers["promised_at"]
    late: Mask = np.isfinite(promised) & (journeys.occurred > promised + minutes / MINUTES_A_DAY + 1e-9)
    return late


def _repeats(journeys: terms.Journeys, rows: Mask, days: float) -> tuple[terms.Keys, terms.Keys]:
    """Return pairs of rows: one, and the next of the same customer about the same reason within some days."""
    reason = journeys.words["reason"].codes
    contacts = _is_kind(journeys, frozenset({"contact", "contacts", "call", "phone_call", "chat", "ticket"}))
    places = np.flatnonzero(rows & contacts & (reason >= 0))
    owner = journeys.owners()[places]
    order = np.lexsort((journeys.occurred[places], reason[places], owner))
    placed, owned, about = places[order], owner[order], reason[places][order]
    at = journeys.occurred[placed]
    again = (owned[1:] == owned[:-1]) & (about[1:] == about[:-1]) & (np.diff(at) <= days) & (np.diff(at) > 0)
    return placed[:-1][again], placed[1:][again]


def _unresolved(journeys: terms.Journeys, first: terms.Keys, again: terms.Keys) -> terms.Journeys:
    """Say of what a repeat follows that it was not resolved. That was not known before the customer came again."""
    new = ~_says(journeys, frozenset({"unresolved"}))[first]
    recorded = journeys.recorded.copy()
    recorded[first[new]] = np.maximum(recorded[first[new]], journeys.occurred[again[new]])
    return replace(_with_fact(journeys, "unresolved", first[new]), recorded=recorded)


def _with_fact(journeys: terms.Journeys, fact: str, rows: terms.Keys) -> terms.Journeys:
    """Return the journeys with one more fact in some rows."""
    if not len(rows):
        return journeys
    words = journeys.words["facts"]
    vocabulary = {word: code for code, word in enumerate(words.vocabulary)}
    codes = words.codes.copy()
    for code in np.unique(codes[rows]):
        before = words.vocabulary[code] if code >= 0 else ""
        said = "|".join(filter(None, (before, fact)))
        own = rows[words.codes[rows] == code]
        codes[own] = vocabulary.setdefault(said, len(vocabulary))
    facts = terms.Words(codes=codes, vocabulary=tuple(vocabulary))
    return replace(journeys, words={**journeys.words, "facts": facts})


def _is_kind(journeys: terms.Journeys, kinds: frozenset[str]) -> Mask:
    words = journeys.words["kind"]
    return _holding(words, [packs.plain_word(word) in kinds for word in words.vocabulary])


def _says(journeys: terms.Journeys, facts: frozenset[str]) -> Mask:
    words = journeys.words["facts"]
    return _holding(words, [not facts.isdisjoint(map(packs.plain_word, word.split("|"))) for word in words.vocabulary])


def _holding(words: terms.Words, holds: Sequence[bool]) -> Mask:
    found: Mask = np.array([*holds, False], np.bool_)[words.codes]
    return found
