"""A dry run: who would have been asked over a period that is past, who not and why, what it costs, what it would tell.

It thinks with the same rules, on the same interactions, as asking does from the moment of launch: `asking.plan`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from valence import interactions, terms
from valence.channels import queries as channel_queries
from valence.customers import contacts
from valence.flows.ask import asking as flow
from valence.flows.ask import moments, results
from valence.insights import scores
from valence.surveys import asking, checking, drawing, queries, queries_asking
from valence.surveys.asking import Candidate, Decision, Trigger, Why
from valence.surveys.drawing import Sampling
from valence.surveys.survey import Survey

USUAL = timedelta(days=90)
ASSUMED_RESPONSE = 0.2
FEWEST_ENDED = 30
FEW = 5


@dataclass(frozen=True)
class Precision:
    """What answers of one segment ("" is all) would tell: how many are expected, and plus or minus how many points."""

    segment: str
    asked: int
    answers: float
    within: float | None


@dataclass(frozen=True)
class DryRun:
    """What a trigger would have done from `since` until before `until`.

    decisions: one for each moment that matched, in the order they came due. response: the share that is expected to
    answer, `assumed` where too few were asked before to know. seconds: what answering takes each who answers.
    """

    since: datetime
    until: datetime
    decisions: tuple[Decision, ...]
    response: float
    assumed: bool
    seconds: float
    precision: tuple[Precision, ...]
    measure: str
    region_of: Mapping[int, str] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[Decision, ...]:
        """Those who would have been asked."""
        return tuple(one for one in self.decisions if one.asks)

    @property
    def reasons(self) -> Mapping[Why, int]:
        """How many moments were decided about in which way, the most first."""
        return dict(Counter(one.why for one in self.decisions).most_common())

    @property
    def messages(self) -> Mapping[str, int]:
        """How many messages would have left, by channel."""
        return dict(Counter(one.channel.value for one in self.asked if one.channel).most_common())

    @property
    def hours(self) -> float:
        """How many hours of their lives customers would have given."""
        return len(self.asked) * self.response * self.seconds / 3_600


def run(*, triggers: Sequence[Trigger], since: datetime, until: datetime) -> DryRun:
    """Return what triggers would have done in a period. Raises interactions.StoreUnavailable.

    What other surveys asked in that time, what was answered and declined counts as it happened; what these triggers
    asked does not, so that a period in which they asked is planned once more. What is known of customers is as of now.
    """
    found = candidates(triggers=triggers, since=since, until=until)
    past = flow.past_of(keys=[one.customer_key for one in found], but=[one.slug for one in triggers if one.slug])
    planned = asking.plan(
        candidates=found, triggers=triggers, policy=queries_asking.policy(), past=past, key=flow.sampling_key()
    )
    decisions = tuple(one for one in planned if since <= _due(one, triggers) < until)
    response, assumed = expected_response(triggers=triggers, before=until)
    survey = queries.one(slug=triggers[0].survey_id).survey
    chosen = measure_of(survey)
    return DryRun(
        since=since,
        until=until,
        decisions=decisions,
        response=response,
        assumed=assumed,
        seconds=_seconds(survey),
        precision=precision(decisions=decisions, survey=survey, response=response),
        measure=chosen[0].value if chosen else "",
        region_of={one.customer_key: one.fields.get("region", "") for one in found},
    )


def candidates(*, triggers: Sequence[Trigger], since: datetime, until: datetime) -> list[Candidate]:
    """Return the interactions that triggers match in a period, with what is known of their customers."""
    words = flow.pack_words()

    def matching(bucket: int, journeys: terms.Journeys, /) -> list[Candidate]:
        return list(moments.past(journeys, triggers=triggers, words=words, since=since, until=until))

    parts = interactions.per_customer(function=matching, columns=moments.COLUMNS)
    found = [one for part in parts for one in part]
    known = contacts.of(keys=[one.customer_key for one in found])
    blocked = channel_queries.unreachable(customer_keys=[one.customer_key for one in found])
    return [
        flow.candidate_of(one, known[one.customer_key], blocked=blocked.get(one.customer_key, frozenset()))
        for one in found
        if one.customer_key in known
    ]


def expected_response(*, triggers: Sequence[Trigger], before: datetime) -> tuple[float, bool]:
    """Return the share of those asked who answer, and whether that is assumed because too few were asked so far."""
    channels = sorted({channel.value for trigger in triggers for channel in trigger.channels})
    asked, answered = queries_asking.response_rate(channels=channels, before=before)
    if asked < FEWEST_ENDED:
        return ASSUMED_RESPONSE, True
    return max(answered / asked, 0.01), False


def precision(*, decisions: Sequence[Decision], survey: Survey, response: float) -> tuple[Precision, ...]:
    """Return what answers would tell of everybody and of each segment, the largest first."""
    asked = Counter(one.candidate.segment for one in decisions if one.asks)
    rows = [("", sum(asked.values())), *((name, number) for name, number in asked.most_common() if name)]
    chosen = measure_of(survey)
    return tuple(
        Precision(
            segment=name,
            asked=number,
            answers=number * response,
            within=_within(chosen, number * response) if chosen else None,
        )
        for name, number in rows
    )


def shares(
    *, trigger: Trigger, within: float, since: datetime, until: datetime
) -> tuple[Mapping[str, float], int] | None:
    """Return the share of happy moments to draw in each segment, for a score within so many points over the period.

    With it the number of answers that each segment needs; None where the survey has no score. The moments are those
    who would be asked if everybody were.
    """
    everybody = [replace(trigger, shares={"": 1.0}, sampling=Sampling())]
    found = run(triggers=everybody, since=since, until=until)
    survey = queries.one(slug=trigger.survey_id).survey
    chosen = measure_of(survey)
    if chosen is None:
        return None
    measure, scale = chosen
    spread = _spread(trigger.survey_id, scale, until)
    needed = scores.needed(answers=spread, measure=measure, within=within / _points(measure))
    happy = Counter(one.candidate.segment for one in found.asked if one.why is Why.ASKED)
    unhappy = Counter(one.candidate.segment for one in found.asked if one.why is Why.ASKED_UNHAPPY)
    answered = queries_asking.responses(trigger=trigger.slug, since=since, until=until)
    response = drawing.responses(of=answered, usual=found.response)
    return drawing.shares(happy=happy, unhappy=unhappy, needed=needed, response=response), needed


def measure_of(survey: Survey) -> tuple[scores.Measure, scores.Scale] | None:
    """Return what a survey's score becomes: NET on a scale from 0 to 10, else the share of the satisfied."""
    score = next((one for one in survey.questions if one.role == "score"), None)
    if score is None:
        return None
    scale = scores.SCALES[score.scale]
    return (scores.Measure.NET if score.scale == "nps" else scores.Measure.TOP), scale


def _points(measure: scores.Measure) -> float:
    """Return how many points of a hundred one unit of a measure is."""
    return 1.0 if measure is scores.Measure.NET else 100.0


def _even(scale: scores.Scale) -> scores.Answers:
    """Return answers spread over a scale as widely as customers do: half at the top, the rest evenly below."""
    below = [1.0 if point < scale.top else 0.0 for point in scale.points]
    top = [1.0 if point >= scale.top else 0.0 for point in scale.points]
    shares_of = 50 * np.array(below) / sum(below) + 50 * np.array(top) / sum(top)
    return scores.Answers(scale=scale, counts=shares_of)


def _spread(survey: str, scale: scores.Scale, until: datetime) -> scores.Answers:
    """Return how answers to a survey spread over its scale: as they did so far, where enough came in."""
    meant = results.Meant(since=until - USUAL, until=until, question=survey)
    own = [one for one in results.cells(scope=terms.EVERYTHING, meant=meant) if one.scale == scale.name]
    said = results.answers(own, scale=scale.name)
    return said if said.number >= FEWEST_ENDED else _even(scale)


def _within(chosen: tuple[scores.Measure, scores.Scale], answers: float) -> float | None:
    measure, scale = chosen
    if answers < scores.FEWEST:
        return None
    return scores.within(answers=_even(scale), measure=measure, number=answers) * _points(measure)


def _seconds(survey: Survey) -> float:
    effort = checking.effort(survey)
    return (effort.least + effort.most) / 2


def _due(one: Decision, triggers: Sequence[Trigger]) -> datetime:
    own = next(trigger for trigger in triggers if trigger.slug == one.trigger and trigger.survey_id == one.survey_id)
    tried = asking.as_tried(own, candidate=one.candidate, key=flow.sampling_key())
    return asking.due_at(one.candidate, trigger=tried)
