"""What the evidence looks at: every encounter that a survey should have asked about, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence.insights.scores import Scale
from valence.terms import Codes, Days, Floats

Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]
Texts = NDArray[np.object_]

UNDUE, WITHHELD, ASKED = 0, 1, 2


@dataclass(frozen=True)
class Moments:
    """Encounters of teams side by side, on one scale. Columns have a value each (n,).

    teams: their names; team: index into them. refs: the encounter's reference. answers: the answer's, "" none.
    occurred, answered: days, NaN where nothing was answered. facts (n, k): what went wrong or right as recorded, one
    column for each of fact_names. mix (n, m): what the team cannot help (segment, region, reason): the case mix.
    state: UNDUE by the rules nobody was to be asked; WITHHELD by the rules somebody was, and was not for a reason that
    people can bring about; ASKED. why: that reason's word. score: NaN none. seconds: how long answering took, NaN
    unknown. device: the same number means the same device on the same day, -1 unknown; shared: a device meant for
    many (a tablet on the counter). text: what was written, "" nothing. straight: 1 where every row of a grid got the
    same answer, NaN no grid. later: 1 where the customer left, complained or scored low soon after, NaN not known yet.
    target: the mean score from which on a bonus is paid, where one is known.
    """

    scale: Scale
    teams: tuple[str, ...]
    fact_names: tuple[str, ...]
    team: Codes
    refs: Texts
    answers: Texts
    occurred: Days
    facts: Floats
    mix: Floats
    state: Codes
    why: Texts
    score: Floats
    answered: Days
    seconds: Floats
    device: Rows
    shared: Bools
    text: Texts
    straight: Floats
    later: Floats
    target: float | None = None

    def __len__(self) -> int:
        return len(self.team)

    @property
    def has_answer(self) -> Bools:
        """Which encounters were answered (n,)."""
        return ~np.isnan(self.score)

    @property
    def number(self) -> Floats:
        """How many answers each team has (t,)."""
        return self.per_team(self.has_answer)

    def per_team(self, what: NDArray[Any]) -> Floats:
        """Return the sum of a column (n,) for each team (t,)."""
        return np.asarray(np.bincount(self.team, weights=np.asarray(what, float), minlength=len(self.teams)), float)

    def taken(self, which: Bools) -> Moments:
        """Return only the encounters where `which` (n,) holds; the teams stay."""
        columns = {name: getattr(self, name)[which] for name in COLUMNS}
        return replace(self, **columns)


COLUMNS = (
    "team", "refs", "answers", "occurred", "facts", "mix", "state", "why", "score", "answered", "seconds", "device",
    "shared", "text", "straight", "later",
)  # fmt: skip
