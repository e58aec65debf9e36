"""What would become of a file: its first 1,000 rows walk the same steps as in an import, with nothing stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from valence import organisation
from valence.flows.gather import imports
from valence.intake import batch as intake_batch
from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.sources import translating
from valence.sources.files import Piece
from valence.terms import Interaction, RawRecords, Refused

ROWS = 1_000
SHOWN = 10
LONGEST_JOURNEY = 8


@dataclass(frozen=True)
class Tried:
    """One record: its number in the file, its fields under our names, and why it would be refused (None: it fits)."""

    number: int
    fields: Mapping[str, str]
    refused: Refused | None


@dataclass(frozen=True)
class Reason:
    """Why records would be refused, how many, and the numbers of the first of them in the file."""

    reason: str
    detail: str
    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Happening:
    """One interaction of the journey that is shown: when (UTC) and what, as the data contract has it."""

    at: datetime
    kind: str
    department: str
    reason: str
    facts: tuple[str, ...]
    amount: float | None


@dataclass(frozen=True)
class Trial:
    """This would happen. rows: of the file; records: what they became; first: some of them, refused ones among them.

    journey: what the file tells of one customer, in order of time. words: how often kinds, departments, facts came.
    """

    rows: int
    records: int
    admitted: int
    reasons: tuple[Reason, ...]
    notices: Mapping[str, int]
    first: tuple[Tried, ...]
    customer: str
    journey: tuple[Happening, ...]
    words: Mapping[str, Mapping[str, int]]


def run(*, kind: str, path: Path, mapped: Mapping[str, Any], now: datetime) -> Trial:
    """Return what would become of the first rows. Raises sources.files.WrongFile where none can be brought in."""
    piece = imports.first_piece(kind=kind, path=path, mapped=mapped)
    records = _cut(piece)
    given = intake_batch.Given(now=now, keys_of=_numbered)
    if piece.record_kind == "customers":
        known = customer_intake.admit(records=records, given=given)
        told = _trial(records, piece.notices, known.refused, known.notices, (), ())
        return replace(told, words={"who left": _leaving(records, known.refused)})
    admitted = interaction_intake.admit(records=records, given=given)
    return _trial(
        records, piece.notices, admitted.refused, admitted.notices, admitted.interactions, admitted.customer_ids
    )


def _trial(
    records: RawRecords,
    read: Mapping[str, int],
    refused: Mapping[int, Refused],
    notices: Mapping[str, int],
    interactions: Sequence[Interaction],
    ids: Sequence[Any],
) -> Trial:
    owner, journey = _journey(interactions)
    names = list(_numbered(ids))
    return Trial(
        rows=len(set(records.numbers)),
        records=len(records),
        admitted=len(records) - len(refused),
        reasons=_reasons(refused),
        notices={**read, **notices},
        first=_first(records, refused),
        customer=str(names[owner]) if 0 <= owner < len(names) else "",
        journey=journey,
        words=_words(interactions),
    )


def _numbered(ids: Any) -> dict[Any, int]:
    """Give each id a number of its own, in order: keys of customers who are not stored."""
    return {one: number for number, one in enumerate(dict.fromkeys(sorted(map(str, ids))))}


def _cut(piece: Piece) -> RawRecords:
    """Return the records of the first rows; a row may have become several records."""
    records = piece.records
    last = sorted(set(records.numbers))[: ROWS + 1][-1] if len(records) else 0
    limit = min(records.numbers, default=0) + ROWS
    places = [place for place, number in enumerate(records.numbers) if number < limit and number <= last]
    return RawRecords(
        numbers=[records.numbers[place] for place in places],
        columns={name: [column[place] for place in places] for name, column in records.columns.items()},
        unreadable={new: records.unreadable[old] for new, old in enumerate(places) if old in records.unreadable},
    )


def _reasons(refused: Mapping[int, Refused]) -> tuple[Reason, ...]:
    counted = Counter((why.reason.value, why.detail) for why in refused.values())
    return tuple(
        Reason(
            reason=reason,
            detail=detail,
            count=count,
            rows=tuple(why.number for why in refused.values() if (why.reason.value, why.detail) == (reason, detail))[
                :5
            ],
        )
        for (reason, detail), count in counted.most_common()
    )


def _first(records: RawRecords, refused: Mapping[int, Refused]) -> tuple[Tried, ...]:
    places = [*sorted(refused)[: SHOWN // 2], *(place for place in range(len(records)) if place not in refused)][:SHOWN]
    return tuple(
        Tried(number=records.numbers[place], fields=_said(records, place), refused=refused.get(place))
        for place in sorted(places)
    )


def _journey(interactions: Sequence[Interaction]) -> tuple[int, tuple[Happening, ...]]:
    """Return the customer of whom most is told, and what happened to them, in order of time."""
    if not interactions:
        return -1, ()
    owner = Counter(one.customer_key for one in interactions).most_common(1)[0][0]
    own = sorted((one for one in interactions if one.customer_key == owner), key=lambda one: one.occurred_at)
    return owner, tuple(
        Happening(
            at=one.occurred_at,
            kind=one.kind,
            department=one.department,
            reason=one.reason,
            facts=tuple(filter(None, one.facts.split("|"))),
            amount=one.amount,
        )
        for one in own[:LONGEST_JOURNEY]
    )


def _words(interactions: Sequence[Interaction]) -> dict[str, dict[str, int]]:
    facts = Counter(fact for one in interactions for fact in one.facts.split("|") if fact)
    kinds = Counter(one.kind for one in interactions)
    departments = Counter(one.department or "unknown" for one in interactions)
    counted = {"kind": kinds, "department": departments, "facts": facts}
    return {name: dict(words.most_common(12)) for name, words in counted.items()}


def _leaving(records: RawRecords, refused: Mapping[int, Refused]) -> dict[str, int]:
    """Count how those whom a file of customers tells of left: the first thing to look at before it is brought in."""
    size = len(records)
    ends, kinds = (records.columns.get(name, [""] * size) for name in ("left_at", "left_kind"))
    return dict(
        Counter(
            "still there" if end in (None, "") else "without choosing to" if kind == "involuntary" else "by choice"
            for place, (end, kind) in enumerate(zip(ends, kinds, strict=True))
            if place not in refused
        )
    )


def _said(records: RawRecords, place: int) -> dict[str, str]:
    said = {name: column[place] for name, column in records.columns.items()}
    return {name: _shown(name, value) for name, value in said.items() if value is not None and value != ""}


def _shown(name: str, value: Any) -> str:
    """Return a value as people read it; times in the organisation's zone."""
    if name in translating.TIMES:
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        except ValueError:
            return str(value)[:80]
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return f"{at.astimezone(organisation.of(folder=settings.HOME.folder).zone):%Y-%m-%d %H:%M}"
    return str(value)[:80]
