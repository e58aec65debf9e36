"""What each interaction truly did to those who were lost: shares, deletion effects, roots, and what the law would name.

The value of a set of interactions is the mood it alone would have left at the midnight the customer decided after. An
interaction's effect is its Shapley share of that value, from random orders and their reverses (for the additive law one
such pair is exact: its interactions are pairwise); its deletion effect is what the mood loses without it alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.demo import hazard, marks, sheet, vocabulary, world

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_PLAYERS = 48
LEAST_PUSH = 0.002
ORDERS = 16
_FAULTS = sum(
    vocabulary.BITS[fact]
    for fact in ("late", "no_show", "left_mess", "not_fixed", "unresolved", "misinformed", "fee_not_mentioned")
)
_MOST_STEPS_UP = 12


@dataclass(frozen=True)
class Effects:
    """Effects on the log-hazard at the decision, one row per interaction that had any (e,).

    row: the interaction. effect: Shapley share. deletion: what the log-hazard would lose without it. harm (c,): what it
    would lose for each customer without any interaction that did harm.
    """

    row: Ints
    effect: Floats
    deletion: Floats
    harm: Floats


@dataclass(frozen=True)
class _Table:
    """Players of many losses side by side: l losses, k places (unused ones push nothing).

    harm, praise (l, k) faded own pushes; family (l, k, f) the same without sign, faded as pairs do; before (l, k, k):
    how much harm place j still weighs when place i happens.
    """

    row: Ints
    used: Bools
    harm: Floats
    praise: Floats
    family: Floats
    before: Floats


def effects(
    *,
    operator: world.World,
    columns: sheet.Columns,
    pushes: marks.Pushes,
    decided: Floats,
    rng: np.random.Generator,
) -> Effects:
    """Return the true effects for customers who `decided` at a midnight (c,), NaN for those who did not leave."""
    own = pushes.of(columns["at"][pushes.row] < np.nan_to_num(decided, nan=-np.inf)[columns["customer"][pushes.row]])
    table, customer = _table(operator=operator, columns=columns, pushes=own, decided=decided)
    shares = _shapley(operator=operator, table=table, rng=rng)
    whole = _value(operator=operator, table=table, there=table.used)
    lost = np.stack(
        [whole - _value(operator=operator, table=table, there=_without(table.used, place)) for place in _places(table)],
        axis=1,
    ) if table.used.size else np.zeros(table.used.shape)  # fmt: skip
    clean = _value(operator=operator, table=table, there=table.used & (shares <= 0))
    harm = np.zeros(len(decided))
    harm[customer] = whole - clean
    return Effects(table.row[table.used], shares[table.used], lost[table.used], harm)


def _places(table: _Table) -> range:
    return range(table.used.shape[1])


def _without(used: Bools, place: int) -> Bools:
    there = used.copy()
    there[:, place] = False
    return there


def _table(
    *, operator: world.World, columns: sheet.Columns, pushes: marks.Pushes, decided: Floats
) -> tuple[_Table, Ints]:
    """Lay the pushes out by loss and place. Returns the table and whose loss each line is."""
    decays = hazard.Decays.of(operator.effects)
    age = decided[columns["customer"][pushes.row]] - columns["at"][pushes.row]
    faded = pushes.push * decays.daily[pushes.mark] ** age
    family = len(world.MARKS) + world.MARK_FAMILY[pushes.mark]
    sizes = np.abs(pushes.push) * decays.daily[family] ** age
    row = np.unique(pushes.row[np.abs(faded) > LEAST_PUSH])
    line, place, customer = _lay(columns=columns, row=row)
    count = (len(customer), int(place.max(initial=-1)) + 1)
    seat = np.full(len(columns["at"]), -1)
    seat[row] = np.arange(len(row))
    of = seat[pushes.row]
    there = of >= 0
    at = (line[of[there]], place[of[there]])
    harmful = world.HARMFUL[pushes.mark[there]]
    harm, praise, raw = np.zeros(count), np.zeros(count), np.zeros(count)
    np.add.at(harm, at, np.where(harmful, faded[there], 0))
    np.add.at(praise, at, np.where(harmful, 0, faded[there]))
    np.add.at(raw, at, np.where(harmful, pushes.push[there], 0))
    families = np.zeros((*count, len(world.FAMILIES)))
    np.add.at(families, (*at, world.MARK_FAMILY[pushes.mark[there]]), sizes[there])
    rows, when = np.zeros(count, dtype=np.int64), np.full(count, np.inf)
    used = np.zeros(count, dtype=bool)
    rows[line, place], used[line, place], when[line, place] = row, True, columns["at"][row]
    before = _before(when=when, raw=raw, start=operator.start, half_life=operator.effects.straw_half_life)
    return _Table(rows, used, harm, praise, families, before), customer


def _lay(*, columns: sheet.Columns, row: Ints) -> tuple[Ints, Ints, Ints]:
    """Return line and place of every player, the latest MOST_PLAYERS of each customer, and the customers."""
    owner = columns["customer"][row]
    customer, line, counts = np.unique(owner, return_inverse=True, return_counts=True)
    order = np.lexsort((columns["at"][row], line))
    place = np.empty(len(row), dtype=np.int64)
    starts = np.cumsum(counts) - counts
    place[order] = np.arange(len(row)) - starts[line[order]]
    return line, place, customer


def _before(*, when: Floats, raw: Floats, start: float, half_life: float) -> Floats:
    """Return (l, j, i) how much of j's harm still weighs at the midnight before i; 0 from the same day on."""
    midnight = np.floor(when - start)
    with np.errstate(invalid="ignore"):
        gap = (midnight + start)[:, None, :] - when[:, :, None]
    earlier = np.isfinite(gap) & (midnight[:, :, None] < midnight[:, None, :])
    return np.where(earlier, raw[:, :, None] * 0.5 ** (np.where(earlier, gap, 0) / half_life), 0.0)


def _value(*, operator: world.World, table: _Table, there: Bools) -> Floats:
    """Return the mood (l,) that the interactions which are `there` (l, k) would have left."""
    present = there.astype(float)
    before = np.einsum("lj,lji->li", present, table.before)
    family = np.einsum("lk,lkf->lf", present, table.family)
    return _mood(operator=operator, table=table, present=present, before=before, family=family)


def _mood(*, operator: world.World, table: _Table, present: Floats, before: Floats, family: Floats) -> Floats:
    law = operator.effects
    last_straw = operator.law is world.Law.SATURATING
    stronger = 1 + law.straw * (before > law.straw_at) * last_straw
    harm = (present * table.harm * stronger).sum(axis=1)
    praise = (present * table.praise).sum(axis=1)
    for one, other, strength in law.pairs:
        joint = strength * family[:, one] * family[:, other]
        harm, praise = (harm + joint, praise) if strength > 0 else (harm, praise + joint)
    return np.asarray(hazard.saturated(operator=operator, harm=harm) + praise)


def _shapley(*, operator: world.World, table: _Table, rng: np.random.Generator) -> Floats:
    total = np.zeros(table.used.shape)
    orders = ORDERS if operator.law is world.Law.SATURATING else 1
    for _ in range(orders):
        order = np.argsort(rng.random(table.used.shape), axis=1)
        for one in (order, order[:, ::-1]):
            _add_up(operator=operator, table=table, order=one, total=total)
    return total / (2 * orders)


def _add_up(*, operator: world.World, table: _Table, order: Ints, total: Floats) -> None:
    """Let the interactions enter in this order and add to `total` what each one changed."""
    lines = np.arange(len(order))
    present = np.zeros(order.shape)
    before, family = np.zeros(order.shape), np.zeros((len(order), len(world.FAMILIES)))
    mood = np.zeros(len(order))
    for step in range(order.shape[1]):
        who = order[:, step]
        present[lines, who] = 1.0
        before += table.before[lines, who]
        family += table.family[lines, who]
        after = _mood(operator=operator, table=table, present=present, before=before, family=family)
        total[lines, who] += after - mood
        mood = after


def roots(*, columns: sheet.Columns) -> Ints:
    """Return for every interaction the farthest interaction at fault up its true causes; itself if there is none."""
    above = np.nan_to_num(columns["amount"] - columns["expected_amount"]) > 5
    broken = columns["promise"] == vocabulary.code(column="promise", word="broken")
    outage = np.nan_to_num(columns["outage_hours"]) > 0
    fault = ((columns["facts"] & _FAULTS) > 0) | above | broken | outage
    root = np.arange(len(columns["at"]))
    climber = columns["cause"].copy()
    for _ in range(_MOST_STEPS_UP):
        here = climber >= 0
        if not here.any():
            break
        better = here & fault[climber]
        root[better] = climber[better]
        climber = np.where(here, columns["cause"][climber], -1)
    return root
