"""The regression: which columns samples have, for one choice of half-lives and of where harm saturates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.bond import bending, fading, model, pieces, ridge, sampling
from valence.bond.context import ContextPlan
from valence.bond.layout import PAIR_HALF_LIFE, Layout, layout
from valence.bond.mark import Mark
from valence.bond.sampling import CaseBase

Rows = NDArray[np.float32]


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
        pieces.each(count=len(samples), work=lambda piece: self._fill(rows[piece], samples.taken(piece)))
        return rows

    def _fill(self, rows: Rows, samples: CaseBase) -> None:
        memory = self.memory(samples)
        rows[:, 0] = 1.0
        rows[:, 1 : self.first] = self.plan.columns(samples.context)
        rows[:, self.first : self.first + self.layout.own_size] = memory[:, : self.layout.own_size]
        rows[:, self.first + self.layout.own_size :] = self.layout.pair_products(memory)

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

    def slopes(self, samples: CaseBase, harm: terms.Floats, weights: terms.Floats, groups: terms.Floats) -> Rows:
        """Return how the log-hazard moves with the log half-life of each group and with 1 / cap, (n, groups + 1).

        harm (n,): the sum of all harm in each row, before it saturates.
        """
        lives = np.array(self.layout.half_lives)
        own, harms = weights[self.first : self.first + len(lives)], self.layout.harms[: len(lives)]
        left = bending.slope(harm=harm, cap=self.cap).astype(np.float32)[:, None]
        slopes = left * fading.slopes(sums=samples.sums, lives=lives, weights=own * harms, groups=groups)
        slopes += fading.slopes(sums=samples.sums, lives=lives, weights=own * (1.0 - harms), groups=groups)
        bend = bending.by_bend(harm=harm, cap=self.cap).astype(np.float32)[:, None]
        return np.concatenate([slopes, bend], axis=1)


def drafted(*, marks: Sequence[Mark], pack: packs.Pack, plan: ContextPlan, shape: Shape) -> Design:
    """Return the design in which every mark fades as usual and harm adds up."""
    lives = [shape.half_life] * len(marks)
    return Design(layout(marks=marks, pack=pack, half_lives=lives), plan, shape)


def _level(outcome: terms.Floats, offset: terms.Floats) -> float:
    share = np.clip(outcome.mean(), 1e-4, 1 - 1e-4)
    return float(np.log(share / (1 - share)) - offset.mean())
