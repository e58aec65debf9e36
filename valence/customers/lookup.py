"""Which key a company's own id has: asked for with every batch that comes in, so it reads and never writes."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from valence.customers import bulk, hashes
from valence.customers.models import Identity, Tombstone
from valence.customers.rules import ERASED, Erased

STEP = 5_000


def keys_of(*, customer_ids: Iterable[str]) -> dict[str, int | Erased]:
    """Return the keys of ids; an id that was never met is absent."""
    wanted = list(customer_ids)
    ids = dict(zip(hashes.of_ids(home=settings.HOME, ids=wanted), wanted, strict=True))
    return {ids[id_hash]: key for id_hash, key in found(id_hashes=ids).items()}


def found(*, id_hashes: Iterable[bytes]) -> dict[bytes, int | Erased]:
    """Return the keys of ids given by their hashes; an id that was never met is absent."""
    wanted = list(id_hashes)
    keys: dict[bytes, int | Erased] = {}
    for start in range(0, len(wanted), STEP):
        part = wanted[start : start + STEP]
        keys.update(bulk.found(table=Identity, among=part))
        if not bulk.is_empty(table=Tombstone):
            keys.update((id_hash, ERASED) for id_hash, *_ in bulk.found(table=Tombstone, among=part))
    return {bytes(id_hash): key for id_hash, key in keys.items()}
