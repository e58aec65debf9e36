"""Writes of the surveys: drafts, versions, invitations, answers in the making. One verb each, one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from valence.surveys import begun, checking, tokens
from valence.surveys import models as tables
from valence.surveys.survey import Survey, SurveyError, from_json, to_json
from valence.surveys.values import End, Invited, Invitee, Kept, NoSuchSurvey, NotOpen, State, TooOften

MOST_SAVES = 300


def put_draft(*, slug: str, survey: Survey, by: str, now: datetime) -> None:
    """Keep what is being written. What was asked before stays as it was. Raises SurveyError."""
    checking.check(survey)
    with transaction.atomic():
        _, made = tables.Survey.objects.get_or_create(
            slug=slug, defaults={"draft": to_json(survey), "made_at": now, "by": by}
        )
        if not made:
            tables.Survey.objects.filter(slug=slug).update(draft=to_json(survey))


def launch(*, slug: str, by: str, now: datetime) -> int:
    """Ask the draft from now on and return the number of its version; the same text as before is no new version.

    Raises NoSuchSurvey; SurveyError where a language lacks a text.
    """
    with transaction.atomic():
        row = tables.Survey.objects.filter(slug=slug).first()
        if row is None:
            raise NoSuchSurvey(slug)
        _refuse_untranslated(from_json(bytes(row.draft)))
        last = tables.Version.objects.filter(survey=row).order_by("-number").first()
        number = last.number if last else 0
        if last is None or bytes(last.definition) != bytes(row.draft):
            number += 1
            tables.Version.objects.create(survey=row, number=number, definition=row.draft, made_at=now, by=by)
        tables.Survey.objects.filter(slug=slug).update(state=State.LIVE)
    return number


def close(*, slug: str) -> None:
    """Ask nobody any more; who was asked can still answer. Raises NoSuchSurvey."""
    if not tables.Survey.objects.filter(slug=slug).update(state=State.CLOSED):
        raise NoSuchSurvey(slug)


def invite(
    *, slug: str, people: Sequence[Invitee], now: datetime, new_token: Callable[[], str] = tokens.new
) -> list[Invited]:
    """Make invitations to the last version of a survey that is asked. Raises NoSuchSurvey.

    new_token: gives the token of each, where it follows from a code on paper.
    """
    version = tables.Version.objects.filter(survey=slug, survey__state=State.LIVE).order_by("-number").first()
    if version is None:
        raise NoSuchSurvey(slug)
    invited = [Invited(number=tokens.new_number(), token=new_token()) for _ in people]
    tables.Invitation.objects.bulk_create(
        tables.Invitation(
            number=one.number,
            token_hash=tokens.hash_of(home=settings.HOME, token=one.token),
            version=version,
            customer_key=person.customer_key,
            channel=person.channel,
            language=person.language,
            about=dict(person.about),
            known=dict(person.known),
            asked_at=person.asked_at or now,
            ends_at=person.ends_at,
            end=person.ended[0] if person.ended else "",
            ended_at=person.ended[1] if person.ended else None,
        )
        for one, person in zip(invited, people, strict=True)
    )
    return invited


def keep(*, came: Sequence[Kept], now: datetime) -> list[NotOpen | TooOften | None]:
    """Keep what invitations were answered, and end those whose answers were sent; say of each why it was not kept.

    One transaction for all; an invitation is named once at most. A process that keeps the same one waits.
    """
    with transaction.atomic():
        rows = tables.Invitation.objects.select_for_update().filter(number__in=[one.invitation.number for one in came])
        known = {number: (pk, end) for number, pk, end in rows.values_list("number", "pk", "end")}
        begun_at = _begun([pk for pk, _ in known.values()])
        refused = [_refused(known.get(one.invitation.number), begun_at) for one in came]
        kept = [(known[one.invitation.number][0], one) for one, why in zip(came, refused, strict=True) if why is None]
        _put_begun({pk: one for pk, one in kept if one.end is None}, begun_at, now)
        _end([(pk, one.end) for pk, one in kept if one.end is not None], now)
    return refused


def end(*, number: str, how: End, now: datetime) -> bool:
    """End an invitation and forget the answers in the making; False where another request did so first."""
    with transaction.atomic():
        ended = tables.Invitation.objects.filter(number=number, ended_at=None).update(ended_at=now, end=how)
        tables.Begun.objects.filter(invitation__number=number).delete()
    return bool(ended)


def expire(*, now: datetime) -> int:
    """End invitations whose time passed and that nobody began to answer; returns how many."""
    over = tables.Invitation.objects.filter(ended_at=None, ends_at__lt=now)
    unanswered = over.exclude(pk__in=tables.Begun.objects.values("pk"))
    return unanswered.update(ended_at=now, end=End.EXPIRED)


def take_out(*, by: str) -> int:
    """Delete the surveys that somebody made, with everybody who was asked by them; returns how many surveys."""
    with transaction.atomic():
        own = tables.Survey.objects.filter(by=by)
        tables.Trigger.objects.filter(survey__in=own).delete()
        tables.Invitation.objects.filter(version__survey__in=own).delete()
        tables.Version.objects.filter(survey__in=own).delete()
        return own.delete()[1].get(tables.Survey._meta.label, 0)


def forget(*, customer_keys: Sequence[int]) -> int:
    """Delete every invitation of erased customers, with what they answered so far; returns how many."""
    return tables.Invitation.objects.filter(customer_key__in=customer_keys).delete()[0]


def _begun(pks: Sequence[int]) -> dict[int, tuple[datetime, int]]:
    """Return since when, and how often, answers of invitations were saved."""
    rows = tables.Begun.objects.filter(pk__in=pks).values_list("pk", "begun_at", "saves")
    return {pk: (at, saves) for pk, at, saves in rows}


def _refused(known: tuple[int, str] | None, begun_at: Mapping[int, tuple[datetime, int]]) -> NotOpen | TooOften | None:
    """Return why answers are not kept: the invitation is gone or ended, or no person would save so often."""
    if known is None or known[1]:
        return NotOpen(End(known[1]) if known else End.EXPIRED)
    return TooOften("saved too often") if begun_at.get(known[0], (None, 0))[1] >= MOST_SAVES else None


def _put_begun(kept: Mapping[int, Kept], begun_at: Mapping[int, tuple[datetime, int]], now: datetime) -> None:
    rows = []
    for pk, one in kept.items():
        since, saves = begun_at.get(pk, (now, 0))
        sealed = begun.seal(number=one.invitation.number, answers=one.answers)
        rows.append(tables.Begun(pk=pk, sealed=sealed, begun_at=since, saved_at=now, saves=saves + 1))
    if rows:
        changed = ["sealed", "saved_at", "saves"]
        tables.Begun.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["invitation"], update_fields=changed
        )


def _end(ended: Sequence[tuple[int, End]], now: datetime) -> None:
    for how in dict.fromkeys(end for _, end in ended):
        pks = [pk for pk, end in ended if end is how]
        tables.Invitation.objects.filter(pk__in=pks).update(ended_at=now, end=how)
        tables.Begun.objects.filter(pk__in=pks).delete()


def _refuse_untranslated(survey: Survey) -> None:
    lacking = checking.missing(survey)
    if lacking:
        places = "\n".join(f"{one.language}: {one.place}" for one in lacking[:20])
        raise SurveyError(f"{len(lacking)} texts are not translated:\n{places}")
