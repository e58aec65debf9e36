"""Bills that contradict what customers were told. Read only through a scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from valence.customers import identities
from valence.ledger.models import BillFinding
from valence.terms import Scope


@dataclass(frozen=True)
class Finding:
    """A bill and what the customer was told. `about`: told (on the bill itself), quote or usual."""

    key: int
    source: str
    interaction_id: str
    occurred_at: datetime
    about: str
    billed: float
    told: float
    told_source: str
    told_interaction_id: str
    told_at: datetime | None

    @property
    def over(self) -> float:
        """How much more than told was billed."""
        return self.billed - self.told


NAMES = (
    "customer_id", "source", "interaction_id", "occurred_at", "about", "billed", "told", "told_source",
    "told_interaction_id", "told_at",
)  # fmt: skip


def of_customer(*, scope: Scope, key: int, limit: int = 10) -> tuple[Finding, ...]:
    """Return the findings about one customer whom one may see, the latest first."""
    found = BillFinding.objects.filter(identities.seen(scope=scope, path="customer"))
    found = found.filter(customer_id__in=identities.keys_of(key=key)).order_by("-occurred_at", "pk")
    return tuple(Finding(*row) for row in found.values_list(*NAMES)[:limit])


def counted(*, scope: Scope) -> int:
    """Return how many bills contradict what was told, of those that are kept."""
    return BillFinding.objects.filter(identities.seen(scope=scope, path="customer")).count()
