"""The vault: one AES-256-GCM key per person, itself encrypted with the master key.

Destroying a person's wrapped key makes everything that was sealed with it unreadable, at once and for good.
"""

from __future__ import annotations

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from valence.home import Home

NONCE = 12


class Unreadable(Exception):  # noqa: N818 - named as people say it
    """What was sealed cannot be opened: wrong master key, or it was changed."""


def make_key() -> bytes:
    """Return a new random key for one person, 32 bytes."""
    return os.urandom(32)


def seal(*, key: bytes, plain: bytes, bound_to: bytes = b"") -> bytes:
    """Return the text encrypted; it only opens with the same key and the same `bound_to`."""
    nonce = os.urandom(NONCE)
    return nonce + _cipher(key).encrypt(nonce, plain, bound_to)


def unseal(*, key: bytes, sealed: bytes, bound_to: bytes = b"") -> bytes:
    """Return what was sealed. Raises Unreadable."""
    try:
        return _cipher(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
    except InvalidTag:
        raise Unreadable("sealed with another key, or changed since") from None


def wrap(*, home: Home, person_key: bytes, customer_key: int) -> bytes:
    """Return a person's key encrypted with the master key, bound to the customer it belongs to."""
    return seal(key=_wrapping(home), plain=person_key, bound_to=_owner(customer_key))


def unwrap(*, home: Home, wrapped: bytes, customer_key: int) -> bytes:
    """Return a person's key. Raises Unreadable."""
    return unseal(key=_wrapping(home), sealed=bytes(wrapped), bound_to=_owner(customer_key))


def _owner(customer_key: int) -> bytes:
    return customer_key.to_bytes(8, "big")


@lru_cache(maxsize=8)
def _wrapping(home: Home) -> bytes:
    return home.key_for("wrap")


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
