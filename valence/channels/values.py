"""What the rest of the product sees of outgoing messages: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """How a message leaves."""

    EMAIL = "email"
    SMS = "sms"


class Purpose(StrEnum):
    """What a message is for. It decides how it is written, and which consent it needs."""

    INVITATION = "invitation"
    REPLY = "reply"
    DIGEST = "digest"


class State(StrEnum):
    """Where a message stands. `sending` is one that is being handed over right now.

    unsure: the process died while handing it over; it may have left, so it is not sent again.
    withheld: it should not be sent any more: consent withdrawn, invitation ended, its time passed.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    WITHHELD = "withheld"
    UNSURE = "unsure"


class Why(StrEnum):
    """Why a message was not sent (yet). A closed list: reasons are counted, and said in words on screen."""

    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    ADDRESS_REFUSED = "address_refused"
    OPTED_OUT = "opted_out"
    MESSAGE_REFUSED = "message_refused"
    SENDER_REFUSED = "sender_refused"
    TRY_LATER = "try_later"
    NOT_REACHED = "not_reached"
    BROKEN_OFF = "broken_off"
    NO_CONSENT = "no_consent"
    ENDED = "ended"
    TOO_LATE = "too_late"
    CANNOT_BE_WRITTEN = "cannot_be_written"


@dataclass(frozen=True)
class ToSend:
    """A message to queue: to a customer (`customer_key`) or to staff (`to`, an address), never to both.

    reference: what it is about within its purpose; the same purpose, reference and kind is one message. content: what
    the message is written from when it leaves, sealed until then. until: nobody wants it any more after that.
    """

    kind: Kind
    purpose: Purpose
    reference: str
    content: Mapping[str, str]
    customer_key: int | None = None
    to: str = ""
    not_before: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Outgoing:
    """A message as it stands. No field names a person. `why` is empty where nothing went wrong."""

    number: str
    kind: Kind
    purpose: Purpose
    reference: str
    customer_key: int | None
    state: State
    why: Why | None
    tries: int
    queued_at: datetime
    next_try_at: datetime
    until: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True)
class Letter:
    """A message ready to leave, whatever the kind. E-mail alone uses subject, html, headers and logo.

    logo: a data address of an image that the HTML shows as `cid:logo`.
    """

    to: str
    text: str
    subject: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    logo: str = ""


@dataclass(frozen=True)
class Problem:
    """What went wrong in handing a message over.

    lasting: trying again cannot help. about_all: it is not this message, the next would fare the same.
    """

    why: Why
    lasting: bool
    about_all: bool = False


@dataclass(frozen=True)
class Handed:
    """What became of a message that was handed over: `reference` is the provider's own name for it, if any."""

    problem: Problem | None = None
    reference: str = ""
