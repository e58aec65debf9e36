"""Begging: "please give me a ten". Who goes along answers the top; some of those who were asked say so."""

from __future__ import annotations

import numpy as np

from valence.demo.tricks import sayings
from valence.demo.tricks.record import Record, saying
from valence.insights.integrity.moments import Rows


def plant(record: Record, team: int, share: float, rng: np.random.Generator) -> Record:
    """Beg a share of a team's answering customers."""
    return beg(
        record, chosen(record, team, share, rng), rng, goes_along=rng.uniform(0.6, 1), tells=rng.uniform(0.1, 0.5)
    )


def chosen(record: Record, team: int, share: float, rng: np.random.Generator) -> Rows:
    """Return the rows of a share of a team's answers, drawn."""
    rows = np.flatnonzero((record.moments.team == team) & record.moments.has_answer)
    return rng.choice(rows, size=max(1, round(share * len(rows))), replace=False)


def beg(record: Record, rows: Rows, rng: np.random.Generator, *, goes_along: float, tells: float) -> Record:
    """Return the record after begging these customers; of those who comment, `tells` of them tell."""
    moments = record.moments
    score, text, touched = moments.score.copy(), moments.text.copy(), record.touched.copy()
    along = rows[rng.random(len(rows)) < goes_along]
    score[along] = moments.scale.most - (rng.random(len(along)) < 0.1)
    score[along] = np.maximum(score[along], moments.score[along])
    touched[rows] = True
    telling = rows[(text[rows] != "") & (rng.random(len(rows)) < tells)]
    for row in telling:
        text[row] = saying(sayings.PLEAS, record.language[row], rng)
    return record.changed(touched=touched, score=score, text=text)
