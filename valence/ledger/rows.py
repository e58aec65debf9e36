"""What is written into the ledger, column by column: many rows in one value. Names are those of the tables.

Arrays are (n,); a plain word or number stands for the same in every row. Times are days since 1970-01-01 UTC
(NaN: none), dates whole days. `customer` is the surrogate key, `loss` the key of the customer who was lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from valence.terms import Days, Floats, Keys

Texts = NDArray[np.object_] | Sequence[str]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64] | Sequence[int]


class _Columns:
    """As many rows as its first column has."""

    def __len__(self) -> int:
        return len(next(iter(vars(self).values())))

    def taken(self, which: Flags) -> Self:
        """Return only the rows where `which` holds."""
        return type(self)(**{name: _taken(value, which) for name, value in vars(self).items()})


def _taken(column: Any, which: Flags) -> Any:
    if isinstance(column, np.ndarray):
        return column[which]
    if isinstance(column, list | tuple):
        return [column[place] for place in np.flatnonzero(which).tolist()]
    return column


@dataclass(frozen=True)
class Risks(_Columns):
    """How likely present customers are to leave; probabilities and ranges 0..1, bonds 0..100."""

    customer: Keys
    model: str
    as_of: float
    bond: Floats
    bond_low: Floats
    bond_high: Floats
    bond_30d_ago: Floats
    p_leave_30d: Floats
    p_low_30d: Floats
    p_high_30d: Floats
    p_leave_60d: Floats
    p_low_60d: Floats
    p_high_60d: Floats
    p_leave_90d: Floats
    p_low_90d: Floats
    p_high_90d: Floats
    p_clean_60d: Floats
    value_at_risk: Floats
    likely_to_leave: Flags
    became_likely_at: Days
    act_by: Days
    why: Texts
    why_source: Texts
    why_interaction_id: Texts
    why_department: Texts
    root_department: Texts
    last_contact_at: Days


@dataclass(frozen=True)
class RiskFigures(_Columns):
    """The figures of Risks that states alone tell, without the reasons."""

    customer: Keys
    model: str
    as_of: float
    bond: Floats
    bond_low: Floats
    bond_high: Floats
    p_leave_30d: Floats
    p_low_30d: Floats
    p_high_30d: Floats
    p_leave_60d: Floats
    p_low_60d: Floats
    p_high_60d: Floats
    p_leave_90d: Floats
    p_low_90d: Floats
    p_high_90d: Floats
    p_clean_60d: Floats
    value_at_risk: Floats


@dataclass(frozen=True)
class Losses(_Columns):
    """Customers who left by choice, and how much of it was ours."""

    customer: Keys
    model: str
    left_at: Days
    attributable: Floats
    attributable_low: Floats
    attributable_high: Floats
    verdict: Texts
    margin: Floats
    top_department: Texts
    top_source: Texts
    top_interaction_id: Texts
    root_department: Texts
    root_source: Texts
    root_interaction_id: Texts
    began_department: Texts
    hurt_department: Texts
    began_words: Texts
    hurt_words: Texts
    competitor_pressure: Floats


@dataclass(frozen=True)
class Shares(_Columns):
    """What each interaction had to do with a loss."""

    loss: Keys
    source: Texts
    interaction_id: Texts
    occurred_at: Days
    kind: Texts
    department: Texts
    words: Texts
    effect: Floats
    effect_low: Floats
    effect_high: Floats
    p_would_have_stayed: Floats
    p_low: Floats
    p_high: Floats
    root_source: Texts
    root_interaction_id: Texts
    root_department: Texts


@dataclass(frozen=True)
class Handoffs(_Columns):
    """How often one department led to another in a week."""

    week: Counts
    region: Texts
    cause_department: Texts
    effect_department: Texts
    links: Counts
    inferred: Counts


@dataclass(frozen=True)
class Weeks(_Columns):
    """How many interactions and customers a week had, by word."""

    week: Counts
    region: Texts
    kind: Texts
    department: Texts
    fact: Texts
    interactions: Counts
    customers: Counts


@dataclass(frozen=True)
class Promises(_Columns):
    """What was promised to customers and what became of it."""

    customer: Keys
    source: Texts
    interaction_id: Texts
    department: Texts
    words: Texts
    made_at: Days
    due_at: Days
    state: Texts
    settled_at: Days
    how: Texts
    settled_source: Texts
    settled_interaction_id: Texts
    settled_department: Texts
    told_at: Days


@dataclass(frozen=True)
class UnknownWords(_Columns):
    """Words that the pack does not know."""

    column: Texts
    word: Texts
    interactions: Counts
    customers: Counts


@dataclass(frozen=True)
class States(_Columns):
    """Decayed sums of customers as bytes of float32. newer: something was folded in since the risk was worked out."""

    customer: Keys
    model: str
    at: Days
    sums: Sequence[bytes]
    newer: bool


Rows = Risks | RiskFigures | Losses | Shares | Handoffs | Weeks | Promises | UnknownWords | States
