"""Who is read as one customer: which keys name whom, and the values that merged customers have in a question."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.expressions import Combinable

from valence import terms
from valence.customers.models import MergedKey
from valence.terms import Merged

_lock = threading.Lock()
_known: tuple[int, Merged] = (0, terms.NONE_MERGED)
_held: ContextVar[Merged | None] = ContextVar("held", default=None)


def version() -> int:
    """Return a number that is another one after each change of who is read as one customer; 0 before the first."""
    with connection.cursor() as cursor:  # asked for with every reading of the log
        cursor.execute("SELECT value FROM valence_counter WHERE name = 'links'")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def merged() -> Merged:
    """Return the customers whom several keys name. Read again only after a change."""
    global _known
    if (held := _held.get()) is not None:
        return held
    now = version()
    if not now:
        return terms.NONE_MERGED
    with _lock:
        if _known[0] != now:
            _known = (now, _read())
        return _known[1]


@contextmanager
def held() -> Iterator[None]:
    """Read everybody within this context as at its start: a page asks dozens of times, and shows one state of things.

    Not for what changes who is one customer: it would not see its own change.
    """
    token = _held.set(merged())
    try:
        yield
    finally:
        _held.reset(token)


def canonical(*, key: int) -> int:
    """Return the key under which a customer is read."""
    return int(merged().canonical_of(np.array([key], np.int64))[0])


def keys_of(*, key: int) -> tuple[int, ...]:
    """Return every key that names the customer of one of them, the one they are read by among them."""
    return tuple(merged().written_as(np.array([key], np.int64)).tolist())


def other_keys() -> QuerySet[MergedKey, int]:
    """Return, as a sub-query, the keys that are read under another one."""
    others = MergedKey.objects.exclude(customer_id=F("merged_id"))
    return others.values_list("customer_id", flat=True)


def column(*, path: str, name: str) -> Combinable:
    """Return the column of the customer at the end of a path ("" or a foreign key): what all lines say together.

    Where nobody is merged, that is the customer's own column and costs nothing more.
    """
    own = F(_through(path, name))
    if not len(merged()):
        return own
    return Case(
        When(**{_through(path, "merged__isnull"): False}, then=F(_through(path, f"merged__{name}"))), default=own
    )


def where(*, path: str, **lookups: Any) -> Q:
    """Return the condition that the customer at the end of a path fulfils, by what all lines say together."""
    own = Q(**{_through(path, lookup): value for lookup, value in lookups.items()})
    if not len(merged()):
        return own
    together = Q(**{_through(path, f"merged__{lookup}"): value for lookup, value in lookups.items()})
    alone = _through(path, "merged__isnull")
    return (Q(**{alone: True}) & own) | (Q(**{alone: False}) & together)


def has_left(*, path: str) -> Case:
    """Say whether the customer at the end of a path has left, as a value and not as a condition.

    SQLite would begin with the index of when customers left, for which nearly all are alike, instead of with the few
    rows that are asked for.
    """
    return Case(When(where(path=path, left_at__isnull=True), then=False), default=True)


def seen(*, scope: terms.Scope, path: str) -> Q:
    """Return the condition that the customer at the end of a path may be seen."""
    return Q() if scope.regions is None else where(path=path, region__in=sorted(scope.regions - {""}))


def _through(path: str, name: str) -> str:
    return f"{path}__{name}" if path else name


def _read() -> Merged:
    rows = list(MergedKey.objects.order_by("customer_id").values_list("customer_id", "merged_id"))
    if not rows:
        return terms.NONE_MERGED
    keys, canonical = np.array(rows, dtype=np.int64).T
    return Merged(keys=np.ascontiguousarray(keys), canonical=np.ascontiguousarray(canonical))
