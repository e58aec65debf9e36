"""A team's score as it is, without the suspects, and corrected. Nothing is deleted: three figures side by side.

Corrected: answers that were probably filled in count less, talked-up ones count as what the facts let expect, missing
ones are put back; all of it as far as the team is suspected. A team that nothing speaks against keeps its score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from valence.insights.integrity import heaping, kinds, selecting
from valence.insights.integrity.finding import Trick
from valence.insights.integrity.judging import ALARM_AT, Evidence, Judged, Verdict
from valence.insights.integrity.moments import UNDUE, WITHHELD, Bools, Rows
from valence.terms import Floats

SUSPECTED_AT = 0.02
OF_AN_ANSWER = ("pleading", "devices", "bursts", "twins", "bots", "speeders", "month_end", "cliff")
"""Kinds whose rows can be left out without leaving out high scores for being high."""


@dataclass(frozen=True)
class Scores:
    """A team's mean score: as it came in, without the answers that evidence rests on (NaN: none left), corrected."""

    team: str
    number: int
    raw: float
    suspects: int
    without: float
    corrected: float


def scores(*, evidence: Evidence, judged: Judged) -> Scores:
    """Return the three figures of a team with answers."""
    number = evidence.moments.teams.index(judged.team)
    mine = np.flatnonzero(evidence.expected.team == number)
    given = evidence.expected.worth[evidence.expected.level[mine]]
    raw = float(given.mean())
    told = judged.verdict is not Verdict.CANNOT_SAY
    suspect = suspects(evidence, number) if told else np.zeros(len(mine), bool)
    left = given[~suspect]
    return Scores(
        team=judged.team,
        number=len(mine),
        raw=raw,
        suspects=int(suspect.sum()),
        without=float(left.mean()) if len(left) else float("nan"),
        corrected=raw + judged.probability * (_corrected(evidence, number, mine) - raw)
        if told and judged.p < ALARM_AT
        else raw,
    )


def suspects(evidence: Evidence, team: int) -> Bools:
    """Return which of a team's answers (a,) evidence of an act rests on, of the kinds that speak against it."""
    mine = evidence.expected.rows[evidence.expected.team == team]
    found = np.zeros(len(mine), bool)
    for name in OF_AN_ANSWER:
        if _p(evidence, name, team) < SUSPECTED_AT:
            found |= evidence.found[name].rows[mine]
    return found


def _p(evidence: Evidence, kind: str, team: int) -> float:
    return float(scipy.stats.norm.sf(evidence.z[kind][team])) if kind in evidence.z else 1.0


def _corrected(evidence: Evidence, team: int, mine: Rows) -> float:
    """Return the corrected mean if the team did what it is suspected of."""
    weight = 1 - filled_in(evidence, team, mine)
    values = evidence.expected.worth[evidence.expected.level[mine]]
    zone = _zone(evidence, team, mine)
    if zone.any():
        values = _talked_down(evidence, team, mine, weight, zone)
    total, number = float(weight @ values), float(weight.sum())
    if _p(evidence, "invitations", team) < SUSPECTED_AT:
        gone = _missing(evidence, team)
        total, number = total + gone.total, number + gone.number
    return total / max(number, 1e-9)


def filled_in(evidence: Evidence, team: int, mine: Rows) -> Floats:
    """Return the chance of each answer (a,) to be filled in by somebody else: what is beyond the usual share."""
    rows = evidence.expected.rows[mine]
    chance = np.zeros(len(rows))
    for kind in kinds.KINDS:
        name = kind.NAME
        if kind.TRICKS != (Trick.FILLING_IN,) or name not in evidence.z or _p(evidence, name, team) >= SUSPECTED_AT:
            continue
        found = evidence.found[name]
        beyond = 1 - found.usual[team] * found.of[team] / max(found.seen[team], 1.0)
        chance = np.where(found.rows[rows], np.maximum(chance, beyond), chance)
    return np.clip(chance, 0.0, 0.98)


def _zone(evidence: Evidence, team: int, mine: Rows) -> Bools:
    """Return where answers may have been talked up: everywhere, at the month's end, or nowhere (a,)."""
    begged = min(_p(evidence, name, team) for name in ("pleading", "facts", "later"))
    at_end = min(_p(evidence, name, team) for name in ("month_end", "cliff"))
    if at_end < min(SUSPECTED_AT, begged):
        return evidence.found["month_end"].rows[evidence.expected.rows[mine]]
    return np.full(len(mine), begged < SUSPECTED_AT)


def _talked_down(evidence: Evidence, team: int, mine: Rows, weight: Floats, zone: Bools) -> Floats:
    usual, told = evidence.expected, evidence.found.get("pleading")
    everywhere = bool(zone.all()) and told is not None
    one = heaping.Team(
        level=usual.level[mine],
        line=usual.model.line(x=usual.x[mine], team=usual.team[mine]),
        weight=weight,
        zone=zone,
        pleas=float(told.seen[team]) if told is not None and everywhere else 0.0,
        comments=float(told.of[team]) if told is not None and everywhere else 0.0,
    )
    spread = float(np.std(usual.model.shifts))
    return heaping.explain(team=one, model=usual.model, worth=usual.worth, spread=spread).scores


def _missing(evidence: Evidence, team: int) -> selecting.Selected:
    moments, usual = evidence.moments, evidence.expected
    due = np.flatnonzero((moments.team == team) & (moments.state != UNDUE))
    line = usual.line_of(moments, due)
    level = np.where(moments.has_answer[due], np.nan_to_num(moments.score[due]) - moments.scale.least, -1)
    one = selecting.Team(line=line, withheld=moments.state[due] == WITHHELD, level=level.astype(np.int32))
    return selecting.missing(team=one, model=usual.model, worth=usual.worth)
