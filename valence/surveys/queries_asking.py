"""Reads of triggers, candidates, decisions and what customers were asked before, returned as frozen values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec
from django.db import connection
from django.db.models import Count

from valence.surveys import models as tables
from valence.surveys.asking import Past, Policy, Trigger
from valence.surveys.values import End
from valence.surveys.values_asking import Decided, Due, Kept, NoSuchTrigger, TeamCount, Tried, WasAsked

STEP = 5_000
EARLIER = timedelta(days=7)
BY_HAND = {"asked_by": "hand"}
"""What an invitation is about that no rule made: nothing that happened, so that it counts for no team."""
_trigger = msgspec.json.Decoder(Trigger)
_policy = msgspec.json.Decoder(Policy)


def policy() -> Policy:
    """Return what holds for all surveys together."""
    row = tables.AskingPolicy.objects.filter(number=1).first()
    return _policy.decode(bytes(row.said)) if row else Policy()


def triggers(*, survey: str = "") -> tuple[Kept, ...]:
    """Return every trigger, or those of one survey, by name."""
    rows = tables.Trigger.objects.order_by("slug")
    return tuple(_kept(row) for row in (rows.filter(survey=survey) if survey else rows))


def trigger(*, slug: str) -> Kept:
    """Return a trigger. Raises NoSuchTrigger."""
    row = tables.Trigger.objects.filter(slug=slug).first()
    if row is None:
        raise NoSuchTrigger(slug)
    return _kept(row)


def active() -> tuple[Trigger, ...]:
    """Return the triggers that ask now. Called with every batch that comes in: one small question."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.said FROM valence_trigger t JOIN valence_survey s ON s.slug = t.survey_id "
            "WHERE t.active AND s.state = 'live'"
        )
        return tuple(_read(bytes(said)) for (said,) in cursor.fetchall())


def due(*, now: datetime, most: int) -> tuple[Due, ...]:
    """Return candidates whose time has come and about whom nothing is decided, the first to come due first."""
    rows = tables.Candidate.objects.filter(why="", due_at__lte=now).order_by("due_at", "trigger_id", "ref")[:most]
    return tuple(
        Due(
            trigger=row.trigger_id,
            ref=row.ref,
            customer_key=row.customer_key,
            occurred_at=row.occurred_at,
            due_at=row.due_at,
            about=row.about,
            unhappy=row.unhappy,
            team_id=row.team_id,
            number=row.pk,
        )
        for row in rows
    )


def past(*, customer_keys: Collection[int], but: Iterable[str] = ()) -> Mapping[int, Past]:
    """Return what customers were asked, by key; those who never were are absent. `but`: leave these triggers' out."""
    left_out, keys = set(but), sorted(customer_keys)
    asked: dict[int, list[tuple[datetime, str, str]]] = {}
    did: dict[int, list[tuple[bool, datetime, str]]] = {}
    for start in range(0, len(keys), STEP):
        rows = tables.Invitation.objects.filter(customer_key__in=keys[start : start + STEP])
        names = ("customer_key", "asked_at", "version__survey_id", "about", "end", "ended_at", "channel")
        for key, at, slug, about, end, ended_at, channel in rows.values_list(*names):
            if about.get("trigger") not in left_out:
                asked.setdefault(key, []).append((at, slug, about.get("ref", "")))
            if ended_at and end in (End.ANSWERED, End.PARTLY, End.DECLINED):
                did.setdefault(key, []).append((end == End.DECLINED, ended_at, channel))
    return {
        key: Past(
            asked=tuple(sorted(asked.get(key, ()))),
            answered=tuple(at for declined, at, _ in did.get(key, ()) if not declined),
            declined=tuple(at for declined, at, _ in did.get(key, ()) if declined),
            heard=tuple((at, channel) for declined, at, channel in did.get(key, ()) if not declined),
        )
        for key in asked.keys() | did.keys()
    }


def decisions(
    *, trigger: str = "", since: datetime | None = None, until: datetime | None = None, most: int = 1_000_000
) -> tuple[Decided, ...]:
    """Return what was decided about candidates that came due from `since` until before `until`, in that order."""
    rows = tables.Candidate.objects.exclude(why="").order_by("due_at", "trigger_id", "ref")
    rows = rows.filter(trigger=trigger) if trigger else rows
    rows = rows.filter(due_at__gte=since) if since else rows
    rows = rows.filter(due_at__lt=until) if until else rows
    return tuple(_decided(row) for row in rows[:most])


def counts(*, trigger: str = "", since: datetime, until: datetime) -> Mapping[str, int]:
    """Return how many candidates were decided about in which way."""
    rows = tables.Candidate.objects.exclude(why="").filter(due_at__gte=since, due_at__lt=until)
    rows = rows.filter(trigger=trigger) if trigger else rows
    return dict(rows.order_by().values_list("why").annotate(Count("pk")))


def by_team(*, since: datetime, until: datetime) -> tuple[TeamCount, ...]:
    """Return how many candidates of each team were decided about in which way: who was left out, and why."""
    rows = tables.Candidate.objects.exclude(why="").filter(due_at__gte=since, due_at__lt=until)
    found = rows.order_by().values_list("team_id", "why", "unhappy").annotate(Count("pk"))
    return tuple(TeamCount(*row) for row in found)


def waiting() -> int:
    """Return how many candidates wait for their time."""
    return tables.Candidate.objects.filter(why="").count()


def by_hand(*, since: datetime, until: datetime) -> tuple[int, int]:
    """Return how many were asked because a person or a machine said so, and how many of those answered."""
    rows = tables.Invitation.objects.filter(asked_at__gte=since, asked_at__lt=until, about=BY_HAND)
    return rows.count(), rows.filter(end__in=(End.ANSWERED, End.PARTLY)).count()


def response_rate(*, channels: Sequence[str], before: datetime) -> tuple[int, int]:
    """Return (asked, answered) of invitations that have ended, over some channels."""
    ended = tables.Invitation.objects.filter(channel__in=list(channels), ended_at__lt=before)
    return ended.count(), ended.filter(end__in=(End.ANSWERED, End.PARTLY)).count()


def responses(*, trigger: str, since: datetime, until: datetime) -> Mapping[str, tuple[int, int]]:
    """Return (asked, answered) by segment, of those whom a trigger asked in a period and whose invitation ended."""
    rows = tables.Candidate.objects.filter(trigger=trigger, at__gte=since, at__lt=until).exclude(invitation="")
    segment_of = dict(rows.values_list("invitation", "segment"))
    found: dict[str, tuple[int, int]] = {}
    ended = tables.Invitation.objects.filter(asked_at__gte=since, asked_at__lt=until, ended_at__lt=until)
    for number, end in ended.values_list("number", "end"):
        if number in segment_of:
            asked, answered = found.get(segment_of[number], (0, 0))
            found[segment_of[number]] = (asked + 1, answered + (end in (End.ANSWERED, End.PARTLY)))
    return found


def tried(*, trigger: str, trial: str, asked_before: datetime, within: timedelta) -> tuple[Tried, ...]:
    """Return whom a trial asked before a moment, the first first, and whether they answered within a time of that."""
    rows = tables.Invitation.objects.filter(
        asked_at__lt=asked_before, about__trigger=trigger, about__trial=trial
    ).order_by("asked_at", "number")
    return tuple(
        Tried(
            way=about.get("way", ""),
            asked_at=at,
            answered=end in (End.ANSWERED, End.PARTLY) and ended_at is not None and ended_at - at <= within,
        )
        for about, at, end, ended_at in rows.values_list("about", "asked_at", "end", "ended_at")
    )


def asked(*, since: datetime, until: datetime, survey: str = "") -> tuple[WasAsked, ...]:
    """Return everybody who was asked in a period, by one survey or by all but those of staff."""
    rows = tables.Invitation.objects.filter(asked_at__gte=since, asked_at__lt=until).order_by("asked_at")
    rows = rows.filter(version__survey=survey) if survey else rows
    names = ("number", "customer_key", "channel", "about", "asked_at", "ended_at", "end")
    unhappy = tables.Candidate.objects.filter(unhappy=True, due_at__gte=since - EARLIER).exclude(invitation="")
    wrong = set(unhappy.values_list("invitation", flat=True))
    return tuple(
        WasAsked(
            number=number,
            customer_key=key,
            channel=channel,
            moment=_moment(about, number in wrong),
            asked_at=at,
            end=end if ended_at else "",
        )
        for number, key, channel, about, at, ended_at, end in rows.values_list(*names)
    )


def _moment(about: Mapping[str, str], went_wrong: bool) -> str:
    if not about.get("kind"):
        return ""
    return f"{about['kind']}, something went wrong" if went_wrong else about["kind"]


def _kept(row: tables.Trigger) -> Kept:
    return Kept(trigger=_read(bytes(row.said)), active=row.active, since=row.since, by=row.by)


def _decided(row: tables.Candidate) -> Decided:
    return Decided(
        trigger=row.trigger_id,
        ref=row.ref,
        customer_key=row.customer_key,
        due_at=row.due_at,
        unhappy=row.unhappy,
        team_id=row.team_id,
        segment=row.segment,
        why=row.why,
        detail=row.detail,
        channel=row.channel,
        at=row.at,
        invitation=row.invitation,
        decided_at=row.decided_at or row.due_at,
        kind=row.about.get("kind", ""),
        way=row.about.get("way", ""),
    )


@lru_cache(maxsize=256)
def _read(said: bytes) -> Trigger:
    return _trigger.decode(said)
