"""A made-up operator's record with tricks planted on chosen teams, at a chosen strength."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from valence.demo.tricks import floor as floors
from valence.demo.tricks import kinds, record
from valence.demo.tricks.record import Record

ALL = {**kinds.PLANNED, **kinds.STRESS}
LEAST, MOST = 120, 1200
HONEST = ("ordinary", "excellent")


def plant(
    *,
    seed: int,
    tricks: Sequence[tuple[str, float]],
    ordinary: int,
    excellent: int,
    least: int = LEAST,
    most: int = MOST,
    first_day: float = floors.FIRST_DAY,
) -> Record:
    """Return a record in which the first teams do one trick each, touching that share of their answers.

    After them come the ordinary and the excellent teams, who do nothing. least, most: answers a year,
    which begins on `first_day`.
    """
    drawn = floors.draw(seed=seed, ordinary=ordinary + len(tricks), excellent=excellent, least=least, most=most)
    rng = np.random.default_rng([seed, 41])
    made = record.keep(floor=drawn, played=floors.play(floor=drawn, rng=rng, first_day=first_day), rng=rng)
    for team, (trick, share) in enumerate(tricks):
        made = ALL[trick](made, team, share, np.random.default_rng([seed, 42, team]))
    return made


def doing(*, tricks: Sequence[tuple[str, float]], ordinary: int, excellent: int) -> list[tuple[str, str]]:
    """Return for each team what it does, and to which share of its answers ("" for honest ones)."""
    planted = [(trick, f"{share:.4f}") for trick, share in tricks]
    return [*planted, *[("ordinary", "")] * ordinary, *[("excellent", "")] * excellent]
