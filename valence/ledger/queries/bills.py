"""Bills that contradict what customers were told. Read only through a scope."""

from __future__ import annotations

from valence.customers import identities
from valence.ledger.findings import Finding
from valence.ledger.models import BillFinding
from valence.terms import Scope

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
