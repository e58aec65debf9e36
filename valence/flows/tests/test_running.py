"""What runs: health, ticker, locks, and the server as a process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import namedtuple
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence.flows.run import alone, failures, health, serve, ticker
from valence.flows.weigh import minds
from valence.home import Home
from valence.ledger.models import BondModel, Job, Scoring

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def home(settings: LazySettings, tmp_path: Path) -> Home:
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    (tmp_path / "logs").mkdir()
    return settings.HOME


@pytest.mark.django_db
def test_a_new_home_is_ready_and_nothing_is_degraded(home: Home) -> None:
    assert health.check(now=NOW) == health.Health(ready=True, degraded=())


@pytest.mark.django_db
def test_what_is_wrong_is_said_while_requests_are_still_answered(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 99, 1))
    Scoring.objects.create(pk=1, as_of=NOW, model="m", scored_at=NOW, stale_since=NOW - timedelta(hours=4))
    Job.objects.create(name="train", state="failed", asked_at=NOW, reference="0102-abc")
    beat = home.folder / health.HEARTBEAT
    beat.touch()
    os.utime(beat, (NOW.timestamp() - 3600, NOW.timestamp() - 3600))
    found = health.check(now=NOW)
    assert found.ready
    assert [words.split()[1] for words in found.degraded] == ["disk", "do", "last", "ticker"]
    assert "0102-abc" in found.degraded[2]


@pytest.mark.django_db
def test_the_ticker_asks_for_a_score_only_when_something_changed_or_a_day_passed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticker._score(NOW)
    assert not Job.objects.exists(), "nobody was trained yet"
    monkeypatch.setattr(minds, "is_readable", lambda: True)
    BondModel.objects.create(version="m", trained_at=NOW, known_until=NOW, pack="telco 1", parameters=b"", in_use=True)
    scoring = Scoring.objects.create(pk=1, as_of=NOW, model="m", scored_at=NOW)
    ticker._score(NOW + timedelta(hours=2))
    assert not Job.objects.exists()
    scoring.stale_since = NOW
    scoring.save()
    ticker._score(NOW + timedelta(hours=2))
    assert [job.name for job in Job.objects.all()] == ["score"]


@pytest.mark.django_db
def test_a_model_of_an_earlier_version_is_learned_anew_and_nothing_is_scored_with_it(home: Home) -> None:
    ticker._learn(NOW)
    assert not Job.objects.exists(), "nobody was trained yet"
    BondModel.objects.create(version="old", trained_at=NOW, known_until=NOW, pack="t 1", parameters=b"", in_use=True)
    for _ in range(2):
        ticker._score(NOW)
        ticker._learn(NOW)
    assert [(job.name, job.by) for job in Job.objects.all()] == [("train", "ticker")]


def test_a_tick_that_fails_is_written_down_and_stops_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, beats = threading.Event(), []

    def fails(now: datetime) -> None:
        beats.append(now)
        if len(beats) == 3:
            stop.set()
        raise OSError("no space")

    monkeypatch.setattr(ticker, "EVERY", {fails: timedelta(0)})
    monkeypatch.setattr(ticker, "BEAT", 0.01)
    monkeypatch.setattr(ticker, "close_old_connections", lambda: None)
    ticker.run(stop=stop)
    traces = list((home.folder / "logs").glob("*.log"))
    assert len(beats) == len(traces) == 3
    assert "no space" in traces[0].read_text()


def test_old_traces_are_forgotten(home: Home) -> None:
    kept = failures.record(home=home, name="x", problem=ValueError("new"), now=datetime.now(UTC))
    old = home.folder / "logs" / "old.log"
    old.touch()
    os.utime(old, (1, 1))
    assert failures.forget(home=home, now=datetime.now(UTC)) == 1
    assert [path.stem for path in (home.folder / "logs").iterdir()] == [kept]


def test_a_lock_is_held_once_and_goes_with_its_holder(home: Home) -> None:
    with alone.trying(home=home, name="thing") as first, alone.trying(home=home, name="thing") as second:
        assert (first, second) == (True, False)
        assert alone.is_held(home=home, name="thing")
    assert not alone.is_held(home=home, name="thing")


def test_a_taken_address_is_said_and_nothing_is_started() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        before = threading.active_count()
        with pytest.raises(serve.CannotListen, match="Cannot listen on"):
            serve.run(host="127.0.0.1", port=taken.getsockname()[1])
        assert threading.active_count() == before


@pytest.mark.slow
def test_the_server_is_healthy_soon_and_ends_cleanly_on_sigterm(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from valence.management import main; main()", "serve", "--port", str(port)]
    environment = {**os.environ, "VALENCE_HOME": str(tmp_path / "home")}
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert _asked(f"http://127.0.0.1:{port}/healthz", seconds=600)["status"] == "ok"
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=600) == 0
    finally:
        server.kill()
        server.communicate()


def _asked(address: str, *, seconds: float) -> dict[str, object]:
    """Return the answer, asking until there is one."""
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return json.load(answer)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
