"""Everybody who follows the inbox: what they have not read stays there. One line for each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from valence.flows.act import alerting, promising
from valence.flows.read import reading


class CatchUp(Protocol):
    """Reads everything that waits; returns up to which `seq` it was read."""

    def __call__(self, *, now: datetime) -> int:
        """Read what waits."""


@dataclass(frozen=True)
class Follower:
    """One that follows the inbox under the name of its position. `run` does it until `stop` is set, in a thread."""

    name: str
    catch_up: CatchUp
    run: Callable[..., None]


EVERY: tuple[Follower, ...] = (
    Follower(alerting.NAME, alerting.catch_up, alerting.run),
    Follower(reading.NAME, reading.catch_up, reading.run),
    Follower(promising.NAME, promising.catch_up, promising.run),
)


def threads(*, stop: threading.Event) -> list[threading.Thread]:
    """Return a thread for each, not started."""
    return [threading.Thread(target=one.run, kwargs={"stop": stop}, name=one.name) for one in EVERY]
