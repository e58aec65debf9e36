"""What happens to a customer when a record about them arrives, and what was known when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from valence.terms import Verdict

Value = str | float | None

WORDS = ("left_kind", "left_reason", "segment", "plan", "region", "location_id", "language", "switched_from")
NUMBERS = ("monthly_value",)
FIELDS = (*WORDS, *NUMBERS)
PERSONAL = ("name", "email", "phone")
LOOKED_BACK_AT = ("monthly_value", "region", "segment", "plan")


@dataclass(frozen=True)
class Erased:
    """Somebody who was erased; nothing about them is taken in again."""


ERASED = Erased()


@dataclass(frozen=True)
class CustomerRecord:
    """One customer as a source sent them, checked.

    `values` holds the fields of FIELDS that were not empty. `left_said` is true where the source spoke about
    leaving at all: then an empty `left_at` means that the customer is (again) active. `consents`: what they agreed to
    or withdrew (rules_consent.read); `prefers`: the channel they want to be written to on.
    """

    customer_id: str
    joined_at: datetime
    left_at: datetime | None = None
    left_said: bool = False
    recorded_at: datetime | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    consents: str = ""
    prefers: str = ""


@dataclass(frozen=True)
class Change:
    """A value that a field had, and since when that was known."""

    field: str
    value: Value
    known_since: datetime


@dataclass(frozen=True)
class Known:
    """What is known of a customer. `history` holds, oldest first, only the fields that changed since they joined.

    `joined_at` is None for a stub: someone met in an interaction only.
    """

    joined_at: datetime | None = None
    left_at: datetime | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    history: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Learned:
    """What a record taught: the verdict, what is known now, and the changes to keep."""

    verdict: Verdict
    known: Known
    changes: tuple[Change, ...] = ()


def learn(*, known: Known, record: CustomerRecord, now: datetime) -> Learned:
    """Return what is known after a record.

    1. The first values of a customer count as known since they joined.
    2. A later value counts as known since `recorded_at` where the source says so, else since now.
    3. A value that was already known at that moment teaches nothing, so that a replay changes nothing.
    4. A value that was recorded before the newest one goes into the history only.
    5. An empty field says nothing, except `left_at`: there, empty says "active".
    """
    if known.joined_at is None:
        return Learned(verdict=Verdict.CREATED, known=_first(known, record))
    since = max(record.recorded_at or now, known.joined_at)
    history = dict(known.history)
    for name, value in record.values.items():
        past = history.get(name) or (Change(name, known.values.get(name), known.joined_at),)
        if value_at(past=past, moment=since) != value:
            changed = (*past, Change(name, value, since))
            history[name] = tuple(sorted(changed, key=lambda change: change.known_since))
    newest = {name: past[-1].value for name, past in history.items()}
    after = replace(_merge_plain(known, record), values={**known.values, **newest}, history=history)
    return Learned(
        verdict=Verdict.DUPLICATE if after == known else Verdict.REVISED,
        known=after,
        changes=_new_changes(before=known, after=after),
    )


def value_at(*, past: tuple[Change, ...], moment: datetime) -> Value:
    """Return the value that was known at a moment; before the first, the first."""
    known_then = [change.value for change in past if change.known_since <= moment]
    return known_then[-1] if known_then else past[0].value


def _new_changes(*, before: Known, after: Known) -> tuple[Change, ...]:
    return tuple(
        change for name, past in after.history.items() for change in past if change not in before.history.get(name, ())
    )


def _first(known: Known, record: CustomerRecord) -> Known:
    return Known(
        joined_at=record.joined_at,
        left_at=record.left_at,
        values=record.values,
        personal={**known.personal, **record.personal},
        attributes={**known.attributes, **record.attributes},
    )


def _merge_plain(known: Known, record: CustomerRecord) -> Known:
    return replace(
        known,
        joined_at=record.joined_at,
        left_at=record.left_at if record.left_said else known.left_at,
        personal={**known.personal, **record.personal},
        attributes={**known.attributes, **record.attributes},
    )


def same_person_twice(*, first: CustomerRecord, second: CustomerRecord) -> bool:
    """Return whether two records of one file contradict each other: other content, and no word on which is newer."""
    return first != second and second.recorded_at is None
