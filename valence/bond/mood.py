"""What customers answer, as a second witness of what weighs on them.

    log odds of a low answer = apart + strength x (what interactions did to the log-hazard, as of RECENT days before)

Whoever is asked how she feels tells of the same memory that makes her leave: the same weights, half-lives and
saturation meet in both, and many more answer than leave. How much of it an answer shows is learned for each survey,
down to nothing. Apart stands what else an answer tells of: the customer's surroundings, signals, and what happened
just now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from valence import terms
from valence.bond import bending, fading, ridge
from valence.bond.answers import Answers
from valence.bond.design import Design
from valence.bond.mark import Mark
from valence.bond.sampling import CaseBase

MOST_ANSWERS = 24_000
MOST_SURVEYS = 6
FEWEST_ANSWERS = 300
FEWEST_LOW = 0.1
SPREAD_LEVEL = 3.0
SPREAD_AROUND = 0.5
SPREAD_APART = 1.0
SPREAD_STRENGTH = 1.0
START_STRENGTH = 0.5


@dataclass(frozen=True)
class Mood:
    """Answers as rows of a regression. moments: what was remembered (n,). low (n,): 1 where lower than is usual.

    apart (n, e): what an answer tells of beside the memory. spread (e,): how strong that may be. survey (n,): which
    one; surveys: how many there are.
    """

    moments: CaseBase
    low: terms.Floats
    apart: ridge.Rows
    spread: terms.Floats
    survey: terms.Keys
    surveys: int

    def __len__(self) -> int:
        return len(self.low)

    @property
    def size(self) -> int:
        """How many weights only answers have; where nobody was heard, none."""
        return len(self.spread) + self.surveys if len(self) else 0

    def start(self) -> terms.Floats:
        """Return the weights only answers have, before anything is learned, (size,)."""
        return np.concatenate([np.zeros(len(self.spread)), np.full(self.surveys, START_STRENGTH)])[: self.size]

    def still(self, told: terms.Floats) -> terms.Floats:
        """Return where a step from `told` (size,) begins: strengths enter as what they move by."""
        return np.concatenate([told[: len(self.spread)], np.zeros(self.surveys)])[: self.size]

    def moved(self, told: terms.Floats, step: terms.Floats) -> terms.Floats:
        """Return what `told` (size,) becomes where a step ended."""
        apart = len(self.spread)
        return np.concatenate([step[:apart], np.maximum(told[apart:] + step[apart:], 0.0)])

    def taken(self, which: NDArray[np.bool_]) -> Mood:
        """Return some of the answers."""
        apart, low, survey = self.apart[which], self.low[which], self.survey[which]
        return Mood(self.moments.taken(which), low, apart, self.spread, survey, self.surveys)


def heard(*, answers: Answers, design: Design) -> Mood:
    """Return the answers to the surveys that enough people answered, and not all alike."""
    answers = answers.taken(np.arange(min(len(answers), MOST_ANSWERS)))
    survey, low, surveys = _low(answers)
    chosen = np.flatnonzero(survey >= 0)
    answers, survey, low = answers.taken(chosen), survey[chosen], low[chosen]
    marks = design.layout.marks
    foretell = [n for n, mark in enumerate(marks) if not mark.is_cause and not _of_answers(mark)]
    usual = fading.remembered(sums=answers.moments.sums, lives=np.full(len(marks), fading.USUAL))
    just_now = np.flatnonzero((answers.recent != 0).any(axis=0) & (design.layout.causes > 0))
    around = design.plan.columns(answers.moments.context)
    columns: list[NDArray[np.floating[Any]]] = [
        np.eye(surveys)[survey],
        around,
        usual[:, foretell],
        answers.recent[:, just_now],
    ]
    spreads = (SPREAD_LEVEL, SPREAD_AROUND, SPREAD_APART, SPREAD_APART)
    return Mood(
        moments=answers.moments,
        low=low,
        apart=np.concatenate(columns, axis=1).astype(np.float32),
        spread=np.concatenate([np.full(part.shape[1], how) for part, how in zip(columns, spreads, strict=True)]),
        survey=survey,
        surveys=surveys,
    )


def _of_answers(mark: Mark) -> bool:
    """Whether a mark is read off answers: earlier answers tell of the same mood, and would take from what caused it."""
    return mark.value.startswith("score") or "feedback" in mark.when.get("kind", ())


def _low(answers: Answers) -> tuple[terms.Keys, terms.Floats, int]:
    """Return each answer's survey, -1 where it tells nothing, whether it is one of the lower, and how many surveys."""
    survey, low, found = np.full(len(answers), -1), np.zeros(len(answers)), 0
    counts = np.bincount(answers.survey.codes, minlength=len(answers.survey.vocabulary))
    for code in np.argsort(-counts, kind="stable")[:MOST_SURVEYS]:
        rows = np.flatnonzero(answers.survey.codes == code)
        if len(rows) < FEWEST_ANSWERS:
            continue
        given, place = np.unique(answers.score[rows], return_inverse=True)
        share = np.cumsum(np.bincount(place)) / len(rows)
        line = int(np.argmin(np.abs(share - 0.5)))
        if FEWEST_LOW <= share[line] <= 1.0 - FEWEST_LOW:
            survey[rows], low[rows] = found, answers.score[rows] <= given[line]
            found += 1
    return survey, low, found


def joined(
    *,
    problem: ridge.Problem,
    mood: Mood,
    design: Design,
    weights: terms.Floats,
    told: terms.Floats,
    groups: terms.Floats | None = None,
) -> ridge.Problem:
    """Return the problem with the answers beside it, as it looks around `weights` (p,) and `told` (mood.size,).

    The problem's columns are p weights and, with `groups`, one for the half-life of each and one for the bend. After
    them come the weights of what stands apart, and how much each strength moves.
    """
    if not len(mood):
        return problem
    apart = len(mood.spread)
    strength = told[apart:]
    return ridge.Problem(
        rows=problem.rows,
        outcome=problem.outcome,
        offset=problem.offset,
        mean=np.concatenate([problem.mean, np.zeros(apart), 1.0 - strength]),
        precision=block_diag(problem.precision, np.diag(mood.spread**-2.0), np.eye(mood.surveys) / SPREAD_STRENGTH**2),
        lower=np.concatenate([problem.lower, np.full(apart, -np.inf), -strength]),
        upper=np.concatenate([problem.upper, np.full(apart + mood.surveys, np.inf)]),
        beside=_beside(mood, design, weights, strength, groups),
    )


def _beside(
    mood: Mood, design: Design, weights: terms.Floats, strength: terms.Floats, groups: terms.Floats | None
) -> ridge.Beside:
    """Return the answers' rows: the memory's columns times the strength, and what the memory does for each strength."""
    rows = design.rows(mood.moments)
    rows[:, : design.first] = 0.0
    rows[:, design.first : design.first + design.layout.own_size] *= design.layout.causes.astype(np.float32)
    harm = design.harm(rows, weights)
    does = np.asarray(rows @ weights, np.float64) - harm + bending.bent(harm=harm, cap=design.cap)
    left = bending.slope(harm=harm, cap=design.cap)
    rows[:, design.first :] *= np.where(design.layout.harms > 0, left[:, None], 1.0).astype(np.float32)
    times = strength[mood.survey]
    by_strength = np.zeros((len(mood), mood.surveys), np.float32)
    by_strength[np.arange(len(mood)), mood.survey] = does
    offset = times * (does - rows @ weights)
    slopes = [] if groups is None else [design.slopes(mood.moments, harm, weights * _causes(design), groups)]
    shared = [part * times[:, None].astype(np.float32) for part in (rows, *slopes)]
    return ridge.Beside(np.concatenate([*shared, mood.apart, by_strength], axis=1), mood.low, offset)


def _causes(design: Design) -> terms.Floats:
    """1 for the weights of what interactions caused, 0 for context and signals, (p,)."""
    pairs = np.ones(len(design.layout.pairs))
    return np.concatenate([np.zeros(design.first), design.layout.causes, pairs])
