"""Bulk imports do not fold what arrives into states: they mark the results as stale, and a new score works it out."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from valence import terms
from valence.ledger.actions import states as ledger


def mark(arrived: Sequence[terms.Interaction]) -> None:
    """Mark the stored results as stale since what arrived was recorded. Runs where the interactions are admitted."""
    if arrived:
        ledger.mark_stale(since=max(map(attrgetter("recorded_at"), arrived)))
