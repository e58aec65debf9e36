"""A small made-up operator in a home of its own, taken in once for all tests of a file and undone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from valence.demo import simulator, world
from valence.flows.gather import imports
from valence.flows.weigh import score, train
from valence.ledger.queries import versions

END = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Operator:
    files: Path
    card: versions.ModelCard
    scored: score.Score


@pytest.fixture(scope="module")
def operator(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Operator]:
    """Return 250 customers over a year, imported, learned from and scored."""
    folder = tmp_path_factory.mktemp("operator")
    home = replace(settings.HOME, folder=folder / "home")
    for name in ("log", "uploads", "packs", "logs"):
        (home.folder / name).mkdir(parents=True)
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "HOME", home)
        yield _made(folder / "files")
        transaction.set_rollback(True)


def _made(files: Path) -> Operator:
    simulator.simulate(
        customers=250,
        months=12,
        seed=5,
        law=world.Law.ADDITIVE,
        end=20454.0,
        out=files,
        files="csv",
        report=lambda progress: None,
    )
    for name in ("customers", "interactions"):
        imports.run(kind="csv", path=files / f"{name}.csv", by="test", now=NOW, progress=lambda progress: None)
    return Operator(files=files, card=train.train(now=NOW), scored=score.score(now=NOW))
