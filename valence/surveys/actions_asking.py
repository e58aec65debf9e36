"""Writes of triggers, candidates and decisions: one verb each, one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from valence.surveys import models as tables
from valence.surveys.asking import Policy, Trigger
from valence.surveys.values import NoSuchSurvey
from valence.surveys.values_asking import Moment, NoSuchTrigger, Settled

STEP = 1_000
LONGEST_DETAIL = 120
_encode = msgspec.json.Encoder(order="sorted").encode


class TakenMeanwhile(Exception):  # noqa: N818 - named as people say it
    """Somebody else decided about these candidates in the meantime; nothing of this counts."""


def put_policy(*, policy: Policy) -> None:
    """Keep what holds for all surveys together."""
    tables.AskingPolicy.objects.update_or_create(number=1, defaults={"said": _encode(policy)})


def put_trigger(*, trigger: Trigger, by: str, now: datetime) -> None:
    """Keep a trigger under its slug; a new one asks nobody yet. Raises NoSuchSurvey."""
    if not tables.Survey.objects.filter(slug=trigger.survey_id).exists():
        raise NoSuchSurvey(trigger.survey_id)
    said = {"survey_id": trigger.survey_id, "said": _encode(trigger)}
    tables.Trigger.objects.update_or_create(
        slug=trigger.slug, defaults=said, create_defaults={**said, "made_at": now, "by": by}
    )


def switch(*, slug: str, active: bool, now: datetime) -> None:
    """Let a trigger ask from now on, or no more: then nobody who waits is asked. Raises NoSuchTrigger."""
    with transaction.atomic():
        changed = {"active": active} | ({"since": now} if active else {})
        if not tables.Trigger.objects.filter(slug=slug).update(**changed):
            raise NoSuchTrigger(slug)
        if not active:
            tables.Candidate.objects.filter(trigger=slug, why="").delete()


def add_candidates(*, moments: Sequence[Moment]) -> None:
    """Keep interactions that triggers matched; one that is kept already stays as it was."""
    tables.Candidate.objects.bulk_create(
        [tables.Candidate(**_columns(one)) for one in moments],
        ignore_conflicts=True,
        batch_size=STEP,
    )


def bring(*, decided: Sequence[tuple[Moment, Settled]], now: datetime) -> None:
    """Keep moments about which is decided already: history that is brought in at once."""
    tables.Candidate.objects.bulk_create(
        [
            tables.Candidate(
                **_columns(moment),
                why=one.why,
                detail=one.detail[:LONGEST_DETAIL],
                channel=one.channel,
                at=one.at,
                invitation=one.invitation,
                segment=one.segment[:200],
                decided_at=now,
            )
            for moment, one in decided
        ],
        ignore_conflicts=True,
        batch_size=STEP,
    )


def settle(*, settled: Iterable[Settled], now: datetime) -> None:
    """Keep decisions. Raises TakenMeanwhile where one of the candidates was decided about before, or is gone."""
    for one in settled:
        waiting = tables.Candidate.objects.filter(pk=one.number, why="")
        changed = waiting.update(
            why=one.why,
            detail=one.detail[:LONGEST_DETAIL],
            channel=one.channel,
            at=one.at,
            invitation=one.invitation,
            segment=one.segment[:200],
            decided_at=now,
        )
        if changed != 1:
            raise TakenMeanwhile(one.number)


def drop_candidates(*, numbers: Sequence[int]) -> None:
    """Forget candidates that turned out not to be meant."""
    tables.Candidate.objects.filter(pk__in=numbers, why="").delete()


def forget(*, customer_keys: Sequence[int]) -> int:
    """Delete every candidate of erased customers; returns how many."""
    return tables.Candidate.objects.filter(customer_key__in=customer_keys).delete()[0]


def _columns(one: Moment) -> dict[str, Any]:
    return {
        "trigger_id": one.trigger,
        "ref": one.ref,
        "customer_key": one.customer_key,
        "occurred_at": one.occurred_at,
        "due_at": one.due_at,
        "about": dict(one.about),
        "unhappy": one.unhappy,
        "team_id": one.team_id,
    }
