"""The widget on a company's web pages: what it asks, what somebody answers or declines there. Opening it asks nobody.

An invitation is made with the first answer, or when somebody known declines; who only looks leaves a count.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from valence.channels import places, signing, words
from valence.customers import consent, contacts
from valence.customers import queries as customers
from valence.flows.ask import answering, asking, spoken
from valence.flows.gather import pace
from valence.interactions import sql
from valence.surveys import actions, contrast, logic, page_words, queries, queries_asking, showing
from valence.surveys.answer import Answers, Given, Wrong
from valence.surveys.asking import Candidate, Channel, Trigger, plan
from valence.surveys.survey import Survey
from valence.surveys.values import End, Invitation, Invitee, NoSuchSurvey, NotOpen, State
from valence.terms import EVERYTHING

OWN_COLOUR = "#4a3fb5"
OPEN_FOR = timedelta(hours=12)
BEGUN = pace.Pace(a_minute=1200, burst=2400)
APP = "app"
WORDS = ("name", "close", "decline", "next", "send", "thanks", "failed", "optional")


class NotHere(LookupError):  # noqa: N818 - named as people say it
    """There is no such place of the widget, or its survey is not asked (any more)."""


class NotAllowed(Exception):  # noqa: N818 - named as people say it
    """This origin may not show the widget, or who is signed in was not proven."""


@dataclass(frozen=True)
class Visitor:
    """Who looks: a customer whom the company's server vouches for, or (empty) nobody known. language: a tag."""

    customer_id: str = ""
    proof: str = ""
    language: str = ""


@dataclass(frozen=True)
class _Place:
    """A place that is open: its survey as it is asked now, and who looks at it."""

    site: places.Site
    survey: Survey
    version: int
    contact: contacts.Contact | None
    language: str


def site_of(*, key: str, origin: str) -> places.Site:
    """Return a place of the widget. Raises NotHere, NotAllowed where this origin may not show it."""
    site = places.site(key=key)
    if site is None:
        raise NotHere(key)
    if origin.lower() not in site.origins:
        raise NotAllowed(origin)
    return site


def opened(*, site: places.Site, visitor: Visitor, now: datetime) -> Mapping[str, Any]:
    """Return what the widget shows: `ask` is false where this customer should not be asked now.

    Raises NotHere, NotAllowed, interactions.StoreUnavailable.
    """
    with sql.reading():
        place = _place(site, visitor)
        if place.contact is not None and not _may_be_asked(place.contact, site.survey, now):
            return {"ask": False}
    says = words.of(language=place.language)
    colours = [contrast.readable(place.survey.brand.colour or OWN_COLOUR, on_dark=dark) for dark in (False, True)]
    return {
        "ask": True,
        "language": place.language,
        "direction": page_words.direction(language=place.language),
        "colours": [[one, contrast.text_on(one)] for one in colours],
        "words": {name: says[f"widget_{name}"].format(company=spoken.company()) for name in WORDS},
        "questions": _questions(_standing(place), {}, {}, place.language),
    }


def shown(*, site: places.Site, now: datetime) -> None:
    """Count that the widget was shown; a store that cannot count just now hides no question."""
    with suppress(sql.StoreUnavailable), sql.writing():
        places.count(place=site.key, what="shown", day=now.date())


def answered(
    *, site: places.Site, visitor: Visitor, token: str, form: Mapping[str, Given], send: bool, now: datetime
) -> Mapping[str, Any]:
    """Keep what was answered, and send it where that is asked; return the questions that are asked now.

    Without a token this is the first answer, and makes an invitation. Raises NotHere, NotAllowed, values.NotOpen,
    values.TooOften, pace.TooFast, interactions.StoreUnavailable.
    """
    with sql.reading():
        place = _place(site, visitor)
    with sql.admitting():
        token = token or _begin(place, now)
        standing = answering.opened(token=token)
        if standing is None:
            raise NotOpen(End.EXPIRED)
        stands = answering.given(
            standing=standing, form=form, language=place.language, send=send, call_me=False, now=now
        )
        if stands.sent:
            places.count(place=site.key, what="sent", day=now.date())
    questions = _questions(stands.invitation, stands.answers, stands.wrong, place.language)
    return {"token": token, "sent": stands.sent, "questions": questions}


def declined(*, site: places.Site, visitor: Visitor, token: str, now: datetime) -> None:
    """Keep that somebody does not want to be asked here. Raises NotHere, NotAllowed, StoreUnavailable."""
    with sql.reading():
        place = _place(site, visitor)
    with sql.admitting():
        places.count(place=site.key, what="declined", day=now.date())
        if not token and place.contact is not None:
            token = _begin(place, now)
        standing = answering.opened(token=token) if token else None
        if standing is not None and standing.invitation.end is None:
            answering.decline(invitation=standing.invitation, now=now)


def _place(site: places.Site, visitor: Visitor) -> _Place:
    try:
        named = queries.one(slug=site.survey)
    except NoSuchSurvey:
        raise NotHere(site.key) from None
    if named.state is not State.LIVE:
        raise NotHere(site.key)
    contact = _contact(site, visitor)
    wanted = [visitor.language, contact.language if contact else ""]
    language = spoken.language(survey=named.survey, wanted=[one for one in wanted if one])
    return _Place(site=site, survey=named.survey, version=named.version, contact=contact, language=language)


def _contact(site: places.Site, visitor: Visitor) -> contacts.Contact | None:
    """Return the customer who is signed in; None where nobody says who it is, or nobody here knows them."""
    if not visitor.customer_id:
        return None
    if not signing.is_proven(secret=places.secret(site), customer_id=visitor.customer_id, given=visitor.proof):
        raise NotAllowed(visitor.customer_id)
    try:
        key = customers.key_of(scope=EVERYTHING, customer_id=visitor.customer_id)
    except customers.UnknownCustomer:
        return None
    return contacts.of(keys=[key]).get(key)


def _may_be_asked(contact: contacts.Contact, slug: str, now: datetime) -> bool:
    """Say whether asking a customer here and now heeds what they said, and the budget of all surveys."""
    if not contact.held.may(purpose=consent.Purpose.FEEDBACK, channel=APP).allowed:
        return False
    someone = Candidate(contact.key, "", now, {}, reachable=(Channel.WIDGET,), left_at=contact.left_at)
    trigger = Trigger(survey_id=slug, name="", when={}, channels=(Channel.WIDGET,))
    past, key = asking.past_of(keys=[contact.key]), asking.sampling_key()
    policy = queries_asking.policy()
    decisions = plan(candidates=[someone], triggers=[trigger], policy=policy, past=past, key=key, now=None)
    return all(decision.asks for decision in decisions)


def _begin(place: _Place, now: datetime) -> str:
    BEGUN.take(place.site.key)
    places.count(place=place.site.key, what="begun", day=now.date())
    person = Invitee(
        customer_key=place.contact.key if place.contact else None,
        channel=Channel.WIDGET.value,
        language=place.language,
        about={},
        known=_known(place),
        ends_at=now + OPEN_FOR,
    )
    return actions.invite(slug=place.site.survey, people=[person], now=now)[0].token


def _known(place: _Place) -> Mapping[str, str]:
    return asking.known_of(place.contact, about={}) if place.contact else {}


def _standing(place: _Place) -> Invitation:
    """Return the survey as if somebody was invited to it: nothing is stored before the first answer."""
    never = datetime.min.replace(tzinfo=UTC)
    return Invitation(
        "", place.site.survey, place.version, place.survey, None, Channel.WIDGET.value, place.language,
        about={}, known=_known(place), asked_at=never, ends_at=never, end=None,
    )  # fmt: skip


def _questions(
    invitation: Invitation, answers: Answers, wrong: Mapping[str, Wrong], language: str
) -> list[dict[str, Any]]:
    asked = logic.asked(invitation.survey, answers=answers, known=invitation.known)
    return [
        asdict(showing.shown(one, invitation=invitation, answers=answers, wrong=wrong, language=language))
        for one in asked
    ]
