from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from valence import interactions
from valence.interactions import delta, inbox, log
from valence.interactions.tests.conftest import ALICE, NOW
from valence.terms import Interaction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log_folder")]
Maker = Callable[..., Interaction]


@pytest.fixture
def half_flushed(made: Maker, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the last commit of a log whose process died before it deleted the rows from the inbox."""
    inbox.admit(interactions=[made("a")], now=NOW)
    log.flush()
    inbox.admit(interactions=[made("b", day=1)], now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "drop_moved", _stop)
        with pytest.raises(KeyboardInterrupt):
            log.flush()
    return delta.commits(folder=log.folder())[-1]


def ids() -> list[str]:
    return interactions.journeys_of(keys=[ALICE], columns=["interaction_id"]).texts["interaction_id"].tolist()


@pytest.mark.parametrize("left", [0, 1, 150, -20, -60])
def test_a_torn_last_commit_is_mended_from_the_inbox(half_flushed: Path, left: int) -> None:
    half_flushed.write_bytes(half_flushed.read_bytes()[:left])
    assert [fault.mendable for fault in log.verify()] == [True]
    assert log.repair() == [f"put aside {half_flushed.name}"]
    assert ids() == ["a", "b"]
    log.flush()
    assert ids() == ["a", "b"]
    assert log.tally().whole


def test_a_commit_torn_between_two_lines_is_torn(half_flushed: Path) -> None:
    lines = half_flushed.read_bytes().splitlines(keepends=True)
    half_flushed.write_bytes(b"".join(lines[:-1]))
    assert [fault.mendable for fault in log.verify()] == [True]
    log.repair()
    assert ids() == ["a", "b"]


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_data_file_that_never_reached_the_disk_is_mended_from_the_inbox(
    half_flushed: Path, damage: Callable[[Path], Any]
) -> None:
    newest = max(log.state().files, key=lambda file: (log.folder() / file.path).stat().st_mtime_ns)
    damage(log.folder() / newest.path)
    assert log.verify()
    log.repair()
    log.flush()
    assert ids() == ["a", "b"]
    assert log.tally().whole


def test_a_torn_checkpoint_is_put_aside(half_flushed: Path) -> None:
    delta.checkpoint(table=delta.made(folder=log.folder()), folder=log.folder())
    checkpoint = next((log.folder() / "_delta_log").glob("*.checkpoint.parquet"))
    checkpoint.write_bytes(checkpoint.read_bytes()[:50])
    assert [fault.mendable for fault in log.verify()] == [True, True]
    log.repair()
    assert log.verify() == []
    assert ids() == ["a", "b"]


def test_rows_that_neither_log_nor_inbox_has_are_refused_loudly(made: Maker) -> None:
    for name in ("a", "b"):
        inbox.admit(interactions=[made(name)], now=NOW)
        log.flush()
    delta.commits(folder=log.folder())[-1].unlink()
    assert [fault.mendable for fault in log.verify()] == [False]
    inbox.admit(interactions=[made("c")], now=NOW)
    with pytest.raises(log.LogError, match="restore the log"):
        log.flush()
    with pytest.raises(log.LogError):
        log.repair()


NOTHING_GIVEN_OUT = {
    "sqlite": "DELETE FROM sqlite_sequence WHERE name = 'valence_inboxrow'",
    "postgresql": "SELECT setval('valence_inboxrow_seq_seq', 1, false)",
}


def test_a_database_older_than_the_log_is_refused_loudly(made: Maker) -> None:
    inbox.admit(interactions=[made("a")], now=NOW)
    log.flush()
    with connection.cursor() as cursor:
        cursor.execute(NOTHING_GIVEN_OUT[connection.vendor])
        cursor.execute("DELETE FROM valence_follower")
    with pytest.raises(log.LogError, match="older than the log"):
        log.flush()
    assert [fault.mendable for fault in log.verify()] == [False]


def test_a_fresh_home_is_whole() -> None:
    assert log.verify() == []
    assert log.repair() == []
    assert log.tally().whole


def _stop(**_: Any) -> None:
    raise KeyboardInterrupt
