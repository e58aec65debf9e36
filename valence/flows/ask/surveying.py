"""Surveys from a template, and one person asked by hand or by a machine: what the API, the commands and pages share."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import msgspec

from valence import terms
from valence.channels import actions as channels
from valence.channels import queries as channel_queries
from valence.channels.values import Kind, Purpose, ToSend
from valence.customers import consent, contacts, queries
from valence.flows.ask import asking as flow
from valence.interactions import sql
from valence.people import audit
from valence.surveys import actions, queries_asking, templates
from valence.surveys import queries as surveys
from valence.surveys.asking import Candidate, Channel, Trigger, Why, plan
from valence.surveys.survey import Survey, SurveyError
from valence.surveys.values import Invitee, Named, NoSuchSurvey, State

LONGEST_SLUG = 50
RESERVED = ("asking",)  # addresses of pages
BY_MESSAGE = {Channel.EMAIL: Kind.EMAIL, Channel.SMS: Kind.SMS}


class NotAsked(Exception):  # noqa: N818 - named as people say it
    """Somebody is not asked; `why` is one of asking.Why, the message says it in words."""

    def __init__(self, why: Why, words: str) -> None:
        super().__init__(words)
        self.why = why


@dataclass(frozen=True)
class Made:
    """An invitation that was made by hand. `token` opens it and is told only now."""

    number: str
    token: str
    survey: str
    version: int
    channel: str
    ends_at: datetime


def slug_of(name: str) -> str:
    """Return a name as an address has it; "survey" where nothing of it can stand there."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-") or "survey"


def free_slug(name: str) -> str:
    """Return the slug of a name, with a number behind it where it is taken."""
    taken = {*RESERVED, *(one.slug for one in surveys.all_surveys())}
    slug, number = slug_of(name), 2
    while (own := slug if number == 2 and slug not in taken else f"{slug}-{number}") in taken:
        number += 1
    return own


def draft(*, template: str, name: str, channel: str, by: str, now: datetime) -> str:
    """Make a draft from a template and return its slug. Raises SurveyError."""
    made = msgspec.structs.replace(templates.load(name=template), **_named(name, channel))
    return keep(survey=made, by=by, now=now)


def keep(*, survey: Survey, by: str, now: datetime) -> str:
    """Keep a new draft under the slug of its name, and return that. Raises SurveyError."""
    slug = free_slug(survey.name)
    actions.put_draft(slug=slug, survey=survey, by=by, now=now)
    audit.record(who=by, what="survey made", about=slug, now=now)
    return slug


def launch(*, slug: str, by: str, now: datetime) -> Named:
    """Ask the draft from now on, put that on record, and return it. Raises NoSuchSurvey, SurveyError."""
    version = actions.launch(slug=slug, by=by, now=now)
    audit.record(who=by, what="survey launched", about=f"{slug}, version {version}", now=now)
    return surveys.one(slug=slug)


def invite(
    *, slug: str, customer_id: str, channel: str, scope: terms.Scope, by: str, now: datetime, rest: bool = False
) -> Made:
    """Ask one customer, because a person or a machine says so; what that asks counts for the budget of all.

    Who is rated must not choose who is asked: such an answer counts for no team and no department, and how many were
    asked so is shown.

    Consent, a refusal to be asked and a missing address are heeded always, rest and budget where `rest` is set.
    Raises NoSuchSurvey, customers.queries.UnknownCustomer, NotAsked, SurveyError for a channel that there is not.
    """
    survey = _asked_now(slug)
    way = _channel(channel or survey.survey.channel)
    with sql.writing():
        key = queries.key_of(scope=scope, customer_id=customer_id)
        contact = contacts.of(keys=[key])[key]
        _heed(contact, way, slug, rest=rest, now=now)
        ends_at = now + flow.OPEN_FOR
        person = Invitee(
            customer_key=key,
            channel=way.value,
            language=contact.language,
            about=dict(queries_asking.BY_HAND),
            known=flow.known_of(contact, about={}),
            ends_at=ends_at,
        )
        [invited] = actions.invite(slug=slug, people=[person], now=now)
        if way in BY_MESSAGE:
            content = {"token": invited.token}
            message = ToSend(BY_MESSAGE[way], Purpose.INVITATION, invited.number, content, key, until=ends_at)
            channels.queue(messages=[message], now=now)
    audit.record(who=by, what="customer asked", about=f"{slug}, invitation {invited.number}", now=now)
    return Made(invited.number, invited.token, slug, survey.version, way.value, ends_at)


def _heed(contact: contacts.Contact, way: Channel, slug: str, *, rest: bool, now: datetime) -> None:
    """Raise NotAsked where a customer may not be asked this way."""
    blocked = channel_queries.unreachable(customer_keys=[contact.key]).get(contact.key, frozenset())
    named = {Channel.WIDGET: "app"}.get(way, way.value)
    said = contact.held.may(purpose=consent.Purpose.FEEDBACK, channel=named)
    if way in BY_MESSAGE and not said.allowed:
        raise NotAsked(Why.NO_CONSENT, f"{named}: {said.why}")
    if way in BY_MESSAGE and (way.value not in contact.has or way.value in blocked):
        raise NotAsked(Why.NO_CHANNEL, f"no address for {way.value}")
    past = flow.past_of(keys=[contact.key])
    someone = Candidate(contact.key, "", now, {}, reachable=(way,), left_at=contact.left_at)
    trigger = Trigger(survey_id=slug, name="", when={}, channels=(way,))
    policy = queries_asking.policy()
    found = plan(candidates=[someone], triggers=[trigger], policy=policy, past=past, key=flow.sampling_key(), now=now)
    heeded = set(Why) if rest else {Why.GONE, Why.DECLINED}
    for decision in found:
        if decision.why in heeded and not decision.asks:
            raise NotAsked(decision.why, decision.detail)


def _asked_now(slug: str) -> Named:
    survey = surveys.one(slug=slug)
    if survey.state is not State.LIVE:
        raise NoSuchSurvey(slug)
    return survey


def _channel(name: str) -> Channel:
    try:
        return Channel(name or Channel.LINK)
    except ValueError:
        raise SurveyError(f"There is no channel {name!r}; there are {', '.join(Channel)}.") from None


def _named(name: str, channel: str) -> dict[str, str]:
    return {"name": name.strip()[:100], "channel": _channel(channel).value if channel else ""}
