"""Who objects to being scored: a word of consent with a purpose of its own, said by whom and when.

It is kept beside the other words a customer said, and goes with the person who is erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from valence.customers import consent, identities
from valence.customers.models import Consent
from valence.terms import Scope

LONGEST_NAME = consent.LONGEST_SOURCE - len("by ")


@dataclass(frozen=True)
class Objection:
    """Since when somebody objects, and by whose word: `by alice`, `import 7`, `record`."""

    since: datetime
    source: str


def since(*, customer_keys: Iterable[int]) -> Mapping[int, Objection]:
    """Return those of some customers who object to being scored, by the key they were asked for."""
    found = {}
    for key, held in consent.of(customer_keys=customer_keys).items():
        word = held.words.get((consent.Purpose.SCORING, consent.EVERY))
        if word is not None and word.withdrawn:
            found[key] = Objection(since=word.since, source=word.source)
    return found


def everyone() -> frozenset[int]:
    """Return every key that names somebody who objects to being scored."""
    spoke = Consent.objects.filter(purpose=consent.Purpose.SCORING.value).values_list("customer_id", flat=True)
    return keys_among(customer_keys=set(spoke))


def keys_among(*, customer_keys: Iterable[int]) -> frozenset[int]:
    """Return every key that names one of those of some customers who object to being scored."""
    return frozenset(key for one in since(customer_keys=customer_keys) for key in identities.keys_of(key=one))


def seen(*, scope: Scope) -> Mapping[int, Objection]:
    """Return who objects to being scored and may be seen, by the key they are read by, the latest first."""
    spoke = Consent.objects.filter(identities.seen(scope=scope, path="customer"), purpose=consent.Purpose.SCORING.value)
    keys = {identities.canonical(key=key) for key in set(spoke.values_list("customer_id", flat=True))}
    return dict(sorted(since(customer_keys=keys).items(), key=lambda one: one[1].since, reverse=True))


def keep(*, customer_key: int, objects: bool, by: str, now: datetime) -> None:
    """Keep that a customer objects to being scored, or does so no more."""
    purpose, source = consent.Purpose.SCORING.value, f"by {by[:LONGEST_NAME]}"
    if objects:
        consent.withdraw(customer_key=customer_key, purpose=purpose, source=source, now=now)
    else:
        consent.give(
            customer_key=customer_key, purpose=purpose, channel=consent.EVERY, basis="legitimate_interest",
            source=source, since=now,
        )  # fmt: skip
