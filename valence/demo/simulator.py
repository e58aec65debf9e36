"""The made-up operator at work: chunk by chunk, from drawn customers to files and, apart from them, the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.demo import (
    answers,
    hazard,
    leaving,
    marks,
    people,
    reckoning,
    recording,
    sheet,
    world,
    writer,
)
from valence.demo.chains import routine, scene

CHUNK = 2048
PILOT = 4096
DAYS_A_MONTH = 30.4375

Report = Callable[[terms.Progress], None]


@dataclass(frozen=True)
class Simulated:
    """What was written: counts of customers, interactions and those who left by choice or not."""

    customers: int
    interactions: int
    lost: int
    removed: int


@dataclass(frozen=True)
class _Played:
    """A chunk as if nobody ever left."""

    who: people.People
    columns: sheet.Columns
    pushes: marks.Pushes
    courses: hazard.Courses
    stage: scene.Scene


def simulate(
    *, customers: int, months: int, seed: int, law: world.Law, end: float, out: Path, files: str, report: Report,
    asked_elsewhere: float = np.inf,
) -> Simulated:  # fmt: skip
    """Simulate an operator and write it to a folder.

    1. draw the operator; 2. play a pilot to set how many leave; 3. for each chunk play every journey as if nobody left,
    draw who leaves when, cut the journeys there, ask for answers, record it imperfectly, reckon the truth, write.

    `end` in days since 1970, a midnight. The same arguments write the same files. asked_elsewhere: the day from which
    on the operator's own surveys ask nobody after visits and contacts; what they would say stands in `truth/voices`.
    """
    operator = world.draw(seed=seed, law=law, start=float(np.floor(end - months * DAYS_A_MONTH)), end=end)
    days = landmarks(operator=operator)
    base = _base(operator=operator, days=days, count=PILOT)
    total = Simulated(0, 0, 0, 0)
    with writer.Files(folder=out, files=files, operator=operator, base=base) as written:
        for number, first in enumerate(range(0, customers, CHUNK)):
            count = min(CHUNK, customers - first)
            rng = np.random.default_rng([seed, 4, number])
            chunk = _chunk(operator=operator, base=base, days=days, count=count, rng=rng, until=asked_elsewhere)
            found = reckoning.losses(chunk=chunk, rng=rng)
            written.add(chunk=chunk, found=found, landmarks=reckoning.landmarks(chunk=chunk, days=days), rng=rng)
            written.add_voices(chunk=chunk, rng=np.random.default_rng([seed, 5, number]))
            total = _counted(total=total, chunk=chunk)
            report(terms.Progress(done=first + count, total=customers, words="customers"))
    return total


def landmarks(*, operator: world.World) -> NDArray[np.float64]:
    """Return up to twelve midnights, thirty days apart, the last one thirty days before the end."""
    days = operator.end - 30.0 * np.arange(12, 0, -1)
    return np.asarray(days[days >= operator.start + 60])


def _base(*, operator: world.World, days: NDArray[np.float64], count: int) -> leaving.Base:
    pilot = _play(operator=operator, days=days, count=count, rng=np.random.default_rng([operator.seed, 3]))
    return leaving.base(operator=operator, courses=pilot.courses, landmarks=days)


def _play(*, operator: world.World, days: NDArray[np.float64], count: int, rng: np.random.Generator) -> _Played:
    who = people.draw(operator=operator, count=count, rng=rng)
    stage = scene.Scene(operator, who, rng, sheet.Sheet())
    routine.play(scene=stage)
    columns = stage.sheet.columns()
    order = np.flatnonzero((columns["at"] >= who.begins[columns["customer"]]) & (columns["at"] < operator.end))
    columns = sheet.kept(columns=columns, order=order)
    severity = marks.severities(operator=operator, count=len(columns["at"]), rng=rng)
    pushes = marks.pushes(operator=operator, who=who, columns=columns, severity=severity)
    courses = hazard.courses(operator=operator, who=who, columns=columns, pushes=pushes, landmarks=days)
    return _Played(who, columns, pushes, courses, stage)


def _chunk(
    *, operator: world.World, base: leaving.Base, days: NDArray[np.float64], count: int, rng: np.random.Generator,
    until: float,
) -> reckoning.Chunk:  # fmt: skip
    played = _play(operator=operator, days=days, count=count, rng=rng)
    left = leaving.draw(operator=operator, who=played.who, courses=played.courses, base=base, rng=rng)
    asked = scene.Scene(operator, played.who, rng, sheet.Sheet())
    answers.ask(scene=asked, columns=played.columns, courses=played.courses, until=until)
    everything = _together(one=played.columns, other=asked.sheet.columns())
    order = _until_left(operator=operator, columns=everything, left=left)
    columns = sheet.kept(columns=everything, order=order)
    return reckoning.Chunk(
        operator=operator, who=played.who, columns=columns, courses=played.courses, base=base, leaving=left,
        pushes=_moved(pushes=played.pushes, order=order, size=len(everything["at"])),
        recorded=recording.record(operator=operator, who=played.who, columns=columns, rng=rng),
    )  # fmt: skip


def _together(*, one: sheet.Columns, other: sheet.Columns) -> sheet.Columns:
    """Return both sheets as one; the second names no causes."""
    return {name: np.concatenate([one[name], other[name]]) for name in one}


def _until_left(*, operator: world.World, columns: sheet.Columns, left: leaving.Leaving) -> sheet.Rows:
    """Return the rows that happened, by customer and time."""
    happened = np.flatnonzero(columns["at"] < np.minimum(left.at, operator.end)[columns["customer"]])
    return np.asarray(happened[np.lexsort((columns["at"][happened], columns["customer"][happened]))])


def _moved(*, pushes: marks.Pushes, order: sheet.Rows, size: int) -> marks.Pushes:
    place = np.full(size, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    row = place[pushes.row]
    there = row >= 0
    return marks.Pushes(row[there], pushes.mark[there], pushes.push[there])


def _counted(*, total: Simulated, chunk: reckoning.Chunk) -> Simulated:
    gone = np.isfinite(chunk.leaving.at)
    return Simulated(
        customers=total.customers + len(chunk.who),
        interactions=total.interactions + len(chunk.columns["at"]),
        lost=total.lost + int((gone & chunk.leaving.voluntary).sum()),
        removed=total.removed + int((gone & ~chunk.leaving.voluntary).sum()),
    )
