from __future__ import annotations

from pathlib import Path

import pytest

from valence.demo import simulator, world

END = 20_454.0  # 2026-01-01


def simulated(folder: Path, *, law: str, seed: int = 5, customers: int = 700, files: str = "csv") -> Path:
    simulator.simulate(
        customers=customers, months=14, seed=seed, law=world.Law(law), end=END, out=folder, files=files,
        report=lambda progress: None,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def additive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("additive"), law="additive")


@pytest.fixture(scope="session")
def saturating(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("saturating"), law="saturating")
