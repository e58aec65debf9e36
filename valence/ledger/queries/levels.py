"""How customers stand, as columns, for what watches them all: no person looks at it, so it takes no scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, Q

from valence.customers import identities
from valence.ledger.models import OpenPromise, Risk
from valence.terms import Days, Floats, Keys, days

AT_ONCE = 5_000
COLUMNS = (
    "customer_id", "as_of", "bond", "bond_30d_ago", "p_leave_60d", "value_at_risk", "likely_to_leave",
    "last_contact_at",
)  # fmt: skip


@dataclass(frozen=True)
class Levels:
    """Customers (c,), sorted by key. Bonds 0..100, chances 0..1, times in days; NaN where unknown."""

    keys: Keys
    as_of: Days
    bond: Floats
    bond_change_30d: Floats
    p_leave_60d: Floats
    value_at_risk: Floats
    likely_to_leave: Floats
    last_contact: Days


@dataclass(frozen=True)
class Promise:
    """A promise that waits or went wrong. `told`: the customer knows how it stands."""

    key: int
    source: str
    interaction_id: str
    department: str
    words: str
    due_at: datetime | None
    state: str
    how: str = "recorded"
    told: bool = False


def of(*, keys: Sequence[int] | None = None, likely: bool = False, since: datetime | None = None) -> Levels:
    """Return how customers stand; keys None: everybody. since: only whose figures are of then or later."""
    found = Risk.objects.order_by("customer_id")
    found = found.filter(likely_to_leave=True) if likely else found
    found = found.filter(as_of__gte=since) if since else found
    parts = [None] if keys is None else [keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE)]
    rows: list[tuple[Any, ...]] = [
        row
        for part in parts
        for row in (found if part is None else found.filter(customer_id__in=list(part))).values_list(*COLUMNS)
    ]
    return _levels(sorted(rows, key=lambda row: row[0]))


def promises(*, due_from: datetime, due_until: datetime, keys: Sequence[int] | None = None) -> tuple[Promise, ...]:
    """Return promises that are open or overdue and due in [due_from, due_until), of customers who are with us."""
    found = OpenPromise.objects.filter(state__in=("open", "overdue"), due_at__gte=due_from, due_at__lt=due_until)
    found = found.alias(gone=identities.has_left(path="customer")).filter(gone=False)
    found = found if keys is None else found.filter(customer_id__in=list(keys))
    names = ("customer_id", "source", "interaction_id", "department", "words", "due_at", "state", "how", "told")
    rows = found.annotate(told=Q(told_at__isnull=False)).order_by("due_at", "pk").values_list(*names)
    return tuple(Promise(*row) for row in rows)


def keepers() -> dict[tuple[str, str], str]:
    """Return which department keeps (or breaks) promises of a kind (department that made it, words): mostly."""
    settled = OpenPromise.objects.filter(state__in=("kept", "broken")).exclude(settled_department="").order_by()
    counted = settled.values_list("department", "words", "settled_department").annotate(n=Count("pk"))
    best: dict[tuple[str, str], tuple[int, str]] = {}
    for department, words, keeper, count in counted:
        best[department, words] = max(best.get((department, words), (0, "")), (count, keeper))
    return {kind: keeper for kind, (_, keeper) in best.items()}


def _levels(rows: Sequence[tuple[Any, ...]]) -> Levels:
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(COLUMNS, ())
    bond, before = _numbers(columns["bond"]), _numbers(columns["bond_30d_ago"])
    return Levels(
        keys=np.array(columns["customer_id"], np.int64),
        as_of=_days(columns["as_of"]),
        bond=bond,
        bond_change_30d=bond - before,
        p_leave_60d=_numbers(columns["p_leave_60d"]),
        value_at_risk=_numbers(columns["value_at_risk"]),
        likely_to_leave=_numbers(columns["likely_to_leave"]),
        last_contact=_days(columns["last_contact_at"]),
    )


def _numbers(values: Sequence[Any]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], float)


def _days(values: Sequence[Any]) -> Days:
    return np.array([days(value) if isinstance(value, datetime) else np.nan for value in values], float)
