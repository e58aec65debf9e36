"""Consent and preferences: what each customer said about being written to, kept word by word, and what follows.

Words are only ever added; erasing a person takes them away with everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.conf import settings
from django.db import transaction

from valence import organisation
from valence.customers import bulk, identities
from valence.customers.models import Consent, Customer, Preference
from valence.customers.rules_consent import (
    EVERY,
    LONGEST_SOURCE,
    Basis,
    ConsentError,
    Held,
    May,
    Purpose,
    Word,
    checked,
    held,
    read,
)

STEP = 5_000
__all__ = [
    "EVERY",
    "LONGEST_SOURCE",
    "Basis",
    "ConsentError",
    "Heard",
    "Held",
    "May",
    "Purpose",
    "Saying",
    "Word",
    "give",
    "hear",
    "history",
    "may",
    "of",
    "prefer",
    "put",
    "source_of",
    "take_back",
    "withdraw",
]


@dataclass(frozen=True)
class Saying:
    """A word about one customer, as it is to be kept."""

    customer_key: int
    word: Word


@dataclass(frozen=True)
class Heard:
    """What a record says about being written to: `consents` as rules_consent.read takes it, and a channel."""

    customer_key: int
    consents: str
    prefers: str
    since: datetime


def source_of(*, batch: int) -> str:
    """Return how an import is named as the source of a word; what came over HTTP or by hand has no number."""
    return f"import {batch}" if batch else "record"


def may(*, customer_key: int, purpose: str, channel: str) -> May:
    """Return whether a customer may be written to. Somebody who is not known (any more) may not."""
    found = of(customer_keys=[customer_key]).get(customer_key)
    if found is None:
        return May(allowed=False, basis="", why="is no customer any more")
    return found.may(purpose=purpose, channel=channel)


def of(*, customer_keys: Iterable[int]) -> Mapping[int, Held]:
    """Return what holds for each customer, by the key it was asked for; who was erased is absent.

    What was said under any key that names a customer counts for all of them.
    """
    asked = np.unique(np.fromiter(customer_keys, np.int64))
    merged = identities.merged()
    canonical = dict(zip(asked.tolist(), merged.canonical_of(asked).tolist(), strict=True))
    written = merged.written_as(asked).tolist()
    alive, words, prefers = _read(written)
    owner = dict(zip(written, merged.canonical_of(np.array(written, np.int64)).tolist(), strict=True))
    gathered: dict[int, list[Word]] = {}
    for key, said in words.items():
        gathered.setdefault(owner[key], []).extend(said)
    preferred = {owner[key]: channel for key, channel in prefers.items()}
    here = {owner[key] for key in alive}
    strict = organisation.of(folder=settings.HOME.folder).only_agreed
    found = {
        one: held(gathered.get(one, ()), prefers=preferred.get(one, ""), only_agreed=strict)
        for one in set(canonical.values()) & here
    }
    return {key: found[one] for key, one in canonical.items() if one in found}


def history(*, customer_key: int) -> tuple[Word, ...]:
    """Return everything that was said about being written to, the newest first: the proof of it."""
    _, words, _ = _read(list(identities.keys_of(key=customer_key)))
    every = [word for said in words.values() for word in said]
    return tuple(sorted(every, key=lambda one: one.since, reverse=True))


def give(
    *, customer_key: int, purpose: str, channel: str, basis: str = "consent", source: str, since: datetime
) -> None:
    """Keep that a customer may be written to. Raises ConsentError."""
    wanted, way, lawful, by = checked(purpose=purpose, channel=channel, basis=basis, source=source)
    put(sayings=[Saying(customer_key, Word(wanted, way, lawful, since, by))])


def withdraw(*, customer_key: int, purpose: str, channel: str = EVERY, source: str, now: datetime) -> None:
    """Keep that a customer does not want to be written to (any more). Raises ConsentError."""
    wanted, way, lawful, by = checked(purpose=purpose, channel=channel, basis="consent", source=source)
    put(sayings=[Saying(customer_key, Word(wanted, way, lawful, now, by, withdrawn=True))])


@transaction.atomic
def put(*, sayings: Sequence[Saying]) -> None:
    """Keep words about customers; the same word said again is kept once."""
    Consent.objects.bulk_create(
        [
            Consent(
                customer_id=one.customer_key,
                purpose=one.word.purpose.value,
                channel=one.word.channel,
                basis=one.word.basis.value,
                since=one.word.since,
                source=one.word.source,
                withdrawn=one.word.withdrawn,
            )
            for one in sayings
        ],
        ignore_conflicts=True,
        batch_size=STEP,
    )


def hear(*, heard: Sequence[Heard], source: str) -> None:
    """Keep what records say, in order. What already holds is not said again, so that a replay changes nothing."""
    known = of(customer_keys={one.customer_key for one in heard})
    words = {key: dict(one.words) for key, one in known.items()}
    sayings = []
    for one in heard:
        holds = words.setdefault(one.customer_key, {})
        for purpose, channel, no in read(one.consents):
            word = Word(purpose, channel, Basis.CONSENT, one.since, source, withdrawn=no)
            before = holds.get((purpose, channel))
            if before is None or (before.withdrawn != no and one.since >= before.since):
                holds[purpose, channel] = word
                sayings.append(Saying(one.customer_key, word))
    put(sayings=sayings)
    prefer(channels={one.customer_key: one.prefers for one in heard if one.prefers})


def take_back(*, source: str) -> int:
    """Forget that customers agreed, as a source said that is undone; who withdrew stays withdrawn. Returns how many."""
    return Consent.objects.filter(source=source, withdrawn=False).delete()[0]


def prefer(*, channels: Mapping[int, str]) -> None:
    """Keep the channel that customers prefer, by key; "" where they prefer none."""
    bulk.insert(table=Preference, columns=("customer_id", "channel"), rows=channels.items(), update=("channel",))


def _read(keys: Sequence[int]) -> tuple[set[int], dict[int, list[Word]], dict[int, str]]:
    """Return who is here, what they said and what they prefer, by key."""
    alive: set[int] = set()
    words: dict[int, list[Word]] = {}
    prefers: dict[int, str] = {}
    for start in range(0, len(keys), STEP):
        part = keys[start : start + STEP]
        alive |= set(Customer.objects.filter(key__in=part).exclude(wrapped_key=None).values_list("key", flat=True))
        prefers |= dict(Preference.objects.filter(customer_id__in=part).values_list("customer_id", "channel"))
        for row in Consent.objects.filter(customer_id__in=part):
            word = Word(
                purpose=Purpose(row.purpose),
                channel=row.channel,
                basis=Basis(row.basis),
                since=row.since,
                source=row.source,
                withdrawn=row.withdrawn,
            )
            words.setdefault(row.customer_id, []).append(word)
    return alive, words, prefers
