"""How many cases were to be expected: by season, day of the week, level of late, and by place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from valence.terms import Floats

# So many steps of the history count for the level of late, and for how places share what comes.
LEVEL_STEPS, SHARE_STEPS = 56, 365
LEVEL_CASES = 20.0
# A season is learned from one year and a half on, and drawn finer from two and a half on.
SEASON_YEARS, FINE_YEARS = 1.5, 2.5
ROUNDS, REWEIGHTED = 12, 2
FAR, RARE = 2.0, 0.01
RIDGE = 1e-2
# A place is believed to be like its number of customers until it had so many cases.
SHARE_CASES = 2.0
LEAST_CASES = 0.1
MOST_LOG = 20.0


@dataclass(frozen=True)
class Calendar:
    """What repeats: `year` and `week` in steps (days or weeks); 0 where nothing does. `offset`: the first step's."""

    year: float
    week: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Expected:
    """What is to be expected. mean (w, p): cases by step and place; spread: variance is mean + spread x mean squared.

    The spread is that of whole steps: some days are busier everywhere. doubt: how far the level itself may be off, and
    doubts (p,) each place's share, as variances against their squares: few cases teach little.
    """

    mean: Floats
    spread: float
    doubt: float = 0.0
    doubts: Floats | None = None


def expected(
    *, counts: Floats, exposure: Floats, calendar: Calendar, ahead: int, guard: int, level_steps: int = LEVEL_STEPS
) -> Expected:
    """Return what was to be expected in the `ahead` steps after `guard` steps after the history.

    counts (t, p): the history, cases by step and place; exposure (p,): how many customers each place has. What lies
    between history and now (`guard`) is not learned from, so that what begins slowly does not become usual.
    """
    total = counts.sum(axis=1)
    steps = np.arange(len(total) + guard + ahead)
    columns = _columns(steps=steps, calendar=calendar, years=len(total) / calendar.year if calendar.year else 0.0)
    fitted, spread = _fitted(total, columns)
    lately = slice(max(0, len(total) - level_steps), len(total))
    known = LEVEL_CASES + total[lately].sum()
    mean = fitted[-ahead:] * known / (LEVEL_CASES + fitted[lately].sum())
    cases = _cases(counts, exposure)
    return Expected(
        mean=mean[:, None] * (cases / cases.sum())[None, :],
        spread=spread,
        doubt=float(1 / known + spread / max(len(total[lately]), 1)),
        doubts=1 / cases if len(cases) > 1 else None,
    )


def _cases(counts: Floats, exposure: Floats) -> Floats:
    """Return the cases (p,) by which places share what comes: those of late, and some by their customers."""
    late = counts[-SHARE_STEPS:].sum(axis=0)
    people = exposure / exposure.sum() if exposure.sum() > 0 else np.full(len(exposure), 1 / len(exposure))
    prior = SHARE_CASES * len(exposure)
    cases: Floats = np.maximum(late + prior * people, LEAST_CASES)
    return cases


def _columns(*, steps: np.ndarray, calendar: Calendar, years: float) -> Floats:
    """Return what repeats as columns (t, k), the first of them ones."""
    at = steps + calendar.offset
    found = [np.ones(len(at))]
    waves = 0 if years < SEASON_YEARS else 1 if years < FINE_YEARS else 2
    for wave in range(1, waves + 1):
        turn = 2 * np.pi * wave * at / calendar.year
        found += [np.sin(turn), np.cos(turn)]
    if calendar.week:
        found += [(at % calendar.week == day).astype(float) for day in range(1, calendar.week)]
    return np.stack(found, axis=1)


def _fitted(total: Floats, columns: Floats) -> tuple[Floats, float]:
    """Return the mean of every step (history and after) and the spread of whole steps, by Poisson regression.

    Steps far above what is usual count less (Farrington 1996): an old outbreak must not hide the next. Far is what
    chance shows once in so many steps: of something rare a single case is many standard deviations above the mean,
    and yet all there ever is of it.
    """
    known, weight = columns[: len(total)], np.ones(len(total))
    slopes = np.zeros(columns.shape[1])
    slopes[0] = np.log(max(total.mean(), 1e-3))
    for _ in range(REWEIGHTED + 1):
        slopes = _slopes(total, known, weight, slopes)
        mean = np.exp(np.clip(known @ slopes, -MOST_LOG, MOST_LOG))
        spread = _spread(total, mean, weight)
        far = (total - mean) / np.sqrt(mean + spread * mean**2)
        is_far = (far > FAR) & (_as_many_by_chance(total, mean, spread) < RARE)
        weight = np.where(is_far, (FAR / np.maximum(far, FAR)) ** 2, 1.0)
    return np.exp(np.clip(columns @ slopes, -MOST_LOG, MOST_LOG)), spread


def _as_many_by_chance(total: Floats, mean: Floats, spread: float) -> Floats:
    """Return how often a step shows as many by chance, or more."""
    shape = 1 / max(spread, 1e-6)
    found: Floats = scipy.stats.nbinom.sf(total - 1, shape, shape / (shape + mean))
    return found


def _slopes(total: Floats, columns: Floats, weight: Floats, begin: Floats) -> Floats:
    slopes, ridge = begin, RIDGE * np.eye(columns.shape[1])
    ridge[0, 0] = 0.0
    for _ in range(ROUNDS):
        mean = np.exp(np.clip(columns @ slopes, -MOST_LOG, MOST_LOG))
        bend = (columns * (weight * mean)[:, None]).T @ columns + ridge + 1e-9 * np.eye(len(slopes))
        step = np.linalg.solve(bend, columns.T @ (weight * (total - mean)) - ridge @ slopes)
        slopes = slopes + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-6:
            break
    return slopes


def _spread(total: Floats, mean: Floats, weight: Floats) -> float:
    """Return by how much steps vary beyond chance, from their squared distances."""
    extra = weight * ((total - mean) ** 2 - mean)
    return max(0.0, float(extra.sum() / max((weight * mean**2).sum(), 1e-9)))
