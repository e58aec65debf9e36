"""Whether scores were gamed: the answers and what they were about are read, and the evidence judges team by team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from valence import sums, terms
from valence.customers import queries as customers
from valence.flows.ask import asked_about
from valence.insights.integrity import correcting, expected, judging

FEWEST_SHOWN = 5


@dataclass(frozen=True)
class Left:
    """How many customers of a team the rules did ask for and nobody asked, by why, of how many they asked for."""

    due: int
    withheld: Mapping[str, int]


@dataclass(frozen=True)
class Looked:
    """What the evidence says on one scale. `evidence` is None where all teams together have too few answers; then
    `number` says how many there are. Teams with fewer than five answers are not among `judged`."""

    scale: str
    number: int
    evidence: judging.Evidence | None
    judged: tuple[judging.Judged, ...] = ()
    scores: tuple[correcting.Scores, ...] = ()

    def score_of(self, team: str) -> correcting.Scores:
        """Return a team's three figures."""
        return next(one for one in self.scores if one.team == team)

    @property
    def raw(self) -> float:
        """The mean of all answers as they came in."""
        return _mean([(one.raw, one.number) for one in self.scores])

    @property
    def corrected(self) -> float:
        """The mean of all answers, corrected."""
        return _mean([(one.corrected, one.number) for one in self.scores])


def scales(*, scope: terms.Scope, since: datetime, until: datetime) -> Mapping[str, int] | None:
    """Return on which scales teams were answered in a period, and how often, the commonest first; None as `look`."""
    return asked_about.scales.soon(scope=scope, since=since, until=until)


def look(*, scope: terms.Scope, since: datetime, until: datetime, scale: str) -> Looked | None:
    """Return what the evidence says of the teams whose customers one may see; None while it is worked out beside.

    A year of interactions is read for it: it is told again for a while, until somebody is erased.
    """
    everybody = terms.Scope(terms.EVERYTHING.role, scope.regions)
    erased = customers.counter(name="erased")
    return _look.soon(scope=everybody, since=since, until=until, scale=scale, erased=erased)


@sums.kept_so(most=6, patience=asked_about.PATIENCE)
def _look(*, scope: terms.Scope, since: datetime, until: datetime, scale: str, erased: int) -> Looked:
    moments = asked_about.moments(scope=scope, since=since, until=until, scale=scale)
    number = int(moments.has_answer.sum())
    try:
        evidence = judging.gather(moments=moments)
    except expected.TooLittle:
        return Looked(scale=scale, number=number, evidence=None)
    judged = tuple(one for one in judging.judge(evidence) if one.number >= FEWEST_SHOWN)
    return Looked(
        scale=scale,
        number=number,
        evidence=evidence,
        judged=judged,
        scores=tuple(correcting.scores(evidence=evidence, judged=one) for one in judged),
    )


def left_out(*, evidence: judging.Evidence, team: str) -> Left:
    """Return whom nobody asked of a team."""
    moments = evidence.moments
    mine = moments.team == moments.teams.index(team)
    due = mine & (moments.state != asked_about.UNDUE)
    whys = moments.why[mine & (moments.state == asked_about.WITHHELD)].tolist()
    return Left(due=int(due.sum()), withheld={why: whys.count(why) for why in sorted(set(whys))})


def _mean(figures: list[tuple[float, int]]) -> float:
    total = sum(number for _, number in figures)
    return sum(value * number for value, number in figures) / total if total else float("nan")
