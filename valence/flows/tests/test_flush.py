from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence import interactions
from valence.flows.gather import flush
from valence.terms import Interaction, Progress

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path)


def admit(*names: str) -> None:
    rows = [
        Interaction(source="crm", interaction_id=name, customer_key=7, occurred_at=NOW, recorded_at=NOW, kind="contact")
        for name in names
    ]
    interactions.inbox.admit(interactions=rows, now=NOW)


def test_a_row_that_just_came_in_stays_in_the_inbox() -> None:
    admit("a")
    assert flush.run(now=NOW + timedelta(seconds=5)) == flush.Moved(rows=0, files_sorted=0)


def test_a_row_that_waited_a_minute_is_moved() -> None:
    admit("a")
    assert flush.run(now=NOW + timedelta(seconds=60)).rows == 1
    assert interactions.inbox.waiting().rows == 0


def test_many_rows_are_moved_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flush, "ROWS_DUE", 3)
    admit("a", "b")
    assert flush.run(now=NOW).rows == 0
    admit("c")
    assert flush.run(now=NOW).rows == 3


def test_everything_means_inbox_and_loose_files() -> None:
    admit("a", "b")
    said: list[Progress] = []
    assert flush.run(now=NOW, everything=True, progress=said.append) == flush.Moved(rows=2, files_sorted=1)
    assert not interactions.log.state().of_bucket(flush.LOOSE)
    assert [progress.words for progress in said] == ["Moving to the log", "Sorting the log"]


def test_many_loose_files_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flush, "LOOSE_FILES_DUE", 2)
    sorted_in = []
    for name in ("a", "b"):
        admit(name)
        sorted_in.append(flush.run(now=NOW + timedelta(minutes=2)).files_sorted)
    assert sorted_in == [0, 2]
