"""The models of the bond that were trained, with their figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from valence.ledger.models import BondModel


@dataclass(frozen=True)
class ModelRow:
    """One trained model. `figures` are those it had on held-out time, as the fit wrote them."""

    version: str
    trained_at: datetime
    known_until: datetime
    pack: str
    in_use: bool
    figures: Mapping[str, Any]


def versions() -> tuple[ModelRow, ...]:
    """Return every model, the newest first."""
    names = ("version", "trained_at", "known_until", "pack", "in_use", "figures")
    rows = BondModel.objects.order_by("-trained_at", "-version").values(*names)
    return tuple(ModelRow(**row) for row in rows)


def in_use() -> ModelRow | None:
    """Return the model in use, or None before the first training."""
    return next((row for row in versions() if row.in_use), None)
