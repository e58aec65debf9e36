"""A bill that contradicts what a customer was told, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Finding:
    """A bill and what the customer was told. `about`: told (on the bill itself), quote or usual."""

    key: int
    source: str
    interaction_id: str
    occurred_at: datetime
    about: str
    billed: float
    told: float
    told_source: str
    told_interaction_id: str
    told_at: datetime | None

    @property
    def over(self) -> float:
        """How much more than told was billed."""
        return self.billed - self.told
