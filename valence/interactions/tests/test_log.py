from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from valence import interactions
from valence.interactions import by_time, delta, inbox, log
from valence.interactions.compaction import to_merge
from valence.interactions.tests.conftest import ALICE, BOB, CARLA, NOW
from valence.terms import Interaction, bucket_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log_folder")]
Maker = Callable[..., Interaction]
EVERYONE = [ALICE, BOB, CARLA]


def admit(*rows: Interaction) -> None:
    inbox.admit(interactions=rows, now=NOW)


def ids(*keys: int) -> list[str]:
    return interactions.journeys_of(keys=keys or EVERYONE, columns=["interaction_id"]).texts["interaction_id"].tolist()


def test_a_flush_moves_every_row_once(made: Maker) -> None:
    admit(made("a"), made("b", key=CARLA), made("c", day=1))
    before = ids()
    assert log.flush().rows == 3
    assert inbox.waiting().rows == 0
    assert ids() == before
    assert log.flush().rows == 0
    assert log.tally().whole


def test_a_flush_moves_the_oldest_rows_first(made: Maker) -> None:
    admit(*[made(f"i{number}", day=number) for number in range(5)])
    second = inbox.waiting().last - 3
    assert log.flush(limit=2).rows == 2
    assert log.state().watermark == second
    assert ids() == [f"i{number}" for number in range(5)]
    assert log.flush().rows == 3


def test_any_reader_of_delta_reads_the_log(made: Maker) -> None:
    admit(made("a", wait_minutes=3.5, promised_at=NOW))
    log.flush()
    row = DeltaTable(str(log.folder())).to_pyarrow_table().to_pylist()[0]
    assert row["interaction_id"] == "a"
    assert row["wait_minutes"] == 3.5
    assert row["promised_at"] == NOW
    assert row["reason"] is None


def test_rows_left_behind_between_commit_and_delete_are_not_doubled(
    made: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(made("a"), made("b"))
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "drop_moved", _stop)
        with pytest.raises(KeyboardInterrupt):
            log.flush()
    assert inbox.waiting().rows == 2
    assert ids() == ["a", "b"]
    admit(made("c", day=1))
    assert log.flush().rows == 1
    assert ids() == ["a", "b", "c"]
    assert log.tally().whole


def test_a_failing_fsync_is_named(made: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    admit(made("a"))
    monkeypatch.setattr(os, "fsync", _failing_after(1))
    with pytest.raises(interactions.StoreUnavailable, match="Input/output error"):
        log.flush()


def test_a_failing_fsync_loses_nothing_at_whatever_step(made: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    admit(made("a"))
    for allowed in range(8):
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", _failing_after(allowed))
            with contextlib.suppress(interactions.StoreUnavailable):
                log.flush()
        assert ids() == ["a"]
    log.flush()
    assert ids() == ["a"]
    assert log.tally().whole


def test_a_full_disk_loses_nothing_and_is_named(made: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    admit(made("a"))
    with monkeypatch.context() as patched:
        patched.setattr(pq, "write_table", _full)
        with pytest.raises(interactions.StoreUnavailable, match="No space left"):
            log.flush()
    assert ids() == ["a"]
    assert log.flush().rows == 1
    assert ids() == ["a"]


def test_a_writer_that_was_overtaken_cannot_commit(made: Maker) -> None:
    admit(made("a"))
    late = delta.made(folder=log.folder())
    log.flush()
    file = log.state().files[0]
    with pytest.raises(interactions.StoreUnavailable), delta.failures_named():
        delta.commit(table=late, folder=log.folder(), adds=[file], removes=[], watermark=1, grew=True)


def test_compaction_sorts_rows_into_their_customers_buckets(made: Maker) -> None:
    for number in range(3):
        admit(*[made(f"{name}{number}", key=name, day=9 - number) for name in EVERYONE])
        log.flush()
    before = ids()
    assert log.compact().files == 3
    assert ids() == before
    assert log.tally().whole
    for file in log.state().files:
        rows = pq.read_table(log.folder() / file.path, partitioning=None)
        assert {bucket_of(key) for key in rows["customer_key"].to_pylist()} == {file.bucket}
        order = list(zip(rows["customer_key"].to_pylist(), rows["occurred_at"].to_pylist(), strict=True))
        assert order == sorted(order)


def test_rows_at_the_same_moment_lie_in_the_order_of_their_names(made: Maker) -> None:
    names = [f"n{number:02d}" for number in np.random.default_rng(0).permutation(40)]
    admit(*[made(name, source=name[-1]) for name in names])
    log.flush()
    journeys = interactions.journeys_of(keys=[ALICE], columns=["source", "interaction_id"])
    said = list(zip(journeys.words["source"].said(), journeys.texts["interaction_id"], strict=True))
    assert said == sorted((name[-1], name) for name in names)


def test_compaction_rewrites_a_large_file_only_when_it_doubles() -> None:
    files = [delta.LogFile(f"{rows}", 0, rows, rows, 0, 1) for rows in (1_000, 90, 40)]
    assert [file.rows for file in to_merge(files=files, rows=20)] == [40, 90]
    assert to_merge(files=files, rows=10) == []
    assert len(to_merge(files=files, rows=500)) == 3


def test_old_files_stay_until_no_reader_can_need_them(made: Maker) -> None:
    admit(made("a"))
    log.flush()
    log.compact()
    assert log.tally().leftover_files == 1
    current = log.state()
    assert delta.sweep(current=current) == 0
    assert delta.sweep(current=current, older_than=0.0) == 1
    assert ids() == ["a"]


def test_what_is_laid_by_time_goes_with_its_file(made: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_time, "MOST_UNLAID", 0)
    admit(made("a"))
    log.flush()
    assert log.lay_by_time() == 0  # loose files are soon sorted in
    log.compact()
    assert [log.lay_by_time(), log.lay_by_time()] == [1, 0]
    [first] = (log.folder() / delta.BY_TIME).iterdir()
    admit(made("b"))
    log.flush()
    log.compact()
    delta.sweep(current=log.state(), older_than=0.0)
    assert log.lay_by_time() == 2
    [second] = (log.folder() / delta.BY_TIME).iterdir()
    assert first.name != second.name


def test_a_file_that_goes_while_it_is_laid_by_time_leaves_no_copy(made: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_time, "MOST_UNLAID", 0)
    admit(made("a"), made("b", key=BOB))
    log.flush()
    log.compact()
    write = by_time._write

    def erased_meanwhile(place: Path, path: Path) -> None:
        write(place, path)
        path.unlink()

    monkeypatch.setattr(by_time, "_write", erased_meanwhile)
    assert log.lay_by_time() == 0
    assert not list((log.folder() / delta.BY_TIME).iterdir())


def test_a_long_log_is_summed_up_and_still_whole(made: Maker) -> None:
    for number in range(60):
        admit(made(f"i{number}", day=number / 9))
        log.flush()
    log.compact()
    assert list((log.folder() / "_delta_log").glob("*.checkpoint.parquet"))
    assert len(ids()) == 60
    assert log.verify() == []


def test_erasing_leaves_nothing_of_a_customer_anywhere_in_the_log(made: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_time, "MOST_UNLAID", 0)
    for place in ("old", "loose", "waiting"):
        admit(made(f"hers-{place}", key=ALICE, text=f"secret-{place}"), made(f"his-{place}", key=BOB))
        if place != "waiting":
            log.flush()
        if place == "old":
            log.compact()
            assert log.lay_by_time() == 2
    broken_off = log.folder() / delta.BY_TIME / f"{delta.BEGUN}1"
    shutil.copytree(next((log.folder() / delta.BY_TIME).iterdir()), broken_off)
    erased = log.erase(customer_key=ALICE)
    assert (erased.inbox_rows, erased.log_rows) == (1, 2)
    assert ids() == ["his-loose", "his-old", "his-waiting"]
    assert log.tally().whole
    assert not [path for path in log.folder().rglob("*") if path.is_file() and _speaks_of_her(path)]


def test_who_was_erased_is_not_brought_back_by_a_replay(made: Maker) -> None:
    admit(made("a"))
    log.flush()
    log.erase(customer_key=ALICE)
    admit(made("a"))
    assert ids() == []


def _speaks_of_her(path: Path) -> bool:
    """Decode what can be decoded before looking: compressed bytes hide names from a plain search."""
    if path.suffix == ".parquet":
        text = json.dumps(pq.read_table(path, partitioning=None).to_pylist(), default=str) + str(pq.read_metadata(path))
    else:
        text = path.read_bytes().decode(errors="replace")
    return any(word in text for word in ("hers-", "secret-"))


def _stop(**_: Any) -> None:
    raise KeyboardInterrupt


def _full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _failing_after(allowed: int) -> Callable[[int], None]:
    real, calls = os.fsync, []

    def sync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > allowed:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    return sync
