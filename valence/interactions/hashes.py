"""Keyed hashes of what was seen: without the key outside the data folder nobody can test a guess against them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache

from django.conf import settings

HASH_BYTES = 16
PLACE_BYTES = 4
OWN_BYTES = HASH_BYTES - PLACE_BYTES
ALIKE = 3  # characters: about a thousand ids, some pages of an index
EMPTY_FIELDS = b"\xa0\xc0"  # how MessagePack writes "" and None


@cache
def _keyed() -> hashlib.blake2b:
    return hashlib.blake2b(key=settings.HOME.key_for("seen"), digest_size=HASH_BYTES)


def of_row(*, source: str, interaction_id: str) -> bytes:
    """Return the 16-byte hash under which an interaction is known for ever."""
    return of_rows(ids=[(source, interaction_id)])[0]


def of_rows(*, ids: Iterable[tuple[str, str]]) -> list[bytes]:
    """Return the hashes of interactions given by source and id, in order.

    The first 4 bytes are those of all ids that differ in the last three characters only, the other 12 are the id's own.
    Most systems count their ids up: what arrives together then lies together in every index of hashes, and a batch
    writes a few pages of it, not one a row, while nobody can read an id or its neighbours out of a hash.
    """
    fresh, hashed = _keyed().copy, []
    places: dict[str, bytes] = {}
    for source, interaction_id in ids:
        # The length first: two pairs of words never run together into the same bytes.
        stem = f"{len(source)}:{source}{interaction_id[:-ALIKE]}"
        place = places.get(stem)
        if place is None:
            state = fresh()
            state.update(b"beside " + stem.encode())
            place = places[stem] = state.digest()[:PLACE_BYTES]
        state = fresh()
        state.update(f"{stem}{interaction_id[-ALIKE:]}".encode())
        hashed.append(place + state.digest()[:OWN_BYTES])
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
