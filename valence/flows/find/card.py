"""The card for whoever is about to talk to a customer: what happened, what was promised, what not to ask, how to speak.

A desk tool shows it in a frame by a link that we sign: it names one customer, lasts minutes, and opens nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings

from valence import terms
from valence.cases import queries as cases
from valence.flows.find import customer
from valence.insights import before_contact, say
from valence.ledger.queries import readings

LASTS = timedelta(minutes=15)
LONGEST_QUOTE = 160
WROTE_WITHIN = timedelta(days=180)
PURPOSE = "card"
MAC_BYTES = 16
MOST_PROMISES = 3
CALM = "Begin with what happened and what is done about it. Nothing is offered for sale before that is settled."
TONES = {
    "negative": "sounded upset",
    "positive": "sounded pleased",
    "mixed": "sounded torn",
    "neutral": "kept to facts",
}


@dataclass(frozen=True)
class Card:
    """What to know, in a few sentences. Text between ** stands out. `case`: the open case's number, "" where none is.

    promises: what is owed still, each with its day. speaks: the language to speak, "" where it is not known.
    """

    name: str
    customer_id: str
    speaks: str
    brief: before_contact.Brief
    tone: str
    promises: tuple[str, ...]
    case: str
    last: str
    as_of: datetime


class WrongLink(LookupError):  # noqa: N818  named as people say it
    """The link was not made by us, or its time is over."""


def read(*, scope: terms.Scope, key: int, now: datetime) -> Card:
    """Return the card of a customer. Raises customers.queries.UnknownCustomer where the scope does not hold them."""
    known = customer.read(scope=scope, key=key, now=now)
    open_ = cases.open_of(keys=[key]).get(key)
    promises = _promises(known, now)
    brief = replace(known.brief, do_not_ask=known.brief.do_not_ask.replace(" It is all below.", ""))
    if len(promises) > 1:  # the others are listed after the first: how many they are need not be said
        brief = replace(brief, owed=brief.owed.partition(" And ")[0])
    return Card(
        name=known.profile.name.said,
        customer_id=known.profile.name.customer_id,
        speaks=known.profile.language,
        brief=brief,
        tone=_tone(scope, key, known, now),
        promises=promises,
        case="" if open_ is None else f"{cases.PREFIX}{open_}",
        last=_last(known, now),
        as_of=known.at,
    )


def link_token(*, key: int, now: datetime) -> str:
    """Return what a link to one card ends with; it lasts LASTS."""
    said = f"{key}.{int((now + LASTS).timestamp())}"
    return f"{said}.{_mac(said)}"


def opened(*, token: str, now: datetime) -> int:
    """Return the customer's key that a link names. Raises WrongLink."""
    said, _, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(said).encode()):
        raise WrongLink
    key, _, until = said.partition(".")
    if now.timestamp() >= int(until):
        raise WrongLink
    return int(key)


def _mac(said: str) -> str:
    digest = hmac.new(settings.HOME.key_for(PURPOSE), said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).decode().rstrip("=")


def _tone(scope: terms.Scope, key: int, known: customer.Known, now: datetime) -> str:
    """Say how they sounded when they wrote last, and how to begin."""
    found = readings.of_customer(scope=scope, key=key, limit=1)
    upset = any(one.state in {"broken", "overdue"} and one.still_owed for one in known.promises)
    if not found or now - found[0].occurred_at > WROTE_WITHIN or found[0].tone not in TONES:
        return CALM if upset else "Nothing they wrote lately tells how they feel."
    one = found[0]
    words = " ".join(one.text.split())
    quote = words if len(words) <= LONGEST_QUOTE else words[:LONGEST_QUOTE].rpartition(" ")[0] + " …"
    said = f"They **{TONES[one.tone]}** on {say.date(one.occurred_at, now=now)}: “{quote}”"
    return f"{said} {CALM}" if one.tone == "negative" or upset else said


def _promises(known: customer.Known, now: datetime) -> tuple[str, ...]:
    owed = [one for one in known.promises if one.state in {"open", "overdue", "broken"} and one.still_owed]
    return tuple(
        say.sentence(one.words) + (f", for {say.date(one.due_at, now=now)}" if one.due_at else "")
        for one in owed[:MOST_PROMISES]
    )


def _last(known: customer.Known, now: datetime) -> str:
    """Return their last interaction in words."""
    if not known.encounters:
        return "Nothing is on record."
    one = max(known.encounters, key=lambda one: one.at)
    return f"{say.sentence(one.noun)}, {say.ago(one.at, now=now)} ({one.said_department})"
