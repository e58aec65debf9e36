"""What a message that leaves says: an invitation in the words of its survey, a reply, a digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.conf import settings

from valence.channels import signing, words
from valence.channels.letters import writing
from valence.channels.values import Kind, Letter, Outgoing, Purpose, Why
from valence.flows.ask import spoken
from valence.surveys import contrast, logic, page_words, queries
from valence.surveys.kinds import scale
from valence.surveys.survey import Question, Survey, said_in
from valence.surveys.values import Invitation

OWN_COLOUR = "#4a3fb5"
Content = Mapping[str, str]


def written(*, message: Outgoing, content: Content, to: str, now: datetime) -> Letter | Why:
    """Return what a message says as of now, or why it should not leave any more."""
    return WRITERS[message.purpose](message, content, to, now)


def score_question(invitation: Invitation) -> Question | None:
    """Return the question whose answer is the score, where it is asked before anything is known of the answers."""
    asked = logic.asked(invitation.survey, answers={}, known=invitation.known)
    return next((one for one in asked if one.role == "score" and one.kind == "scale"), None)


def text_of(question: Question, *, invitation: Invitation, language: str) -> str:
    """Return how a question is put to somebody who has not answered yet."""
    return logic.words(question, survey=invitation.survey, answers={}, known=invitation.known, language=language)


def _invitation(message: Outgoing, content: Content, to: str, now: datetime) -> Letter | Why:
    invitation = queries.by_number(number=message.reference)
    if invitation is None or invitation.end is not None or invitation.ends_at <= now:
        return Why.ENDED
    link = f"{spoken.address()}/s/{content['token']}/"
    if message.kind is Kind.SMS:
        return _sms_ask(invitation, to, link)
    return _mail_ask(message, invitation, to, link)


def _sms_ask(invitation: Invitation, to: str, link: str) -> Letter:
    survey, language = invitation.survey, _language(invitation)
    says, question = words.of(language=language), score_question(invitation)
    if question is None:
        text = says["sms_link"].format(company=spoken.company(), question=_intro(survey, language), link=link)
        return Letter(to=to, text=text, language=language)
    points = scale.POINTS[question.scale]
    text = says["sms_ask"].format(
        company=spoken.company(),
        question=text_of(question, invitation=invitation, language=language),
        least=points[0],
        most=points[-1],
        low=said_in(question.low, language=language, survey=survey),
        high=said_in(question.high, language=language, survey=survey),
        link=link,
    )
    return Letter(to=to, text=text, language=language)


def _mail_ask(message: Outgoing, invitation: Invitation, to: str, link: str) -> Letter:
    survey, language = invitation.survey, _language(invitation)
    says, question, company = words.of(language=language), score_question(invitation), spoken.company()
    colour = contrast.readable(survey.brand.colour or OWN_COLOUR, on_dark=False)
    low, high = (
        (said_in(one, language=language, survey=survey) for one in (question.low, question.high))
        if question
        else ("", "")
    )
    return writing.ask(
        writing.Ask(
            to=to,
            language=language,
            direction=page_words.direction(language=language),
            company=company,
            subject=says["subject"].format(company=company),
            question=_first_words(invitation, question, language),
            scores=_scores(question, low, high, says, link),
            low=low,
            high=high,
            one_more=says["one_more"],
            begin=says["begin"],
            address=link,
            why_asked=spoken.why_asked(invitation=invitation, language=language),
            sent_by=says["sent_by"].format(company=company),
            stop=says["stop"],
            stop_address=_stop_address(message),
            privacy=says["privacy"],
            privacy_address=f"{link}privacy/",
            colour=colour,
            on_colour=contrast.text_on(colour),
            logo=survey.brand.logo,
        )
    )


def _first_words(invitation: Invitation, question: Question | None, language: str) -> str:
    if question is None:
        return _intro(invitation.survey, language)
    return text_of(question, invitation=invitation, language=language)


def _scores(
    question: Question | None, low: str, high: str, says: Mapping[str, str], link: str
) -> tuple[writing.Score, ...]:
    if question is None:
        return ()
    points = scale.POINTS[question.scale]
    ends = {"least": points[0], "most": points[-1], "low": low, "high": high}
    return tuple(
        writing.Score(
            number=str(point),
            words=says["score_words"].format(number=point, **ends),
            address=f"{link}?{question.id}={point}",
        )
        for point in points
    )


def _note(message: Outgoing, content: Content, to: str, now: datetime) -> Letter | Why:
    """Return what a person wrote to a customer, or what sums something up for staff."""
    language, company = content.get("language", "") or "en", spoken.company()
    says = words.of(language=language)
    if message.kind is Kind.SMS:
        return Letter(to=to, text=f"{company}: {content['text']} {says['sms_reply_stop']}", language=language)
    to_customer = message.customer_key is not None
    return writing.note(
        writing.Note(
            to=to,
            language=language,
            direction=page_words.direction(language=language),
            company=company,
            subject=content.get("subject", "") or company,
            text=content["text"],
            sent_by=says["sent_by"].format(company=company),
            stop=says["stop_letters"] if to_customer else "",
            stop_address=_stop_address(message) if to_customer else "",
        )
    )


WRITERS: Mapping[Purpose, Callable[[Outgoing, Content, str, datetime], Letter | Why]] = {
    Purpose.INVITATION: _invitation,
    Purpose.REPLY: _note,
    Purpose.DIGEST: _note,
}


def _language(invitation: Invitation) -> str:
    return spoken.language(survey=invitation.survey, wanted=[invitation.language])


def _intro(survey: Survey, language: str) -> str:
    return said_in(survey.intro, language=language, survey=survey)


def _stop_address(message: Outgoing) -> str:
    return f"{spoken.address()}/u/{signing.stop_token(home=settings.HOME, number=message.number)}"
