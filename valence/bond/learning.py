"""How weights, half-lives and the saturation of harm are found, from who left and from what customers answered.

Weights alone are a convex problem (`ridge`). Half-lives and saturation bend it, and so does how much answers show
(`mood`): a few rounds, each around where the last one ended (Gauss-Newton).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.linalg import block_diag

from valence import terms
from valence.bond import bending, fading, mood, ridge
from valence.bond.design import Design, Rows
from valence.bond.mark import Mark
from valence.bond.mood import Mood
from valence.bond.sampling import CaseBase

ROUNDS = 6
SETTLING = 3
SPREAD_LIFE = 0.4
SPREAD_USUAL_LIFE = 0.5
SPREAD_BY_STRENGTH = 0.3
USUAL_STRENGTH, LEAST_STRENGTH = 0.35, 0.02
LONGEST_STEP = 0.4
SPREAD_BEND = 0.3
LONGEST_BEND = 0.2
LEAST_BEND = 0.02
MOST_BENT = 1.0


def settled(*, design: Design, train: CaseBase, rows: Rows, heard: Mood) -> ridge.Fitted:
    """Return the weights (p,) of highest posterior, whatever the weights are that only answers have."""
    problem = design.problem(train, rows)
    found = ridge.fit(problem)
    if np.isinf(design.cap) and not len(heard):
        return found
    size, told = len(found.weights), heard.start()
    for _ in range(SETTLING):
        weights = found.weights[:size]
        around = mood.joined(
            problem=design.around(problem, weights), mood=heard, design=design, weights=weights, told=told
        )
        found = ridge.fit(around, steps=2, start=np.concatenate([weights, heard.still(told)]))
        told = heard.moved(told, found.weights[size:])
    return found.first(size)


def learned(*, design: Design, train: CaseBase, heard: Mood) -> Design:
    """Return the design with a half-life for each mark and with harm that saturates as far as losses and answers show.

    Weights, half-lives and the bend of harm climb together: half-lives and bend enter as more columns, how the
    log-hazard would move if a group of marks lasted a little longer, or harm saturated a little sooner.
    """
    groups = fading.alike(marks=design.layout.marks)
    rows = design.rows(train)
    weights = ridge.fit(design.problem(train, rows), steps=ROUNDS).weights
    size, more, told = len(weights), groups.shape[1] + 1, heard.start()
    for _ in range(ROUNDS):
        problem = design.around(design.problem(train, rows), weights)
        slopes = design.slopes(train, design.harm(rows, weights), weights, groups)
        around = mood.joined(
            problem=_wider(design, problem, slopes, groups),
            mood=heard, design=design, weights=weights, told=told, groups=groups,
        )  # fmt: skip
        start = np.concatenate([weights, np.zeros(more), heard.still(told)])
        found = ridge.fit(around, steps=2, start=start).weights
        weights, told = found[:size], heard.moved(told, found[size + more :])
        design = _moved(design, life=groups @ found[size : size + more - 1], bend=found[size + more - 1])
        rows = design.rows(train)
    return design


def _moved(design: Design, *, life: terms.Floats, bend: float) -> Design:
    lives = np.array(design.layout.half_lives) * np.exp(life)
    bent = 1.0 / design.cap + bend
    cap = 1.0 / bent if bent > LEAST_BEND else bending.NEVER
    return replace(design, layout=replace(design.layout, half_lives=tuple(lives.tolist())), cap=cap)


def _wider(design: Design, problem: ridge.Problem, slopes: Rows, groups: terms.Floats) -> ridge.Problem:
    now = np.log(design.layout.half_lives) @ groups / groups.sum(0)
    low, high = np.log(fading.SHORTEST) - now, np.log(fading.LONGEST) - now
    bent = 1.0 / design.cap
    # Half-lives are drawn to what is usual in this company for harm as strong, and that to what is usual anywhere.
    strength = _strengths(design.layout.marks, groups)
    apart = SPREAD_LIFE**2 * np.eye(len(now)) + SPREAD_USUAL_LIFE**2
    apart += SPREAD_BY_STRENGTH**2 * np.outer(strength, strength)
    return ridge.Problem(
        rows=np.concatenate([problem.rows, slopes], axis=1),
        outcome=problem.outcome,
        offset=problem.offset,
        mean=np.concatenate([problem.mean, np.log(design.shape.half_life) - now, [-bent]]),
        precision=block_diag(problem.precision, np.linalg.inv(apart), SPREAD_BEND**-2.0),
        lower=np.concatenate([problem.lower, np.maximum(low, -LONGEST_STEP), [max(-bent, -LONGEST_BEND)]]),
        upper=np.concatenate([problem.upper, np.minimum(high, LONGEST_STEP), [min(MOST_BENT - bent, LONGEST_BEND)]]),
    )


def _strengths(marks: Sequence[Mark], groups: terms.Floats) -> terms.Floats:
    """Return how strong the expert believes the harm of each group to be, (groups,) on the logarithm: 0 is usual."""
    harm = np.array([max(mark.weight, 0.0) if mark.is_cause else 0.0 for mark in marks]) @ groups
    return np.where(harm > 0, np.log(np.maximum(harm, LEAST_STRENGTH) / USUAL_STRENGTH), 0.0)
