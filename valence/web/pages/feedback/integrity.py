"""Integrity: whether scores were gamed, team by team, with reasons that open their rows. Never seen by those rated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from numpy.typing import NDArray

from valence import terms
from valence.flows.ask import integrity
from valence.insights import say, scores
from valence.insights.integrity import judging, saying
from valence.people import rules
from valence.web import listing, parts, view

A_YEAR = 365  # a few months hold too few answers of a team to say anything
LOOKED_AT = (judging.Verdict.SIGNS, judging.Verdict.STRONG)
BADGES = {"strong": "h", "signs": "w", "nothing": "o", "cannot_say": "o"}


@dataclass(frozen=True)
class Team:
    """A team as a row: what is said, how likely, its three scores, how many it left out."""

    href: str
    name: str
    number: int
    verdict: str
    badge: str
    sentence: str
    reason: str
    probability: float
    low: float
    high: float
    shown: bool
    raw: str
    without: str
    corrected: str
    is_corrected: bool


@dataclass(frozen=True)
class IntegrityPage:
    """What the page shows."""

    lead: str
    tiles: tuple[parts.Tile, ...]
    choices: tuple[parts.Choices, ...]
    teams: tuple[Team, ...]
    scale: str
    state: parts.State | None

    @property
    def told(self) -> tuple[Team, ...]:
        """The teams of which something can be said."""
        return tuple(one for one in self.teams if one.shown)

    @property
    def silent(self) -> tuple[Team, ...]:
        """The teams of which too few answers came."""
        return tuple(one for one in self.teams if not one.shown)


@dataclass(frozen=True)
class Reason:
    """A reason as a row; `href` opens what it rests on."""

    title: str
    words: str
    chance: str
    rows: int
    href: str
    on: bool


@dataclass(frozen=True)
class Evidence:
    """An answer, or an encounter that nobody was asked about, as a row."""

    href: str
    title: str
    score: str
    took: str
    why: str
    at: datetime
    clock: str


@dataclass(frozen=True)
class TeamPage:
    """What the page of one team shows."""

    name: str
    lead: str
    badge: str
    verdict: str
    tiles: tuple[parts.Tile, ...]
    likely: str
    reasons: tuple[Reason, ...]
    left_out: tuple[tuple[str, int], ...]
    left_says: str
    rows_title: str
    rows: tuple[Evidence, ...]
    more: parts.More


@view.page(section="answers", act=rules.Act.SEE_INTEGRITY, days=A_YEAR)
def integrity_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show every team with what the evidence says."""
    found = _found(asked)
    offered, looked = found or ({}, None)
    page = IntegrityPage(
        lead=_lead(asked, looked),
        tiles=_tiles(asked, looked),
        choices=_choices(asked, offered),
        teams=tuple(_team(asked, looked, one) for one in looked.judged) if looked else (),
        scale=_scale_words(looked.scale) if looked else "",
        state=_state(asked, looked) if found else _waiting(asked),
    )
    return view.render(asked, "valence/integrity.html", page=page, title="Integrity", announce="Integrity of scores")


@view.page(section="answers", act=rules.Act.SEE_INTEGRITY, days=A_YEAR)
def integrity_team(request: HttpRequest, asked: view.Asked, team: str) -> HttpResponse:
    """Show one team: reasons, scores side by side, who was left out, and the rows of one reason."""
    found = _found(asked)
    if found is None:  # the page of all teams says so
        return redirect(asked.to("integrity", query={"scale": asked.query.get("scale", "")}))
    looked = found[1]
    judged = next((one for one in looked.judged if one.team == team), None) if looked else None
    if looked is None or judged is None or looked.evidence is None:
        raise Http404
    kind = _kind(asked, judged)
    every = _rows(asked, looked.evidence, team, kind)
    shown = listing.shown(asked)
    left = integrity.left_out(evidence=looked.evidence, team=team)
    page = TeamPage(
        name=team,
        lead=saying.sentence(judged),
        badge=BADGES[judged.verdict],
        verdict=saying.VERDICTS[judged.verdict],
        tiles=_figures(looked, team),
        likely="" if judged.verdict is judging.Verdict.CANNOT_SAY else saying.likely(judged),
        reasons=tuple(_reason(asked, looked.evidence, team, one, kind) for one in judged.reasons),
        left_out=tuple((saying.WHYS.get(why, why), times) for why, times in left.withheld.items()),
        left_says=_left_says(left),
        rows_title=saying.KINDS.get(kind, "Every answer"),
        rows=every[:shown],
        more=listing.more(asked, rows=min(shown, len(every)), total=len(every)),
    )
    crumbs = (parts.Crumb("Integrity", asked.to("integrity")), parts.Crumb(team))
    return view.render(asked, "valence/integrity_team.html", page=page, title=f"Integrity: {team}", crumbs=crumbs)


def href(asked: view.Asked, scale: str) -> str:
    """Return where a scale's scores stand with and without suspected gaming, "" for who may not see it."""
    return asked.to("integrity", query={"scale": scale}) if asked.may(rules.Act.SEE_INTEGRITY) else ""


def _period(asked: view.Asked) -> dict[str, datetime]:
    """Return the days looked at, to the end of today (UTC): the same question is one all day."""
    until = asked.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return {"since": until - timedelta(days=asked.period.days), "until": until}


def _found(asked: view.Asked) -> tuple[Mapping[str, int], integrity.Looked | None] | None:
    """Return which scales there are and what the evidence says on one; None while that is being worked out."""
    offered = integrity.scales(scope=asked.scope, **_period(asked))
    if not offered:
        return None if offered is None else (offered, None)
    wanted = asked.query.get("scale", "")
    scale = wanted if wanted in offered else next(iter(offered))
    looked = integrity.look(scope=asked.scope, scale=scale, **_period(asked))
    return (offered, looked) if looked else None


def _lead(asked: view.Asked, looked: integrity.Looked | None) -> str:
    scope = f" {asked.scope_words}" if asked.scope_words else ""
    if looked is None or not looked.judged:
        return f"Whether scores were gamed, team by team.{scope}"
    signs = sum(one.verdict in LOOKED_AT for one in looked.judged)
    found = "No team shows" if not signs else f"**{signs} of {say.many(len(looked.judged), 'team')}** show"
    found = found.replace("show", "shows") if signs == 1 else found
    return (
        f"{found} signs that scores were gamed in the {asked.period.words.lower()}. Evidence, not a verdict: nothing "
        f"is deleted, and nothing follows by itself.{scope}"
    )


def _tiles(asked: view.Asked, looked: integrity.Looked | None) -> tuple[parts.Tile, ...]:
    if looked is None or not looked.judged:
        return ()
    silent = sum(one.verdict is judging.Verdict.CANNOT_SAY for one in looked.judged)
    return (
        parts.Tile("As answered", _mean(looked.raw), f"mean of {say.many(looked.number, 'answer')}"),
        parts.Tile("Corrected", _mean(looked.corrected), "suspected answers weighed, missing ones put back"),
        parts.Tile("Cannot say", str(silent), f"teams with fewer than {judging.FEWEST_ANSWERS} answers"),
    )


def _choices(asked: view.Asked, offered: Mapping[str, int]) -> tuple[parts.Choices, ...]:
    if len(offered) < 2:
        return ()
    said = {name: f"{_scale_words(name)} ({say.count(number)})" for name, number in offered.items()}
    return listing.settable(listing.choices(asked, field="scale", name="Scale", offered=said))


def _scale_words(name: str) -> str:
    scale = scores.SCALES[name]
    return f"{scale.least} to {scale.most}"


def _team(asked: view.Asked, looked: integrity.Looked, judged: judging.Judged) -> Team:
    found = looked.score_of(judged.team)
    said = judged.verdict is not judging.Verdict.CANNOT_SAY
    return Team(
        href=asked.to("integrity_team", query={"scale": looked.scale}, team=judged.team),
        name=judged.team,
        number=judged.number,
        verdict=saying.VERDICTS[judged.verdict],
        badge=BADGES[judged.verdict],
        sentence="" if judged.verdict is judging.Verdict.NOTHING else saying.sentence(judged),
        reason=saying.strongest(judged),
        probability=judged.probability,
        low=judged.range.low,
        high=judged.range.high,
        shown=said,
        raw=_mean(found.raw),
        without=_mean(found.without) if said and found.suspects else say.UNKNOWN,
        corrected=_mean(found.corrected) if judged.verdict in LOOKED_AT else say.UNKNOWN,
        is_corrected=judged.verdict in LOOKED_AT,
    )


def _figures(looked: integrity.Looked, team: str) -> tuple[parts.Tile, ...]:
    found = looked.score_of(team)
    of = f"mean of {say.many(found.number, 'answer')}"
    return (
        parts.Tile("As answered", _mean(found.raw), f"{of}, {_scale_words(looked.scale)}"),
        parts.Tile("Without suspects", _mean(found.without), f"{say.many(found.suspects, 'answer')} left out"),
        parts.Tile("Corrected", _mean(found.corrected), "weighed by how likely; missing ones put back"),
    )


def _kind(asked: view.Asked, judged: judging.Judged) -> str:
    wanted = asked.query.get("kind", "")
    if wanted in saying.KINDS or wanted == "all":
        return wanted
    return judged.reasons[0].kind if judged.reasons else "all"


def _reason(
    asked: view.Asked, evidence: judging.Evidence, team: str, reason: judging.Reason, kind: str
) -> Reason:  # fmt: skip
    return Reason(
        title=saying.KINDS[reason.kind],
        words=f"{say.sentence(reason.words)}.",
        chance=f"By chance {saying.chance(reason.p)}.",
        rows=int(_mine(evidence, team, reason.kind).sum()),
        href=f"{asked.here(kind=reason.kind)}#rows",
        on=reason.kind == kind,
    )


def _mine(evidence: judging.Evidence, team: str, kind: str) -> NDArray[np.bool_]:
    moments = evidence.moments
    mine = moments.team == moments.teams.index(team)
    return np.asarray(mine & (evidence.found[kind].rows if kind in evidence.found else moments.has_answer))


def _rows(asked: view.Asked, evidence: judging.Evidence, team: str, kind: str) -> tuple[Evidence, ...]:
    """Return what a reason rests on, the latest first."""
    moments = evidence.moments
    rows = np.flatnonzero(_mine(evidence, team, kind))
    at = np.where(np.isnan(moments.answered), moments.occurred, moments.answered)
    return tuple(_row(asked, evidence, int(row), float(at[row])) for row in rows[np.argsort(-at[rows])])


def _row(asked: view.Asked, evidence: judging.Evidence, row: int, at: float) -> Evidence:
    moments = evidence.moments
    is_answer = bool(moments.answers[row])
    source, _, number = str(moments.answers[row] if is_answer else moments.refs[row]).partition(":")
    took = float(moments.seconds[row])
    why = str(moments.why[row])
    return Evidence(
        href=asked.to("interactions", query={"source": source, "interaction_id": number, "days": 730}),
        title=str(moments.text[row]) or ("No words" if is_answer else "Encounter nobody was asked about"),
        score=f"{moments.score[row]:.0f} of {moments.scale.most}" if is_answer else say.UNKNOWN,
        took=f"{took:.0f} s" if took > 0 and not math.isnan(took) else say.UNKNOWN,
        why="" if is_answer else saying.WHYS.get(why, why),
        at=terms.moment(at),
        clock=f"{say.local(terms.moment(at)):%H:%M}",
    )


def _left_says(left: integrity.Left) -> str:
    withheld = sum(left.withheld.values())
    if not left.due:
        return "No record says whom the rules asked for."
    return (
        f"Of {say.many(left.due, 'encounter')} after which the rules asked for an answer, "
        f"**{say.percent(withheld / left.due)}** were not asked about, for reasons that people can bring about. "
        "By itself that says nothing: it is suspicious only where it hangs on how the encounter went."
    )


def _mean(value: float) -> str:
    return say.UNKNOWN if math.isnan(value) else f"{value:.2f}"


def _waiting(asked: view.Asked) -> parts.State:
    told = "The answers of these days are compared team by team, which takes minutes where there are millions."
    return parts.State("clock", "Being worked out", f"{told} Look again in a moment.", asked.here(), "Look again")


def _state(asked: view.Asked, looked: integrity.Looked | None) -> parts.State | None:
    return None if looked and looked.judged else _nothing(asked, looked)


def _nothing(asked: view.Asked, looked: integrity.Looked | None) -> parts.State:
    number = looked.number if looked else 0
    few: Sequence[str] = [f"{say.many(number, 'answer')} with a team in these days: too few to know what is usual."]
    told = "Answers count here when they name a team, or the interaction that they are about does."
    return parts.State("bars", "Nothing to look at", f"{few[0] if number else ''} {told}".strip(), asked.to("scores"),
                       "Go to Scores")  # fmt: skip
