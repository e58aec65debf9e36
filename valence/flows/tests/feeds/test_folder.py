"""The watched folder: half-written, renamed, sent again, mended, moved away, in order."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from valence.flows.gather import feeds
from valence.flows.tests.feeds.worlds import Row, as_csv
from valence.sources.feeds import actions, queries, setup
from valence.sources.models import Import

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def drop(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("log", "uploads", "logs"):
        (tmp_path / "home" / name).mkdir(parents=True)
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def add(drop: Path, **said: Any) -> None:
    setup.write(name="crm", said={"kind": "folder", "folder": {"path": str(drop), "settle": 0.05, **said}})


def run() -> feeds.Ran:
    time.sleep(0.1)
    return feeds.run(name="crm", by="alice", now=datetime.now(UTC))


def put(path: Path, first: int, end: int, *, minutes_ago: float = 0) -> Path:
    path.write_bytes(as_csv([Row(number=number, changed=0) for number in range(first, end)]))
    if minutes_ago:
        at = time.time() - 60 * minutes_ago
        os.utime(path, (at, at))
    return path


def test_a_file_that_was_written_just_now_waits_whatever_time_it_claims(drop: Path) -> None:
    add(drop, settle=30)
    put(drop / "a.csv", 0, 5, minutes_ago=600)
    ran = run()
    assert (ran.created, [one.name for one in ran.waiting]) == (0, ["a.csv"])
    assert "was written" in ran.words
    later = feeds.run(name="crm", by="alice", now=datetime.now(UTC) + timedelta(seconds=40))
    assert later.created == 5


def test_a_text_without_a_last_line_end_waits_and_is_taken_whole_when_it_came(drop: Path) -> None:
    add(drop)
    whole = as_csv([Row(number=number, changed=0) for number in range(9)])
    (drop / "a.csv").write_bytes(whole[:-7])
    assert [one.why for one in run().waiting] == ["has no end yet, as if it was not written to its end"]
    (drop / "a.csv").write_bytes(whole)
    assert (run().created, Import.objects.count()) == (9, 1)


def test_what_other_programs_have_not_finished_is_not_a_file_yet(drop: Path) -> None:
    add(drop)
    for name in ("a.csv.part", ".a.csv.swp", "~a.csv", "a.csv.filepart"):
        put(drop / name, 0, 3)
    assert run().words == "Nothing new."


def test_a_marker_says_when_a_file_is_whole(drop: Path) -> None:
    add(drop, marker=".done")
    put(drop / "a.csv", 0, 3)
    assert run().created == 0
    (drop / "a.csv.done").touch()
    assert run().created == 3


def test_renamed_and_sent_again_changes_nothing(drop: Path) -> None:
    add(drop)
    path = put(drop / "a.csv", 0, 5)
    assert run().created == 5
    path.rename(drop / "b.csv")
    renamed = run()
    assert (renamed.created, renamed.duplicate, renamed.same) == (0, 0, 1)
    os.utime(drop / "b.csv")
    assert run().same == 1
    assert Import.objects.count() == 1


def test_a_file_that_was_appended_to_brings_only_what_is_new(drop: Path) -> None:
    add(drop)
    put(drop / "a.csv", 0, 5)
    run()
    put(drop / "a.csv", 0, 8)
    again = run()
    assert (again.created, again.duplicate) == (3, 5)


def test_bad_files_are_set_aside_with_the_reason_and_the_next_ones_come(drop: Path) -> None:
    add(drop)
    (drop / "a.csv").write_text("nothing,of,ours\n1,2,3\n")
    (drop / "b.doc").write_text("a letter\n")
    put(drop / "c.csv", 0, 4)
    ran = run()
    assert ran.created == 4
    assert [name for name, _ in ran.aside] == ["a.csv", "b.doc"]
    assert "Missing" in {one.name: one.why for one in queries.set_aside(name="crm")}["a.csv"]
    assert run().words == "Nothing new."
    put(drop / "a.csv", 4, 6)
    assert run().created == 2
    assert actions.retry_aside(name="crm") == 2


def test_files_come_in_the_order_in_which_they_were_written_or_by_name(drop: Path) -> None:
    add(drop, order="time")
    put(drop / "a.csv", 0, 1, minutes_ago=1)
    put(drop / "b.csv", 1, 2, minutes_ago=5)
    run()
    assert list(Import.objects.order_by("pk").values_list("filename", flat=True)) == ["crm: b.csv", "crm: a.csv"]


def test_where_wanted_files_are_moved_and_a_reason_lies_beside_the_bad_ones(drop: Path) -> None:
    add(drop, after="move")
    put(drop / "a.csv", 0, 2)
    (drop / "bad.csv").write_text("nothing,of,ours\n1,2,3\n")
    run()
    assert sorted(path.name for path in drop.rglob("*") if path.is_file()) == ["a.csv", "bad.csv", "bad.csv.why.txt"]
    assert (drop / "in" / "a.csv").exists()
    assert "Missing" in (drop / "set-aside" / "bad.csv.why.txt").read_text()


def test_a_folder_that_is_gone_is_said_and_tried_again(drop: Path) -> None:
    add(drop)
    drop.rmdir()
    with pytest.raises(feeds.WrongFeed, match="There is no folder"):
        run()
    assert (queries.runs()[0].state, queries.one(name="crm").failures) == ("failed", 1)  # type: ignore[union-attr]
    drop.mkdir()
    assert run().words == "Nothing new."
