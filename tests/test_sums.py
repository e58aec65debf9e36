"""Promises of sums: quick ones are counted each time; slow ones are told again, counted anew beside, and say when."""

from __future__ import annotations

import gc
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from valence import sum_files, sums, urls  # noqa: F401  with urls all that pages ask for is loaded


class Counting:
    """A count whose answer and slowness a test sets."""

    def __init__(self) -> None:
        self.answer, self.times, self.wrong = 0, 0, False
        self.again = threading.Event()

    def __call__(self, *, region: str = "") -> tuple[int, str]:
        self.times += 1
        answer = (self.answer, region)
        self.again.set()
        if self.wrong:
            raise RuntimeError("the database is away")
        return answer


@pytest.fixture
def counting(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    settings.SUM_MINUTES = 15
    monkeypatch.setattr(sums, "_kept", type(sums._kept)())
    monkeypatch.setattr(sums, "LONG_SECONDS", -1.0)  # everything is slow
    monkeypatch.setattr(sums, "FRESH_FOR", 1e9)
    monkeypatch.setattr(sums, "OLD_AFTER", 1e12)
    monkeypatch.setattr(sums, "JUST_NOW", 0.3)
    sums.begin()
    yield Counting()
    until(lambda: not sums._being_counted)  # what is still being counted would be the next test's


def kept(counting: Counting) -> sums.Kept[..., tuple[int, str]]:
    def count(*, region: str = "") -> tuple[int, str]:
        return counting(region=region)

    return sums.kept(count)


@pytest.fixture
def filed(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> Callable[[], sums.Kept[..., tuple[int, str]]]:
    """Return how to begin as a new process does, one that keeps sums in files."""
    monkeypatch.setattr(sums, "LASTING_SECONDS", -1.0)
    monkeypatch.setattr(sums._Files, "are_kept", True)
    shutil.rmtree(sums.settings.HOME.folder / sum_files.FOLDER, ignore_errors=True)

    def started() -> sums.Kept[..., tuple[int, str]]:
        until(lambda: not sums._being_counted)
        sums._kept.clear()
        sums.begin()
        return kept(counting)

    return started


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_is_quick_is_counted_each_time(counting, monkeypatch):
    monkeypatch.setattr(sums, "LONG_SECONDS", 60.0)
    count = kept(counting)
    assert [count(), count()] == [(0, ""), (0, "")]
    assert counting.times == 2
    assert sums.counted_at() is None


def test_sums_that_take_long_share_the_time_that_goes_into_counting_anew(counting, monkeypatch):
    monkeypatch.setattr(sums, "FRESH_FOR", 20.0)
    begun = time.monotonic() - 100.0
    for name, took in (("two", 2.0), ("eight", 8.0), ("quick", 0.5)):
        sums._kept[name] = sums._Sum(0, datetime.now(UTC), begun, took)
    assert sums._kept["two"].is_fresh()
    assert not sums._kept["quick"].is_fresh()
    del sums._kept["eight"]
    assert not sums._kept["two"].is_fresh()


def test_what_is_slow_is_told_again_for_the_same_question_only(counting):
    count = kept(counting)
    count(region="north")
    counting.answer = 7
    assert count(region="north") == (0, "north")
    assert count(region="south") == (7, "south")


def test_a_page_says_when_its_oldest_sum_was_counted_and_the_next_one_begins_anew(counting):
    count = kept(counting)
    count()
    assert sums.counted_at() is None  # it was counted for this page
    until(lambda: count() is not None and sums.counted_at() is not None)
    sums.begin()
    assert sums.counted_at() is None


def test_an_old_sum_is_told_at_once_and_counted_anew_beside(counting, monkeypatch):
    count = kept(counting)
    count()
    counting.answer = 7
    monkeypatch.setattr(sums, "FRESH_FOR", 0.0)
    assert count() == (0, "")
    until(lambda: count() == (7, ""))


def test_a_sum_older_than_the_setting_is_counted_while_one_waits(counting, settings):
    count = kept(counting)
    count()
    counting.answer = 7
    settings.SUM_MINUTES = 1e-9
    assert count() == (7, "")


def test_what_was_counted_quickly_is_not_told_for_long(counting, monkeypatch):
    count = kept(counting)
    count()
    counting.answer = 7
    monkeypatch.setattr(sums, "OLD_AFTER", 0.0)
    assert count() == (7, "")


def test_where_nothing_may_be_old_nothing_is_kept(counting, settings):
    settings.SUM_MINUTES = 0
    count = kept(counting)
    count()
    counting.answer = 7
    assert count() == (7, "")


def test_what_cannot_be_counted_anew_is_said_to_who_asks_next(counting, monkeypatch):
    count = kept(counting)
    count()
    counting.wrong = True
    monkeypatch.setattr(sums, "FRESH_FOR", 0.0)
    assert count() == (0, "")
    until(lambda: not sums._being_counted)
    with pytest.raises(RuntimeError):
        count()


def test_only_so_many_are_kept(counting, monkeypatch):
    monkeypatch.setattr(sums, "MOST", 3)
    count = kept(counting)
    for number in range(5):
        count(region=str(number))
    assert len(sums._kept) == 3


def test_of_what_is_large_only_the_latest_are_kept_and_none_in_files(counting, filed):
    @sums.kept_so(most=2, patience=60.0)
    def large(*, region: str) -> tuple[int, str]:
        return counting(region=region)

    for number in range(5):
        assert large.soon(region=str(number)) == (0, str(number))
    assert len(sums._kept) == 2
    counting.answer = 7
    assert large(region="4") == (0, "4")
    assert large(region="0") == (7, "0")
    assert not (sums.settings.HOME.folder / sum_files.FOLDER).exists()


def test_who_can_do_without_is_not_kept_waiting_and_finds_the_sum_a_moment_later(counting, monkeypatch):
    monkeypatch.setattr(sums, "PATIENCE", 0.0)
    count, slow = kept(counting), threading.Event()
    real = counting.__class__.__call__
    monkeypatch.setattr(Counting, "__call__", lambda self, **said: slow.wait(60) and real(self, **said))
    assert [count.soon(region="north"), count.soon(region="north")] == [None, None]
    slow.set()
    until(lambda: count.soon(region="north") == (0, "north"))
    assert counting.times == 1


def test_who_asks_while_it_is_counted_waits_for_the_same_count(counting, monkeypatch):
    count, slow = kept(counting), threading.Event()
    real = counting.__class__.__call__
    monkeypatch.setattr(Counting, "__call__", lambda self, **said: slow.wait(60) and real(self, **said))
    monkeypatch.setattr(sums, "PATIENCE", 0.0)
    assert count.soon() is None
    monkeypatch.setattr(sums, "PATIENCE", 60.0)
    threading.Timer(0.1, slow.set).start()
    assert count.soon() == (0, "")
    assert counting.times == 1


def test_what_is_counted_soon_enough_is_told_at_once(counting, monkeypatch):
    monkeypatch.setattr(sums, "PATIENCE", 60.0)
    assert kept(counting).soon() == (0, "")


def test_what_cannot_be_counted_soon_is_said(counting, monkeypatch):
    monkeypatch.setattr(sums, "PATIENCE", 60.0)
    counting.wrong = True
    with pytest.raises(RuntimeError):
        kept(counting).soon()


def test_what_takes_longest_is_told_after_a_restart_and_says_when_it_was_counted(counting, filed, monkeypatch):
    monkeypatch.setattr(sums, "JUST_NOW", 0.0)
    filed()(region="north")
    counting.answer = 7
    assert filed()(region="north") == (0, "north")
    assert sums.counted_at() is not None
    assert filed()(region="south") == (7, "south")


def test_after_a_restart_nobody_waits_for_it_either(counting, filed, monkeypatch):
    filed()(region="north")
    counting.answer = 7
    monkeypatch.setattr(sums, "PATIENCE", 0.0)
    assert filed().soon(region="north") == (0, "north")


def test_a_day_old_file_is_told_to_nobody(counting, filed, monkeypatch):
    filed()()
    counting.answer = 7
    monkeypatch.setattr(sum_files, "KEPT_FOR", timedelta(seconds=0))
    assert filed()() == (7, "")


def test_a_file_that_tells_something_else_is_left_aside(counting, filed):
    filed()()
    counting.answer = 7
    (file,) = (sums.settings.HOME.folder / sum_files.FOLDER).iterdir()
    sum_files.write(path=file, found=sum_files.Sum(value="many", at=datetime.now(UTC), took=2.0))
    assert filed()() == (7, "")
    file.write_text("{")
    counting.answer = 8
    assert filed()() == (8, "")


def test_a_process_that_shows_no_pages_keeps_no_file(counting, filed, monkeypatch):
    monkeypatch.setattr(sums._Files, "are_kept", False)
    filed()()
    assert not (sums.settings.HOME.folder / sum_files.FOLDER).exists()


def test_what_cannot_be_counted_anew_leaves_no_file(counting, filed, monkeypatch):
    count = filed()
    count()
    counting.wrong = True
    monkeypatch.setattr(sums, "FRESH_FOR", 0.0)
    count()
    until(lambda: not sums._being_counted)
    with pytest.raises(RuntimeError):
        filed()()


def every_count() -> list[sums.Kept[..., Any]]:
    return [one for one in gc.get_objects() if type(one) is sums.Kept and one.__module__.startswith("valence.")]


def test_the_answer_of_every_count_that_is_not_large_can_be_kept_in_a_file():
    counts = [one for one in every_count() if one._most is None]
    assert len(counts) > 10
    for count in counts:
        kind = sums._Question((), count, count._count, None).kind()
        msgspec.json.Decoder(sum_files.Sum[kind])  # raises for what no file can hold
