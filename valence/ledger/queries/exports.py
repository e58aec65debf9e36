"""Stored results as plain rows, a few thousand at a time, for files. Read only through a scope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F, QuerySet

from valence.customers import identities
from valence.ledger.models import Loss, Risk, Share
from valence.terms import Scope

AT_ONCE = 5_000
RISK = (
    "as_of", "bond", "p_leave_30d", "p_leave_60d", "p_leave_90d", "p_low_30d", "p_high_30d", "value_at_risk", "model",
    "p_low_60d", "p_high_60d", "why", "why_department", "act_by",
)  # fmt: skip
BLAME = (
    "left_at", "source", "interaction_id", "department", "effect", "p_would_have_stayed", "p_low", "p_high",
    "root_interaction_id", "root_department",
)  # fmt: skip
RANGES = ("interaction_id", "effect_low", "effect_high")
LOSSES = (
    "left_at", "attributable", "verdict", "top_department", "top_interaction_id", "root_department",
    "root_interaction_id", "margin",
)  # fmt: skip


def risk(*, scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield (key, *RISK) of every present customer, the most likely to leave first."""
    found = Risk.objects.filter(identities.seen(scope=scope, path="customer"))
    return _rows(found.order_by("-p_leave_60d", "customer_id"), "customer_id", RISK)


def losses(*, scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield (key, *LOSSES) of everybody who left by choice, by key."""
    return _rows(
        Loss.objects.filter(identities.seen(scope=scope, path="customer")).order_by("customer_id"),
        "customer_id",
        LOSSES,
    )


def blame(*, scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield (key, *BLAME) of every interaction with a share in a loss, by key and time."""
    found = Share.objects.filter(identities.seen(scope=scope, path="loss__customer")).annotate(
        left_at=F("loss__left_at")
    )
    return _rows(found.order_by("loss_id", "occurred_at", "pk"), "loss_id", BLAME)


def ranges(*, scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield (key, *RANGES) of every interaction with a share in a loss: the ranges that the blame export leaves out."""
    return _rows(
        Share.objects.filter(identities.seen(scope=scope, path="loss__customer")).order_by("loss_id", "pk"),
        "loss_id",
        RANGES,
    )


def _rows(found: QuerySet[Any], key: str, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    return found.values_list(key, *names).iterator(chunk_size=AT_ONCE)
