"""What each interaction does to the log-hazard at a moment, in closed form.

own: sum over its marks of value * weight * what is remembered. In a pair b S_a S_b an interaction that put a_e and
b_e into the families gets the exact Shapley share b (a_e S_b + b_e S_a) / 2; without it the pair loses
b (a_e S_b + b_e S_a - a_e b_e).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valence import terms
from valence.bond import bending, decay
from valence.bond.layout import PAIR_HALF_LIFE
from valence.bond.marks import Marked
from valence.bond.model import Model

Z = 1.959964
MISFIT_BELOW, MISFIT_ABOVE = 0.45, 0.8
MISFIT_LEAST = 0.06
ROWS = 20_000
NOTICEABLE = 0.02


@dataclass(frozen=True)
class Effects:
    """One row for each interaction that still acts at its customer's moment. All (e,), sorted by (sample, row).

    sample: position in `customers`; row: in journeys. share: exact Shapley share of the log-hazard; deletion: what
    goes when the interaction is replaced by a clean one; share_spread, deletion_spread: their standard errors.
    """

    sample: terms.Keys
    row: terms.Keys
    share: terms.Floats
    deletion: terms.Floats
    share_spread: terms.Floats
    deletion_spread: terms.Floats

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class _Acting:
    """Entries of marks that act: grouped into interactions. remembered (k,); in_family (e, a)."""

    sample: terms.Keys
    row: terms.Keys
    group: terms.Keys
    mark: terms.Keys
    value: terms.Floats
    remembered: terms.Floats
    in_family: terms.Floats
    family_sums: terms.Floats


def effects(
    *,
    model: Model,
    journeys: terms.Journeys,
    marked: Marked,
    customers: terms.Keys,
    at: terms.Days,
    before: bool = False,
    signals: bool = False,
    ranges: bool = True,
) -> Effects:
    """Return the effects of interactions known at each customer's moment `at` (n,) on the log-hazard there.

    Signals are left out unless asked for. Without `ranges` the spreads are 0 (and it takes a third of the time).
    """
    weights = np.concatenate([model.own.ravel(), model.pair]) if signals else model.cause_weights
    allowed = np.ones(len(model.marks), np.bool_) if signals else model.layout.causes > 0
    kept = allowed[marked.mark]
    causes = Marked(row=marked.row[kept], mark=marked.mark[kept], value=marked.value[kept])
    found = [
        _of_piece(model, weights, _acting(model, journeys, causes, at, first, last, sample, entry), ranges)
        for first, last, sample, entry in decay.expanded(
            marked=causes, journeys=journeys, customers=customers, at=at, before=before
        )
    ]
    return _joined(found)


def _acting(
    model: Model,
    journeys: terms.Journeys,
    marked: Marked,
    at: terms.Days,
    first: int,
    last: int,
    sample: terms.Keys,
    entry: terms.Keys,
) -> _Acting:
    known = journeys.recorded[marked.row[entry]] <= at[sample]
    sample, entry = sample[known], entry[known]
    row, mark, value = marked.row[entry], marked.mark[entry].astype(np.int64), marked.value[entry]
    age = at[sample] - journeys.occurred[row]
    starts = np.ones(len(row), np.bool_)
    starts[1:] = (row[1:] != row[:-1]) | (sample[1:] != sample[:-1])
    group = np.cumsum(starts) - 1
    lives = np.array(model.layout.half_lives)
    size = len(model.layout.families)
    groups = int(group[-1]) + 1 if len(group) else 0
    in_family = np.zeros((groups, size))
    np.add.at(in_family, group, model.layout.membership[mark] * (value * np.exp2(-age / PAIR_HALF_LIFE))[:, None])
    family_sums = np.zeros((last - first, size))
    np.add.at(family_sums, sample[starts] - first, in_family)
    return _Acting(
        sample=sample[starts],
        row=row[starts],
        group=group,
        mark=mark,
        value=value,
        remembered=np.exp2(-age / lives[mark]) * value,
        in_family=in_family,
        family_sums=family_sums[sample[starts] - first],
    )


def _of_piece(model: Model, weights: terms.Floats, acting: _Acting, ranges: bool) -> Effects:
    share, deletion = np.empty(len(acting.row)), np.empty(len(acting.row))
    share_spread, deletion_spread = np.zeros(len(acting.row)), np.zeros(len(acting.row))
    harm, lost = np.empty(len(acting.row)), np.empty(len(acting.row))
    drawn = (model.cause_draws - model.cause_draws.mean(0)).T if ranges else None
    for first in range(0, len(acting.row), ROWS):
        rows = slice(first, min(first + ROWS, len(acting.row)))
        shared, deleted = _columns(model, acting, rows)
        share[rows], deletion[rows] = shared @ weights, deleted @ weights
        harm[rows], lost[rows] = shared @ (weights * model.layout.harms), deleted @ (weights * model.layout.harms)
        if drawn is not None:
            share_spread[rows] = np.std(shared @ drawn, axis=1)
            deletion_spread[rows] = np.std(deleted @ drawn, axis=1)
    bent = _bent(model.cap, acting.sample, harm, lost)
    share, deletion = share + bent.share - harm, deletion + bent.deletion - lost
    share_spread, deletion_spread = share_spread * bent.kept, deletion_spread * bent.kept
    return Effects(acting.sample, acting.row, share, deletion, share_spread, deletion_spread)


@dataclass(frozen=True)
class _Bent:
    """What harm and its deletion come to where harm saturates, and the share of it that is kept, (e,)."""

    share: terms.Floats
    deletion: terms.Floats
    kept: terms.Floats


def _bent(cap: float, sample: terms.Keys, harm: terms.Floats, lost: terms.Floats) -> _Bent:
    """Every part of a customer's harm keeps the same share of itself; parts then add up to what harm does."""
    whole = np.zeros(int(sample[-1]) + 1 if len(sample) else 0)
    np.add.at(whole, sample, harm)
    all_harm = whole[sample]
    kept = bending.kept(harm=all_harm, cap=cap)
    gone = bending.bent(harm=all_harm, cap=cap) - bending.bent(harm=all_harm - lost, cap=cap)
    return _Bent(share=harm * kept, deletion=gone, kept=kept)


def _columns(model: Model, acting: _Acting, rows: slice) -> tuple[terms.Floats, terms.Floats]:
    """Return the columns (r, own + pairs) that make share and deletion linear in the weights."""
    low, high = np.searchsorted(acting.group, [rows.start, rows.stop])
    group, mark = acting.group[low:high] - rows.start, acting.mark[low:high]
    count = rows.stop - rows.start
    own = np.zeros((count, model.layout.own_size))
    np.add.at(own, (group, mark), acting.remembered[low:high])
    one, other = model.layout.pair_places[:, 0], model.layout.pair_places[:, 1]
    part, whole = acting.in_family[rows], acting.family_sums[rows]
    crossed = part[:, one] * whole[:, other] + part[:, other] * whole[:, one]
    both = part[:, one] * part[:, other]
    return np.concatenate([own, crossed / 2.0], axis=1), np.concatenate([own, crossed - both], axis=1)


def _joined(found: list[Effects]) -> Effects:
    if not found:
        return Effects(np.empty(0, np.int64), np.empty(0, np.int64), *(np.empty(0) for _ in range(4)))
    names = ("sample", "row", "share", "deletion", "share_spread", "deletion_spread")
    return Effects(*(np.concatenate([getattr(each, name) for each in found]) for name in names))


def likely(*, effect: terms.Floats, spread: terms.Floats) -> tuple[terms.Floats, terms.Floats]:
    """Return the 95 % range of effects: what draws leave open, and what no draw knows.

    How hard one and the same failure strikes differs from customer to customer, and some facts were not recorded:
    MISFIT_* were measured on made-up operators so that 95 % ranges hold at least nine times in ten. They reach
    further away from 0 than towards it: those who left are those whom it struck hardest.
    """
    near = Z * np.sqrt(spread**2 + (MISFIT_BELOW * effect) ** 2 + MISFIT_LEAST**2)
    far = Z * np.sqrt(spread**2 + (MISFIT_ABOVE * effect) ** 2 + MISFIT_LEAST**2)
    harmful = effect >= 0
    return effect - np.where(harmful, near, far), effect + np.where(harmful, far, near)


def stays(effect: terms.Floats) -> terms.Floats:
    """Return the chance that the customer would not have left then, had this effect not been: max(0, 1 - exp(-effect)).

    The excess fraction 1 - 1/RR (Tian & Pearl 2000), if nothing unmeasured confounds and effects are monotone.
    """
    return np.asarray(-np.expm1(-np.maximum(effect, 0.0)))
