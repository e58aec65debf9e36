"""What truly moves a customer in an interaction, as numbers: the marks of the made-up law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence.demo import people, sheet, vocabulary, world

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BY_FACT = ("late", "no_show", "left_mess", "not_fixed", "unresolved", "repeat", "misinformed", "irrelevant",
            "extra_mile", "on_time", "fixed", "resolved")  # fmt: skip


@dataclass(frozen=True)
class Pushes:
    """Marks of interactions as they push on the log-hazard, one row a mark (p,).

    row: the interaction's row. mark: index into world.MARKS. push: the mark's number times how hard it struck this
    customer times the mark's weight (and the segment's factor under the saturating law).
    """

    row: Ints
    mark: Ints
    push: Floats

    def of(self, chosen: NDArray[np.bool_]) -> Pushes:
        """Return only those chosen."""
        return Pushes(self.row[chosen], self.mark[chosen], self.push[chosen])


def severities(*, operator: world.World, count: int, rng: np.random.Generator) -> Floats:
    """Draw how hard each interaction strikes; mean 1; on no record."""
    spread = operator.effects.severity
    return rng.lognormal(-0.5 * spread**2, spread, count)


def pushes(*, operator: world.World, who: people.People, columns: sheet.Columns, severity: Floats) -> Pushes:
    """Return the marks of these interactions; those that do not act have none."""
    rows, marks, sizes = [], [], []
    for number, name in enumerate(world.MARK_NAMES):
        size = _size(columns=columns, name=name, power=operator.effects.powers[number])
        hit = np.flatnonzero((size > 0) & columns["acts"])
        rows.append(hit)
        marks.append(np.full(len(hit), number))
        sizes.append(size[hit] * severity[hit])
    row, mark, size = np.concatenate(rows), np.concatenate(marks), np.concatenate(sizes)
    weight = operator.effects.weights[mark]
    if operator.law is world.Law.SATURATING:
        segment = who.segment[columns["customer"][row]]
        weight = weight * operator.effects.segment_factors[segment, world.MARK_FAMILY[mark]]
    return Pushes(row, mark, weight * size)


def _size(*, columns: sheet.Columns, name: str, power: float) -> Floats:
    """Return a mark's number for every interaction; 0 where absent or unknown."""
    if name in _BY_FACT:
        return np.asarray((columns["facts"] & vocabulary.BITS[name]) > 0, dtype=np.float64)
    if name in ("broken", "kept"):
        return np.asarray(columns["promise"] == vocabulary.code(column="promise", word=name), dtype=np.float64)
    if name == "wait":
        return _measured(columns["wait_minutes"] / 10, most=5) ** power
    if name == "transfers":
        return _measured(columns["transfers"], most=4) ** power
    if name == "outage":
        return _measured(columns["outage_hours"] / 4, most=6) ** power
    return np.asarray(_excess(columns=columns) ** power)


def _measured(number: NDArray[Any], *, most: float) -> Floats:
    return np.asarray(np.minimum(np.nan_to_num(number), most), dtype=np.float64)


def _excess(*, columns: sheet.Columns) -> Floats:
    """Return what was billed above what was told, in units of 25; small change does not count."""
    above = np.nan_to_num(columns["amount"] - columns["expected_amount"])
    return np.where(above > 5, np.minimum(above / 25, 3), 0.0)
