"""Scores that rise at the end of the month, beyond what the facts explain and beyond what all teams show."""

from __future__ import annotations

import numpy as np
import scipy

from valence.insights import say as words
from valence.insights.integrity import chances, contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Bools, Moments, Rows
from valence.terms import Codes, Days, Floats

NAME = "month_end"
WEIGHT = 3.0
TRICKS = (Trick.BONUS,)
WINDOWS = (2, 3, 5, 7, 10, 14, 18)
FEWEST = 5


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return by how much the last days of the months stand out: the strongest of several windows, paid for.

    Each window is looked at in all months, and in those that had gone badly until then: a bonus is only worth a trick
    where it is in danger.
    """
    z, windows = _looked(moments, expected)
    p = np.array([chances.together(scipy.stats.norm.sf(column.ravel())) for column in z.transpose(2, 0, 1)])
    ends = windows[_strongest(z)[expected.team], np.arange(len(expected.team))]
    rows = np.zeros(len(moments), bool)
    rows[expected.rows[ends]] = True
    top = contrast.sums(expected.level[ends] == len(expected.worth) - 1, expected.team[ends], len(moments.teams))
    of = contrast.sums(np.ones(len(expected.team[ends])), expected.team[ends], len(moments.teams))
    foretold = contrast.sums(expected.chances[ends, -1], expected.team[ends], len(moments.teams))
    return Finding(
        z=np.where(np.isnan(p), np.nan, scipy.stats.norm.isf(np.clip(p, 1e-30, 1 - 1e-9))),
        seen=top, of=of, usual=foretold / np.maximum(of, 1), rows=rows,
    )  # fmt: skip


def _looked(moments: Moments, expected: Expected) -> tuple[Floats, Bools]:
    """Return z (w, 2, t) of every window, and the windows (w, a)."""
    left = days_left(moments.occurred[expected.rows])
    windows = [
        ends for days in WINDOWS for ends in (left < days, (left < days) & _poor(moments, expected, left >= days))
    ]
    return np.array([_window(moments, expected, ends) for ends in windows]), np.array(windows)


def _strongest(z: Floats) -> Rows:
    return np.asarray(np.argmax(np.where(np.isnan(z), -np.inf, z).max(axis=1), axis=0))


def _poor(moments: Moments, expected: Expected, early: Bools) -> Bools:
    """Return which answers (a,) fall into months whose earlier days were below the team's usual."""
    month = months(moments.occurred[expected.rows])
    key = expected.team.astype(np.int64) * (int(month.max()) + 1) + month
    _, place = np.unique(key, return_inverse=True)
    total = np.bincount(place, weights=residuals(expected) * early)
    return np.asarray(total[place] < 0)


def months(at: Days) -> Rows:
    """Return the month of each moment, counted from that of the first."""
    month = np.floor(at).astype(np.int64).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(month - month.min())


def days_left(at: Days) -> Floats:
    """Return how many days are left in the month of each moment (n,), 0 on its last day."""
    dates = np.floor(at).astype(np.int64).astype("datetime64[D]")
    following = (dates.astype("datetime64[M]") + 1).astype("datetime64[D]")
    return np.asarray((following - dates).astype(float) - 1)


def _window(moments: Moments, expected: Expected, ends: Bools) -> tuple[Floats, Floats]:
    """Return two z (t,) of the last days beside the others, less what all teams show: by the mean, by top scores."""
    team, teams = expected.team, len(moments.teams)
    residual = residuals(expected)
    mean = apart(residual=residual - _everybody(residual, ends), inside=ends, team=team, teams=teams)
    chance = expected.chances[:, -1]
    above = (expected.level == expected.chances.shape[1] - 1) - chance
    variance = chance * (1 - chance)
    top = contrast.of_residuals(
        residual=above - _everybody(above, ends), variance=variance, skew=variance * (1 - 2 * chance),
        toward=ends.astype(float), team=team, teams=teams,
    )  # fmt: skip
    return mean, np.where(np.isnan(mean), np.nan, top)


def _everybody(residual: Floats, ends: Bools) -> Floats:
    """Return what the last days bring in all teams, for each answer (a,)."""
    if not ends.any() or ends.all():
        return np.zeros(len(residual))
    return np.asarray((residual[ends].mean() - residual[~ends].mean()) * ends)


def residuals(expected: Expected) -> Floats:
    """Return by how many deviations each answer lies above what was expected of it, (a,)."""
    mean = expected.mean
    spread = np.sqrt(np.maximum(expected.chances @ expected.worth**2 - mean**2, 1e-6))
    return np.asarray((expected.worth[expected.level] - mean) / spread)


def apart(*, residual: Floats, inside: Bools, team: Codes, teams: int) -> Floats:
    """Return z (t,) of each team's mean residual inside less outside; NaN with too few on a side."""

    def total(values: Floats | Bools) -> Floats:
        return contrast.sums(values, team, teams)

    some, rest = total(inside), total(~inside)
    enough = (some >= FEWEST) & (rest >= FEWEST)
    some, rest = np.maximum(some, 1), np.maximum(rest, 1)
    difference = total(residual * inside) / some - total(residual * ~inside) / rest
    return np.where(enough, difference / np.sqrt(1 / some + 1 / rest), np.nan)


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return (
        f"at the end of the month {seen:.0f} of {of:.0f} answers are top scores; by the facts and the team's own "
        f"level {words.percent(usual)} were to be expected"
    )
