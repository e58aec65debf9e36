"""Who may be written to or scored, for what, on which channel, and on which lawful basis. Pure.

What was said is kept as it was said, the newest word counts. A word about one channel counts before one about all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

EVERY = ""
"""The channel of a word that speaks of all of them."""

LONGEST_SOURCE = 60


class Purpose(StrEnum):
    """What somebody is written to for; SCORING: that figures about them are worked out, which has no channel."""

    FEEDBACK = "feedback"
    SERVICE = "service"
    MARKETING = "marketing"
    SCORING = "scoring"


class Basis(StrEnum):
    """Why it is lawful (GDPR, article 6)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGITIMATE_INTEREST = "legitimate_interest"
    LEGAL_DUTY = "legal_duty"


CHANNELS = ("email", "sms", "phone", "app", "post")

UNSAID: Mapping[Purpose, Basis | None] = {
    Purpose.FEEDBACK: Basis.LEGITIMATE_INTEREST,
    Purpose.SERVICE: Basis.CONTRACT,
    Purpose.MARKETING: None,
    Purpose.SCORING: Basis.LEGITIMATE_INTEREST,
}
"""What holds where nothing was ever said: customers may be asked how it was, and scored, until they object."""

BASIS_WORDS: Mapping[Basis, str] = {
    Basis.CONSENT: "agreed",
    Basis.CONTRACT: "part of the contract",
    Basis.LEGITIMATE_INTEREST: "legitimate interest, no objection",
    Basis.LEGAL_DUTY: "required by law",
}


class ConsentError(ValueError):
    """A word about consent that cannot be taken; the message names the field and what is wrong."""


@dataclass(frozen=True)
class Word:
    """What was said about one purpose on one channel (EVERY: all): a basis, or that it is withdrawn; when; by what."""

    purpose: Purpose
    channel: str
    basis: Basis
    since: datetime
    source: str
    withdrawn: bool = False


@dataclass(frozen=True)
class May:
    """Whether somebody may be written to, on which basis, and why in words."""

    allowed: bool
    basis: str
    why: str


@dataclass(frozen=True)
class Held:
    """What holds for one customer: the words that count, and the channel they prefer ("" where they said none)."""

    words: Mapping[tuple[Purpose, str], Word] = field(default_factory=dict)
    prefers: str = ""
    only_agreed: bool = False

    def may(self, *, purpose: str, channel: str) -> May:
        """Return whether this customer may be written to. Raises ValueError for a purpose that there is not."""
        wanted = Purpose(purpose)
        word = _counting(self, wanted, channel)
        if word is not None:
            return _said(word)
        basis = UNSAID[wanted]
        if basis is None or (self.only_agreed and wanted is Purpose.FEEDBACK):
            return May(allowed=False, basis="", why=f"has not agreed to {wanted.value}")
        return May(allowed=True, basis=basis.value, why=BASIS_WORDS[basis])


def held(words: Iterable[Word], *, prefers: str = "", only_agreed: bool = False) -> Held:
    """Return what holds after everything that was said, in any order; of two of one moment the withdrawal counts."""
    counting: dict[tuple[Purpose, str], Word] = {}
    for word in sorted(words, key=lambda one: (one.since, one.withdrawn)):
        counting[word.purpose, word.channel] = word
    return Held(words=counting, prefers=prefers, only_agreed=only_agreed)


def checked(*, purpose: str, channel: str, basis: str, source: str) -> tuple[Purpose, str, Basis, str]:
    """Return the parts of a word as they are kept. Raises ConsentError."""
    if purpose not in set(Purpose):
        raise ConsentError(f"purpose: is none of {', '.join(Purpose)}")
    if channel != EVERY and channel not in CHANNELS:
        raise ConsentError(f"channel: is none of {', '.join(CHANNELS)}, nor empty for all of them")
    if purpose == Purpose.SCORING and channel != EVERY:
        raise ConsentError("channel: scoring has none")
    if basis not in set(Basis):
        raise ConsentError(f"basis: is none of {', '.join(Basis)}")
    if len(source) > LONGEST_SOURCE:
        raise ConsentError(f"source: is longer than {LONGEST_SOURCE} letters")
    return Purpose(purpose), channel, Basis(basis), source


def read(said: str) -> list[tuple[Purpose, str, bool]]:
    """Return what a file's cell says: `feedback:email|marketing:-sms|service` as (purpose, channel, withdrawn).

    A minus before the channel, or before the purpose for all channels, says that it is withdrawn. Raises ConsentError.
    """
    found = []
    for part in filter(None, (one.strip().lower() for one in said.split("|"))):
        purpose, _, channel = part.partition(":")
        no = purpose.startswith("-") or channel.startswith("-")
        wanted = checked(purpose=purpose.lstrip("-"), channel=channel.lstrip("-"), basis="consent", source="")
        found.append((wanted[0], wanted[1], no))
    return found


def _counting(one: Held, purpose: Purpose, channel: str) -> Word | None:
    """Return the word that counts: the newer of that about the channel and that about all, where all was withdrawn."""
    own, every = one.words.get((purpose, channel)), one.words.get((purpose, EVERY))
    if own is None or every is None:
        return own or every
    return every if every.withdrawn and every.since >= own.since else own


def _said(word: Word) -> May:
    day = f"{word.since:%Y-%m-%d}"
    if word.withdrawn:
        return May(allowed=False, basis="", why=f"withdrawn on {day} ({word.source})")
    return May(allowed=True, basis=word.basis.value, why=f"{BASIS_WORDS[word.basis]} since {day} ({word.source})")
