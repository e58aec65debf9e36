"""What scores were to be expected: by the recorded facts, the case mix and the team's own level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valence.insights.integrity import ordinal
from valence.insights.integrity.moments import Moments, Rows, Texts
from valence.terms import Codes, Floats
from valence.text.intents import pleas

LEAST_ANSWERS = 30


class TooLittle(Exception):  # noqa: N818 - said as people say it
    """Too few answers of all teams together to know what is usual."""


@dataclass(frozen=True)
class Expected:
    """What all answers together foretell of each.

    rows (a,): the answered encounters; level (a,): the point of the scale, from 0; team (a,). chances (a, k): of every
    point, at the team's own level. worth (k,): the points. x (a, p): facts and mix. badness (n,): how much worse than
    usual the recorded facts of every encounter let expect, in standard deviations. middle (p,): the means of x.
    plain (a,): the comments in small letters without accents.
    """

    rows: Rows
    level: Codes
    team: Codes
    model: ordinal.Fitted
    x: Floats
    chances: Floats
    worth: Floats
    badness: Floats
    middle: Floats
    plain: Texts

    def line_of(self, moments: Moments, rows: Rows) -> Floats:
        """Return the linear predictor of encounters, answered or not (r,)."""
        x = np.hstack([moments.facts[rows], moments.mix[rows]]) - self.middle
        return self.model.line(x=x, team=moments.team[rows])

    @property
    def mean(self) -> Floats:
        """The expected score of each answer (a,)."""
        return np.asarray(self.chances @ self.worth)


def of(moments: Moments) -> Expected:
    """Return what is expected of every answer. Raises TooLittle."""
    rows = np.flatnonzero(moments.has_answer)
    if len(rows) < LEAST_ANSWERS:
        raise TooLittle(f"{len(rows)} answers; what is usual needs {LEAST_ANSWERS}")
    scale = moments.scale
    level = np.clip(np.rint(moments.score[rows]) - scale.least, 0, scale.most - scale.least).astype(np.int32)
    everything = np.hstack([moments.facts, moments.mix])
    middle = everything.mean(axis=0)
    x = everything[rows] - middle
    team = moments.team[rows]
    model = ordinal.fit(level=level, x=x, team=team, teams=len(moments.teams), levels=len(scale.points))
    known = moments.facts.shape[1]
    bad = -(moments.facts - middle[:known]) @ model.effects[:known]
    return Expected(
        rows=rows,
        level=level,
        team=team,
        model=model,
        x=x,
        chances=model.chances(model.line(x=x, team=team)),
        worth=np.array(scale.points, float),
        badness=bad / max(float(bad.std()), 1e-9),
        middle=middle,
        plain=np.array([pleas.plain(text) for text in moments.text[rows]], dtype=object),
    )
