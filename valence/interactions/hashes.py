"""Keyed hashes of what was seen: without the key outside the data folder nobody can test a guess against them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache

from django.conf import settings

HASH_BYTES = 16
EMPTY_FIELDS = b"\xa0\xc0"  # how MessagePack writes "" and None


@cache
def _keyed() -> hashlib.blake2b:
    return hashlib.blake2b(key=settings.HOME.key_for("seen"), digest_size=HASH_BYTES)


def of_row(*, source: str, interaction_id: str) -> bytes:
    """Return the 16-byte hash under which an interaction is known for ever."""
    state = _keyed().copy()
    # The length first: two pairs of words never run together into the same bytes.
    state.update(f"{len(source)}:{source}{interaction_id}".encode())
    return state.digest()


def of_rows(*, ids: Iterable[tuple[str, str]]) -> list[bytes]:
    """Return the hashes of interactions given by source and id, in order: `of_row`, many at once."""
    fresh, hashed = _keyed().copy, []
    for source, interaction_id in ids:
        state = fresh()
        state.update(f"{len(source)}:{source}{interaction_id}".encode())
        hashed.append(state.digest())
    return hashed


def of_revision(*, row_hash: bytes, revision: int, withdrawn: bool = False) -> bytes:
    """Return the hash of a row that is not an interaction's highest revision, or that withdraws it from a customer."""
    state = _keyed().copy()
    state.update(b"%s/%d/%d" % (row_hash, revision, withdrawn))
    return state.digest()


def of_contents(*, payloads: Iterable[bytes]) -> list[bytes]:
    """Return the 16-byte hashes of interactions' contents, in order.

    The array's header and empty fields at its end stay out of it, so that a later version of Valence with more
    fields still knows the same content again.
    """
    fresh, hashed = _keyed().copy, []
    for payload in payloads:
        state = fresh()
        state.update(payload[3:].rstrip(EMPTY_FIELDS))
        hashed.append(state.digest())
    return hashed
