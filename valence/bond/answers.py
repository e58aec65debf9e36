"""Answers to surveys, as moments: what weighed on customers when they said how they feel.

Many more customers answer than leave, so their answers show better how strong things are and how long they last
(`mood`). What just happened is kept apart: an answer after a visit is about that visit first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.bond import decay, lots, sampling
from valence.bond import marks as reading
from valence.bond.context import Pressure, context
from valence.bond.mark import Mark
from valence.bond.sampling import HALF_LIVES, CaseBase

RECENT = 2.0
MOST_ASKED = 20_000
MOST_EACH = 4
DRAWN_TO_ANSWER = 7_919


@dataclass(frozen=True)
class Answers:
    """Answers in the order of lots and time. moments: what was remembered of what is older than RECENT days.

    recent (n, marks): what happened in the RECENT days before, hardly faded. survey: which one, by its scale and
    touchpoint. score (n,): as given.
    """

    moments: CaseBase
    recent: NDArray[np.float32]
    survey: terms.Words
    score: terms.Floats

    def __len__(self) -> int:
        return len(self.score)

    def taken(self, which: NDArray[np.bool_] | terms.Keys) -> Answers:
        """Return some of the answers."""
        chosen = np.flatnonzero(which) if which.dtype == np.bool_ else which.astype(np.int64)
        survey = terms.Words(self.survey.codes[chosen], self.survey.vocabulary)
        return Answers(self.moments.taken(chosen), self.recent[chosen], survey, self.score[chosen])

    @classmethod
    def joined(cls, parts: Sequence[Answers]) -> Self:
        """Return the answers of several buckets as one, the same however customers lay in buckets."""
        order = np.lexsort([np.concatenate([getattr(each.moments, name) for each in parts]) for name in ("at", "lot")])
        survey = sampling.joined_words([each.survey for each in parts])
        return cls(
            moments=CaseBase.joined([each.moments for each in parts]),
            recent=np.concatenate([each.recent for each in parts])[order],
            survey=terms.Words(survey.codes[order], survey.vocabulary),
            score=np.concatenate([each.score for each in parts])[order],
        )


def sample(
    *,
    journeys: terms.Journeys,
    relationships: terms.Relationships,
    marks: Sequence[Mark],
    pressure: Pressure,
    until: float,
) -> Answers:
    """Return the answers of these customers that were known at `until` (of one bucket, or of all).

    Of large companies as many customers as MOST_ASKED, drawn by lot; of each the latest MOST_EACH answers.
    journeys.keys must equal relationships.keys. Only what was recorded by each moment counts.
    """
    drawn = lots.of(relationships=relationships, journeys=journeys)
    asked = lots.chance(lots=drawn, of_what=DRAWN_TO_ANSWER) < MOST_ASKED / max(1, pressure.customers)
    rows = _answered(journeys, until, asked)
    customers, at = journeys.owners()[rows], journeys.occurred[rows]
    marked = reading.read(marks=marks, journeys=journeys)
    now = _remembered(marked, journeys, customers, at, len(marks))
    older = _remembered(marked, journeys, customers, at - RECENT, len(marks))
    older *= np.exp2(-RECENT / np.array(HALF_LIVES, np.float32))[None, :, None]
    moments = CaseBase(
        lot=drawn[customers],
        at=at,
        kind=np.full(len(at), sampling.ANSWER, np.int8),
        offset=np.zeros(len(at)),
        weight=np.ones(len(at)),
        ends=np.full(len(at), np.inf),
        voluntary=np.zeros(len(at), np.bool_),
        sums=older,
        context=context(relationships=relationships, customers=customers, at=at, pressure=pressure),
    )
    found = Answers(moments, now[:, -1] - older[:, -1], _surveys(journeys, rows), _scores(journeys, rows))
    return Answers.joined([found])


def _answered(journeys: terms.Journeys, until: float, asked: NDArray[np.bool_]) -> terms.Keys:
    """Return the rows that hold a score, of those who were asked: the latest of each."""
    scores = journeys.numbers.get("score")
    if scores is None:
        return np.empty(0, np.int64)
    known = np.isfinite(scores) & (journeys.recorded <= until) & (journeys.occurred <= until)
    rows = np.flatnonzero(known & asked[journeys.owners()])
    owner = journeys.owners()[rows]
    later = np.searchsorted(owner, owner, side="right") - np.arange(len(rows))
    return rows[later <= MOST_EACH]


def _scores(journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    return journeys.numbers["score"][rows] if len(rows) else np.empty(0)


def _remembered(
    marked: reading.Marked, journeys: terms.Journeys, customers: terms.Keys, at: terms.Days, size: int
) -> decay.Sums:
    lives = np.repeat(np.array(HALF_LIVES)[:, None], size, axis=1)
    return decay.sums(marked=marked, journeys=journeys, customers=customers, at=at, half_lives=lives, before=True)


def _surveys(journeys: terms.Journeys, rows: terms.Keys) -> terms.Words:
    """Return which survey each row answers: its scale and touchpoint."""
    told = [journeys.words.get(name) for name in ("scale", "touchpoint")]
    code = np.zeros(len(rows), np.int64)
    for words in told:
        if words is not None:
            code = code * (len(words.vocabulary) + 1) + words.codes[rows] + 1
    distinct, place = np.unique(code, return_inverse=True)
    first = [int(rows[np.flatnonzero(place == number)[0]]) for number in range(len(distinct))]
    names = tuple("|".join(_word(words, row) for words in told) for row in first)
    return terms.Words(place.astype(np.int32), names)


def _word(words: terms.Words | None, row: int) -> str:
    return "" if words is None or words.codes[row] < 0 else words.vocabulary[words.codes[row]]
