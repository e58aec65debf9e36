"""The bond of one customer through time: a point for every interaction, and how it faded between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.bond import scoring
from valence.bond.context import Pressure, context
from valence.bond.marks import Marked, read
from valence.bond.model import Model

SAMPLES = 240
SIXTY = 1


@dataclass(frozen=True)
class Curve:
    """Points in order of time, (p,). row: the interaction that made the point, -1 for a sample of fading between.

    at: when it became known (days). before, bond: the bond just before and after; low, high: its 95 % range.
    change: bond - before, 0 for signals. signal: True where the interaction only foretells. p_leave_60d, p_low_60d,
    p_high_60d: the chance of leaving, as it was to be said then.
    """

    at: terms.Days
    row: terms.Keys
    before: terms.Floats
    bond: terms.Floats
    low: terms.Floats
    high: terms.Floats
    change: terms.Floats
    signal: NDArray[np.bool_]
    p_leave_60d: terms.Floats
    p_low_60d: terms.Floats
    p_high_60d: terms.Floats

    def __len__(self) -> int:
        return len(self.at)


def curve(
    *,
    model: Model,
    journeys: terms.Journeys,
    relationships: terms.Relationships,
    pressure: Pressure,
    until: float,
    marked: Marked | None = None,
) -> Curve:
    """Return the curve of the one customer in these journeys and relationships, until a moment.

    Interactions are taken as they became known (the later of occurring and being recorded): what was learned later
    does not change the curve before. Every interaction known by `until` has exactly one point. `marked`: the marks of
    these journeys, where they were read before.
    """
    marked = read(marks=model.marks, journeys=journeys) if marked is None else marked
    became = np.maximum(journeys.occurred, journeys.recorded)
    rows = np.argsort(became, kind="stable")[: int(np.sum(became <= until))]
    before, after = _walked(model, journeys, marked, rows, became)
    at = _sample_times(relationships, became[rows], until)
    between = _between(model, at, became[rows], after)
    order = np.argsort(np.concatenate([became[rows], at]), kind="stable")
    every = np.concatenate([became[rows], at])[order]
    memory = np.concatenate([after, between])[order]
    start = np.concatenate([before, between])[order]
    which = np.concatenate([rows, np.full(len(at), -1)])[order]
    nobody_else = np.zeros(len(every), np.int64)
    surrounded = context(relationships=relationships, customers=nobody_else, at=every, pressure=pressure)
    now = scoring.reading(model=model, context=surrounded, memory=memory)
    previous = model.scale.bond(model.cause_part(start))
    return Curve(
        at=every,
        row=which,
        before=previous,
        bond=now.bond,
        low=now.bond_low,
        high=now.bond_high,
        change=now.bond - previous,
        signal=_only_foretells(model, marked, len(journeys))[which] & (which >= 0),
        p_leave_60d=now.p_leave[:, SIXTY],
        p_low_60d=now.p_low[:, SIXTY],
        p_high_60d=now.p_high[:, SIXTY],
    )


def _walked(
    model: Model, journeys: terms.Journeys, marked: Marked, rows: terms.Keys, became: terms.Days
) -> tuple[terms.Floats, terms.Floats]:
    """Return the memory just before and just after each row, in the order they became known, (r, size) each."""
    added = np.zeros((len(journeys), model.layout.size))
    age = became[marked.row] - journeys.occurred[marked.row]
    lives = np.array(model.layout.half_lives)
    np.add.at(added, (marked.row, marked.mark), marked.value * np.exp2(-age / lives[marked.mark]))
    if model.layout.families:
        faded = marked.value * np.exp2(-age / model.layout.column_half_lives[-1])
        np.add.at(added[:, model.layout.own_size :], marked.row, model.layout.membership[marked.mark] * faded[:, None])
    before, after = np.zeros((2, len(rows), model.layout.size))
    memory, last = np.zeros(model.layout.size), became[rows[0]] if len(rows) else 0.0
    for place, row in enumerate(rows):
        memory = memory * np.exp2(-(became[row] - last) / model.layout.column_half_lives)
        before[place], last = memory, became[row]
        memory = memory + added[row]
        after[place] = memory
    return before, after


def _sample_times(relationships: terms.Relationships, known: terms.Days, until: float) -> terms.Days:
    """Evenly spaced moments from joining (or the first interaction) to leaving or `until`, that one included."""
    first = min([float(relationships.joined[0]), *known[:1]])
    left = float(relationships.left[0])
    last = until if np.isnan(left) else min(until, left)
    return np.linspace(first, max(first, last), SAMPLES)


def _between(model: Model, at: terms.Days, known: terms.Days, after: terms.Floats) -> terms.Floats:
    """Return the memory at moments: what the last interaction left, faded."""
    place = np.searchsorted(known, at, side="right") - 1
    if not len(known):
        return np.zeros((len(at), model.layout.size))
    days = np.where(place >= 0, at - known[np.maximum(place, 0)], 0.0)
    faded = after[np.maximum(place, 0)] * np.exp2(-days[:, None] / model.layout.column_half_lives)
    return np.where(place[:, None] >= 0, faded, 0.0)


def _only_foretells(model: Model, marked: Marked, rows: int) -> NDArray[np.bool_]:
    """Return for each row whether it bears signals only (a row without any mark is one too)."""
    causes = np.zeros(max(1, rows), np.bool_)
    causes[marked.row[model.layout.causes[marked.mark] > 0]] = True
    return ~causes
