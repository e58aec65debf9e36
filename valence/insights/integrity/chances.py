"""Several tests as one, and a chance as a probability."""

from __future__ import annotations

import numpy as np

from valence.terms import Floats

LEAST, MOST = 1e-16, 0.9
POWER = 0.25
FAR = 1e8


def together(p: Floats, *, weights: Floats | None = None) -> float:
    """Return one p-value of several that may depend on each other (the Cauchy combination: Liu and Xie 2020).

    NaN are tests that had nothing to look at; without any other the result is NaN. What speaks for a team is held
    (Fang and others 2023): one test that finds it spotless would else silence all that found something.
    """
    told = ~np.isnan(p)
    if not told.any():
        return float("nan")
    held = np.clip(p[told], LEAST, MOST)
    total = np.average(np.tan((0.5 - held) * np.pi), weights=None if weights is None else weights[told])
    # Far out the arc tangent loses its digits: there it is 1 / (pi x).
    return float(1 / (total * np.pi)) if total > FAR else float(0.5 - np.arctan(total) / np.pi)


def odds(p: float, *, power: float = POWER) -> float:
    """Return by how much a p-value moves the odds: its density where somebody games, Beta(power, 1), over 1.

    At .25 this is close to the most that a p-value can say at all (Sellke, Bayarri and Berger 2001) from .01 on, and
    nothing found speaks for a team, but never much.
    """
    return float(power * max(p, LEAST) ** (power - 1))


def probability(*, p: float, prior: float, power: float = POWER) -> float:
    """Return the probability that a team games, of a prior and the p-value of all evidence together."""
    after = prior / (1 - prior) * odds(p, power=power)
    return after / (1 + after)
