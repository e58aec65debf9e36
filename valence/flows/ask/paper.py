"""Codes on paper: one for each person, printed on a letter or a bill; or one on a poster, for whoever comes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from valence import interactions
from valence.channels import codes, places
from valence.customers import consent, contacts, lookup
from valence.flows.ask import spoken
from valence.flows.gather import pace
from valence.surveys import actions, queries
from valence.surveys.values import Invitee

PAPER = "paper"
OPEN_FOR = timedelta(days=60)
"""Paper travels slowly, and lies about before it is answered."""

POSTER_OPEN_FOR = timedelta(hours=12)
BEGUN = pace.Pace(a_minute=120, burst=240)
OPENED = pace.Pace(a_minute=20, burst=40)


@dataclass(frozen=True)
class Coded:
    """A customer's code, as it is printed, and where it is typed. It is empty for who is not known, or objected."""

    customer_id: str
    code: str
    address: str


def for_customers(*, slug: str, customer_ids: Sequence[str], now: datetime) -> list[Coded]:
    """Invite customers by codes on paper and return these in order. Raises surveys.values.NoSuchSurvey."""
    keys = lookup.keys_of(customer_ids=customer_ids)
    known = {name: key for name, key in keys.items() if isinstance(key, int)}
    people = contacts.of(keys=list(known.values()))
    made: list[str] = []

    def new_token() -> str:
        made.append(codes.new())
        return codes.token_of(home=settings.HOME, code=made[-1])

    asked = {name: _invitee(key, people[key].language, now) for name, key in known.items() if _may(people.get(key))}
    actions.invite(slug=slug, people=list(asked.values()), now=now, new_token=new_token)
    printed = dict(zip(asked, made, strict=True))
    return [_coded(name, printed.get(name, "")) for name in customer_ids]


def typed(*, text: str) -> str | None:
    """Return where a typed code leads: "/s/TOKEN/", a poster's "/p/CODE/", None where it is no code.

    Raises LookupError for a code that nobody has (any more), pace.TooFast where one is tried again and again.
    """
    code = codes.read(text)
    if code is None:
        return None
    OPENED.take(code)
    with interactions.sql.reading():
        token = codes.token_of(home=settings.HOME, code=code)
        if queries.invitation(token=token) is not None:
            return f"/s/{token}/"
        if places.poster(code=code) is not None:
            return f"/p/{code}/"
    raise LookupError(code)


def begin(*, poster: places.Poster, language: str, now: datetime) -> str:
    """Invite whoever pressed Begin at a poster, and return the token.

    Raises pace.TooFast, surveys.values.NoSuchSurvey, interactions.StoreUnavailable.
    """
    BEGUN.take(poster.code)
    survey = queries.one(slug=poster.survey).survey
    person = Invitee(
        customer_key=None,
        channel=PAPER,
        language=spoken.language(survey=survey, wanted=[language]),
        about=poster.about,
        known=_known(poster.about),
        ends_at=now + POSTER_OPEN_FOR,
    )
    with interactions.sql.writing():
        places.count(place=poster.code, what="begun", day=now.date())
        return actions.invite(slug=poster.survey, people=[person], now=now)[0].token


def _may(contact: contacts.Contact | None) -> bool:
    return contact is not None and contact.held.may(purpose=consent.Purpose.FEEDBACK, channel="post").allowed


def _invitee(key: int, language: str, now: datetime) -> Invitee:
    return Invitee(key, PAPER, language, {}, {}, now + OPEN_FOR)


def _coded(customer_id: str, code: str) -> Coded:
    address = f"{spoken.address()}/s/" if code else ""
    return Coded(customer_id, codes.written(code) if code else "", address)


def _known(about: Mapping[str, str]) -> Mapping[str, str]:
    return {f"interaction.{name}" if name == "kind" else name: value for name, value in about.items()}
