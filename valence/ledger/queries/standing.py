"""How one customer stands as of the last scoring. Read only through a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from valence.customers import identities
from valence.ledger.models import Risk
from valence.terms import Scope


@dataclass(frozen=True)
class Standing:
    """Whether a customer is likely to leave, since when, until when to act, and what it is worth a year."""

    as_of: datetime
    likely_to_leave: bool
    became_likely_at: datetime | None
    act_by: datetime | None
    value_at_risk: float


def likely(*, scope: Scope, keys: Sequence[int]) -> frozenset[int]:
    """Return those of some customers who are likely to leave and may be seen."""
    seen = identities.seen(scope=scope, path="customer")
    found = Risk.objects.filter(seen, customer_id__in=keys, likely_to_leave=True)
    return frozenset(found.values_list("customer_id", flat=True))


def of(*, scope: Scope, key: int) -> Standing | None:
    """Return how a customer stands, None where nothing was worked out (yet), or it may not be seen."""
    seen = identities.seen(scope=scope, path="customer")
    names = [field.name for field in fields(Standing)]
    values = Risk.objects.filter(seen, customer_id=identities.canonical(key=key)).values(*names).first()
    return Standing(**values) if values else None
