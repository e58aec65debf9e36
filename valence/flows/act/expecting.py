"""Expectations, measured: what was told, what happened and how it was taken, by quarter and region; kept as counts."""

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
from valence.flows.weigh import minds, population
from valence.insights import expectations
from valence.insights.expecting_more import Count
from valence.text import expecting as text_expecting

FILE = "expectations.json"
DAYS = 3 * 366
_Key = tuple[int, int, str, int]


@dataclass(frozen=True)
class Cell:
    """What came in a quarter to customers of a region: all of it, and of each customer's first how it was taken.

    about: an expectations.About. short: as expectations.Happened. took: by expectations.Reaction.
    """

    about: str
    quarter: int
    region: str
    short: int
    all: int
    took: Mapping[str, Count]


@dataclass(frozen=True)
class Spoken:
    """In how many of the texts of a quarter and region customers say what they had expected, by Said."""

    quarter: int
    region: str
    texts: int
    said: Mapping[str, int]


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
    cells: dict[_Key, list[int]] = defaultdict(lambda: [0] * 7)
    spoken: dict[tuple[int, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for some, heard in population.each(
        work=partial(_of_some, until=terms.days(until), pack=minds.pack()),
        relationships=customers.relationships(),
        columns=(*expectations.COLUMNS, "text"),
        as_of=terms.days(until),
        progress=population.silent,
        words="",
    ):
        for key, counts in some.items():
            cells[key] = [one + more for one, more in zip(cells[key], counts, strict=True)]
        for place, said in heard.items():
            for name, number in said.items():
                spoken[place][name] += number
    _keep(until, cells, spoken)
    return sum(cell[0] for cell in cells.values())


def _of_some(
    journeys: terms.Journeys, people: terms.Relationships, /, *, until: float, pack: packs.Pack
) -> tuple[dict[_Key, list[int]], dict[tuple[int, str], dict[str, int]]]:
    """Count some customers; it may run on another machine, and says all it found by what it returns."""
    region = np.array(people.words["region"].said(), object)
    left = np.where(people.voluntary, people.left, np.nan)
    return _counted(journeys, left, region, until, pack), _heard_of(journeys, region, until)


def measured() -> Measured | None:
    """Return what was counted last; None where nothing was yet."""
    path = settings.HOME.folder / FILE
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Measured(
        until=datetime.fromisoformat(kept["until"]),
        cells=tuple(_cell(row) for row in kept["cells"]),
        spoken=tuple(Spoken(quarter, region, texts, said) for quarter, region, texts, said in kept["spoken"]),
    )


def _counted(
    journeys: terms.Journeys, left: terms.Days, region: NDArray[np.object_], until: float, pack: packs.Pack
) -> dict[_Key, list[int]]:
    found = expectations.read(journeys=journeys, left=left, now=until, since=until - DAYS, pack=pack)
    names, code = np.unique(region[found.owner].astype(str), return_inverse=True)
    key = np.stack([found.about, found.quarter, code.reshape(-1), found.short], axis=1)
    each, which = np.unique(key, axis=0, return_inverse=True)
    which = which.reshape(-1)
    counts = [np.ones(len(which))]
    for place in range(len(expectations.REACTIONS)):
        told = np.isfinite(found.took[:, place]) & found.first
        counts += [np.where(told, np.nan_to_num(found.took[:, place]), 0.0), told.astype(float)]
    sums = np.stack([np.bincount(which, one, len(each)) for one in counts], axis=1).astype(int)
    return {
        (about, quarter, str(names[where]), short): row
        for (about, quarter, where, short), row in zip(each.tolist(), sums.tolist(), strict=True)
    }


def _heard_of(
    journeys: terms.Journeys, region: NDArray[np.object_], until: float
) -> dict[tuple[int, str], dict[str, int]]:
    """Count the texts by quarter and region, and those in which customers say what they had expected."""
    spoken: dict[tuple[int, str], dict[str, int]] = {}
    texts = journeys.texts.get("text", np.full(len(journeys), "", object))
    near = (journeys.occurred > until - DAYS) & (journeys.occurred <= until)
    rows = np.flatnonzero((texts != "") & near)
    quarters, owners = expectations.quarter_of(day=journeys.occurred[rows]).tolist(), journeys.owners()[rows].tolist()
    for row, quarter, owner in zip(rows.tolist(), quarters, owners, strict=True):
        cell = spoken.setdefault((quarter, str(region[owner])), {"texts": 0} | dict.fromkeys(text_expecting.Said, 0))
        cell["texts"] += 1
        said = text_expecting.expected(text=texts[row])
        if said is not None:
            cell[said] += 1
    return spoken


def _keep(
    until: datetime, cells: Mapping[_Key, list[int]], spoken: Mapping[tuple[int, str], Mapping[str, int]]
) -> None:
    rows = [[expectations.ABOUTS[about].value, *key, *counts] for (about, *key), counts in sorted(cells.items())]
    heard = [list(_heard(key, counts)) for key, counts in sorted(spoken.items())]
    path = settings.HOME.folder / FILE
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"until": until.isoformat(), "cells": rows, "spoken": heard}), encoding="utf-8")
    new.replace(path)


def _heard(key: tuple[int, str], counts: Mapping[str, int]) -> Iterator[object]:
    yield from key
    yield counts.get("texts", 0)
    yield {said.value: counts.get(said, 0) for said in text_expecting.Said}


def _cell(row: list[object]) -> Cell:
    about, quarter, region, short, every, *pairs = row
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
    )
