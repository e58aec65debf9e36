"""Whom what we sell does not fit: counted from how customers began; said to who sells, and never decided by itself."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from valence import packs, terms
from valence.alerts.condition import Table
from valence.customers import queries as customers
from valence.flows.act import promising
from valence.flows.weigh import minds, population, slots
from valence.insights import fit

FILE = "fit.json"
FIELD = "may_not_fit"
YEARS = 3
# What is taken on later may fit no better than what somebody began with.
CHANGES = frozenset({"change"})
# The fields of a table of interactions that say what is known at an order.
ASKED = {"plan": "plan", "segment": "segment", "need": "reason", "channel": "channel"}
_Key = tuple[str, str, str]


@dataclass(frozen=True)
class Measured:
    """What was counted last, as of `until`: tallies by (field, word, region), and the slots in which they lie."""

    until: datetime
    tallies: Mapping[_Key, fit.Tally]
    marks: Mapping[_Key, int]

    def groups(self, *, scope: terms.Scope = terms.EVERYTHING) -> tuple[fit.Group, ...]:
        """Return the groups with their figures, those first that fit least, from the regions one may see."""
        found: dict[tuple[str, str], fit.Tally] = defaultdict(fit.Tally)
        for (field, word, region), tally in self.tallies.items():
            if scope.regions is None or region in scope.regions:
                found[field, word] += tally
        return fit.groups(tallies=found)


def measure(*, now: datetime) -> int:
    """Count anew how customers of the last three years began, and keep the counts; return how many began."""
    until = promising.clock(now=now)
    day, pack = terms.days(until), minds.pack()
    everybody = customers.relationships()
    people = everybody.taken(began_lately(people=everybody, until=until))
    tallies: dict[_Key, fit.Tally] = defaultdict(fit.Tally)
    marks: dict[_Key, int] = defaultdict(int)
    for some in population.each(
        work=partial(_of_some, now=day, pack=pack),
        relationships=people,
        columns=fit.COLUMNS,
        as_of=day,
        progress=population.silent,
        words="",
        weighed=False,
    ):
        for key, (tally, where) in some.items():
            tallies[key] += tally
            marks[key] |= where
    _keep(until, tallies, marks)
    return len(people)


def began_lately(*, people: terms.Relationships, until: datetime) -> NDArray[np.bool_]:
    """Say which customers (c,) are counted: those who began in the three years before a moment."""
    day = terms.days(until)
    lately: NDArray[np.bool_] = (people.joined > day - YEARS * 365.25) & (people.joined <= day)
    return lately


def _of_some(
    journeys: terms.Journeys, people: terms.Relationships, /, *, now: float, pack: packs.Pack
) -> dict[_Key, tuple[fit.Tally, int]]:
    """Count some customers; it may run on another machine, and says all it found by what it returns."""
    began = fit.read(journeys=journeys, people=people, now=now, pack=pack)
    region, slot = np.array(people.words["region"].said(), object), slots.of(keys=people.keys)
    return {
        (field, word, str(name)): (tally, _marks(slot[(region == name) & fit.of(began=began, field=field, word=word)]))
        for name in sorted(set(region.tolist()))
        for (field, word), tally in fit.tallied(began=began, which=region == name).items()
    }


def _marks(slot: terms.Keys) -> int:
    return slots.grouped(slots=slot, groups=np.zeros(len(slot), np.int64), size=1)[0]


def measured() -> Measured | None:
    """Return what was counted last; None where nothing was yet."""
    path = settings.HOME.folder / FILE
    return _measured(path, path.stat().st_mtime_ns) if path.exists() else None


def told(*, table: Table) -> Table:
    """Return the table with why what was ordered may not fit, for its rows; unknown where nothing says so.

    It is said of orders only, and of the group that is surest; a person decides what to make of it.
    """
    codes, said = np.full(table.size, -1, np.int32), dict[str, int]()
    found = measured()
    groups = [one for one in found.groups() if one.may_not_fit] if found else []
    kind = table.words["kind"]
    asked = fit.ORDERS | CHANGES
    orders = np.array([word in asked for word in (*kind.vocabulary, "")])[kind.codes] if table.size else codes > 0
    for group in reversed(groups):
        words = table.words.get(ASKED[group.field])
        if words is not None and group.word in words.vocabulary:
            rows = orders & (words.codes == words.vocabulary.index(group.word))
            codes[rows] = said.setdefault(sentence(group=group), len(said))
    return replace(table, words={**table.words, FIELD: terms.Words(codes, tuple(said))})


def sentence(*, group: fit.Group) -> str:
    """Return why what we sell may not fit a group, as people say it."""
    return fit.reason(group=group, said=f"{fit.FIELDS[group.field]} {said(group=group)}")


def said(*, group: fit.Group) -> str:
    """Return a group's name as people say it."""
    return group.word.replace("_", " ")


def _keep(until: datetime, tallies: Mapping[_Key, fit.Tally], marks: Mapping[_Key, int]) -> None:
    rows = [[*key, *astuple(one), slots.written(marks=marks[key])] for key, one in sorted(tallies.items())]
    path = settings.HOME.folder / FILE
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"until": until.isoformat(), "tallies": rows}), encoding="utf-8")
    new.replace(path)


@lru_cache(maxsize=2)
def _measured(path: Path, changed: int) -> Measured:
    rows = (kept := json.loads(path.read_text(encoding="utf-8")))["tallies"]
    return Measured(
        until=datetime.fromisoformat(kept["until"]),
        tallies={(field, word, region): fit.Tally(*counts) for field, word, region, *counts, _ in rows},
        marks={(field, word, region): slots.read(text=marks) for field, word, region, *_, marks in rows},
    )
