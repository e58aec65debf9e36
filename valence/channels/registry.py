"""The kinds of channels, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from valence.channels.kinds import email, sms
from valence.channels.routes import Route
from valence.channels.values import Handed, Kind, Letter


class Channel(Protocol):
    """What a kind offers."""

    def where(self, *, route: Route) -> str:
        """Return where messages go."""

    def opened(self, *, route: Route) -> AbstractContextManager[Callable[[str, Letter], Handed]]:
        """Give a function that hands one message over."""


KINDS: Mapping[Kind, Channel] = {Kind.EMAIL: email, Kind.SMS: sms}
