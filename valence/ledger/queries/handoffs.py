"""How often one department's interaction led to another's: the denominator of every rate of hand-offs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, Sum

from valence.ledger.models import HandoffCount
from valence.terms import Scope


@dataclass(frozen=True)
class HandoffLinks:
    """How often interactions of `cause` led to interactions of `effect`; `inferred` of them were not recorded."""

    cause: str
    effect: str
    links: int
    inferred: int


def links(*, scope: Scope, since: dt.date, until: dt.date, region: str = "") -> tuple[HandoffLinks, ...]:
    """Return the hand-offs of all customers in the whole weeks that touch [since, until)."""
    monday = since - dt.timedelta(days=since.weekday())
    found = HandoffCount.objects.filter(_seen(scope), week__gte=monday, week__lt=until)
    found = found.filter(region=region) if region else found
    summed = found.values("cause_department", "effect_department").annotate(n=Sum("links"), guessed=Sum("inferred"))
    return tuple(
        HandoffLinks(
            cause=row["cause_department"], effect=row["effect_department"], links=row["n"], inferred=row["guessed"]
        )
        for row in summed.order_by("-n", "cause_department", "effect_department")
    )


def _seen(scope: Scope) -> Q:
    return Q() if scope.regions is None else Q(region__in=scope.regions)
