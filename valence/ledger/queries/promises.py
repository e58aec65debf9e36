"""What was promised to customers, and what became of it as of the last score. Read only through a scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet

from valence import sums
from valence.customers import identities
from valence.ledger.models import OpenPromise, PromiseMark
from valence.terms import Scope

KEYS_AT_ONCE = 500
BY_NEED = ("overdue", "open", "broken", "unsaid", "kept")


@dataclass(frozen=True)
class PromiseRow:
    """One promise; `state` is open, overdue, kept, broken or unsaid: due, and no source says what became of such."""

    key: int
    source: str
    interaction_id: str
    department: str
    words: str
    made_at: datetime
    due_at: datetime | None
    state: str
    settled_at: datetime | None
    how: str
    settled_source: str
    settled_interaction_id: str
    settled_department: str
    told_at: datetime | None
    has_left: bool


@dataclass(frozen=True)
class Asked:
    """Which promises are asked for. Empty means any; the due range is [due_from, due_until).

    `with_us` keeps those made to people who are customers still: to others nothing can be kept any more. `told`:
    whether the customer was told how it stands, None for either.
    """

    state: str = ""
    department: str = ""
    due_from: datetime | None = None
    due_until: datetime | None = None
    with_us: bool = False
    how: str = ""
    told: bool | None = None


@dataclass(frozen=True)
class Totals:
    """How many promises stand how."""

    everyone: int
    open: int
    overdue: int
    unsaid: int
    kept: int
    broken: int


def rows(*, scope: Scope, asked: Asked, offset: int = 0, limit: int | None = 50) -> tuple[PromiseRow, ...]:
    """Return promises, those first that need somebody: overdue, open, broken, unsaid, kept.

    Of each state the latest due first; of open ones those that are due first. State by state, so that an index serves.
    """
    if asked.state:
        return _of_state(scope=scope, asked=asked, offset=offset, limit=limit)
    found: list[PromiseRow] = []
    for state in BY_NEED:
        mine = replace(asked, state=state)
        left = None if limit is None else limit - len(found)
        found += _of_state(scope=scope, asked=mine, offset=offset, limit=left)
        if limit is not None and len(found) >= limit:
            break
        if offset:
            offset -= min(offset, _found(scope=scope, asked=mine).count())
    return tuple(found)


def _of_state(*, scope: Scope, asked: Asked, offset: int, limit: int | None) -> tuple[PromiseRow, ...]:
    """Return promises by the day they are due, then those without one: two reads, so that an index gives the order."""
    found = _found(scope=scope, asked=asked)
    due = found.filter(due_at__isnull=False).order_by(
        "due_at" if asked.state == "open" else "-due_at", "-made_at", "pk"
    )
    end = None if limit is None else offset + limit
    rows = [PromiseRow(**values) for values in _values(due)[offset:end]]
    if limit is None or len(rows) < limit:
        before = max(0, offset - due.count()) if offset else 0
        end = None if limit is None else before + limit - len(rows)
        never = found.filter(due_at__isnull=True).order_by("-made_at", "pk")
        rows += [PromiseRow(**values) for values in _values(never)[before:end]]
    return tuple(rows)


def of_customer(*, scope: Scope, key: int) -> tuple[PromiseRow, ...]:
    """Return one customer's promises, the latest first; nothing where the customer may not be seen."""
    found = _found(scope=scope, asked=Asked()).filter(customer_id=identities.canonical(key=key))
    return tuple(PromiseRow(**values) for values in _values(found.order_by("-made_at", "-pk")))


def overdue(*, scope: Scope, keys: Sequence[int]) -> dict[int, int]:
    """Return how many promises are overdue to each of some customers who are with us and may be seen; 0 is left out."""
    found = _found(scope=scope, asked=Asked(state="overdue", with_us=True)).filter(customer_id__in=keys)
    return dict(found.order_by().values_list("customer_id").annotate(n=Count("pk")))


def unsaid(*, key: int) -> frozenset[tuple[str, str]]:
    """Return the interactions (source, id) that promised a customer something of which nobody says what became."""
    found = OpenPromise.objects.filter(customer_id=key, state="unsaid")
    return frozenset(found.values_list("source", "interaction_id"))


def unsettled_among(*, keys: Sequence[int]) -> set[int]:
    """Return those of some customers to whom something was promised that nothing has settled, or who wait for it."""
    found: set[int] = set()
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = keys[start : start + KEYS_AT_ONCE]
        unsettled = OpenPromise.objects.filter(customer_id__in=part).exclude(state="kept")
        found.update(unsettled.values_list("customer_id", flat=True))
        found.update(PromiseMark.objects.filter(customer_id__in=part).values_list("customer_id", flat=True))
    return found


def marked(*, limit: int) -> list[int]:
    """Return customers whose promises have to be worked out, those who wait longest first."""
    found = PromiseMark.objects.filter(done_at=None).order_by("at", "customer_id")
    return list(found.values_list("customer_id", flat=True)[:limit])


@sums.kept
def totals(*, scope: Scope, asked: Asked) -> Totals:
    """Return how the promises that were asked for stand."""
    if asked.with_us and not asked.state:  # of all promises fewer were made to who has left than to who has not
        everybody = _found(scope=scope, asked=replace(asked, with_us=False))
        gone = everybody.filter(identities.where(path="customer", left_at__isnull=False))
        counted = Counter(_by_state(everybody)) - Counter(_by_state(gone))
    else:
        counted = Counter(_by_state(_found(scope=scope, asked=asked)))
    return Totals(
        everyone=sum(counted.values()),
        open=counted.get("open", 0),
        overdue=counted.get("overdue", 0),
        unsaid=counted.get("unsaid", 0),
        kept=counted.get("kept", 0),
        broken=counted.get("broken", 0),
    )


def _by_state(found: QuerySet[OpenPromise]) -> dict[str, int]:
    return dict(found.order_by().values_list("state").annotate(n=Count("pk")))


def _found(*, scope: Scope, asked: Asked) -> QuerySet[OpenPromise]:
    found = OpenPromise.objects.filter(identities.seen(scope=scope, path="customer"))
    if asked.with_us:
        found = found.alias(gone=identities.has_left(path="customer")).filter(gone=False)
    if asked.told is not None:
        found = found.filter(told_at__isnull=not asked.told)
    for name, value in (
        ("state", asked.state),
        ("department", asked.department),
        ("how", asked.how),
        ("due_at__gte", asked.due_from),
        ("due_at__lt", asked.due_until),
    ):
        found = found.filter(**{name: value}) if value else found
    return found


def _values(found: QuerySet[OpenPromise]) -> QuerySet[OpenPromise, dict[str, Any]]:
    names = [field.name for field in fields(PromiseRow) if field.name not in ("key", "has_left")]
    values: QuerySet[OpenPromise, dict[str, Any]] = found.values(
        *names, key=F("customer_id"), has_left=identities.has_left(path="customer")
    )
    return values
