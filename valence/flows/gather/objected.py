"""Whoever objects to being scored: what was worked out of how they stand goes at once.

What happened stays: journey, loss and what we had to do with it are records of what we did, not a figure of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from valence.customers import lookup, objections
from valence.customers.rules import CustomerRecord
from valence.customers.rules_consent import Purpose
from valence.ledger.actions import states


def heard(*, records: Iterable[CustomerRecord]) -> None:
    """Heed what records of customers, which are stored already, say about being scored."""
    named = [one.customer_id for one in records if Purpose.SCORING in one.consents.lower()]
    if named:
        heed(customers=[key for key in lookup.keys_of(customer_ids=named).values() if isinstance(key, int)])


def heed(*, customers: Sequence[int]) -> None:
    """Delete how those of some customers stand who object to being scored, under every key that names them."""
    states.forget_scores(customers=sorted(objections.keys_among(customer_keys=customers)))
