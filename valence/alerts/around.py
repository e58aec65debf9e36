"""What happened at the same place or with the same team lately: a customer counts once a day. Pure.

The past is counted side by side (`Events`), what arrives one by one (`Window`): both say the same.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from valence import terms
from valence.alerts.condition import Table
from valence.journeys import signs

LONGEST_DAYS = 7.0
# (field, what it counts, in how many days up to the interaction, itself among them)
COUNTS: tuple[tuple[str, str, float], ...] = tuple(
    (f"{about}_{what}_{days}d", f"{about} {what}", float(days))
    for about in ("place", "team")
    for what in ("failures", "contacts")
    for days in (1, 7)
)


class Counter(Protocol):
    """What can say how much happened somewhere."""

    def counted(self, *, names: Sequence[str], code: terms.Codes, at: terms.Days, days: float) -> terms.Floats:
        """Return for each row (n,) what happened under its name (code into names) in so many days up to `at`."""


@dataclass(frozen=True)
class Events:
    """What happened (n,), sorted by (name, at): `name` indexes `names`, such as `place failures Quay`; at: days."""

    names: tuple[str, ...]
    name: terms.Codes
    key: terms.Keys
    at: terms.Days

    def counted(self, *, names: Sequence[str], code: terms.Codes, at: terms.Days, days: float) -> terms.Floats:
        """As Counter says."""
        if not len(self.at) or not len(at):
            return np.zeros(len(at))
        known = {name: number for number, name in enumerate(self.names)}
        mine = np.array([known.get(name, -1) for name in names], np.int64)[code]
        first = min(float(self.at.min()), float(at.min()))
        apart = max(float(self.at.max()), float(at.max())) - first + days + 1.0
        place = self.name * apart + (self.at - first)
        asked = mine * apart + (at - first)
        until = np.searchsorted(place, asked, side="right")
        since = np.searchsorted(place, asked - days, side="right")
        found: terms.Floats = np.where(mine >= 0, until - since, 0).astype(float)
        return found


@dataclass
class Window:
    """What happened in the last days, to which what arrives is added: an answer costs nothing more as the log grows."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seen: set[tuple[str, int, int]] = field(default_factory=set)

    def add(self, events: Events) -> None:
        """Add what happened; the same customer on the same day counts no second time."""
        for name, key, at in zip(events.name.tolist(), events.key.tolist(), events.at.tolist(), strict=True):
            once = (events.names[name], key, int(at // 1))
            if once not in self.seen:
                self.seen.add(once)
                insort(self.times[once[0]], at)

    def counted(self, *, names: Sequence[str], code: terms.Codes, at: terms.Days, days: float) -> terms.Floats:
        """As Counter says."""
        found = np.zeros(len(at))
        for row, (number, until) in enumerate(zip(code.tolist(), at.tolist(), strict=True)):
            times = self.times.get(names[number], ())
            found[row] = bisect_right(times, until) - bisect_right(times, until - days)
        return found


def happened(*, journeys: terms.Journeys, places: terms.Words, found: signs.Signs) -> Events:
    """Return what happened in some journeys; places: where each row was; found: the signs of the rows."""
    owners = journeys.keys[journeys.owners()]
    where = {"place": places, "team": signs.column(journeys=journeys, name="team_id")}
    what = {"failures": found.fault, "contacts": found.contact}
    parts = []
    for tally in dict.fromkeys(name for _, name, _ in COUNTS):
        about, _, which = tally.partition(" ")
        rows = np.flatnonzero(what[which] & (where[about].codes >= 0))
        names = tuple(f"{tally} {word}" for word in where[about].vocabulary)
        parts.append(Events(names, where[about].codes[rows].astype(np.int64), owners[rows], journeys.occurred[rows]))
    return joined(parts=parts)


def joined(*, parts: Sequence[Events]) -> Events:
    """Return several parts as one: of what happened to a customer on a day under a name, the first counts."""
    names = tuple(dict.fromkeys(name for part in parts for name in part.names))
    number = {name: at for at, name in enumerate(names)}
    moved = [np.array([number[one] for one in part.names], np.int64)[part.name] for part in parts if len(part.at)]
    if not moved:
        return Events((), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    name = np.concatenate(moved)
    key, at = (np.concatenate([getattr(part, column) for part in parts]) for column in ("key", "at"))
    order = np.lexsort((at, key, name))
    name, key, at = name[order], key[order], at[order]
    same = (np.diff(name) == 0) & (np.diff(key) == 0) & (np.diff(np.floor(at)) == 0)
    first = np.concatenate([[True], ~same])
    name, key, at = name[first], key[first], at[first]
    order = np.lexsort((at, name))
    return Events(names, name[order], key[order], at[order])


def told(*, table: Table, journeys: terms.Journeys, places: terms.Words, counter: Counter, asked: Set[str]) -> Table:
    """Return the table of journeys with what is asked of what happened around each row; unknown without a name."""
    where = {"place": places, "team": signs.column(journeys=journeys, name="team_id")}
    numbers = {}
    for name, tally, days in COUNTS:
        if name not in asked:
            continue
        column = where[tally.partition(" ")[0]]
        rows = np.flatnonzero(column.codes >= 0)
        numbers[name] = np.full(len(journeys), np.nan)
        numbers[name][rows] = counter.counted(
            names=[f"{tally} {word}" for word in column.vocabulary],
            code=column.codes[rows],
            at=journeys.occurred[rows],
            days=days,
        )
    return replace(table, numbers={**table.numbers, **numbers})
