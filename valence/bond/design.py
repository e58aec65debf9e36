"""The regression: which columns samples have, and how weights, half-lives and the saturation of harm are found.

Weights alone are a convex problem (`ridge`). Half-lives and saturation bend it: a few rounds, each around where the
last one ended (Gauss-Newton).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from valence import packs, terms
from valence.bond import bending, fading, model, ridge, sampling
from valence.bond.context import ContextPlan
from valence.bond.layout import PAIR_HALF_LIFE, Layout, layout
from valence.bond.mark import Mark
from valence.bond.sampling import CaseBase

Rows = NDArray[np.float32]
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


@dataclass(frozen=True)
class Shape:
    """What is chosen before weights are fitted: the usual half-life, how strong the prior is, where its centre lies."""

    half_life: float = fading.USUAL
    strength: float = 2.0
    centre: float = 1.0


@dataclass(frozen=True)
class Design:
    """One layout and context plan, where harm saturates, and the columns they make of samples."""

    layout: Layout
    plan: ContextPlan
    shape: Shape
    cap: float = bending.NEVER

    @property
    def first(self) -> int:
        """The first column that interactions fill."""
        return 1 + len(self.plan.names)

    def memory(self, samples: CaseBase) -> terms.Floats:
        """Return memory vectors of the samples, (n, size)."""
        own = fading.remembered(sums=samples.sums, lives=np.array(self.layout.half_lives))
        in_pairs = fading.remembered(sums=samples.sums, lives=np.full(len(self.layout.marks), PAIR_HALF_LIFE))
        return self.layout.vectors(own=own, in_pairs=in_pairs)

    def rows(self, samples: CaseBase) -> Rows:
        """Return the rows of the regression, (n, p) float32, made piece by piece to bound memory."""
        rows = np.empty((len(samples), self.first + self.layout.own_size + len(self.layout.pairs)), np.float32)
        for begin in range(0, len(samples), ridge.ROWS):
            piece = samples.taken(np.arange(begin, min(len(samples), begin + ridge.ROWS)))
            memory = self.memory(piece)
            here = rows[begin : begin + len(piece)]
            here[:, 0] = 1.0
            here[:, 1 : self.first] = self.plan.columns(piece.context)
            here[:, self.first : self.first + self.layout.own_size] = memory[:, : self.layout.own_size]
            here[:, self.first + self.layout.own_size :] = self.layout.pair_products(memory)
        return rows

    def problem(self, samples: CaseBase, rows: Rows) -> ridge.Problem:
        """Return the regression of cases against base moments, as if harm never saturated."""
        mean, covariance = model.prior(layout=self.layout, plan=self.plan, centre=self.shape.centre)
        precision = np.asarray(np.linalg.inv(covariance), np.float64)
        precision[self.first :, self.first :] *= self.shape.strength
        lower, upper = model.bounds(layout=self.layout, plan=self.plan)
        outcome = (samples.kind == sampling.CASE).astype(np.float64)
        mean[0] = _level(outcome, samples.offset)
        return ridge.Problem(rows, outcome, samples.offset, mean, precision, lower, upper)

    def harm(self, rows: Rows, weights: terms.Floats) -> terms.Floats:
        """Return the sum of all harm in each row, (n,)."""
        harms = (weights[self.first :] * self.layout.harms).astype(np.float32)
        return np.asarray(rows[:, self.first :] @ harms, np.float64)

    def around(self, problem: ridge.Problem, weights: terms.Floats) -> ridge.Problem:
        """Return the problem as it looks around these weights where harm saturates; the same where it does not."""
        if np.isinf(self.cap):
            return problem
        harm = self.harm(problem.rows, weights)
        left = bending.slope(harm=harm, cap=self.cap)
        rows = problem.rows.copy()
        rows[:, self.first :] *= np.where(self.layout.harms > 0, left[:, None], 1.0).astype(np.float32)
        offset = problem.offset + bending.bent(harm=harm, cap=self.cap) - left * harm
        return replace(problem, rows=rows, offset=offset)


def drafted(*, marks: Sequence[Mark], pack: packs.Pack, plan: ContextPlan, shape: Shape) -> Design:
    """Return the design in which every mark fades as usual and harm adds up."""
    lives = [shape.half_life] * len(marks)
    return Design(layout(marks=marks, pack=pack, half_lives=lives), plan, shape)


def settled(*, design: Design, problem: ridge.Problem, start: terms.Floats | None = None) -> ridge.Fitted:
    """Return the weights of highest posterior; `loss` is that of the bent law."""
    if np.isinf(design.cap):
        return ridge.fit(problem, start=start)
    weights = ridge.fit(problem).weights if start is None else start
    for _ in range(SETTLING):
        found = ridge.fit(design.around(problem, weights), steps=2, start=weights)
        weights = found.weights
    return replace(found, loss=design.around(problem, weights).loss(weights))


def learned(*, design: Design, train: CaseBase) -> Design:
    """Return the design with a half-life for each mark and with harm that saturates as far as the losses show.

    Weights, half-lives and the bend of harm climb together: half-lives and bend enter as more columns, how the
    log-hazard would move if a group of marks lasted a little longer, or harm saturated a little sooner.
    """
    groups = fading.alike(marks=design.layout.marks)
    rows = design.rows(train)
    weights = ridge.fit(design.problem(train, rows), steps=ROUNDS).weights
    more = groups.shape[1] + 1
    for _ in range(ROUNDS):
        problem = design.around(design.problem(train, rows), weights)
        wider = _wider(design, problem, _slopes(design, train, rows, weights, groups), groups)
        found = ridge.fit(wider, steps=2, start=np.concatenate([weights, np.zeros(more)])).weights
        weights = found[:-more]
        design = _moved(design, life=groups @ found[-more:-1], bend=found[-1])
        rows = design.rows(train)
    return design


def _moved(design: Design, *, life: terms.Floats, bend: float) -> Design:
    lives = np.array(design.layout.half_lives) * np.exp(life)
    bent = 1.0 / design.cap + bend
    cap = 1.0 / bent if bent > LEAST_BEND else bending.NEVER
    return replace(design, layout=replace(design.layout, half_lives=tuple(lives.tolist())), cap=cap)


def _slopes(design: Design, train: CaseBase, rows: Rows, weights: terms.Floats, groups: terms.Floats) -> Rows:
    """Return how the log-hazard moves with the log half-life of each group and with 1 / cap, (n, groups + 1)."""
    lives = np.array(design.layout.half_lives)
    own = weights[design.first : design.first + len(lives)]
    harms = design.layout.harms[: len(lives)]
    harm = design.harm(rows, weights)
    left = bending.slope(harm=harm, cap=design.cap).astype(np.float32)[:, None]
    slopes = left * fading.slopes(sums=train.sums, lives=lives, weights=own * harms, groups=groups)
    slopes += fading.slopes(sums=train.sums, lives=lives, weights=own * (1.0 - harms), groups=groups)
    bend = bending.by_bend(harm=harm, cap=design.cap).astype(np.float32)[:, None]
    return np.concatenate([slopes, bend], axis=1)


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


def _level(outcome: terms.Floats, offset: terms.Floats) -> float:
    share = np.clip(outcome.mean(), 1e-4, 1 - 1e-4)
    return float(np.log(share / (1 - share)) - offset.mean())
