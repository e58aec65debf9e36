"""Everybody who follows the inbox: what they have not read stays there. One line for each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from valence.flows.act import alerting, promising
from valence.flows.read import reading
from valence.interactions import followers


class Follow(Protocol):
    """Reads what comes next, from `shared` where it stands before it, and stores what it made of it."""

    def __call__(self, *, now: datetime, shared: followers.Arrived | None = None) -> object:
        """Do one step."""


@dataclass(frozen=True)
class Follower:
    """One that follows the inbox under the name of its position. `run` does it until `stop` is set, in a thread."""

    name: str
    follow: Follow
    run: Callable[..., None]


EVERY: tuple[Follower, ...] = (
    Follower(alerting.NAME, alerting.follow, alerting.run),
    Follower(reading.NAME, reading.follow, reading.run),
    Follower(promising.NAME, promising.follow, promising.run),
)


def threads(*, stop: threading.Event) -> list[threading.Thread]:
    """Return a thread for each, not started."""
    return [threading.Thread(target=one.run, kwargs={"stop": stop}, name=one.name) for one in EVERY]
