"""Surveys that are alive: a year of asking and answering is lived through at once, as it would have happened.

The demonstration does this. Everybody is decided about by the rules of every day, in the order of time; who is asked
answers as `people` says; answers come in as a file of the contract, so that they can be undone like any other.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from valence import terms
from valence.customers import contacts, queries
from valence.customers.contacts import Contact
from valence.flows.ask import asking as flow
from valence.flows.ask import dry_run, moments, surveying
from valence.flows.gather import imports
from valence.interactions import sql
from valence.surveys import actions, actions_asking, asking, becoming, queries_asking, traces
from valence.surveys import queries as surveys
from valence.surveys.answer import Answer
from valence.surveys.asking import Candidate, Decision, Past, Trigger
from valence.surveys.survey import Question, Survey
from valence.surveys.values import End, Invitee
from valence.surveys.values_asking import Moment, Settled

Report = Callable[[terms.Progress], None]
A_MONTH = timedelta(days=30)
FILE = "answers.csv"


class Said(Protocol):
    """What somebody answered: a point of the scale, words or "", when (days), in seconds, on which device."""

    @property
    def score(self) -> int: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> float: ...  # noqa: D102
    @property
    def seconds(self) -> float: ...  # noqa: D102
    @property
    def device(self) -> str: ...  # noqa: D102


class People(Protocol):
    """Those who are asked: what each says, and what came in after everybody who had a hand in it."""

    def heard(self, *, ref: str, team: str, at: float, scale: str) -> Said | None:
        """Return what somebody answers who is asked about an encounter at some time (days), None for silence."""

    def came_in(
        self, *, asked: Sequence[tuple[str, str, float]], said: Mapping[str, Any], scale: str
    ) -> dict[str, Any]:
        """Return the answers of a survey as they came in, by encounter; `asked`: (encounter, team, when)."""


@dataclass(frozen=True)
class Plan:
    """A survey to live with: its template and name, after which interactions it asks, the share of happy moments."""

    template: str
    name: str
    kind: str
    share: float = 1.0


PLANS = (Plan("visit", "After a visit", "visit"), Plan("ces", "After a call", "contact", share=0.85))


@dataclass
class _Lived:
    """What happened so far."""

    past: dict[int, Past]
    decisions: list[Decision] = field(default_factory=list)
    said: dict[str, Said] = field(default_factory=dict)


def come_alive(*, people: People, since: datetime, now: datetime, by: str, folder: Path, report: Report) -> int:
    """Launch surveys and live through the time since then; return how many answers came in.

    1. Make the surveys and switch their triggers on. 2. Decide month by month, and hear those who are asked. 3. Keep
    decisions and invitations. 4. Bring the answers in.
    """
    triggers = {one.slug: one for one in (_launched(plan, by, since, now) for plan in PLANS)}
    lived = _lived_through(triggers, people, since, now, report)
    answers = [row for one in triggers.values() for row in _kept(one, lived, people, now)]
    if answers:
        path = _written(folder / FILE, answers)
        imports.run(kind="csv", path=path, by=by, now=now, made_up=True, progress=report)
    return len(answers)


def end(*, by: str) -> None:
    """Take the surveys out that somebody made, with everybody who was asked; the answers go with their imports."""
    with sql.writing():
        actions.take_out(by=by)


def _launched(plan: Plan, by: str, since: datetime, now: datetime) -> Trigger:
    slug = surveying.draft(template=plan.template, name=plan.name, channel="email", by=by, now=now)
    surveying.launch(slug=slug, by=by, now=now)
    trigger = Trigger(
        survey_id=slug, slug=slug, name=plan.name, when={"kind": frozenset({plan.kind})}, shares={"": plan.share}
    )
    actions_asking.put_trigger(trigger=trigger, by=by, now=now)
    actions_asking.switch(slug=slug, active=True, now=since)
    return trigger


def _lived_through(
    triggers: Mapping[str, Trigger], people: People, since: datetime, now: datetime, report: Report
) -> _Lived:
    found = dry_run.candidates(triggers=list(triggers.values()), since=since, until=now)
    lived = _Lived(past=dict(flow.past_of(keys=[one.customer_key for one in found])))
    policy, key = queries_asking.policy(), flow.sampling_key()
    for candidates in _by_month(found, since):
        several = asking.plan(
            candidates=candidates, triggers=list(triggers.values()), policy=policy, past=lived.past, key=key
        )
        for decision in several:
            if since <= asking.due_at(decision.candidate, trigger=triggers[decision.trigger]) < now:
                _hear(decision, lived, people, triggers, now)
        report(terms.Progress(done=len(lived.decisions), total=len(found), words="decisions"))
    return lived


def _by_month(found: Sequence[Candidate], since: datetime) -> Iterator[list[Candidate]]:
    """Yield candidates month by month: what was answered in one month is known in the next."""
    months: dict[int, list[Candidate]] = {}
    for one in found:
        months.setdefault(int((one.occurred_at - since) / A_MONTH), []).append(one)
    for month in sorted(months):
        yield months[month]


def _hear(decision: Decision, lived: _Lived, people: People, triggers: Mapping[str, Trigger], now: datetime) -> None:
    lived.decisions.append(decision)
    one = decision.candidate
    if decision.at is None:
        return
    past = asking.asked_too(lived.past.get(one.customer_key), decision)
    scale = _score(_survey(triggers[decision.trigger])).scale
    written = terms.days(decision.write_at or decision.at)
    said = people.heard(ref=one.ref, team=one.fields["team_id"], at=written, scale=scale)
    if said is not None and said.at < terms.days(now):
        lived.said[one.ref] = said
        channel = decision.channel.value if decision.channel else ""
        at = terms.moment(said.at)
        past = replace(past, answered=(*past.answered, at), heard=(*past.heard, (at, channel)))
    lived.past[one.customer_key] = past


def _kept(trigger: Trigger, lived: _Lived, people: People, now: datetime) -> list[Mapping[str, Any]]:
    """Keep the decisions of one survey with its invitations; return its answers as rows of the contract."""
    own = [one for one in lived.decisions if one.trigger == trigger.slug]
    asked = [one for one in own if one.at is not None]
    survey, scale = _survey(trigger), _score(_survey(trigger)).scale
    told = [(one.candidate.ref, one.candidate.fields["team_id"], terms.days(one.at)) for one in asked if one.at]
    heard = {ref: lived.said[ref] for ref, _, _ in told if ref in lived.said}
    said = people.came_in(asked=told, said=heard, scale=scale)
    said = {ref: one for ref, one in said.items() if one.at < terms.days(now)}
    known = contacts.of(keys=[one.candidate.customer_key for one in asked])
    invitees = [_invitee(one, known[one.candidate.customer_key], said.get(one.candidate.ref), now) for one in asked]
    numbers = [one.number for one in actions.invite(slug=trigger.survey_id, people=invitees, now=now)]
    number_of = dict(zip([one.candidate.ref for one in asked], numbers, strict=True))
    actions_asking.bring(decided=[(_moment(one, trigger), _settled(one, number_of)) for one in own], now=now)
    ids = queries.ids_of(keys=[one.candidate.customer_key for one in asked])
    rows = []
    for one, person, number in zip(asked, invitees, numbers, strict=True):
        answer = said.get(one.candidate.ref)
        if answer is not None and one.candidate.customer_key in ids:
            rows.append(_row(survey, trigger, person, answer, number, ids[one.candidate.customer_key]))
    return rows


def _invitee(one: Decision, contact: Contact, said: Said | None, now: datetime) -> Invitee:
    about, at = _about(one), one.at
    assert at is not None
    return Invitee(
        customer_key=one.candidate.customer_key,
        channel=one.channel.value if one.channel else "",
        language=contact.language,
        about=about,
        known=flow.known_of(contact, about=about),
        ends_at=at + flow.OPEN_FOR,
        asked_at=at,
        ended=_ended(at + flow.OPEN_FOR, said, now),
    )


def _ended(ends_at: datetime, said: Said | None, now: datetime) -> tuple[End, datetime] | None:
    if said is not None:
        return End.ANSWERED, terms.moment(said.at)
    return (End.EXPIRED, ends_at) if ends_at < now else None


def _moment(one: Decision, trigger: Trigger) -> Moment:
    candidate = one.candidate
    return Moment(
        trigger=trigger.slug,
        ref=candidate.ref,
        customer_key=candidate.customer_key,
        occurred_at=candidate.occurred_at,
        due_at=asking.due_at(candidate, trigger=trigger),
        about=_about(one),
        unhappy=candidate.unhappy,
        team_id=candidate.fields["team_id"],
    )


def _about(one: Decision) -> dict[str, str]:
    candidate = one.candidate
    said = {name: candidate.fields.get(name, "") for name in (*moments.KEPT, "channel", "promise")}
    said = {name: value if name == "facts" else value.partition("|")[0] for name, value in said.items() if value}
    at = candidate.occurred_at.isoformat()
    return {**said, "ref": candidate.ref, "occurred_at": at, "trigger": one.trigger}


def _settled(one: Decision, number_of: Mapping[str, str]) -> Settled:
    return Settled(
        number=0,
        why=one.why.value,
        detail=one.detail,
        channel=one.channel.value if one.channel else "",
        at=one.at,
        invitation=number_of.get(one.candidate.ref, "") if one.at is not None else "",
        segment=one.candidate.segment,
    )


def _row(
    survey: Survey, trigger: Trigger, person: Invitee, said: Said, number: str, customer: str
) -> Mapping[str, Any]:
    """Return an answer as the interaction that it becomes."""
    answers = _answers(survey, said)
    asked = becoming.Asked(
        invitation=number,
        survey_id=trigger.survey_id,
        version=1,
        customer_id=customer,
        channel=person.channel,
        language=person.language if person.language in survey.languages else survey.languages[0],
        asked_at=person.asked_at or terms.moment(said.at),
        answered_at=terms.moment(said.at),
        about=person.about,
    )
    fields = becoming.interaction(survey, answers=answers, known=person.known, asked=asked)
    assert fields is not None
    came = traces.marks(trace=traces.Trace(seconds=said.seconds, device=said.device), survey=survey, answers=answers)
    return {**fields, "attributes": json.dumps({**fields["attributes"], **came})}


def _answers(survey: Survey, said: Said) -> dict[str, Answer]:
    """Return a whole survey's answers: the score, the words, and grids as the score lets expect."""
    score = _score(survey)
    found: dict[str, Answer] = {score.id: said.score}
    for question in survey.questions:
        if question.role == "words" and said.text:
            found[question.id] = said.text
        elif question.kind == "grid":
            found[question.id] = _rated(question, said)
    return found


def _rated(question: Question, said: Said) -> dict[str, str]:
    """Return the rows of a grid: all alike where somebody was content, else not all bad."""
    words = [option.id for option in question.options]
    worst = min(len(words) - 1, max(0, 5 - said.score))
    dice = int(said.device[:4] or "0", 16)
    return {row.id: words[worst if (dice >> place) % 2 else 0] for place, row in enumerate(question.rows)}


def _survey(trigger: Trigger) -> Survey:
    return surveys.one(slug=trigger.survey_id).survey


def _score(survey: Survey) -> Question:
    return next(one for one in survey.questions if one.role == "score")


def _written(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    names = sorted(set().union(*rows))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=names)
        writer.writeheader()
        writer.writerows(rows)
    return path
