"""What redaction finds and gives back. Frozen values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from valence.text.annotation import Span


class Kind(StrEnum):
    """What personal data is; the word that stands in its place, in square brackets."""

    EMAIL = "email"
    URL = "url"
    IBAN = "iban"
    IP = "ip"
    CARD = "card"
    NATIONAL = "id"
    BIRTH = "birth_date"
    SECRET = "secret"
    ADDRESS = "address"
    PHONE = "phone"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True)
class Found:
    """Personal data at a place of the text as it was written."""

    kind: Kind
    span: Span


@dataclass(frozen=True)
class Redacted:
    """A text with placeholders, and what they stand for, in order; the places are those of the text as written."""

    text: str
    found: tuple[Found, ...]


class Names(Protocol):
    """A model that knows names of people when it sees them. Passed in."""

    @property
    def name(self) -> str:
        """Return which model it is."""

    def find(self, *, texts: Sequence[str]) -> list[list[Span]]:
        """Return the places of names, text by text."""
