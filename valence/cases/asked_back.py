"""Who was asked back, when, and what was given for it: cases by their playbook."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max, Sum

from valence.cases import queries, rules
from valence.cases.models import Case


def granted(*, seer: queries.Seer, playbook: str) -> float:
    """Return the money given in the closed cases of a playbook that one may see."""
    asked = queries.Asked(states=(rules.State.CLOSED,), playbook=playbook)
    found: float | None = queries.found(seer=seer, asked=asked).aggregate(sum=Sum("granted"))["sum"]
    return found or 0.0


def last(*, keys: Collection[int], playbook: str) -> dict[int, datetime]:
    """Return when each of some customers last had a case of a playbook, by key; who had none is left out."""
    found = Case.objects.filter(playbook__name=playbook, customer_id__in=list(keys)).order_by()
    return dict(found.values_list("customer_id").annotate(at=Max("opened_at")))
