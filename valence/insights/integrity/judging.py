"""From many kinds of evidence to one statement a team: how likely its scores are gamed, and why.

1. every kind looks at all teams; 2. its z are measured by how the other teams scatter; 3. a team's p-values become one;
4. that one moves a prior to a probability, told with its range. A team with few answers gets no statement. High scores
are never evidence: no kind looks at a team's level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy

from valence.insights.integrity import chances, contrast, expected, kinds
from valence.insights.integrity.finding import Finding, Kind, Trick
from valence.insights.integrity.moments import Bools, Moments
from valence.insights.intervals import Range
from valence.terms import Floats

FEWEST_ANSWERS = 40
ALARM_AT = 0.01
REASON_AT = 0.02
PRIOR = 0.10
PRIORS = (0.03, 0.25)


class Verdict(StrEnum):
    """What is said about a team. Nothing follows from it by itself: people look at the rows."""

    CANNOT_SAY = "cannot_say"
    NOTHING = "nothing"
    SIGNS = "signs"
    STRONG = "strong"


@dataclass(frozen=True)
class Reason:
    """One kind of evidence about one team: its p-value among the team's fellows, and what was seen."""

    kind: str
    p: float
    seen: float
    of: float
    usual: float
    words: str


@dataclass(frozen=True)
class Judged:
    """One team: the p-value of all evidence, the probability with its range, the likeliest trick, reasons, strongest
    first. `p` is NaN where nothing is said."""

    team: str
    number: int
    verdict: Verdict
    p: float
    probability: float
    range: Range
    trick: Trick | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Evidence:
    """All kinds about all teams: what each found, z beside the fellows (t,), and the p-values (t,) of every trick and
    of all together; NaN where nothing can be said. counted (t,): teams with answers enough."""

    moments: Moments
    expected: expected.Expected
    found: Mapping[str, Finding]
    z: Mapping[str, Floats]
    tricks: Mapping[Trick, Floats]
    p: Floats
    counted: Bools


def gather(*, moments: Moments) -> Evidence:
    """Return the evidence about all teams. Raises expected.TooLittle."""
    usual = expected.of(moments)
    found: dict[str, Finding] = {}
    for kind in kinds.KINDS:
        finding = kind.find(moments=moments, expected=usual)
        if finding is not None:
            found[kind.NAME] = finding
    counted = moments.number >= FEWEST_ANSWERS
    z = {name: contrast.beside_fellows(finding.z, counted=counted) for name, finding in found.items()}
    of_trick = {trick: _together(z, counted, _about(trick)) for trick in Trick}
    return Evidence(
        moments=moments, expected=usual, found=found, z=z, tricks=of_trick, counted=counted,
        p=_together(z, counted, {kind.NAME for kind in kinds.KINDS}),
    )  # fmt: skip


def judge(evidence: Evidence) -> tuple[Judged, ...]:
    """Return the statement about every team, the likeliest first."""
    told = [_judged(evidence, number) for number in range(len(evidence.moments.teams))]
    return tuple(sorted(told, key=lambda one: (one.verdict is Verdict.CANNOT_SAY, -one.probability, one.team)))


def _about(trick: Trick) -> set[str]:
    return {kind.NAME for kind in kinds.KINDS if trick in kind.TRICKS}


def _together(z: Mapping[str, Floats], counted: Bools, names: set[str]) -> Floats:
    """Return one p-value a team (t,) of the kinds named."""
    looked = [kind for kind in kinds.KINDS if kind.NAME in z and kind.NAME in names]
    if not looked:
        return np.full(len(counted), np.nan)
    several = np.array([scipy.stats.norm.sf(z[kind.NAME]) for kind in looked]).T
    weights = np.array([kind.WEIGHT for kind in looked], float)
    told = [chances.together(p, weights=weights) for p in several]
    return np.where(counted, told, np.nan)


def _judged(evidence: Evidence, team: int) -> Judged:
    name, number = evidence.moments.teams[team], int(evidence.moments.number[team])
    p = float(evidence.p[team])
    if np.isnan(p):
        nothing = Range(low=0.0, high=1.0)
        return Judged(name, number, Verdict.CANNOT_SAY, p, PRIOR, nothing, None, ())
    low, high = (chances.probability(p=p, prior=prior) for prior in PRIORS)
    alarmed = p < ALARM_AT
    return Judged(
        team=name,
        number=number,
        verdict=_verdict(p),
        p=p,
        probability=chances.probability(p=p, prior=PRIOR),
        range=Range(low=low, high=high),
        trick=_likeliest(evidence, team) if alarmed else None,
        reasons=_reasons(evidence, team),
    )


def _verdict(p: float) -> Verdict:
    if p >= ALARM_AT:
        return Verdict.NOTHING
    return Verdict.STRONG if chances.probability(p=p, prior=PRIORS[0]) >= 0.5 else Verdict.SIGNS


def _likeliest(evidence: Evidence, team: int) -> Trick | None:
    told = {trick: float(p[team]) for trick, p in evidence.tricks.items() if not np.isnan(p[team])}
    return min(told, key=lambda trick: told[trick]) if told else None


def _reasons(evidence: Evidence, team: int) -> tuple[Reason, ...]:
    """Return what speaks for gaming by itself, the strongest first."""
    several = []
    for kind in kinds.KINDS:
        if kind.NAME not in evidence.z:
            continue
        p = float(scipy.stats.norm.sf(evidence.z[kind.NAME][team]))
        if p < REASON_AT:
            several.append(_reason(kind, evidence.found[kind.NAME], team, p))
    return tuple(sorted(several, key=lambda one: one.p))


def _reason(kind: Kind, found: Finding, team: int, p: float) -> Reason:
    seen, of, usual = float(found.seen[team]), float(found.of[team]), float(found.usual[team])
    return Reason(kind.NAME, p, seen, of, usual, kind.say(seen=seen, of=of, usual=usual))
