"""The rows behind a count of arrivals: what an import brought, and what it or somebody over HTTP only sent again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
from django.db.models import QuerySet
from numpy.typing import NDArray

from valence.customers import identities
from valence.interactions import hashes, inbox, portions, reading
from valence.interactions.models import InboxRow, Portion, Seen
from valence.terms import Interaction

MOST_AGAIN = 20_000
"""So many rows that were sent again are looked up at most, the last that came: each one's hash is found by itself."""
AT_ONCE = 500


def brought(*, batch: int, day: date | None = None) -> pa.Table:
    """Return the places (`first`, `last`: values of `seq`) of the rows that an import brought, on a day (UTC) or ever.

    Places that touch are put together: an import that nobody interrupted is one row, whatever its size.
    """
    parts = [np.frombuffer(bytes(part), portions.NUMBER) for part in _noted(batch, day, "stored")]
    pairs = np.concatenate([part.reshape(-1, 2) for part in parts] or [np.empty((0, 2), np.int64)])
    pairs = pairs[np.argsort(pairs[:, 0])]
    begins = np.concatenate([[True], pairs[1:, 0] > pairs[:-1, 1] + 1])[: len(pairs)]
    ends = np.concatenate([begins[1:], [True]])[: len(pairs)]
    return pa.table({"first": pairs[begins, 0].astype(np.int64), "last": pairs[ends, 1].astype(np.int64)})


def again(*, batch: int, day: date | None = None) -> pa.Table:
    """Return the interactions (`source`, `interaction_id`) that an import, or somebody over HTTP (0), sent again."""
    parts = [np.frombuffer(bytes(part), portions.AGAIN)["entry"] for part in _noted(batch, day, "repeated")]
    entries = np.unique(np.concatenate(parts)[-MOST_AGAIN:]) if parts else np.array([], portions.HASH)
    ids = [one for part in _parts(_owners(entries)) for one in _among(part, entries)]
    text = pa.string()
    return pa.table(
        [pa.array([one[place] for one in ids], text) for place in (0, 1)], names=["source", "interaction_id"]
    )


def named(*, interaction_id: str, sources: Collection[str]) -> list[Interaction]:
    """Return the interactions of an id, of any of some sources, as they stand now: found by hash, not in the log."""
    entries = np.array(hashes.of_rows(ids=[(source, interaction_id) for source in sources]), portions.HASH)
    keys = np.unique(identities.merged().canonical_of(np.array(_owners(entries), np.int64))).tolist()
    found = (
        reading.point(source=source, interaction_id=interaction_id, customer_key=key)
        for key in keys
        for source in sources
    )
    return [one for one in found if one is not None]


def _noted(batch: int, day: date | None, column: str) -> QuerySet[Portion, bytes]:
    rows = Portion.objects.filter(batch=batch).exclude(**{column: b""})
    rows = rows.filter(at__date=day) if day else rows
    return rows.order_by("pk").values_list(column, flat=True)


def _owners(entries: NDArray[np.bytes_]) -> list[int]:
    """Return the keys of the customers whose rows these are; what was erased is nobody's."""
    keys: set[int] = set()
    plain = [one.tobytes() for one in entries]  # tolist() would drop zero bytes at their ends
    for start in range(0, len(plain), AT_ONCE):
        part = plain[start : start + AT_ONCE]
        for table in (Seen, InboxRow):
            keys.update(table.objects.filter(row_hash__in=part).values_list("customer_key", flat=True))
    return sorted(keys - {inbox.ERASED})


def _among(keys: Sequence[int], entries: NDArray[np.bytes_]) -> Iterator[tuple[str, str]]:
    """Yield those interactions of customers of which one revision has one of the hashes."""
    found = reading.journeys_of(keys=keys, columns=["source", "interaction_id"])
    ids = list(zip(found.words["source"].said(), found.texts["interaction_id"].tolist(), strict=True))
    known = np.isin(np.array(hashes.of_rows(ids=ids), portions.HASH), entries)
    yield from (ids[place] for place in np.flatnonzero(known).tolist())


def _parts(keys: Sequence[int]) -> list[Sequence[int]]:
    return [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]
