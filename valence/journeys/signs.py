"""What can be read off each interaction alone: did it fail, surprise, promise, break a promise."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms

Flags = NDArray[np.bool_]

COLUMNS = (
    "source", "kind", "department", "reason", "touchpoint", "facts", "promise", "promised_at", "outage_hours",
    "amount", "expected_amount", "interaction_id", "caused_by",
)  # fmt: skip
SURPRISE = 1.05
VISIT_WORDS = ("visit", "install", "repair", "appointment", "delivery")
# What we send out or ask leads to no call for help, even if it was of no use.
OUTREACH_KINDS = frozenset({"campaign", "feedback", "message", "newsletter"})
# An unknown fact that reads like one of these went wrong. Only used to guess what led to what, never to blame.
FAILURE_WORDS = (
    "not", "no", "never", "wrong", "late", "missed", "missing", "failed", "failure", "error", "broken", "broke",
    "unresolved", "delayed", "delay", "lost", "damaged", "rude", "misinformed", "incorrect", "overcharged", "disputed",
    "unexpected", "unpaid", "refused", "defective", "faulty", "mess", "estimated",
)  # fmt: skip


@dataclass(frozen=True)
class Signs:
    """Flags of each row (n,). `promising`: something is owed after it; `broke`, `kept`: a promise."""

    contact: Flags
    visit: Flags
    failed: Flags
    surprise: Flags
    promising: Flags
    broke: Flags
    kept: Flags

    @property
    def settles(self) -> Flags:
        """Rows that keep or break a promise."""
        return self.kept | self.broke

    @property
    def fault(self) -> Flags:
        """Rows where something went wrong."""
        return self.failed | self.surprise | self.broke


def read(*, journeys: terms.Journeys, pack: packs.Pack, harmful: Set[str] = frozenset()) -> Signs:
    """Return the signs of every row. `harmful` names facts beyond the pack's that a model found to do harm.

    A bill surprises when it is more than 5 % above what was told. Columns that are not there count as unknown.
    """
    kind = column(journeys=journeys, name="kind")
    visit = where(words=kind, holds=lambda word: packs.has_token(word=pack.known_as("kinds", word), tokens=VISIT_WORDS))
    contact = where(words=kind, holds=lambda word: _is_contact(word, pack))
    promise = column(journeys=journeys, name="promise")
    told = where(words=promise, holds=lambda word: word != "")
    due = number(journeys=journeys, name="promised_at")
    return Signs(
        contact=contact & ~visit,
        visit=visit,
        failed=_failed(journeys, pack, harmful),
        surprise=_surprise(journeys),
        promising=where(words=promise, holds=lambda word: word == "made")
        | (~told & ~visit & (due > journeys.occurred)),
        broke=where(words=promise, holds=lambda word: word == "broken"),
        kept=where(words=promise, holds=lambda word: word == "kept"),
    )


def column(*, journeys: terms.Journeys, name: str) -> terms.Words:
    """Return a text column, all unknown where it was not asked for."""
    missing = terms.Words(codes=np.full(len(journeys), -1, np.int32), vocabulary=())
    return journeys.words.get(name, missing)


def number(*, journeys: terms.Journeys, name: str) -> terms.Floats:
    """Return a number column, all NaN where it was not asked for."""
    missing = np.full(len(journeys), np.nan)
    return journeys.numbers.get(name, missing)


def where(*, words: terms.Words, holds: Callable[[str], bool]) -> Flags:
    """Return the rows (n,) whose word passes the test, asking once per different word; unknown never passes."""
    answers = np.array([holds(word) for word in words.vocabulary] + [False], np.bool_)
    return answers[words.codes]


def holds_fact(*, words: terms.Words, facts: Set[str]) -> Flags:
    """Return the rows whose facts (`|` between) include one of those given."""
    return where(words=words, holds=lambda told: not facts.isdisjoint(told.split("|")))


def is_contact(*, kind: str, pack: packs.Pack) -> bool:
    """Return whether an interaction of this kind is one in which the customer comes to us."""
    return _is_contact(kind, pack) and not packs.has_token(word=pack.known_as("kinds", kind), tokens=VISIT_WORDS)


def _is_contact(kind: str, pack: packs.Pack) -> bool:
    known = pack.known_as("kinds", kind)
    strange = not pack.knows("kinds", kind)
    return known in pack.contact_kinds or (strange and packs.has_token(word=known, tokens=pack.contact_words))


def _failed(journeys: terms.Journeys, pack: packs.Pack, harmful: Set[str]) -> Flags:
    known = pack.harmful_facts | harmful

    def goes_wrong(fact: str) -> bool:
        plain, strange = pack.known_as("facts", fact), not pack.knows("facts", fact)
        return not known.isdisjoint((plain, fact)) or (strange and packs.has_token(word=plain, tokens=FAILURE_WORDS))

    facts = column(journeys=journeys, name="facts")
    told = where(words=facts, holds=lambda told: any(goes_wrong(fact) for fact in told.split("|")))
    kind = column(journeys=journeys, name="kind")
    outreach = where(words=kind, holds=lambda word: pack.known_as("kinds", word) in OUTREACH_KINDS)
    return (told & ~outreach) | (number(journeys=journeys, name="outage_hours") > 0)


def _surprise(journeys: terms.Journeys) -> Flags:
    told = number(journeys=journeys, name="expected_amount")
    billed = number(journeys=journeys, name="amount")
    return billed > np.maximum(told, 0) * SURPRISE
