"""Scores that can be trusted: the whole distribution first, a figure with its likely range, changes beyond chance.

A figure is the mean of what each answer is worth (a promoter +100, a passive 0, a detractor -100). Its range counts two
imaginary answers, spread evenly over what an answer can be worth, beside the real ones: the adjusted Wald interval
(Agresti and Coull 1998; for NPS as Rocks 2016), here for any finite scale. Shares have Wilson's range.
Coverage of both is measured in tests/test_scores.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import scipy

from valence import terms
from valence.insights.intervals import LEVEL, Range, of_share
from valence.terms import Floats

FEWEST = 5
STEPS = 61
IMAGINARY = 2.0
Z = float(scipy.stats.norm.ppf(1 - (1 - LEVEL) / 2))


@dataclass(frozen=True)
class Scale:
    """A question's scale: its whole numbers from `least` to `most`, and from where an answer counts as satisfied."""

    name: str
    least: int
    most: int
    top: int

    @property
    def points(self) -> tuple[int, ...]:
        """Every answer that can be given, ascending."""
        return tuple(range(self.least, self.most + 1))


SATISFIED = {"nps": 9, "csat": 4, "ces": 5}
SCALES: Mapping[str, Scale] = {
    name: Scale(name, least=least, most=most, top=SATISFIED[name]) for name, (least, most) in terms.SCALES.items()
}
DETRACTOR, PROMOTER = 6, 9


class Measure(StrEnum):
    """What is worked out of the answers on a scale."""

    NET = "net"
    TOP = "top"
    MEAN = "mean"


class TooFew(Exception):  # noqa: N818 - said as people say it
    """Fewer answers than a figure may be shown for: it would speak of persons."""


@dataclass(frozen=True)
class Answers:
    """How often each point of a scale was given: counts (k,), in the order of `scale.points`."""

    scale: Scale
    counts: Floats

    @property
    def number(self) -> int:
        """How many answers there are."""
        return int(self.counts.sum())


@dataclass(frozen=True)
class Figure:
    """A figure of `number` answers: value and range in its own unit (NET -100..100, TOP 0..1, MEAN on the scale).

    `shares` are those of every point of the scale, `lowest` and `highest` the tails: those at or below the bottom
    third of the scale, and those at or above its `top`.
    """

    measure: Measure
    number: int
    value: float
    range: Range
    shares: tuple[float, ...]
    lowest: float
    highest: float


@dataclass(frozen=True)
class Change:
    """By how much a figure changed, with its range, and the chance of so large a change if nothing had changed."""

    value: float
    range: Range
    chance: float

    @property
    def beyond_chance(self) -> bool:
        """Whether no change at all lies outside the range."""
        return not self.range.low <= 0 <= self.range.high


@dataclass(frozen=True)
class Group:
    """A place's or team's figure, drawn towards that of all as far as its few answers ask. None: too few people."""

    name: str
    number: int
    own: Figure | None
    shrunk: float | None = None
    range: Range | None = None


@dataclass(frozen=True)
class Asked:
    """How a question was put. Only answers that were asked alike may be added up."""

    question: str
    scale: str
    channel: str


@dataclass(frozen=True)
class Combined:
    """Answers that may be added up, or why they may not: the aspects in which they differ."""

    answers: Answers | None
    differ_in: tuple[str, ...] = field(default=())


def count(*, scale: Scale, scores: Sequence[float] | Floats) -> Answers:
    """Return how often each point of the scale was given. What the scale does not have is not counted."""
    given = np.asarray(scores, float)
    whole = given[(given >= scale.least) & (given <= scale.most)]
    places = np.rint(whole).astype(int) - scale.least
    return Answers(scale=scale, counts=np.bincount(places, minlength=len(scale.points)).astype(float))


def worths(*, scale: Scale, measure: Measure) -> Floats:
    """Return what each point of a scale is worth in a measure, shape (k,). NET needs a scale from 0 to 10."""
    points = np.array(scale.points, float)
    if measure is Measure.MEAN:
        return points
    if measure is Measure.TOP:
        return (points >= scale.top).astype(float)
    if (scale.least, scale.most) != (0, 10):
        raise ValueError(f"A net score needs a scale from 0 to 10, {scale.name} is not one.")
    return np.where(points >= PROMOTER, 100.0, np.where(points <= DETRACTOR, -100.0, 0.0))


def figure(*, answers: Answers, measure: Measure) -> Figure:
    """Return the figure of some answers. Raises TooFew under five of them."""
    if answers.number < FEWEST:
        raise TooFew(f"{answers.number} answers; a figure needs {FEWEST}")
    worth = worths(scale=answers.scale, measure=measure)
    shares = answers.counts / answers.number
    points = np.array(answers.scale.points)
    bottom = answers.scale.least + (answers.scale.most - answers.scale.least) / 3
    return Figure(
        measure=measure,
        number=answers.number,
        value=float(shares @ worth),
        range=_range(answers, measure, worth),
        shares=tuple(float(share) for share in shares),
        lowest=float(shares[points <= bottom].sum()),
        highest=float(shares[points >= answers.scale.top].sum()),
    )


def change(*, before: Answers, after: Answers, measure: Measure) -> Change:
    """Return how a figure changed between two samples of answers. Raises TooFew, ValueError where scales differ.

    Both means count their imaginary answers, so that a change from 5 of 5 to 4 of 5 is not taken for certain.
    """
    if before.scale != after.scale:
        raise ValueError(f"{before.scale.name} and {after.scale.name} cannot be compared.")
    value = figure(answers=after, measure=measure).value - figure(answers=before, measure=measure).value
    worth = worths(scale=before.scale, measure=measure)
    (first, first_spread), (second, second_spread) = _adjusted(before, worth), _adjusted(after, worth)
    spread = float(np.hypot(first_spread, second_spread))
    middle, half = second - first, Z * spread
    return Change(
        value=value,
        range=Range(low=min(value, middle - half), high=max(value, middle + half)),
        chance=float(2 * scipy.stats.norm.sf(abs(middle) / spread)),
    )


def groups(*, answers: Mapping[str, Answers], measure: Measure) -> tuple[Group, ...]:
    """Return the figure of each group, drawn towards that of all (empirical Bayes), the best first.

    A group of few answers is drawn more, all are drawn more where groups hardly differ beyond chance. Groups under
    five people have no figure and come last.
    """
    shown = {name: one for name, one in answers.items() if one.number >= FEWEST}
    hidden = [Group(name=name, number=one.number, own=None) for name, one in answers.items() if name not in shown]
    if not shown:
        return tuple(hidden)
    worth = worths(scale=next(iter(shown.values())).scale, measure=measure)
    means = np.array([one.counts @ worth / one.number for one in shown.values()])
    numbers = np.array([one.number for one in shown.values()], float)
    drawn, half = _drawn(means, _scatter(list(shown.values()), worth) / np.sqrt(numbers))
    found = [
        Group(
            name=name,
            number=one.number,
            own=figure(answers=one, measure=measure),
            shrunk=float(drawn[place]),
            range=Range(low=float(drawn[place] - half[place]), high=float(drawn[place] + half[place])),
        )
        for place, (name, one) in enumerate(shown.items())
    ]
    return (*sorted(found, key=lambda group: -(group.shrunk or 0.0)), *hidden)


def weighted(*, answers: Sequence[Answers], shares: Floats, measure: Measure) -> tuple[float, Range]:
    """Return the figure of several groups of answers, each counting for its share (they sum to 1), with its range."""
    worth = worths(scale=answers[0].scale, measure=measure)
    value = float(shares @ np.array([one.counts @ worth / one.number for one in answers]))
    means, spreads = np.array([_adjusted(one, worth) for one in answers]).T
    middle, half = float(shares @ means), Z * float(np.sqrt(shares**2 @ spreads**2))
    low, high = max(float(worth.min()), middle - half), min(float(worth.max()), middle + half)
    return value, Range(low=min(low, value), high=max(high, value))


def combine(*, parts: Mapping[Asked, Answers]) -> Combined:
    """Add answers up where they were asked alike; else say in what they differ."""
    differ = tuple(
        aspect for aspect in ("question", "scale", "channel") if len({getattr(asked, aspect) for asked in parts}) > 1
    )
    if differ or not parts:
        return Combined(answers=None, differ_in=differ)
    several = list(parts.values())
    return Combined(answers=Answers(scale=several[0].scale, counts=np.sum([one.counts for one in several], axis=0)))


def needed(*, answers: Answers, measure: Measure, within: float) -> int:
    """Return how many answers a figure needs for a range of plus or minus `within`, if they spread as these do."""
    worth = worths(scale=answers.scale, measure=measure)
    variance = (_adjusted(answers, worth)[1] ** 2) * (answers.number + IMAGINARY + 1)
    return max(FEWEST, int(np.ceil(Z**2 * variance / within**2)))


def within(*, answers: Answers, measure: Measure, number: float) -> float:
    """Return plus or minus how much a figure of `number` answers has, if they spread as these: `needed` backwards."""
    worth = worths(scale=answers.scale, measure=measure)
    variance = (_adjusted(answers, worth)[1] ** 2) * (answers.number + IMAGINARY + 1)
    return float(Z * np.sqrt(variance / number))


def _range(answers: Answers, measure: Measure, worth: Floats) -> Range:
    if measure is Measure.TOP:
        return of_share(int(answers.counts @ worth), of=answers.number)
    middle, spread = _adjusted(answers, worth)
    half = Z * spread
    return Range(low=max(float(worth.min()), middle - half), high=min(float(worth.max()), middle + half))


def _adjusted(answers: Answers, worth: Floats) -> tuple[float, float]:
    """Return the mean and its standard error with two imaginary answers spread evenly over what can be worth."""
    values, places, times = np.unique(worth, return_inverse=True, return_counts=True)
    imaginary = IMAGINARY / len(values) / times[places]
    number = answers.number + IMAGINARY
    shares = (answers.counts + imaginary) / number
    mean = float(shares @ worth)
    return mean, float(np.sqrt((shares @ worth**2 - mean**2) / (number + 1)))


def _scatter(several: Sequence[Answers], worth: Floats) -> float:
    """Return how far single answers lie from their group's mean: one figure for all groups.

    Each group's own would be small just where chance made the group look good, and would hold it there.
    """
    squares = sum(float(one.counts @ (worth - one.counts @ worth / one.number) ** 2) for one in several)
    number = sum(one.number for one in several)
    everything = Answers(several[0].scale, np.sum([one.counts for one in several], axis=0))
    floor = _adjusted(everything, worth)[1] ** 2
    return float(np.sqrt(max(squares / max(number - len(several), 1), floor)))


def _drawn(means: Floats, spreads: Floats) -> tuple[Floats, Floats]:
    """Return each group's mean drawn towards that of all, and half its range, shapes (g,).

    How much groups truly differ is not known: every difference from none to thrice what is seen is tried, and weighed
    by how well it explains the means (a flat prior on it: Gelman 2006). So the range counts that too.
    """
    variances = spreads**2
    between = (np.linspace(0, 3, STEPS)[:, None] * np.std(means)) ** 2
    weights = 1 / (variances + between)
    middle = (weights @ means / weights.sum(axis=1))[:, None]
    fits = np.log(weights).sum(axis=1) - np.log(weights.sum(axis=1)) - (weights * (means - middle) ** 2).sum(axis=1)
    likely = np.exp((fits - fits.max()) / 2)
    likely /= likely.sum()
    lost = variances * weights
    drawn = middle + (1 - lost) * (means - middle)
    unsure = (1 - lost) * variances + lost**2 / weights.sum(axis=1, keepdims=True)
    mean = likely @ drawn
    return mean, Z * np.sqrt(likely @ (unsure + (drawn - mean) ** 2))
