"""What one kind of evidence finds, team by team, and the contract of a kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from valence.insights.integrity.expected import Expected
from valence.insights.integrity.moments import Bools, Moments
from valence.terms import Floats


class Trick(StrEnum):
    """What a kind of evidence speaks for."""

    BEGGING = "begging"
    FILLING_IN = "filling_in"
    INVITING = "inviting"
    BONUS = "bonus"


@dataclass(frozen=True)
class Finding:
    """One kind of evidence about every team, values (t,).

    z: how far beyond what is usual, one-sided; NaN where nothing can be said. seen out of `of`, against the share that
    is `usual`. rows (n,): the encounters that it rests on, those of all teams.
    """

    z: Floats
    seen: Floats
    of: Floats
    usual: Floats
    rows: Bools


class Kind(Protocol):
    """A kind of evidence: a module of `kinds`. WEIGHT: how directly it shows an act; 1 shows only an effect."""

    NAME: str
    WEIGHT: float
    TRICKS: tuple[Trick, ...]

    def find(self, *, moments: Moments, expected: Expected) -> Finding | None:
        """Return what is found, None where the record has nothing that this kind could look at."""
        ...

    def say(self, *, seen: float, of: float, usual: float) -> str:
        """Return what was found about one team, as a clause."""
        ...
