"""The words that no pack knows, and how often they were met when the ledger was last worked out."""

from __future__ import annotations

from dataclasses import dataclass, fields

from valence.ledger.models import UnknownWord


@dataclass(frozen=True)
class UnknownRow:
    """A kind, fact or department that no pack knows. `column` says which of the three it is."""

    column: str
    word: str
    interactions: int
    customers: int


def rows(*, limit: int = 100) -> tuple[UnknownRow, ...]:
    """Return the words, those that most customers met first."""
    names = [field.name for field in fields(UnknownRow)]
    found = UnknownWord.objects.order_by("-customers", "column", "word").values(*names)[:limit]
    return tuple(UnknownRow(**row) for row in found)


def total() -> int:
    """Return how many words are unknown."""
    return UnknownWord.objects.count()
