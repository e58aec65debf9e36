"""Every test has a log of its own, and one cast: alice and bob lie in one bucket, carla in another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from valence.terms import BUCKETS, Interaction

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
ALICE, BOB, CARLA = 5 + BUCKETS * 10**15, 5 + BUCKETS * 10**14, 6


@pytest.fixture
def log_folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    return settings.HOME.log


@pytest.fixture
def made(log_folder: Path) -> Callable[..., Interaction]:
    """Return a maker of interactions: `made("i1", key=..., day=..., revision=..., ...)`."""

    def make(name: str, *, key: int = ALICE, day: float = 0.0, known: float | None = None, **more: Any) -> Interaction:
        at = NOW - timedelta(days=30) + timedelta(days=day)
        recorded = at if known is None else NOW - timedelta(days=30) + timedelta(days=known)
        given = {"source": "crm", "kind": "contact", "department": "care"} | more
        return Interaction(interaction_id=name, customer_key=key, occurred_at=at, recorded_at=recorded, **given)

    return make
