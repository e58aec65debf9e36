"""Refused records as they lie in the database: encrypted with a key that is derived from the master key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.conf import settings

from valence.customers import vault

_PURPOSE = "refused"


def seal(*, fields: Mapping[str, Any] | None, largest: int) -> bytes:
    """Return a record encrypted; b"" where nothing of it may be kept, or where it is larger than may be kept."""
    if fields is None:
        return b""
    said = {name: value for name, value in fields.items() if value is not None and value is not msgspec.UNSET}
    plain = msgspec.json.encode(said, enc_hook=str)
    if len(plain) > largest:
        return b""
    return vault.seal(key=settings.HOME.key_for(_PURPOSE), plain=plain)


def unseal(*, kept: bytes) -> dict[str, Any]:
    """Return a record as it was sent; empty where nothing of it was kept."""
    if not kept:
        return {}
    fields: dict[str, Any] = msgspec.json.decode(vault.unseal(key=settings.HOME.key_for(_PURPOSE), sealed=kept))
    return fields
