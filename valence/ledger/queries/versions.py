"""The trained models themselves: what scoring needs, and a card of each for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from valence.ledger.models import BondModel, BondState, Loss, OpenPromise, Risk, Scoring

STATES = "SELECT customer_id, at, sums, newer FROM valence_bondstate WHERE model = %s AND customer_id IN ({marks})"
KEYS_AT_ONCE = 5_000


@dataclass(frozen=True)
class ModelCard:
    """What a model is and how well it did on time that it had not seen."""

    version: str
    trained_at: datetime
    known_until: datetime
    pack: str
    figures: Mapping[str, Any]
    in_use: bool


@dataclass(frozen=True)
class Scored:
    """What the stored results were worked out from."""

    as_of: datetime
    model: str
    scored_at: datetime
    customers: int
    stale_since: datetime | None


@dataclass(frozen=True)
class LikelyOne:
    """Somebody whom the last score found likely to leave, and since when."""

    customer: int
    model: str
    became_likely_at: datetime | None


@dataclass(frozen=True)
class StateOf:
    """A customer's stored state at a moment (days); no sums where it has to be worked out from the journey."""

    customer: int
    at: float
    sums: bytes
    newer: bool


def cards() -> tuple[ModelCard, ...]:
    """Return all models, the newest first."""
    return tuple(
        _card(model) for model in BondModel.objects.defer("parameters", "habits").order_by("-trained_at", "-version")
    )


def in_use() -> ModelCard | None:
    """Return the model that is used now."""
    version = version_in_use()
    return card(version=version) if version else None


def version_in_use() -> str:
    """Return the version of the model that is used now, "" before the first training."""
    with connection.cursor() as cursor:  # asked for with every batch and every page
        cursor.execute("SELECT version FROM valence_bondmodel WHERE in_use ORDER BY version LIMIT 1")
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def card(*, version: str) -> ModelCard:
    """Return one model's card."""
    return _card(BondModel.objects.defer("parameters", "habits").get(version=version))


def known_by(*, moment: datetime) -> ModelCard | None:
    """Return the newest model that had learned nothing from after a moment."""
    found = BondModel.objects.defer("parameters", "habits").filter(known_until__lte=moment)
    model = found.order_by("-known_until", "-trained_at").first()
    return _card(model) if model else None


def parameters(*, version: str) -> bytes:
    """Return a model as it was stored."""
    return bytes(BondModel.objects.values_list("parameters", flat=True).get(version=version))


def habits(*, version: str) -> bytes:
    """Return what was learned with a model of what follows what; empty where nothing was."""
    return bytes(BondModel.objects.values_list("habits", flat=True).get(version=version))


def scored() -> Scored | None:
    """Return what the stored results were worked out from, None before the first score."""
    row = Scoring.objects.filter(pk=1).first()
    if row is None:
        return None
    return Scored(
        as_of=row.as_of,
        model=row.model,
        scored_at=row.scored_at,
        customers=row.customers,
        stale_since=row.stale_since,
    )


def likely_ones(*, model: str) -> tuple[LikelyOne, ...]:
    """Return who was likely to leave in the last score, if that was of this model."""
    found = Risk.objects.filter(likely_to_leave=True, model=model)
    rows = found.values_list("customer_id", "model", "became_likely_at")
    return tuple(LikelyOne(customer=key, model=name, became_likely_at=since) for key, name, since in rows)


def states(*, keys: Sequence[int], model: str) -> dict[int, StateOf]:
    """Return the stored states of some customers under one model, by key. Plain SQL: intake waits for it."""
    found: dict[int, StateOf] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(keys), KEYS_AT_ONCE):
            part = [int(key) for key in keys[start : start + KEYS_AT_ONCE]]
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(STATES.format(marks=marks), [model, *part])
            found |= {key: StateOf(key, at, bytes(sums), newer) for key, at, sums, newer in cursor.fetchall()}
    return found


def stored_among(*, keys: Sequence[int]) -> list[int]:
    """Return those of some keys under which a state, a risk, a loss or a promise is stored."""
    found: set[int] = set()
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = keys[start : start + KEYS_AT_ONCE]
        for table in (BondState, Risk, Loss, OpenPromise):
            found.update(table.objects.filter(customer_id__in=part).values_list("customer_id", flat=True))
    return sorted(found)


def newer_ones(*, limit: int) -> list[int]:
    """Return customers into whose states something was folded since their risk was worked out."""
    return list(BondState.objects.filter(newer=True).values_list("customer_id", flat=True)[:limit])


def _card(model: BondModel) -> ModelCard:
    return ModelCard(
        version=model.version,
        trained_at=model.trained_at,
        known_until=model.known_until,
        pack=model.pack,
        figures=model.figures,
        in_use=model.in_use,
    )
