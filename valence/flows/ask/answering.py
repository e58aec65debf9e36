"""Somebody answers: each answer is kept as it is given, and becomes one interaction when it is sent, or after a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from msgspec import UNSET

from valence.customers import queries as customers
from valence.flows.gather import ingest
from valence.flows.run import gathering
from valence.flows.weigh import state
from valence.interactions import sql
from valence.surveys import actions, becoming, logic, queries, traces
from valence.surveys.answer import Answers, Given, Wrong
from valence.surveys.values import End, Invitation, Kept, NotOpen, TooOften
from valence.terms import RawRecords

LEFT_FOR = timedelta(days=1)
LEFT_FOR_BY_TEXT = timedelta(hours=1)  # who wrote a number back has answered, whether or not the words follow
NOBODY_KNOWN = "anonymous"
AT_ONCE = 200


@dataclass(frozen=True)
class Standing:
    """Where somebody is in a survey: the invitation, what was answered, what of the last form could not be taken."""

    invitation: Invitation
    answers: Answers
    wrong: Mapping[str, Wrong]
    sent: bool = False


@dataclass(frozen=True)
class _Came:
    """Answers as they came in: what is kept of them, in which language, when, and how."""

    kept: Kept
    language: str
    now: datetime
    call_me: bool = False
    trace: traces.Trace | None = None


def opened(*, token: str) -> Standing | None:
    """Return where somebody stands who opens an invitation. Nothing changes: looking is not answering.

    Raises interactions.StoreUnavailable.
    """
    with sql.reading():
        found = queries.standing(token=token)
    return Standing(invitation=found[0], answers=found[1], wrong={}) if found else None


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
    is_sent = bool(send and answers and not wrong)
    how = End.ANSWERED if is_sent else None
    _keep(_Came(Kept(invitation, answers, how), language=language, now=now, call_me=call_me, trace=trace))
    return Standing(invitation=invitation, answers=answers, wrong=wrong, sent=is_sent)


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
        kept = Kept(invitation, answers, End.PARTLY if answers else End.EXPIRED)
        with suppress(NotOpen):
            _keep(_Came(kept, language=invitation.language, now=now))
            sent += bool(answers)
    actions.expire(now=now)
    return sent


def _keep(came: _Came) -> None:
    """Keep what came in, in one transaction with what others send at the same time.

    A transaction that is open already is its caller's: nothing of others may be undone with it.
    """
    if transaction.get_connection().in_atomic_block:
        _TOGETHER.alone(wish=came)
    else:
        _TOGETHER.ask(wish=came)


def _keep_all(came: Sequence[_Came]) -> list[NotOpen | TooOften | None]:
    """Keep answers, end the invitations that were sent and store their interactions: of fifty who send, one does."""
    now = max(one.now for one in came)
    with ingest.together() if any(one.kept.end for one in came) else sql.writing():
        refused = actions.keep(came=[one.kept for one in came], now=now)
        _store([one for one, why in zip(came, refused, strict=True) if one.kept.end and why is None], now)
    return refused


def _store(sent: Sequence[_Came], now: datetime) -> None:
    """Store the interactions that answers become, side by side."""
    keys = [one.kept.invitation.customer_key for one in sent]
    ids = customers.ids_of(keys=[key for key in keys if key is not None]) if any(keys) else {}
    said = [fields for one in sent if (fields := _fields(one, ids)) is not None]
    if not said:
        return
    names = sorted(set().union(*said))
    columns = {name: [fields.get(name, UNSET) for fields in said] for name in names}
    records = RawRecords(numbers=list(range(1, len(said) + 1)), columns=columns)
    ingest.take_interactions(records=records, desk=ingest.Desk(source=becoming.SOURCE), now=now, folded=state.folded)


def _fields(one: _Came, ids: Mapping[int, str]) -> Mapping[str, object] | None:
    """Return the fields of the interaction; of whom nobody knows it has an id of their own."""
    invitation, answers = one.kept.invitation, one.kept.answers
    key = invitation.customer_key
    asked = becoming.Asked(
        invitation=invitation.number,
        survey_id=invitation.slug,
        version=invitation.version,
        customer_id=ids.get(key, "") if key is not None else "",
        channel=invitation.channel,
        language=one.language,
        asked_at=invitation.asked_at,
        answered_at=one.now,
        about=invitation.about,
    )
    asked = asked if asked.customer_id else replace(asked, customer_id=f"{NOBODY_KNOWN}:{invitation.number}")
    fields = becoming.interaction(invitation.survey, answers=answers, known=invitation.known, asked=asked)
    if fields is None:
        return None
    came = traces.marks(trace=one.trace, survey=invitation.survey, answers=answers)
    return {
        **fields,
        "attributes": {**fields["attributes"], **came, **({"call_back": True} if one.call_me else {})},
    }


_TOGETHER = gathering.Gathering(act=_keep_all, name=lambda one: one.kept.invitation.number, most=AT_ONCE)
