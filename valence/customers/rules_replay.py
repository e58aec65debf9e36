"""What is known of a customer follows from what was said, in order: leave a word out and work it out again. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from valence.customers import rules
from valence.customers.rules import Change, CustomerRecord, Known
from valence.terms import Verdict


@dataclass(frozen=True)
class Repeat:
    """An import that said just the same again, and when."""

    batch: int
    at: datetime


@dataclass(frozen=True)
class Entry:
    """One thing that was said: a customer's record, or personal values that came with an interaction.

    `content` is the same where the same was said. `number` is where it is stored.
    """

    number: int
    batch: int
    at: datetime
    content: bytes
    record: CustomerRecord | None = None
    personal: Mapping[str, str] = field(default_factory=dict)
    again: tuple[Repeat, ...] = ()


@dataclass(frozen=True)
class Replayed:
    """What follows: what is known, the changes to keep, every version of the personal values, a verdict per entry."""

    known: Known
    changes: tuple[Change, ...]
    personal: tuple[Mapping[str, str], ...]
    verdicts: Mapping[int, Verdict]


def without(*, entries: Sequence[Entry], batches: Collection[int]) -> list[Entry]:
    """Return what was said, in order, with the word of some imports left out.

    1. What another import repeated stays, as if that one had said it first. 2. What nobody else said goes.
    3. Two records in a row that say the same are one that was repeated.
    """
    kept: list[Entry] = []
    for entry in entries:
        again = tuple(one for one in entry.again if one.batch not in batches)
        stays = replace(entry, again=again)
        if entry.batch in batches:
            if not again:
                continue
            stays = replace(entry, batch=again[0].batch, at=again[0].at, again=again[1:])
        last = _last_alike(kept, stays)
        if last is None:
            kept.append(stays)
        else:
            more = Repeat(batch=stays.batch, at=stays.at)
            kept[last] = replace(kept[last], again=(*kept[last].again, more, *stays.again))
    return kept


def replay(*, entries: Sequence[Entry]) -> Replayed:
    """Return what follows from what was said, exactly as if it came in just so."""
    known, changes = Known(), list[Change]()
    versions: list[Mapping[str, str]] = []
    verdicts: dict[int, Verdict] = {}
    for entry in entries:
        if entry.record is None:
            known = replace(known, personal={**known.personal, **entry.personal})
        else:
            learned = rules.learn(known=known, record=entry.record, now=entry.at)
            known, verdicts[entry.number] = learned.known, learned.verdict
            changes += learned.changes
        versions.append(known.personal)
    return Replayed(known=known, changes=tuple(changes), personal=tuple(versions), verdicts=verdicts)


def moved(*, before: Sequence[Entry], after: Sequence[Entry], batches: Collection[int]) -> dict[int, Counter[Verdict]]:
    """Return by how much the verdicts of the imports that stay change, because others were left out."""
    change: dict[int, Counter[Verdict]] = {}
    for entries, sign in ((before, -1), (after, 1)):
        verdicts = replay(entries=entries).verdicts
        for entry in entries:
            if entry.record is not None:
                said = [(entry.batch, verdicts[entry.number])]
                said += [(one.batch, Verdict.DUPLICATE) for one in entry.again]
                for batch, verdict in said:
                    change.setdefault(batch, Counter())[verdict] += sign
    return {batch: counted for batch, counted in change.items() if batch not in batches and any(counted.values())}


def _last_alike(kept: Sequence[Entry], entry: Entry) -> int | None:
    """Return the place of the last record before this one, where it says the same."""
    if entry.record is None:
        return None
    records = [place for place, one in enumerate(kept) if one.record is not None]
    return records[-1] if records and kept[records[-1]].content == entry.content else None
