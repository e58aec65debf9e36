"""Reads of the surveys, returned as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection
from django.db.models import Max

from valence.surveys import begun, tokens
from valence.surveys import models as tables
from valence.surveys.answer import Answers
from valence.surveys.survey import Survey, from_json
from valence.surveys.values import End, Invitation, Named, NoSuchSurvey, State

MOST_LETTERS = 64
STANDING = (
    "SELECT i.number, v.survey_id, v.number, v.definition, i.customer_key, i.channel, i.language, i.about, i.known, "
    'i.asked_at, i.ends_at, i.ended_at, i."end", b.sealed FROM valence_invitation i '
    "JOIN valence_version v ON v.id = i.version_id LEFT JOIN valence_begun b ON b.invitation_id = i.id "
    "WHERE i.token_hash = %s"
)


def all_surveys() -> tuple[Named, ...]:
    """Return every survey, those that are asked first, then by name."""
    order = [State.LIVE, State.DRAFT, State.CLOSED]
    last = dict(tables.Version.objects.values_list("survey").annotate(Max("number")))
    found = [_named(row, last.get(row.slug, 0)) for row in tables.Survey.objects.order_by("slug")]
    return tuple(sorted(found, key=lambda one: (order.index(one.state), one.slug)))


def one(*, slug: str) -> Named:
    """Return a survey. Raises NoSuchSurvey."""
    row = tables.Survey.objects.filter(slug=slug).first()
    if row is None:
        raise NoSuchSurvey(slug)
    last = tables.Version.objects.filter(survey=row).aggregate(Max("number"))["number__max"]
    return _named(row, last or 0)


def asked_now(*, slug: str) -> Survey | None:
    """Return a survey as it was last launched, None where it never was."""
    last = tables.Version.objects.filter(survey=slug).order_by("-number").first()
    return _read(bytes(last.definition)) if last else None


def invitation(*, token: str) -> Invitation | None:
    """Return the invitation that a token opens, None where there is none."""
    if not token or len(token) > MOST_LETTERS:
        return None
    token_hash = tokens.hash_of(home=settings.HOME, token=token)
    row = tables.Invitation.objects.select_related("version").filter(token_hash=token_hash).first()
    return _invitation(row) if row else None


def standing(*, token: str) -> tuple[Invitation, Answers] | None:
    """Return the invitation that a token opens with what it was answered so far, None where there is none.

    Asked for with every look at a page: one plain statement.
    """
    if not token or len(token) > MOST_LETTERS:
        return None
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [tokens.hash_of(home=settings.HOME, token=token)])
        row = cursor.fetchone()
    if row is None:
        return None
    number, slug, version, definition, key, channel, language, about, known, asked_at, ends_at, ended, end, sealed = row
    found = Invitation(
        number=number,
        slug=slug,
        version=version,
        survey=_read(bytes(definition)),
        customer_key=key,
        channel=channel,
        language=language,
        about=_mapping(about),
        known=_mapping(known),
        asked_at=_moment(asked_at),
        ends_at=_moment(ends_at),
        end=End(end) if ended else None,
    )
    return found, begun.unseal(number=number, sealed=sealed) if sealed else {}


def by_number(*, number: str) -> Invitation | None:
    """Return an invitation by its number, None where there is none."""
    row = tables.Invitation.objects.select_related("version").filter(number=number).first()
    return _invitation(row) if row else None


def answers_so_far(*, number: str) -> Answers:
    """Return what an invitation was answered so far; empty where nothing was, or where it ended."""
    sealed = tables.Begun.objects.filter(invitation__number=number).values_list("sealed", flat=True).first()
    return begun.unseal(number=number, sealed=sealed) if sealed else {}


def left(*, before: datetime, channel: str = "") -> list[str]:
    """Return the numbers of invitations (by one channel) that were begun, and not touched since a moment."""
    rows = tables.Begun.objects.filter(saved_at__lt=before).order_by("saved_at")
    rows = rows.filter(invitation__channel=channel) if channel else rows
    return list(rows.values_list("invitation__number", flat=True)[:1_000])


def _named(row: tables.Survey, version: int) -> Named:
    return Named(
        slug=row.slug,
        state=State(row.state),
        version=version,
        survey=from_json(bytes(row.draft)),
        made_at=row.made_at,
        by=row.by,
    )


def _invitation(row: tables.Invitation) -> Invitation:
    return Invitation(
        number=row.number,
        slug=row.version.survey_id,
        version=row.version.number,
        survey=_read(bytes(row.version.definition)),
        customer_key=row.customer_key,
        channel=row.channel,
        language=row.language,
        about=row.about,
        known=row.known,
        asked_at=row.asked_at,
        ends_at=row.ends_at,
        end=End(row.end) if row.ended_at else None,
    )


def _mapping(said: Any) -> Mapping[str, str]:
    """Return what lies as JSON, as the database gives it back to plain SQL."""
    found: Mapping[str, str] = msgspec.json.decode(said) if isinstance(said, str | bytes) else said
    return found


def _moment(stored: datetime | str) -> datetime:
    """Return a time, as the database gives it back to plain SQL."""
    found = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@lru_cache(maxsize=64)
def _read(definition: bytes) -> Survey:
    """Return a version's survey: it never changes, and every answer asks for it."""
    return from_json(definition)
