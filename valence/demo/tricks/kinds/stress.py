"""Tricks of forms that the detector was not built for: what it makes of them is reported apart."""

from __future__ import annotations

import numpy as np

from valence.demo.tricks import sayings
from valence.demo.tricks.kinds import begging, filling, inviting
from valence.demo.tricks.record import Record


def by_one_point(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Beg for a point more, and nobody tells."""
    rows = begging.chosen(record, team, share, rng)
    score, touched = record.moments.score.copy(), record.touched.copy()
    score[rows] = np.minimum(score[rows] + 1, record.moments.scale.most)
    touched[rows] = True
    return record.changed(touched=touched, score=score)


def reworded(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Beg, and customers tell of it in words that no list foresees, in more languages."""
    rows = begging.chosen(record, team, share, rng)
    begged = begging.beg(record, rows, rng, goes_along=rng.uniform(0.6, 1), tells=0.0)
    text = begged.moments.text.copy()
    for row in rows[(text[rows] != "") & (rng.random(len(rows)) < rng.uniform(0.1, 0.5))]:
        text[row] = sayings.REWORDED[rng.integers(len(sayings.REWORDED))]
    return begged.changed(touched=begged.touched, text=text)


def unhurried(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Fill in one at a time, from different devices, taking one's time."""
    manner = filling.Manner(a_sitting=1, minutes=0.0, one_device=0.0, seconds=rng.uniform(15, 40), comments=0.0)
    return filling.fill_in(record, filling.unanswered(record, team, share, rng), manner, rng)


def on_the_tablet(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Fill in on the counter's own tablet, where many answer from one device."""
    rows = filling.unanswered(record, team, share, rng)
    manner = filling.Manner(int(rng.integers(2, 9)), rng.uniform(0.4, 4), 1.0, rng.uniform(4, 14), rng.uniform(0, 0.2))
    filled = filling.fill_in(record, rows, manner, rng)
    shared = filled.moments.shared.copy()
    shared[rows] = True
    return filled.changed(touched=filled.touched, shared=shared)


def facts_left_out(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Invite only the happy, and record nothing of what went wrong in the encounters that are kept back."""
    kept_back = inviting.plant(record, team, share, rng)
    facts = kept_back.moments.facts.copy()
    facts[kept_back.touched & (kept_back.moments.team == team), :5] = 0.0
    return kept_back.changed(touched=kept_back.touched, facts=facts)


def week_end(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Talk scores up on the last days of the week instead of the month."""
    moments = record.moments
    rows = np.flatnonzero((moments.team == team) & moments.has_answer)
    late = np.argsort(-(np.floor(moments.occurred[rows]).astype(int) % 7) + rng.random(len(rows)))
    chosen = rows[late[: max(1, round(share * len(rows)))]]
    return begging.beg(record, chosen, rng, goes_along=rng.uniform(0.7, 1), tells=0.0)
