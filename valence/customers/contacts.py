"""How customers can be reached, many at once: what decides whether somebody may be asked, without a single name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np

from valence.customers import consent, identities, queries
from valence.customers.models import Customer
from valence.customers.rules_consent import Held, Purpose
from valence.terms import EVERYTHING

STEP = 5_000
ZONE = "time_zone"
_COLUMNS = ("left_at", "segment", "plan", "region", "language")


@dataclass(frozen=True)
class Contact:
    """A customer as far as asking goes: what is known of them, what they agreed to, where messages reach them.

    key: under which they are read. zone: an IANA name where the record says so, else "". has: kinds of addresses.
    """

    key: int
    left_at: datetime | None
    segment: str
    plan: str
    region: str
    language: str
    zone: str
    held: Held
    has: frozenset[str]

    def reachable(self, *, purpose: Purpose = Purpose.FEEDBACK) -> tuple[str, ...]:
        """Return the channels that an address and consent allow, the preferred one first."""
        allowed = [one for one in ("email", "sms") if one in self.has and self.agrees(purpose=purpose, channel=one)]
        return tuple(sorted(allowed, key=lambda one: one != self.held.prefers))

    def agrees(self, *, purpose: Purpose, channel: str) -> bool:
        """Return whether they may be written to on a channel, whether or not there is an address."""
        return self.held.may(purpose=purpose, channel=channel).allowed


def of(*, keys: Sequence[int]) -> Mapping[int, Contact]:
    """Return how customers can be reached, by the key that was asked for; who was erased is absent."""
    asked = np.unique(np.array(keys, np.int64))
    canonical = identities.merged().canonical_of(asked).tolist()
    found = _contacts(sorted(set(canonical)))
    return {key: found[one] for key, one in zip(asked.tolist(), canonical, strict=True) if one in found}


def _contacts(keys: Sequence[int]) -> dict[int, Contact]:
    agreed = consent.of(customer_keys=keys)
    found: dict[int, Contact] = {}
    for start in range(0, len(keys), STEP):
        part = keys[start : start + STEP]
        called = queries.names(scope=EVERYTHING, keys=part)
        columns = [identities.column(path="", name=name) for name in _COLUMNS]
        rows = Customer.objects.filter(key__in=part).exclude(wrapped_key=None)
        for key, more, left_at, segment, plan, region, language in rows.values_list("key", "attributes", *columns):
            name = called.get(key)
            has = {kind for kind, said in (("email", name and name.email), ("sms", name and name.phone)) if said}
            found[key] = Contact(
                key, left_at, segment, plan, region, language, _zone(more), held=agreed[key], has=frozenset(has)
            )
    return found


def _zone(attributes: str) -> str:
    if ZONE not in attributes:
        return ""
    said = msgspec.json.decode(attributes).get(ZONE, "")
    return said if isinstance(said, str) else ""
