"""Inviting only the happy: after a bad encounter the address goes, consent goes, or the encounter is recorded late."""

from __future__ import annotations

import numpy as np

from valence.demo.tricks.record import Record
from valence.insights.integrity.moments import ASKED, WITHHELD, Rows

REASONS = ("no_consent", "no_channel", "too_late", "no_invitation")


def plant(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Keep invitations back until a share of the answers that would have come is missing, the unhappiest first.

    Staff see the customer's mood through a fog: some happy ones are kept back, some unhappy ones invited.
    """
    moments = record.moments
    asked = np.flatnonzero((moments.team == team) & (moments.state == ASKED))
    mood = record.feeling[asked] + rng.normal(0, rng.uniform(0.3, 1.0), len(asked))
    order = asked[np.argsort(mood)]
    lost = np.cumsum(moments.has_answer[order])
    wanted = max(1, round(share * lost[-1]))
    return keep_back(record, order[: int(np.searchsorted(lost, wanted)) + 1], rng)


def keep_back(record: Record, rows: Rows, rng: np.random.Generator) -> Record:
    """Return the record without these invitations."""
    moments = record.moments
    columns = {name: getattr(moments, name).copy() for name in
               ("state", "why", "score", "answered", "seconds", "device", "text", "straight", "answers")}  # fmt: skip
    columns["state"][rows] = WITHHELD
    columns["why"][rows] = REASONS[rng.integers(len(REASONS))]
    for name in ("score", "answered", "seconds", "straight"):
        columns[name][rows] = np.nan
    columns["text"][rows], columns["answers"][rows], columns["device"][rows] = "", "", -1
    touched = record.touched.copy()
    touched[rows] = True
    return record.changed(touched=touched, **columns)
