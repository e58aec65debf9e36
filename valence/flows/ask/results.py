"""What was answered: every score that was given, counted by what it was given for, and who answered of those asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import numpy as np
import pandas as pd

from valence import interactions, sums, terms
from valence.channels import queries as channels
from valence.channels.values import Purpose
from valence.customers import identities
from valence.customers import queries as customers
from valence.insights import responses, scores
from valence.insights.integrity import careless
from valence.surveys import becoming, queries_asking
from valence.surveys import queries as surveys
from valence.surveys.values import Named

BY = ("department", "touchpoint", "team_id", "location_id")
MARKS = {"survey": '"survey":"([^"]*)"', "purpose": '"purpose":"([^"]*)"'}
CAME = {"seconds": r'"seconds":\s*([0-9.]+)', "straight": r'"straight":\s*(true|false)'}
STAFF = "staff"
FEW = 20_000  # so many customers are looked up by themselves
FROM = "from "
"""Before the source of scores that another system asked for."""


@dataclass(frozen=True)
class Cell:
    """How often one score was given by answers that are alike in everything else.

    question: the survey's slug, or `source of ...` for scores that another system asked for.
    """

    question: str
    purpose: str
    scale: str
    channel: str
    department: str
    touchpoint: str
    team_id: str
    location_id: str
    month: str
    score: float
    number: int

    @property
    def asked(self) -> scores.Asked:
        """How the question was put."""
        return scores.Asked(question=self.question, scale=self.scale, channel=self.channel)


@dataclass(frozen=True)
class Answer:
    """One answer as a row: a score, words or both, whose, about what."""

    customer_key: int
    source: str
    interaction_id: str
    at: datetime
    question: str
    purpose: str
    scale: str
    score: float | None
    text: str
    language: str
    channel: str
    department: str
    team_id: str
    caused_by: str
    seconds: float | None = None
    is_straight: bool = False

    @property
    def doubts(self) -> tuple[careless.Doubt, ...]:
        """What speaks against its having been given with care; it counts all the same."""
        return careless.doubts(seconds=self.seconds, is_straight=self.is_straight, words=self.text)


@dataclass(frozen=True)
class Meant:
    """Which answers are asked for. Empty means any; given at or after `since` and before `until`.

    customer: whose (0 is anybody), by any key of theirs.
    """

    since: datetime
    until: datetime
    question: str = ""
    scale: str = ""
    channel: str = ""
    department: str = ""
    touchpoint: str = ""
    team_id: str = ""
    location_id: str = ""
    least: float | None = None
    most: float | None = None
    worded: bool = False
    customer: int = 0


@dataclass(frozen=True)
class OfSurvey:
    """What a survey's score became: answers by how they were asked, which are added up only where that is alike."""

    since: datetime
    until: datetime
    parts: Mapping[scores.Asked, scores.Answers]
    together: scores.Combined
    measure: scores.Measure
    funnel: tuple[responses.Step, ...]


@sums.kept
def cells(*, scope: terms.Scope, meant: Meant) -> tuple[Cell, ...]:
    """Return how often each score was given, within a period, by those whom one may see."""
    seen = _seen(scope)

    def counted(table: ibis.Table) -> ibis.Table:
        rows = _answers(table, meant, seen, staff=True).filter(ibis._.score.notnull() & (ibis._.scale != ""))
        rows = rows.mutate(month=rows.occurred_at.strftime("%Y-%m"))
        names = ["question", "purpose", "scale", "channel", *BY, "month", "score"]
        return rows.group_by(names).aggregate(number=rows.count())

    names = [name for name in Cell.__dataclass_fields__ if name not in ("score", "number")]
    return tuple(
        Cell(**{name: row[name] or "" for name in names}, score=float(row["score"]), number=int(row["number"]))
        for row in interactions.ask(question=counted, since=meant.since, until=meant.until)
    )


@sums.kept
def count(*, scope: terms.Scope, meant: Meant) -> int:
    """Return how many answers are meant."""
    seen = _seen(scope)

    def counted(table: ibis.Table) -> ibis.Table:
        rows = _answers(table, meant, seen)
        return rows.aggregate(number=rows.count())

    [found] = interactions.ask(question=counted, since=meant.since, until=meant.until)
    return int(found["number"])


def latest(*, scope: terms.Scope, meant: Meant, limit: int) -> tuple[Answer, ...]:
    """Return the answers that are meant, the latest first. Those of staff are never among them."""
    seen = _seen(scope)

    def asked(table: ibis.Table) -> ibis.Table:
        rows = _answers(table, meant, seen)
        said = rows.attributes.fill_null("")
        rows = rows.mutate(**{name: said.re_extract(mark, 1).fill_null("") for name, mark in CAME.items()})
        return rows.order_by(rows.occurred_at.desc(), rows.source, rows.interaction_id).limit(limit)

    own = ("customer_key", "at", "score", "seconds", "is_straight")
    names = [name for name in Answer.__dataclass_fields__ if name not in own]
    return tuple(
        Answer(
            **{name: str(row[name] or "") for name in names},
            customer_key=int(row["customer_key"]),
            at=row["occurred_at"],
            score=None if row["score"] is None or np.isnan(row["score"]) else float(row["score"]),
            seconds=float(row["seconds"]) if row["seconds"] else None,
            is_straight=row["straight"] == "true",
        )
        for row in interactions.latest(question=asked, limit=limit, since=meant.since, until=meant.until)
    )


def by_invitation(*, scope: terms.Scope, meant: Meant) -> Mapping[str, float]:
    """Return the scores that answer invitations of ours, by the invitation's number."""
    seen = _seen(scope)

    def asked(table: ibis.Table) -> ibis.Table:
        rows = _answers(table, meant, seen).filter(ibis._.score.notnull() & (ibis._.source == becoming.SOURCE))
        return rows.select("interaction_id", "score")

    found = interactions.ask(question=asked, since=meant.since, until=meant.until)
    return {row["interaction_id"]: float(row["score"]) for row in found}


def answers(of: Iterable[Cell], *, scale: str) -> scores.Answers:
    """Return cells of one scale as answers."""
    points = scores.SCALES[scale].points
    counted: Counter[int] = Counter()
    for one in of:
        counted[round(one.score)] += one.number
    return scores.Answers(scale=scores.SCALES[scale], counts=np.array([counted[point] for point in points], float))


def parts(of: Iterable[Cell]) -> dict[scores.Asked, scores.Answers]:
    """Return answers by how they were asked: question, scale and channel; the most first."""
    grouped: dict[scores.Asked, list[Cell]] = {}
    for one in of:
        if one.scale in scores.SCALES:
            grouped.setdefault(one.asked, []).append(one)
    found = {asked: answers(own, scale=asked.scale) for asked, own in grouped.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1].number))


def of_survey(*, survey: Named, scope: terms.Scope, since: datetime, until: datetime) -> OfSurvey:
    """Return what a survey's score became in a period. Under five answers no figure is worked out of them."""
    meant = Meant(since=since, until=until, question=survey.slug)
    found = parts(cells(scope=scope, meant=meant))
    scale = next((one.scale for one in survey.survey.questions if one.role == "score"), "")
    return OfSurvey(
        since=since,
        until=until,
        parts=found,
        together=scores.combine(parts=found),
        measure=usual_measure(scale),
        funnel=responses.funnel(invited(scope=scope, since=since, until=until, survey=survey.slug)),
    )


def invited(*, scope: terms.Scope, since: datetime, until: datetime, survey: str = "") -> tuple[responses.Invited, ...]:
    """Return everybody of a scope who was asked in a period, with the groups they are in."""
    asked = queries_asking.asked(since=since, until=until, survey=survey)
    keys = [one.customer_key for one in asked if one.customer_key is not None]
    people = customers.relationships_of(keys=keys) if len(keys) <= FEW else customers.relationships()
    place = {int(key): row for row, key in enumerate(people.keys.tolist())}
    said = {name: people.words[name].said() for name in ("segment", "region")}
    sent = channels.states(purpose=Purpose.INVITATION, references=[one.number for one in asked])
    found = []
    for one in asked:
        row = None if one.customer_key is None else place.get(one.customer_key)
        region = said["region"][row] if row is not None else ""
        if scope.regions is not None and region not in scope.regions - {""}:
            continue
        groups = {"region": region, "segment": said["segment"][row] if row is not None else "", "moment": one.moment}
        found.append(
            responses.Invited(one.channel, one.end, sent.get(one.number, ""), one.asked_at, groups, one.number)
        )
    return tuple(found)


def usual_measure(scale: str) -> scores.Measure:
    """Return what answers on a scale usually become: NET from 0 to 10, else the share of the satisfied."""
    return scores.Measure.NET if scale == "nps" else scores.Measure.TOP


def as_plain(found: OfSurvey) -> dict[str, Any]:
    """Return results as plain values, for the API and for `--format json`."""
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "answers": sum(one.number for one in found.parts.values()),
        "by": [
            {"question": asked.question, "scale": asked.scale, "channel": asked.channel, **plain_answers(one)}
            for asked, one in found.parts.items()
        ],
        "together": plain_answers(found.together.answers) if found.together.answers else None,
        "differ_in": list(found.together.differ_in),
        "funnel": {step.name: step.number for step in found.funnel},
    }


def plain_answers(one: scores.Answers) -> dict[str, Any]:
    """Return answers as plain values: distribution, tails, figures with their ranges. Nothing under five answers."""
    if one.number < scores.FEWEST:
        return {"number": one.number, "distribution": None, "figures": None}
    measures = [scores.Measure.TOP, scores.Measure.MEAN]
    measures = [scores.Measure.NET, *measures] if one.scale.name == "nps" else measures
    figures = {measure.value: scores.figure(answers=one, measure=measure) for measure in measures}
    tails = next(iter(figures.values()))
    return {
        "number": one.number,
        "distribution": {str(point): int(times) for point, times in zip(one.scale.points, one.counts, strict=True)},
        "tails": {"low": tails.lowest, "high": tails.highest},
        "figures": {
            name: {"value": figure.value, "low": figure.range.low, "high": figure.range.high}
            for name, figure in figures.items()
        },
    }


def names() -> Mapping[str, str]:
    """Return what surveys are called, by slug."""
    return {one.slug: one.survey.name for one in surveys.all_surveys()}


def _answers(table: ibis.Table, meant: Meant, seen: pd.DataFrame | None, *, staff: bool = False) -> ibis.Table:
    """Return the rows that are answers: of surveys of ours, and scores or words that other systems asked for.

    Those of staff only where they are counted: as rows nobody reads them.
    """
    rows = table.filter((table.kind == "feedback") | table.score.notnull())
    marked = {name: rows.attributes.fill_null("").re_extract(mark, 1).fill_null("") for name, mark in MARKS.items()}
    rows = rows.mutate(
        purpose=marked["purpose"],
        question=ibis.cases((marked["survey"] != "", marked["survey"]), else_=ibis.literal(FROM) + rows.source),
        **{name: rows[name].fill_null("") for name in ("scale", "channel", "text", *BY)},
    )
    rows = rows if staff else rows.filter(rows.purpose != STAFF)
    for name in ("question", "scale", "channel", *BY):
        value = getattr(meant, name)
        rows = rows.filter(rows[name] == value) if value else rows
    rows = rows.filter(rows.score >= meant.least) if meant.least is not None else rows
    rows = rows.filter(rows.score <= meant.most) if meant.most is not None else rows
    rows = rows.filter(rows.text != "") if meant.worded else rows
    rows = rows.filter(rows.customer_key.isin(identities.keys_of(key=meant.customer))) if meant.customer else rows
    return rows if seen is None else rows.semi_join(ibis.memtable(seen), "customer_key")


def _seen(scope: terms.Scope) -> pd.DataFrame | None:
    """Return the keys of the customers in scope, None for everybody: then whose answers are nobody's count too."""
    if scope.regions is None:
        return None
    return pd.DataFrame({"customer_key": customers.known_keys(scope=scope)})
