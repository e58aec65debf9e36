"""Somebody answers: each answer is kept as it is given, and becomes one interaction when it is sent, or after a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from valence import interactions
from valence.customers import queries as customers
from valence.flows import ingest, state
from valence.surveys import actions, becoming, logic, queries, traces
from valence.surveys.answer import Answers, Given, Wrong
from valence.surveys.values import End, Invitation, NotOpen
from valence.terms import RawRecords

LEFT_FOR = timedelta(days=1)
LEFT_FOR_BY_TEXT = timedelta(hours=1)  # who wrote a number back has answered, whether or not the words follow
NOBODY_KNOWN = "anonymous"


@dataclass(frozen=True)
class Standing:
    """Where somebody is in a survey: the invitation, what was answered, what of the last form could not be taken."""

    invitation: Invitation
    answers: Answers
    wrong: Mapping[str, Wrong]
    sent: bool = False


def opened(*, token: str) -> Standing | None:
    """Return where somebody stands who opens an invitation. Nothing changes: looking is not answering.

    Raises interactions.StoreUnavailable.
    """
    with interactions.sql.reading():
        invitation = queries.invitation(token=token)
        if invitation is None:
            return None
        return Standing(invitation=invitation, answers=queries.answers_so_far(number=invitation.number), wrong={})


def given(
    *,
    standing: Standing,
    form: Mapping[str, Given],
    language: str,
    send: bool,
    call_me: bool,
    now: datetime,
    trace: traces.Trace | None = None,
) -> Standing:
    """Keep what a form says, and send it where that is asked and nothing is wrong or missing.

    trace: how it came, kept with the interaction as evidence.
    Raises values.NotOpen where it ended, values.TooOften, interactions.StoreUnavailable.
    """
    invitation = standing.invitation
    if invitation.end is not None or invitation.ends_at < now:
        raise NotOpen(invitation.end or End.EXPIRED)
    survey = invitation.survey
    answers, wrong = logic.take(survey, given=form, answers=standing.answers, known=invitation.known)
    if send:
        wrong = {**logic.needed(survey, answers=answers, known=invitation.known), **wrong}
    if not send or wrong or not answers:
        with ingest.together():
            actions.save(invitation=invitation, answers=answers, now=now)
        return Standing(invitation=invitation, answers=answers, wrong=wrong)
    if not _finish(invitation, answers, how=End.ANSWERED, language=language, call_me=call_me, now=now, trace=trace):
        ended = queries.by_number(number=invitation.number)
        raise NotOpen((ended.end if ended else None) or End.EXPIRED)
    return Standing(invitation=invitation, answers=answers, wrong={}, sent=True)


def decline(*, invitation: Invitation, now: datetime) -> None:
    """End an invitation because the person does not want to be asked. What was begun is forgotten."""
    actions.end(number=invitation.number, how=End.DECLINED, now=now)


def send_left(*, now: datetime) -> int:
    """Make interactions of what was begun and left for a day, by text message for an hour; return how many."""
    sent = 0
    by_text = queries.left(before=now - LEFT_FOR_BY_TEXT, channel="sms")
    for number in dict.fromkeys([*by_text, *queries.left(before=now - LEFT_FOR)]):
        invitation = queries.by_number(number=number)
        if invitation is None or invitation.end is not None:
            continue
        answers = queries.answers_so_far(number=number)
        how = invitation.language
        sent += _finish(invitation, answers, how=End.PARTLY, language=how, call_me=False, now=now)
    actions.expire(now=now)
    return sent


def _finish(
    invitation: Invitation,
    answers: Answers,
    *,
    how: End,
    language: str,
    call_me: bool,
    now: datetime,
    trace: traces.Trace | None = None,
) -> bool:
    """End the invitation and store its interaction in one transaction: of fifty who send at once, one does."""
    fields = becoming.interaction(
        invitation.survey,
        answers=answers,
        known=invitation.known,
        asked=_asked(invitation, language=language, now=now),
    )
    with ingest.together():
        if not actions.end(number=invitation.number, how=how, now=now):
            return False
        if fields is not None:
            said = dict(fields)
            came = traces.marks(trace=trace, survey=invitation.survey, answers=answers)
            said["attributes"] = {**fields["attributes"], **came, **({"call_back": True} if call_me else {})}
            _store(said, now)
    return fields is not None


def _asked(invitation: Invitation, *, language: str, now: datetime) -> becoming.Asked:
    return becoming.Asked(
        invitation=invitation.number,
        survey_id=invitation.slug,
        version=invitation.version,
        customer_id=_customer_id(invitation),
        channel=invitation.channel,
        language=language,
        asked_at=invitation.asked_at,
        answered_at=now,
        about=invitation.about,
    )


def _customer_id(invitation: Invitation) -> str:
    """Return the company's own id of who answers; of whom nobody knows, an id of their own."""
    if invitation.customer_key is not None:
        records = customers.records_of(keys=[invitation.customer_key])
        if records:
            return records[0]["customer_id"]
    return f"{NOBODY_KNOWN}:{invitation.number}"


def _store(fields: Mapping[str, object], now: datetime) -> None:
    records = RawRecords(numbers=[1], columns={name: [value] for name, value in fields.items()})
    ingest.take_interactions(records=records, desk=ingest.Desk(source=becoming.SOURCE), now=now, folded=state.folded)
