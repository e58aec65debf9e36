"""Keys of machines: shown once, kept as a hash, each with the words it may use."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from valence.people import audit
from valence.people.models import ApiKey

SCOPES = ("write", "read", "erase", "card")
PREFIX = "vk_"


class RefusedKeyError(ValueError):
    """A key that cannot be made. The text says why, to the person who asked for it."""


@dataclass(frozen=True)
class MachineKey:
    """A key that opens: its number, its name, and what it may do."""

    number: int
    name: str
    scopes: frozenset[str]


@transaction.atomic
def create(*, name: str, scopes: Collection[str], by: str, now: datetime) -> str:
    """Make a key and return it: this is the only moment at which it can be read. Raises RefusedKeyError."""
    wanted = name.strip()
    strange = sorted(set(scopes) - set(SCOPES))
    if not wanted or len(wanted) > 100:
        raise RefusedKeyError("Give the key a name of at most 100 characters.")
    if strange:
        raise RefusedKeyError(f"There is no scope {', '.join(strange)}; there are {', '.join(SCOPES)}.")
    if ApiKey.objects.filter(name=wanted).exists():
        raise RefusedKeyError(f"There is already a key named {wanted}.")
    token = PREFIX + secrets.token_urlsafe(32)
    ApiKey.objects.create(name=wanted, key_hash=_hash(token), scopes=sorted(set(scopes)), created_at=now)
    audit.record(who=by, what="key made", about=f"{wanted}: {', '.join(sorted(set(scopes)))}", now=now)
    return token


@transaction.atomic
def revoke(*, name: str, by: str, now: datetime) -> bool:
    """Close a key and return whether there was one that was open."""
    closed = ApiKey.objects.filter(name=name, revoked_at=None).update(revoked_at=now)
    if closed:
        audit.record(who=by, what="key closed", about=name, now=now)
    return bool(closed)


def find(*, token: str) -> MachineKey | None:
    """Return the key that a token is; None where it is none, or closed."""
    row = ApiKey.objects.filter(key_hash=_hash(token), revoked_at=None).first()
    return None if row is None else MachineKey(number=row.pk, name=row.name, scopes=frozenset(row.scopes))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
