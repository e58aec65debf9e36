"""Winning back: whether what drove somebody away has become rarer since, and what asking others brought. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from valence.insights import intervals, two_shares

FEWEST_COUNTED = 30  # interactions on each side, below which a change says nothing
FEWEST_ASKED = 30  # people whose end is known, below which no chance is said


class Mended(StrEnum):
    """Whether a cause still stands."""

    MENDED = "mended"
    STANDS = "stands"
    WORSE = "worse"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True)
class Attempts:
    """What asking brought: who came back or stayed, who did not, whose end is not known yet, and the money given."""

    back: int
    not_back: int
    watched: int
    granted: float

    @property
    def known(self) -> int:
        """How many ends are known."""
        return self.back + self.not_back

    @property
    def is_enough(self) -> bool:
        """Say whether enough people were asked to speak of a chance."""
        return self.known >= FEWEST_ASKED

    @property
    def range(self) -> intervals.Range:
        """The likely range of the share that came back."""
        return intervals.of_share(self.back, of=self.known)

    @property
    def cost_each(self) -> float | None:
        """The money given for each who came back; None where nobody did."""
        return self.granted / self.back if self.back else None


def mended(*, then: two_shares.Share, now: two_shares.Share) -> Mended:
    """Return whether a fault became rarer: its share of interactions before somebody left, and its share now."""
    if min(then.of, now.of) < FEWEST_COUNTED or not then.number:
        return Mended.CANNOT_SAY
    changed = two_shares.difference(first=then, second=now)
    if changed.high < 0:
        return Mended.MENDED
    return Mended.WORSE if changed.low > 0 else Mended.STANDS
