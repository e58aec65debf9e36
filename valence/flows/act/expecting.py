"""Expectations, measured: what was told, what happened and how it was taken, by quarter and region; kept as counts.

Beside each count stand the slots of the log in which it lies, so that its rows are found again (expected.py).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from valence import packs, terms
from valence.customers import queries as customers
from valence.flows.act import promising
from valence.flows.weigh import minds, population, slots
from valence.insights import expectations
from valence.insights.expecting_more import Count
from valence.text import expecting as text_expecting

FILE = "expectations.json"
DAYS = 3 * 366
COLUMNS = (*expectations.COLUMNS, "text")
_Key = tuple[int, int, str, int]
# Counts and, last of them, marks of slots; by what customers said of it, how many texts and their marks.
_Counts = list[int]
_Heard = dict[str, tuple[int, int]]
TEXTS = "texts"


@dataclass(frozen=True)
class Cell:
    """What came in a quarter to customers of a region: all of it, and of each customer's first how it was taken.

    about: an expectations.About. short: as expectations.Happened. took: by expectations.Reaction. marks: their slots.
    """

    about: str
    quarter: int
    region: str
    short: int
    all: int
    took: Mapping[str, Count]
    marks: int = slots.EVERYWHERE


@dataclass(frozen=True)
class Spoken:
    """In how many of the texts of a quarter and region customers say what they had expected, by Said, and where."""

    quarter: int
    region: str
    texts: int
    said: Mapping[str, int]
    marks: Mapping[str, int]


@dataclass(frozen=True)
class Measured:
    """What was counted last, as of `until`."""

    until: datetime
    cells: tuple[Cell, ...]
    spoken: tuple[Spoken, ...]

    def within(self, *, scope: terms.Scope) -> Measured:
        """Return what somebody may see of it: their regions."""
        if scope.regions is None:
            return self
        return Measured(
            until=self.until,
            cells=tuple(one for one in self.cells if one.region in scope.regions),
            spoken=tuple(one for one in self.spoken if one.region in scope.regions),
        )


def measure(*, now: datetime) -> int:
    """Count anew what was told and what came of it over three years, and keep the counts; return of how many."""
    until = promising.clock(now=now)
    cells: dict[_Key, _Counts] = {}
    spoken: dict[tuple[int, str], _Heard] = defaultdict(dict)
    for some, heard in population.each(
        work=partial(_of_some, until=terms.days(until), pack=minds.pack()),
        relationships=customers.relationships(),
        columns=COLUMNS,
        as_of=terms.days(until),
        progress=population.silent,
        words="",
        weighed=False,
    ):
        for key, counts in some.items():
            cells[key] = _added(cells[key], counts) if key in cells else counts
        for place, said in heard.items():
            for name, (number, marks) in said.items():
                before = spoken[place].get(name, (0, 0))
                spoken[place][name] = (before[0] + number, before[1] | marks)
    _keep(until, cells, spoken)
    return sum(cell[0] for cell in cells.values())


def _added(one: _Counts, more: _Counts) -> _Counts:
    return [*(a + b for a, b in zip(one[:-1], more[:-1], strict=True)), one[-1] | more[-1]]


def _of_some(
    journeys: terms.Journeys, people: terms.Relationships, /, *, until: float, pack: packs.Pack
) -> tuple[dict[_Key, _Counts], dict[tuple[int, str], _Heard]]:
    """Count some customers; it may run on another machine, and says all it found by what it returns."""
    region = np.array(people.words["region"].said(), object)
    happened = read(journeys=journeys, people=people, until=until, pack=pack)
    return _counted(journeys, happened, region), _heard_of(journeys, region, until)


def read(
    *, journeys: terms.Journeys, people: terms.Relationships, until: float, pack: packs.Pack
) -> expectations.Happened:
    """Return what came to some customers in the years that are counted; people: the same, in the same order."""
    left = np.where(people.voluntary, people.left, np.nan)
    return expectations.read(journeys=journeys, left=left, now=until, since=until - DAYS, pack=pack)


def texts_of(*, journeys: terms.Journeys, until: float) -> terms.Keys:
    """Return the rows of the years that are counted in which customers wrote something."""
    texts = journeys.texts.get("text", np.full(len(journeys), "", object))
    near = (journeys.occurred > until - DAYS) & (journeys.occurred <= until)
    return np.flatnonzero((texts != "") & near)


def measured() -> Measured | None:
    """Return what was counted last; None where nothing was yet."""
    path = settings.HOME.folder / FILE
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Measured(
        until=datetime.fromisoformat(kept["until"]),
        cells=tuple(_cell(row) for row in kept["cells"]),
        spoken=tuple(_spoken(*row) for row in kept["spoken"]),
    )


def _counted(
    journeys: terms.Journeys, found: expectations.Happened, region: NDArray[np.object_]
) -> dict[_Key, _Counts]:
    names, code = np.unique(region[found.owner].astype(str), return_inverse=True)
    key = np.stack([found.about, found.quarter, code.reshape(-1), found.short], axis=1)
    each, which = np.unique(key, axis=0, return_inverse=True)
    which = which.reshape(-1)
    counts = [np.ones(len(which))]
    for place in range(len(expectations.REACTIONS)):
        told = np.isfinite(found.took[:, place]) & found.first
        counts += [np.where(told, np.nan_to_num(found.took[:, place]), 0.0), told.astype(float)]
    sums = np.stack([np.bincount(which, one, len(each)) for one in counts], axis=1).astype(int)
    marks = slots.grouped(slots=slots.of(keys=journeys.keys)[found.owner], groups=which, size=len(each))
    return {
        (about, quarter, str(names[where]), short): [*row, mark]
        for (about, quarter, where, short), row, mark in zip(each.tolist(), sums.tolist(), marks, strict=True)
    }


def _heard_of(journeys: terms.Journeys, region: NDArray[np.object_], until: float) -> dict[tuple[int, str], _Heard]:
    """Count the texts by quarter and region, and those in which customers say what they had expected."""
    spoken: dict[tuple[int, str], _Heard] = defaultdict(dict)
    rows = texts_of(journeys=journeys, until=until)
    owners = journeys.owners()[rows]
    quarters, slot = expectations.quarter_of(day=journeys.occurred[rows]), slots.of(keys=journeys.keys)[owners]
    for row, quarter, owner, at in zip(rows.tolist(), quarters.tolist(), owners.tolist(), slot.tolist(), strict=True):
        cell = spoken[quarter, str(region[owner])]
        said = text_expecting.expected(text=journeys.texts["text"][row])
        for name in (TEXTS,) if said is None else (TEXTS, said.value):
            number, marks = cell.get(name, (0, 0))
            cell[name] = (number + 1, marks | 1 << at)
    return spoken


def _keep(until: datetime, cells: Mapping[_Key, _Counts], spoken: Mapping[tuple[int, str], _Heard]) -> None:
    rows = [
        [expectations.ABOUTS[about].value, *key, *counts, slots.written(marks=marks)]
        for (about, *key), (*counts, marks) in sorted(cells.items())
    ]
    heard = [list(_heard(key, said)) for key, said in sorted(spoken.items())]
    path = settings.HOME.folder / FILE
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"until": until.isoformat(), "cells": rows, "spoken": heard}), encoding="utf-8")
    new.replace(path)


def _heard(key: tuple[int, str], said: _Heard) -> Iterator[object]:
    yield from key
    yield said.get(TEXTS, (0, 0))[0]
    yield {name.value: said.get(name, (0, 0))[0] for name in text_expecting.Said}
    yield {name: slots.written(marks=marks) for name, (_, marks) in sorted(said.items())}


def _spoken(quarter: int, region: str, texts: int, said: Mapping[str, int], marks: Mapping[str, str]) -> Spoken:
    return Spoken(quarter, region, texts, said, {name: slots.read(text=text) for name, text in marks.items()})


def _cell(row: list[object]) -> Cell:
    about, quarter, region, short, every, *pairs, marks = row
    counts = [int(str(one)) for one in pairs]
    return Cell(
        about=str(about),
        quarter=int(str(quarter)),
        region=str(region),
        short=int(str(short)),
        all=int(str(every)),
        took={
            reaction.value: Count(counts[2 * place], counts[2 * place + 1])
            for place, reaction in enumerate(expectations.REACTIONS)
        },
        marks=slots.read(text=str(marks)),
    )
