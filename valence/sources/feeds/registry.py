"""The kinds of feeds. A new kind is a module in this folder and a line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from valence.sources.feeds import arriving, bucket, folder, sql
from valence.sources.feeds.contract import Found, Reading, WrongFeed


class Kind(Protocol):
    """What a kind can do. `said` is its part of the feed's file, `[kind]`."""

    def check(self, *, said: Mapping[str, Any]) -> None:
        """Raise WrongFeed where its part of the file cannot be used; nothing is asked of the source."""

    def read(self, *, reading: Reading, kind_of: arriving.KindOf) -> Iterator[Found]:
        """Yield what is new, in order; `kind_of` says what kind of file a name says. Raises WrongFeed.

        A piece's file is the caller's from the moment it is yielded: the next one may take its name.
        """

    def done(self, *, said: Mapping[str, Any], name: str, is_aside: bool, why: str = "") -> None:
        """Do at the source what follows once a file is in, or was set aside."""


FEEDS: Mapping[str, Kind] = {"folder": folder, "sql": sql, "bucket": bucket}


def kind_of(*, name: str) -> Kind:
    """Return a kind of feed by its name. Raises WrongFeed."""
    if name not in FEEDS:
        raise WrongFeed(f"kind: is {', '.join(FEEDS)}; {name!r} is none of them.")
    return FEEDS[name]
