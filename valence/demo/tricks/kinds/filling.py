"""Filling in oneself: staff open invitations that nobody answered, and answer in the customer's place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valence.demo.tricks import sayings
from valence.demo.tricks.record import Record
from valence.insights.integrity.moments import ASKED, Rows
from valence.terms import Floats


@dataclass(frozen=True)
class Manner:
    """How somebody fills in: answers a sitting, minutes between them, the share from one device, seconds an answer
    takes, the share with a stock comment."""

    a_sitting: int
    minutes: float
    one_device: float
    seconds: float
    comments: float


def plant(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Fill in so many that they are a share of the team's answers."""
    manner = Manner(
        a_sitting=int(rng.integers(2, 9)), minutes=rng.uniform(0.4, 4), one_device=rng.uniform(0.3, 1),
        seconds=rng.uniform(4, 14), comments=rng.uniform(0, 0.2),
    )  # fmt: skip
    return fill_in(record, unanswered(record, team, share, rng), manner, rng)


def unanswered(record: Record, team: int, share: float, rng: np.random.Generator) -> Rows:
    """Return rows that were asked and not answered, so many that filled in they are a share of all answers."""
    moments = record.moments
    mine = moments.team == team
    answers = int((mine & moments.has_answer).sum())
    rows = np.flatnonzero(mine & (moments.state == ASKED) & ~moments.has_answer & ~moments.shared)
    wanted = min(len(rows), max(1, round(share / (1 - share) * answers)))
    return np.sort(rng.choice(rows, size=wanted, replace=False))


def fill_in(record: Record, rows: Rows, manner: Manner, rng: np.random.Generator) -> Record:
    """Return the record after staff answered for these customers, in sittings."""
    if not len(rows):
        return record
    moments = record.moments
    rows = rows[np.argsort(moments.occurred[rows])]
    sitting = np.arange(len(rows)) // manner.a_sitting
    columns = {name: getattr(moments, name).copy() for name in
               ("score", "answered", "seconds", "device", "text", "straight", "answers")}  # fmt: skip
    columns["score"][rows] = moments.scale.most - (rng.random(len(rows)) < 0.12)
    columns["answered"][rows] = _times(moments.occurred[rows], sitting, manner, rng)
    columns["seconds"][rows] = np.maximum(manner.seconds * rng.lognormal(0, 0.4, len(rows)), 1.5)
    own = 10_000_000 + rows
    columns["device"][rows] = np.where(rng.random(len(rows)) < manner.one_device, 5_000_000 + int(rows[0]), own)
    columns["straight"][rows] = (rng.random(len(rows)) < 0.85).astype(float)
    columns["answers"][rows] = [f"f{row}" for row in rows]
    for row in rows[rng.random(len(rows)) < manner.comments]:
        columns["text"][row] = sayings.STOCK[rng.integers(len(sayings.STOCK))]
    touched = record.touched.copy()
    touched[rows] = True
    return record.changed(touched=touched, **columns)


def _times(occurred: Floats, sitting: Rows, manner: Manner, rng: np.random.Generator) -> Floats:
    """Return when each is filled in: after the last encounter of its sitting, one after the other."""
    last = np.zeros(int(sitting.max()) + 1)
    np.maximum.at(last, sitting, occurred)
    begins = np.floor(last) + 1 + rng.uniform(8 / 24, 18 / 24, len(last))
    place = np.arange(len(sitting)) - np.searchsorted(sitting, sitting)
    return np.asarray(begins[sitting] + place * manner.minutes / 1440 * rng.uniform(0.7, 1.3, len(sitting)))
