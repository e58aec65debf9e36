"""Keyed hashes of addresses and of providers' names for messages: found again, and readable by nobody."""

from __future__ import annotations

import hashlib

from valence.customers import rules_evidence
from valence.home import Home


def of_address(*, home: Home, kind: str, address: str, country: str) -> bytes:
    """Return the hash (16 bytes) of an address, the same in whichever way it is written."""
    plain = rules_evidence.phone(text=address, country=country) if kind == "sms" else address.strip().lower()
    return _hash(home, f"{kind}\0{plain}")


def of_provider(*, home: Home, reference: str) -> bytes:
    """Return the hash (16 bytes) of a provider's own name for a message."""
    return _hash(home, f"provider\0{reference}")


def _hash(home: Home, text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=home.key_for("address"), digest_size=16).digest()
