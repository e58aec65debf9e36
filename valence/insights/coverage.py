"""How often a likely range holds the truth: simulated, for every figure of a scale, over a stated set of truths. Pure.

The truths are what answers to a question look like: humps of three widths at seven places of the scale, the same share
for every point, and people split between both ends. Each is asked of so many people again and again; a range is good
where the true figure lies in it 95 times of 100 on average over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.insights import scores
from valence.insights.scores import Answers, Measure, Scale
from valence.terms import Floats

SIZES = (5, 20, 100, 1_000)
WIDTHS = (0.8, 2.0, 3.5)
PLACES = 7
NARROWEST, WIDEST = 0.93, 0.97


@dataclass(frozen=True)
class Coverage:
    """How often the range of one figure from `number` answers held the truth: on average over the truths, at worst."""

    scale: str
    measure: Measure
    number: int
    average: float
    worst: float
    worst_truth: str

    @property
    def holds(self) -> bool:
        """Whether the average is what a range of 95 % promises."""
        return NARROWEST <= self.average <= WIDEST


def truths(*, scale: Scale) -> Mapping[str, Floats]:
    """Return the stated set of true distributions over a scale's points, each (k,), by its name."""
    points = np.array(scale.points, float)
    places = np.linspace(scale.least + 1, scale.most - 0.3, PLACES)
    found = {
        f"hump at {middle:.1f}, {width:g} wide": np.exp(-(((points - middle) / width) ** 2) / 2)
        for middle in places
        for width in WIDTHS
    }
    high, low = np.exp(-((points - scale.most) ** 2) / 2), np.exp(-((points - scale.least) ** 2) / 2)
    found |= {"flat": np.ones(len(points)), "split between both ends": high + 0.4 * low}
    return {name: one / one.sum() for name, one in found.items()}


def measures(*, scale: Scale) -> tuple[Measure, ...]:
    """Return the figures that a scale has."""
    return tuple(Measure) if (scale.least, scale.most) == (0, 10) else (Measure.TOP, Measure.MEAN)


def simulated(*, times: int, seed: int, sizes: tuple[int, ...] = SIZES) -> Iterator[Coverage]:
    """Yield the coverage of every figure of every scale, for so many answers each, simulated `times` times a truth."""
    for scale in scores.SCALES.values():
        for measure in measures(scale=scale):
            for number in sizes:
                yield one(scale=scale, measure=measure, number=number, times=times, seed=seed)


def one(*, scale: Scale, measure: Measure, number: int, times: int, seed: int) -> Coverage:
    """Return how often the range of one figure held the truth."""
    dice = np.random.default_rng([seed, number])
    worth = scores.worths(scale=scale, measure=measure)
    held = {
        name: _held(dice.multinomial(number, truth, size=times), scale, measure, float(truth @ worth))
        for name, truth in truths(scale=scale).items()
    }
    worst = min(held, key=held.__getitem__)
    return Coverage(scale.name, measure, number, float(np.mean(list(held.values()))), held[worst], worst)


def _held(samples: NDArray[np.int64], scale: Scale, measure: Measure, true: float) -> float:
    """Return the share of samples (t, k) whose range holds the true figure; a sample that came twice is asked once."""
    unique, times = np.unique(samples, axis=0, return_counts=True)
    inside = 0
    for counts, often in zip(unique, times, strict=True):
        likely = scores.figure(answers=Answers(scale=scale, counts=counts.astype(float)), measure=measure).range
        inside += int(often) * (likely.low - 1e-9 <= true <= likely.high + 1e-9)
    return inside / len(samples)
