"""What happened in all cases, line by line in the order of their numbers, for whoever tells machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from valence.cases.models import Happening


@dataclass(frozen=True)
class Happened:
    """A line of some case's timeline, with the case as it stands, for whoever tells machines."""

    pk: int
    case: int
    key: int
    at: datetime
    what: str
    words: str
    title: str
    state: str
    severity: int
    owner: str
    recovery: str


def last_line() -> int:
    """Return the number of the last line of any timeline, 0 before the first."""
    return Happening.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def lines_after(*, pk: int, limit: int) -> tuple[Happened, ...]:
    """Return lines of all timelines in the order of their numbers, above one."""
    found = Happening.objects.filter(pk__gt=pk).select_related("case__owner").defer("sealed").order_by("pk")[:limit]
    return tuple(
        Happened(
            pk=each.pk,
            case=each.case_id,
            key=each.case.customer_id,
            at=each.at,
            what=each.what,
            words=each.words,
            title=each.case.title,
            state=each.case.state,
            severity=each.case.severity,
            owner=each.case.owner.name,
            recovery=each.case.recovery,
        )
        for each in found
    )
