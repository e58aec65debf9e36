"""How well chances rank and how well they hold: figures on days whose outcome is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence import terms

Z = 1.959964
BINS = 10


@dataclass(frozen=True)
class Area:
    """Area under the curve with its 95 % interval; NaN where there is nobody on one side."""

    value: float
    low: float
    high: float
    events: int

    def told(self) -> dict[str, float | int | None]:
        """Return plain numbers; None for what cannot be said."""
        numbers = {"auc": self.value, "low": self.low, "high": self.high}
        plain: dict[str, float | int | None] = {
            name: None if np.isnan(value) else round(value, 4) for name, value in numbers.items()
        }
        return {**plain, "events": self.events}


def area(*, score: terms.Floats, event: NDArray[np.bool_], weight: terms.Floats) -> Area:
    """Return the chance that who left was scored above who stayed, by DeLong's placements, with weights."""
    events = int(event.sum())
    if not events or event.all():
        return Area(np.nan, np.nan, np.nan, events)
    above = _placed(score[event], among=score[~event], weight=weight[~event])
    below = 1.0 - _placed(score[~event], among=score[event], weight=weight[event])
    value = float(np.average(above, weights=weight[event]))
    spread = np.sqrt(_mean_variance(above, weight[event]) + _mean_variance(below, weight[~event]))
    return Area(value, max(0.0, value - Z * spread), min(1.0, value + Z * spread), events)


def reliability(*, chance: terms.Floats, event: NDArray[np.bool_], weight: terms.Floats) -> list[Mapping[str, Any]]:
    """Return, for tenths of customers by chance, what was said and what happened, with its 95 % interval (Wilson)."""
    order = np.argsort(chance, kind="stable")
    reached = np.cumsum(weight[order]) / max(1e-12, weight.sum())
    tenth = np.minimum(BINS - 1, (reached * BINS - 1e-9).astype(np.int64))
    table: list[Mapping[str, Any]] = []
    for number in range(BINS):
        rows = order[tenth == number]
        if not len(rows):
            continue
        people = float(weight[rows].sum())
        share = float(np.average(event[rows], weights=weight[rows]))
        low, high = wilson(share=share, people=people)
        said = float(np.average(chance[rows], weights=weight[rows]))
        table.append({"said": said, "happened": share, "low": low, "high": high, "customers": round(people)})
    return table


def wilson(*, share: float, people: float) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    centre = (share + Z**2 / (2 * people)) / (1 + Z**2 / people)
    half = Z / (1 + Z**2 / people) * np.sqrt(share * (1 - share) / people + Z**2 / (4 * people**2))
    return max(0.0, centre - float(half)), min(1.0, centre + float(half))


def _placed(score: terms.Floats, *, among: terms.Floats, weight: terms.Floats) -> terms.Floats:
    """Return the share of `among` that lies below each score, ties counting half."""
    order = np.argsort(among, kind="stable")
    ranked, reached = among[order], np.concatenate([[0.0], np.cumsum(weight[order])])
    below = reached[np.searchsorted(ranked, score, side="left")]
    not_above = reached[np.searchsorted(ranked, score, side="right")]
    return np.asarray((below + not_above) / 2.0 / reached[-1])


def _mean_variance(values: terms.Floats, weight: terms.Floats) -> float:
    mean = np.average(values, weights=weight)
    return float(np.sum(weight**2 * (values - mean) ** 2) / weight.sum() ** 2)
