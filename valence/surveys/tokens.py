"""Tokens that open an invitation: 128 bits that tell nothing, kept only as a keyed hash. Pure."""

from __future__ import annotations

import hashlib
import secrets

from valence.home import Home

BYTES = 16


def new() -> str:
    """Return a new token, 22 letters that an address can hold."""
    return secrets.token_urlsafe(BYTES)


def new_number() -> str:
    """Return a new number for an invitation: it names it, and opens nothing."""
    return f"a{secrets.token_hex(10)}"


def hash_of(*, home: Home, token: str) -> bytes:
    """Return the hash under which an invitation lies. Without the key no token can be tried against it."""
    return hashlib.blake2b(token.encode(), key=home.key_for("invitation"), digest_size=32).digest()
