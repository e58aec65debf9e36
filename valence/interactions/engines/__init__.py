"""Engines answer questions about the whole log. Each is a folder here with one `ENGINE`; this is what they promise.

The log is the same for all of them; so is the suite in `interactions/tests/test_engines.py`, which walks the folders.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from valence.interactions import by_time
from valence.interactions.view import View
from valence.terms import Journeys

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Question = Callable[[Any], Any]
"""From an Ibis table with a column for each field of an interaction, and `seq`, to the Ibis table that answers."""


class Function(Protocol[T_co]):
    """What `per_customer` calls for every bucket that has rows."""

    def __call__(self, bucket: int, journeys: Journeys, /) -> T_co:
        """Return what is to be known of these customers; no customer lies in two buckets."""


@dataclass(frozen=True)
class Given(Generic[T]):
    """A function that needs to know something of each bucket besides: `of` tells it, and it travels with the bucket.

    What `function` itself holds on to travels to every machine, so it should hold nothing that grows with customers.
    """

    function: Callable[..., T]
    of: Callable[[int], Any]

    def __call__(self, bucket: int, journeys: Journeys, /) -> T:
        """Work on a bucket where everything is at hand."""
        return self.function(bucket, journeys, self.of(bucket))


class Engine(Protocol):
    """What an engine can do with a view of everything that was admitted.

    Both raise FileNotFoundError where a file of the view is gone: the caller comes again with a newer view.
    keeps_to_days: whether a question about some days costs less than one about the whole log.
    """

    keeps_to_days: bool

    def ask(
        self,
        *,
        view: View,
        question: Question,
        as_of: float | None,
        beside: Mapping[str, Any] | None = None,
        within: by_time.Stretch = by_time.EVER,
    ) -> list[dict[str, Any]]:
        """Return the answer's rows. Superseded revisions and what was unknown at `as_of` are not in the table.

        Rows stand under the keys by which their customers are read: `view.merged`. The question looks at no more than
        what happened `within` a stretch of time: an engine may leave out what lies elsewhere.
        """

    def per_customer(
        self,
        *,
        view: View,
        buckets: Sequence[int],
        function: Function[T],
        columns: Sequence[str] | None,
        as_of: float | None,
    ) -> Iterator[tuple[int, T]]:
        """Give (bucket, what the function made of it) for each bucket with rows; memory is that of two buckets at most.

        Rows stand under the keys with which they were written: the caller sees to customers whom several keys name.
        """


def names() -> list[str]:
    """Return the engines that are there."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__) if found.ispkg)


def chosen() -> Engine:
    """Return the engine that `VALENCE_ENGINE` names, DuckDB by default; `spark://host:port` names Spark and where."""
    return named(name=address().partition("://")[0])


def address() -> str:
    """Return what `VALENCE_ENGINE` says: the name of an engine, or where it answers."""
    return os.environ.get("VALENCE_ENGINE") or "duckdb"


def named(*, name: str) -> Engine:
    """Return one engine. Imported only now: an engine's library may take a second to load."""
    if name not in names():
        raise ValueError(f"VALENCE_ENGINE: there is no engine {name}; there are: {', '.join(names())}")
    engine: Engine = importlib.import_module(f"{__name__}.{name}").ENGINE
    return engine
