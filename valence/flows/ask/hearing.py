"""What customers send back: a text message that answers, stops or starts again; a stop link; what did not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from valence.channels import actions, queries, replies, signing, words
from valence.channels.replies import Reply, Wish
from valence.channels.values import Kind, Outgoing, Purpose, Why
from valence.customers import consent
from valence.flows.ask import answering, letters, sending, spoken
from valence.flows.gather import ingest
from valence.surveys import logic, page_words
from valence.surveys import queries as surveys
from valence.surveys.answer import Answers, Given
from valence.surveys.kinds import scale
from valence.surveys.survey import Question
from valence.surveys.values import Invitation, NotOpen, TooOften

NOT_ARRIVED = frozenset({"failed", "undelivered"})
NO_SUCH_NUMBER = frozenset({"30005", "30006", "21211", "21614"})
OPTED_OUT = frozenset({"21610", "30004"})
TEN = range(11)


@dataclass(frozen=True)
class Stopped:
    """What a stop link is about: how messages came, what for, and in which language it says so."""

    message: Outgoing
    language: str
    direction: str


def heard(*, sender: str, text: str, reference: str, now: datetime) -> tuple[str, str]:
    """Take in a text message and return what to say back ("": nothing), and in which language.

    reference: the provider's own name for it: the same one again changes nothing, and is answered by nothing.
    Raises interactions.StoreUnavailable.
    """
    with ingest.together():
        if not actions.came_in(provider_reference=reference, now=now):
            return "", "en"
        asked = _asked(sender)
        language = _language(asked[0]) if asked else "en"
        points = _points(asked[0]) if asked else TEN
        reply = replies.read(text, least=points[0], most=points[-1])
        return _acted(reply, sender, asked, language, now), language


def not_arrived(*, reference: str, status: str, code: str, now: datetime) -> bool:
    """Keep what a provider says of a message that it took; False where nothing follows from it."""
    if status not in NOT_ARRIVED:
        return False
    why = Why.OPTED_OUT if code in OPTED_OUT else Why.ADDRESS_REFUSED if code in NO_SUCH_NUMBER else Why.MESSAGE_REFUSED
    return actions.bounce(provider_reference=reference, why=why, now=now)


def stop_link(*, token: str) -> Stopped | None:
    """Return what a stop link is about, None where it is not ours."""
    number = signing.stopped_number(home=settings.HOME, token=token)
    message = queries.one(number=number) if number else None
    if message is None:
        return None
    invitation = surveys.by_number(number=message.reference) if message.purpose is Purpose.INVITATION else None
    language = _language(invitation) if invitation else "en"
    return Stopped(message=message, language=language, direction=page_words.direction(language=language))


def stop(*, stopped: Stopped, source: str, now: datetime) -> None:
    """Write to a customer no more for what a message was for, by the way it came. Raises StoreUnavailable."""
    message = stopped.message
    with ingest.together():
        if message.customer_key is not None and message.purpose in sending.CONSENT:
            purpose = sending.CONSENT[message.purpose]
            consent.withdraw(
                customer_key=message.customer_key, purpose=purpose, channel=message.kind, source=source, now=now
            )
        actions.cancel(purpose=message.purpose, reference=message.reference, now=now, why=Why.NO_CONSENT)


def _asked(sender: str) -> list[Invitation]:
    """Return what a phone number was asked by text message, the latest first, those that are open before the rest."""
    sent = queries.last_sent_to(kind=Kind.SMS, address=sender, purpose=Purpose.INVITATION)
    found = [surveys.by_number(number=one.reference) for one in sent]
    return sorted(filter(None, found), key=lambda one: one.end is not None)


def _acted(reply: Reply, sender: str, asked: list[Invitation], language: str, now: datetime) -> str:
    says = words.of(language=language)
    if reply.wish is Wish.STOP:
        actions.stop(kind=Kind.SMS, address=sender, now=now)
        _consent(asked, now, stops=True)
        return says["sms_stopped"]
    if reply.wish is Wish.START:
        actions.start(kind=Kind.SMS, address=sender)
        _consent(asked, now, stops=False)
        return says["sms_started"]
    return _answered(reply, asked[0], language, now) if asked else ""


def _consent(asked: list[Invitation], now: datetime, *, stops: bool) -> None:
    for key in dict.fromkeys(one.customer_key for one in asked if one.customer_key is not None):
        purpose, channel = consent.Purpose.FEEDBACK, Kind.SMS.value
        if stops:
            consent.withdraw(customer_key=key, purpose=purpose, channel=channel, source="text message", now=now)
        else:
            consent.give(customer_key=key, purpose=purpose, channel=channel, source="text message", since=now)


def _answered(reply: Reply, invitation: Invitation, language: str, now: datetime) -> str:
    """Keep what a message answers; a number alone is asked why, and sent with the words, or after an hour without."""
    before = surveys.answers_so_far(number=invitation.number)
    form, score = _form(reply, invitation)
    says, points = words.of(language=language), _points(invitation)
    standing = answering.Standing(invitation=invitation, answers=before, wrong={})
    known = logic.take(invitation.survey, given=form, answers=before, known=invitation.known)[0]
    why = _why_question(invitation, known)
    has_score = score is None or score.id in known
    try:
        answering.given(
            standing=standing,
            form=form,
            language=language,
            send=has_score and (why is None or why.id in known),
            call_me=False,
            now=now,
        )
    except (NotOpen, TooOften):
        return says["sms_closed"]
    if not has_score:
        return says["sms_again"].format(least=points[0], most=points[-1])
    if why is not None and why.id not in known:
        return says["sms_why"].format(question=_put(why, invitation, known, language))
    return says["sms_thanks"]


def _form(reply: Reply, invitation: Invitation) -> tuple[Mapping[str, Given], Question | None]:
    """Return a message as a form of its survey: the number as the score, the rest as the words."""
    score = letters.score_question(invitation)
    form: dict[str, Given] = {}
    if score is not None and reply.score is not None:
        form[score.id] = {"": (str(reply.score),)}
    written = next((one for one in invitation.survey.questions if one.role == "words"), None)
    if written is not None and reply.words:
        form[written.id] = {"": (reply.words,)}
    return form, score


def _why_question(invitation: Invitation, answers: Answers) -> Question | None:
    asked = logic.asked(invitation.survey, answers=answers, known=invitation.known)
    return next((one for one in asked if one.role == "words"), None)


def _put(question: Question, invitation: Invitation, answers: Answers, language: str) -> str:
    return logic.words(question, survey=invitation.survey, answers=answers, known=invitation.known, language=language)


def _points(invitation: Invitation) -> range:
    question = letters.score_question(invitation)
    return scale.POINTS[question.scale] if question else TEN


def _language(invitation: Invitation) -> str:
    return spoken.language(survey=invitation.survey, wanted=[invitation.language])
