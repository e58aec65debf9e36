"""What only we are praised for: themes praised with us much more often than with others, beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
import scipy

LEVEL = 0.05
PRIOR = 0.5
LEAST_PRAISED = 5
Z95 = 1.959964


@dataclass(frozen=True)
class Praise:
    """How often a theme was praised, of so many comments about us (or about the others)."""

    praised: int
    comments: int


@dataclass(frozen=True)
class OnlyOurs:
    """A theme for which we stand out. `times`: odds of praise with us against others, with its 95 % range.

    q: the share of false alarms among all that are named down to this one.
    """

    theme: str
    times: float
    low: float
    high: float
    ours: Praise
    others: Praise
    q: float


def only_ours(
    *, ours: Mapping[str, Praise], others: Mapping[str, Praise], level: float = LEVEL
) -> tuple[OnlyOurs, ...]:
    """Return the themes for which we are praised more than others, most outstanding first.

    others: comments about competitors, or about all others of a chain where single places are compared. A theme that
    nobody else was asked about says nothing and is left out.
    """
    both = [name for name, praise in ours.items() if name in others and praise.praised >= LEAST_PRAISED]
    odds = [_log_odds(ours[name], others[name]) for name in both]
    chances = np.array([float(scipy.stats.norm.sf(value / error)) for value, error in odds])
    adjusted = scipy.stats.false_discovery_control(chances) if both else chances
    found = [
        OnlyOurs(
            theme=name,
            times=exp(value),
            low=exp(value - Z95 * error),
            high=exp(value + Z95 * error),
            ours=ours[name],
            others=others[name],
            q=float(q),
        )
        for name, (value, error), q in zip(both, odds, adjusted, strict=True)
        if q <= level
    ]
    return tuple(sorted(found, key=lambda one: -one.low))


def _log_odds(ours: Praise, others: Praise) -> tuple[float, float]:
    """Return the log of the odds ratio and its standard error, each cell with half a comment more."""
    a, b = ours.praised + PRIOR, ours.comments - ours.praised + PRIOR
    c, d = others.praised + PRIOR, others.comments - others.praised + PRIOR
    return log(a * d / (b * c)), sqrt(1 / a + 1 / b + 1 / c + 1 / d)
