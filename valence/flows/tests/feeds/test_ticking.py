"""Feeds run by themselves: the ticker asks, the worker does, a crash is cleaned up after, work that stops goes on."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence.flows.gather import feeds
from valence.flows.run import health, jobs, ticker
from valence.flows.tests.feeds.worlds import Row, as_csv
from valence.ledger.models import Job
from valence.sources.feeds import actions, queries, setup

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def drop(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("log", "uploads", "logs"):
        (tmp_path / "home" / name).mkdir(parents=True)
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "a.csv").write_bytes(as_csv([Row(number=number, changed=0) for number in range(6)]))
    setup.write(name="crm", said={"kind": "folder", "every": "15 min", "folder": {"path": str(drop), "settle": 1}})
    return drop


def later(**length: float) -> datetime:
    return datetime.now(UTC) + timedelta(**length)


def waiting() -> list[str]:
    return [job.arguments["name"] for job in Job.objects.filter(name="feed", state="waiting")]


def test_a_feed_that_is_due_is_asked_for_once_and_then_every_quarter_of_an_hour() -> None:
    ticker._feeds(later(seconds=5))
    ticker._feeds(later(seconds=20))
    assert waiting() == ["crm"]
    Job.objects.update(state="done")
    feeds.run(name="crm", by="ticker", now=later(seconds=5))
    ticker._feeds(later(minutes=10))
    assert waiting() == []
    ticker._feeds(later(minutes=16))
    assert waiting() == ["crm"]


def test_a_paused_feed_rests_until_it_goes_on() -> None:
    actions.pause(name="crm", paused=True, now=later())
    assert feeds.due(now=later(days=2)) == []
    actions.pause(name="crm", paused=False, now=later())
    assert feeds.due(now=later(seconds=1)) == ["crm"]


def test_the_worker_does_it_and_says_what_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_now", lambda: later(seconds=5))
    number = jobs.enqueue(name="feed", by="alice", arguments={"name": "crm"}, now=later())
    jobs.perform.func(number)
    assert (Job.objects.get(pk=number).state, Job.objects.get(pk=number).words) == (
        "done", "6 new, 0 corrected, 0 refused.",
    )  # fmt: skip


def test_a_feed_that_fails_is_told_in_health_after_three_times_and_is_tried_ever_later(drop: Path) -> None:
    os.rename(drop, drop.with_name("gone"))
    number = jobs.enqueue(name="feed", by="alice", arguments={"name": "crm"}, now=later())
    jobs.perform.func(number)
    assert Job.objects.get(pk=number).state == "done", "the feed's own record says what failed"
    for _ in range(2):
        with pytest.raises(feeds.WrongFeed):
            feeds.run(name="crm", by="alice", now=later())
    assert [run.state for run in queries.runs()] == ["failed"] * 3
    feeds_freshness_forgotten()
    assert any("crm failed 3 times: There is no folder" in words for words in health.check(now=later()).degraded)
    waits = queries.one(name="crm").next_at - datetime.now(UTC)  # type: ignore[union-attr,operator]
    assert timedelta(minutes=14) < waits <= timedelta(minutes=16)


def test_what_a_killed_run_left_is_deleted_at_the_next_start_and_its_piece_brought_in(
    drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(feeds.imports, "run", lambda **said: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            feeds.run(name="crm", by="alice", now=later(seconds=5))
    desk = setup.desk(name="crm")
    [piece] = desk.iterdir()
    (desk / "piece.csv.part").write_text("half a file\n")
    ticker._clean_feeds(later())
    assert list(desk.iterdir()) == [piece]
    assert waiting() == ["crm"]
    assert feeds.run(name="crm", by="ticker", now=later(seconds=6)).created == 6
    assert list(desk.iterdir()) == []


def test_work_that_is_stopped_goes_on_where_it_was_safe() -> None:
    def stop(progress: object) -> None:
        raise jobs.Stopped

    with pytest.raises(jobs.Stopped):
        feeds.run(name="crm", by="alice", now=later(seconds=5), progress=stop)
    assert queries.runs()[0].state == "stopped"
    assert queries.one(name="crm").failures == 0  # type: ignore[union-attr]
    again = feeds.run(name="crm", by="alice", now=later(seconds=6))
    assert again.created + again.duplicate in (0, 6)
    assert list(setup.desk(name="crm").iterdir()) == []


def test_a_feed_is_not_removed_while_it_runs(settings: LazySettings) -> None:
    with feeds.alone.trying(home=settings.HOME, name="feed-crm"), pytest.raises(feeds.Busy):
        feeds.remove(name="crm")
    assert feeds.remove(name="crm")
    assert setup.found() == []


def feeds_freshness_forgotten() -> None:
    from valence.flows.run import freshness

    freshness._Remembered.at = None
