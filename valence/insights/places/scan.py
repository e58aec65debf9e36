"""The scan: every zone over every span up to now, the strongest, and how often chance alone shows one as strong.

A likelihood ratio (Kulldorff 2001, prospective), against counts that were to be expected; how strong the strongest is
by chance is learned by drawing calm days, and its tail by Gumbel's law (Abrams, Kulldorff and Kleinman 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from valence.insights.places.expected import Expected
from valence.terms import Floats

SPANS = (1, 2, 3, 5, 7, 10, 14)
FEWEST_CASES = 3
DRAWS = 200
# Below this no draw is needed: chance shows as much every other day.
FAINT = 3.0
EULER = 0.5772156649


@dataclass(frozen=True)
class Zone:
    """Places that are looked at together."""

    name: str
    places: tuple[int, ...]


@dataclass(frozen=True)
class Cluster:
    """What stands out: `zone` for `span` steps up to now. `chance`: how often a calm step shows one as strong."""

    zone: int
    span: int
    observed: int
    expected: float
    strength: float
    chance: float


def zones(*, places: Sequence[str], regions: Sequence[str], everywhere: str = "everywhere") -> tuple[Zone, ...]:
    """Return the zones where only names are known: each place, each region of several places, and all together."""
    found = [Zone(name, (at,)) for at, name in enumerate(places)]
    members: dict[str, list[int]] = {}
    for at, region in enumerate(regions):
        members.setdefault(region, []).append(at)
    found += [Zone(name, tuple(mine)) for name, mine in sorted(members.items()) if name and 1 < len(mine) < len(places)]
    return (*found, Zone(everywhere, tuple(range(len(places))))) if len(places) > 1 else tuple(found)


def strongest(
    *, counts: Floats, usual: Expected, zones: Sequence[Zone], seed: int, spans: Sequence[int] = SPANS
) -> Cluster | None:
    """Return what stands out most at the last step, None where nothing does. counts (w, p): the latest steps.

    The same seed gives the same answer.
    """
    spans = [span for span in spans if span <= len(counts)]
    member = _members(zones, counts.shape[1])
    means = _summed(usual.mean, spans) @ member
    cases = _summed(counts, spans) @ member
    strength = _strength(cases, means, usual.spread)
    span, zone = np.unravel_index(int(np.argmax(strength)), strength.shape)
    best = float(strength[span, zone])
    if best < FAINT:
        return None
    by_chance = _by_chance(usual, means, member, spans, np.random.default_rng(seed))
    alone = _alone(
        usual, member[:, zone], spans[int(span)], cases=float(cases[span, zone]), mean=float(means[span, zone])
    )
    return Cluster(
        zone=int(zone),
        span=spans[int(span)],
        observed=int(cases[span, zone]),
        expected=float(means[span, zone]),
        strength=best,
        chance=max(alone, _chance(best, by_chance)),
    )


def _members(zones: Sequence[Zone], places: int) -> Floats:
    member = np.zeros((places, len(zones)))
    for at, zone in enumerate(zones):
        member[list(zone.places), at] = 1.0
    return member


def _summed(values: Floats, spans: Sequence[int]) -> Floats:
    """Return the sums over each span up to the last step: (..., w, p) becomes (..., s, p)."""
    back = np.cumsum(values[..., ::-1, :], axis=-2)
    return np.stack([back[..., span - 1, :] for span in spans], axis=-2)


def _strength(cases: Floats, means: Floats, spread: float) -> Floats:
    """Return the log of the likelihood ratio, weaker where whole steps vary beyond chance."""
    means = np.maximum(means, 1e-9)
    ratio = np.log(np.maximum(cases, 1e-9) / means)
    strength = (cases * ratio - (cases - means)) / (1.0 + spread * means)
    found: Floats = np.where((cases > means) & (cases >= FEWEST_CASES), strength, 0.0)
    return found


def _by_chance(
    usual: Expected, means: Floats, member: Floats, spans: Sequence[int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw calm steps, and return how strong the strongest of each was.

    What was to be expected is known only about: each draw has a level and shares of its own, as far as they are open.
    """
    steps, places = usual.mean.shape
    busy = _about_one(rng, usual.spread, (DRAWS, steps, 1)) * _about_one(rng, usual.doubt, (DRAWS, 1, 1))
    if usual.doubts is not None:
        busy = busy * _about_one(rng, usual.doubts, (DRAWS, 1, places))
    drawn = rng.poisson(usual.mean[None] * busy).astype(float)
    strength = _strength(_summed(drawn, spans) @ member, means[None], usual.spread)
    return np.asarray(strength.reshape(DRAWS, -1).max(axis=1))


def _alone(usual: Expected, member: Floats, span: int, *, cases: float, mean: float) -> float:
    """Return how often chance shows so many cases in this zone and span alone: the strongest is never rarer than that.

    Where few cases are usual most drawn days show nothing at all, and a law fitted to them would call any three rare.
    """
    apart = usual.spread / span + usual.doubt
    if usual.doubts is not None:
        shares = usual.mean[-span:].sum(axis=0) * member
        apart += float((usual.doubts * (shares / max(shares.sum(), 1e-9)) ** 2).sum())
    shape = 1 / max(apart, 1e-6)
    return float(scipy.stats.nbinom.sf(cases - 1, shape, shape / (shape + mean)))


def _about_one(rng: np.random.Generator, variance: float | Floats, shape: tuple[int, ...]) -> Floats:
    """Draw factors whose mean is 1."""
    apart = np.maximum(variance, 1e-6)
    found: Floats = rng.gamma(1 / apart, apart, shape)
    return found


def _chance(best: float, by_chance: NDArray[np.float64]) -> float:
    """Return how often chance alone is as strong: counted where it often is, by Gumbel's law in the tail."""
    counted = float((1 + (by_chance >= best).sum()) / (1 + len(by_chance)))
    scale = max(float(by_chance.std()) * np.sqrt(6) / np.pi, 1e-6)
    middle = float(by_chance.mean()) - EULER * scale
    tail = float(-np.expm1(-np.exp(-(best - middle) / scale)))
    return max(tail, 1e-12) if counted <= 5 / len(by_chance) else counted
