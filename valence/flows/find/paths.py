"""Ways through the company over the whole log: what follows what, whole ways, how many get how far, who comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add

import numpy as np

from valence import interactions, terms
from valence.flows.weigh import minds, population
from valence.journeys import paths, repeats

BY = ("department", "kind", "touchpoint", "channel", "reason", "team_id", "location_id")
REPEATS = ("kind", "reason", "facts")


@dataclass(frozen=True)
class Way:
    """A way that customers went: its words in order, and how many customers went it."""

    words: tuple[str, ...]
    customers: int


def follows(*, by: str, progress: population.Report = population.silent) -> paths.Follows:
    """Return what came right after what, by one of BY, over everything that was admitted."""
    found = interactions.per_customer(function=partial(_follows, by), columns=[by], progress=progress)
    return reduce(add, found, paths.Follows())


def variants(*, by: str, limit: int, progress: population.Report = population.silent) -> tuple[int, tuple[Way, ...]]:
    """Return how many different ways customers went, by one of BY, and the commonest of them."""
    parts = list(interactions.per_customer(function=partial(_variants, by), columns=[by], progress=progress))
    found = paths.together(parts=parts)
    commonest = found.most(limit)
    shown = interactions.journeys_of(keys=sorted(key for _, key in commonest), columns=[by])
    words = dict(zip(shown.keys.tolist(), _ways(shown, by), strict=True))
    return len(found.ways), tuple(Way(words.get(key, ()), times) for times, key in commonest)


def reached(*, by: str, steps: Sequence[str], within_days: float = np.inf) -> tuple[int, ...]:
    """Return how many customers reached each step, in this order."""
    function = partial(_reached, by, tuple(steps), within_days)
    parts = list(interactions.per_customer(function=function, columns=[by]))
    return tuple(np.sum(parts, axis=0).tolist()) if parts else (0,) * len(steps)


def repeated(*, within_days: float = repeats.WITHIN_DAYS) -> tuple[int, int]:
    """Return how many contacts came back to an earlier one about the same matter, and how many customers made them."""
    function = partial(_repeated, within_days)
    found = [(0, 0), *interactions.per_customer(function=function, columns=REPEATS)]
    contacts, customers = np.sum(found, axis=0).tolist()
    return contacts, customers


def _follows(by: str, bucket: int, journeys: terms.Journeys, /) -> paths.Follows:
    return paths.follows(journeys=journeys, column=by)


def _variants(by: str, bucket: int, journeys: terms.Journeys, /) -> paths.Variants:
    return paths.variants(journeys=journeys, column=by)


def _reached(by: str, steps: Sequence[str], within: float, bucket: int, journeys: terms.Journeys, /) -> list[int]:
    return [int(n) for n in paths.reached(journeys=journeys, column=by, steps=steps, within_days=within)]


def _repeated(within_days: float, bucket: int, journeys: terms.Journeys, /) -> tuple[int, int]:
    found = repeats.find(journeys=journeys, pack=minds.pack(), within_days=within_days)
    return len(found.row), len(np.unique(journeys.owners()[found.row]))


def _ways(journeys: terms.Journeys, by: str) -> list[tuple[str, ...]]:
    said = journeys.words[by].said()
    bounds = zip(journeys.starts[:-1].tolist(), journeys.starts[1:].tolist(), strict=True)
    return [tuple(word for word in said[first:after] if word) for first, after in bounds]
