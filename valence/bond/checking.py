"""Whether chances hold: what was said of a later day by what was known then, against what happened.

The calibration itself has seen the last landmarks. So it is learned once more without the newest one, and from outcomes
that were known by that day only; what it says of the newest is then held against who left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np

from valence import terms
from valence.bond import calibration, ranking
from valence.bond.sampling import CaseBase

TOLERATED = 0.10
CLEAR = 0.25


class State(StrEnum):
    """Whether the chances of one horizon hold, as far as it could be looked at."""

    HOLDS = "holds"
    OFF = "off"
    UNSURE = "unsure"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Check:
    """What share was said to leave from a day on (`at`, ISO), what share left, with its 95 % range, and how many."""

    state: str
    said: float | None = None
    happened: float | None = None
    low: float | None = None
    high: float | None = None
    left: int = 0
    at: str = ""

    def told(self) -> dict[str, Any]:
        """Return plain values, as they are kept with a model's figures."""
        return asdict(self)


def checks(*, log_summed: terms.Floats, later: CaseBase, known_until: float) -> list[Check]:
    """Return a check for each of calibration.HORIZONS. log_summed (n, 3) belongs to the held-out landmarks `later`."""
    return [_check(log_summed, later, number, known_until) for number in range(len(calibration.HORIZONS))]


def _check(log_summed: terms.Floats, later: CaseBase, number: int, known_until: float) -> Check:
    horizon = calibration.HORIZONS[number]
    days = np.unique(later.at[later.at + horizon <= known_until])
    if not len(days):
        return Check(State.UNCHECKED)
    newest = float(days[-1])
    earlier, there = later.at + horizon <= newest, later.at == newest
    known = there & ~((later.ends <= horizon) & ~later.voluntary)
    if not earlier.any() or not known.any():
        return Check(State.UNCHECKED)
    chance = _learned_by(newest, log_summed, later, earlier).chance(log_summed[known])[:, number]
    came, weight = later.ends[known] <= horizon, later.weight[known]
    said, happened = (float(np.average(each, weights=weight)) for each in (chance, came))
    low, high = ranking.wilson(share=happened, people=float(weight.sum()))
    at = terms.moment(newest).isoformat()
    return Check(_state(said, happened, low, high), said, happened, low, high, int(came.sum()), at)


def _learned_by(
    day: float, log_summed: terms.Floats, later: CaseBase, earlier: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> calibration.Calibration:
    """Return the calibration that landmarks show whose outcome was known by a day."""
    known = later.taken(earlier)
    return calibration.calibrated(
        log_summed=log_summed[earlier],
        ends=known.ends,
        voluntary=known.voluntary,
        weight=known.weight,
        followed=day - known.at,
    )


def _state(said: float, happened: float, low: float, high: float) -> State:
    """Off is what lies further than TOLERATED from what happened and beyond chance; few losses leave it unsure."""
    if happened == 0.0:
        return State.UNSURE
    if abs(said / happened - 1.0) > TOLERATED:
        return State.UNSURE if low <= said <= high else State.OFF
    return State.HOLDS if high - low <= 2.0 * CLEAR * happened else State.UNSURE


def state(*, figures: Mapping[str, Any], days: int) -> State:
    """Return whether the chances within so many days hold, by the figures of a model's card."""
    told = (figures.get(f"{days}d") or {}).get("check") or {}
    return State(told.get("state", State.UNCHECKED))


def words(*, figures: Mapping[str, Any], days: int) -> str:
    """Say in one sentence whether the chances within so many days hold; `figures` are those of a model's card."""
    told = (figures.get(f"{days}d") or {}).get("check") or {}
    found = state(figures=figures, days=days)
    if found is State.UNCHECKED:
        return f"Whether chances within {days} days hold could not be checked: too little time has passed."
    day = datetime.fromisoformat(str(told["at"]))
    said, happened, low, high = (f"{100 * told[name]:.1f}" for name in ("said", "happened", "low", "high"))
    seen = f"of those there on {day:%-d %b %Y}, {said}\u202f% were expected to leave within {days} days and"
    seen += f" {happened}\u202f% left (likely {low}–{high})"
    if found is State.UNSURE:
        return f"Too few left to tell within 10\u202f% whether chances hold: {seen}."
    if found is State.HOLDS:
        return f"Chances held within 10\u202f%: {seen}."
    over = told["said"] / told["happened"] - 1.0 if told["happened"] else 1.0
    return f"Chances were {100 * abs(over):.0f}\u202f% too {'high' if over > 0 else 'low'}: {seen}."
