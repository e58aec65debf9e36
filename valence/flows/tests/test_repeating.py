"""Work that is repeated goes on after a failure, which is on record, and ends when it is told to."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from valence.flows.run import failures, repeating

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


class Patient(threading.Event):
    """An event for which nobody waits: it remembers for how long they would have."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout)
        return self.is_set()


def test_a_failure_is_written_down_and_the_next_step_comes_after_a_longer_pause(
    settings: SettingsWrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    monkeypatch.setattr(repeating, "close_old_connections", lambda: None)
    recorded: list[str] = []
    monkeypatch.setattr(failures, "record", lambda **said: recorded.append(said["name"]) or "r1")
    stop, steps = Patient(), iter([0.5, RuntimeError("broken"), 0.0])

    def step() -> float:
        said = next(steps)
        if isinstance(said, Exception):
            raise said
        if said == 0.0:
            stop.set()
        return said

    repeating.again_and_again(step=step, stop=stop, name="tides")
    assert stop.waited == [0.5, repeating.QUIET, 0.0]
    assert recorded == ["tides"]
