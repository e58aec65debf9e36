"""What is told, and how it leaves: values that every kind of channel shares. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class WrongReceiver(ValueError):  # noqa: N818  it is said to people as such
    """Settings of a receiver that cannot be used. The text says why, to the person who typed them."""


@dataclass(frozen=True)
class Event:
    """Something that happened. `name` is the same each time it is sent; data holds plain values."""

    name: str
    kind: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One POST."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


HEADS: Mapping[str, str] = {
    "case.opened": "New case",
    "case.closed": "Closed",
    "case.verified": "Looked at again",
    "place.raised": "Several cases close together",
}


def in_a_line(*, event: Event) -> str:
    """Return an event as a chat tells it: `New case: A promise was broken (C-7), opened for Mark`."""
    data = event.data
    head = HEADS.get(event.kind, event.kind)
    return f"{head}: {data.get('title', '')} ({data.get('number', '')}), {data.get('words', '')}"
