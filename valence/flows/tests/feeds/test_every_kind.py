"""What every kind of feed promises: once, all of it, in any order of calls, whenever its process is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence import interactions
from valence.flows.gather import feeds
from valence.flows.gather import imports as importing
from valence.flows.tests.feeds import worlds
from valence.flows.tests.feeds.conftest import KINDS
from valence.flows.tests.feeds.worlds import Row
from valence.sources.feeds import queries, registry, setup
from valence.sources.feeds.contract import WrongFeed
from valence.sources.models import Import

KILLS = int(os.environ.get("VALENCE_FEED_KILLS", "1"))
ROWS = int(os.environ.get("VALENCE_FEED_ROWS", "12000"))


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("log", "uploads", "logs"):
        (tmp_path / "home" / name).mkdir(parents=True)
    folder: Path = settings.HOME.folder
    return folder


def rows(first: int, end: int) -> list[Row]:
    return [Row(number=number, changed=number) for number in range(first, end)]


def run() -> feeds.Ran:
    return feeds.run(name="crm", by="alice", now=datetime.now(UTC))


def stored() -> Counter[str]:
    return Counter(row["interaction_id"] for row in interactions.ask(question=lambda table: table))


def test_every_kind_has_a_world_here() -> None:
    assert set(registry.FEEDS) == {name.split()[0] for name in KINDS}


@pytest.mark.django_db
def test_what_is_there_is_brought_once_and_what_comes_later_comes(world: worlds.World) -> None:
    world.put(rows(0, 40))
    setup.write(name="crm", said=world.said)
    first = run()
    assert (first.created, first.refused, first.aside) == (40, 0, ())
    assert run().words == "Nothing new."
    world.put(rows(40, 55))
    later = run()
    assert (later.created, later.duplicate) == (15, 0)
    assert stored() == Counter(f"t-{number}" for number in range(55))


@pytest.mark.django_db
def test_what_was_read_is_private_while_it_lies_there_and_gone_afterwards(
    world: worlds.World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(rows(0, 5))
    setup.write(name="crm", said=world.said)
    seen = []
    really = importing.run
    monkeypatch.setattr(
        importing, "run", lambda **said: (seen.append(stat.S_IMODE(said["path"].stat().st_mode)), really(**said))[1]
    )
    run()
    assert seen == [0o600]
    assert list((home / "feeds" / "crm").iterdir()) == []
    assert stat.S_IMODE((home / "feeds").stat().st_mode) == 0o700


@pytest.mark.django_db
def test_a_crash_after_the_last_row_and_before_the_note_brings_nothing_twice(
    world: worlds.World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(rows(0, 30))
    setup.write(name="crm", said=world.said)
    with monkeypatch.context() as patch:
        patch.setattr(feeds.actions, "settle", lambda **said: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run()
    assert [path.stat().st_size > 0 for path in (home / "feeds" / "crm").iterdir()] == [True]
    assert feeds.clean_up(now=datetime.now(UTC)) == ["crm"]
    again = run()
    assert (again.created, again.duplicate) == (0, 0)
    assert list((home / "feeds" / "crm").iterdir()) == []
    assert Import.objects.count() == 1
    assert stored() == Counter(f"t-{number}" for number in range(30))


@pytest.mark.django_db
def test_a_password_never_lies_in_the_open(world: worlds.World, home: Path) -> None:
    setup.write(name="crm", said=world.said)
    assert "feedpass" not in (home / "feeds" / "crm.toml").read_text()
    if world.said["kind"] == "folder":
        return
    part = world.said[world.said["kind"]]
    plain = {**world.said, world.said["kind"]: part}
    with pytest.raises(WrongFeed, match="in the open"):
        setup.checked(name="crm", said=plain)
    for path in home.rglob("*"):
        assert not path.is_file() or b"feedpass" not in path.read_bytes()


@pytest.mark.django_db
def test_the_same_feed_never_runs_twice_at_a_time(world: worlds.World, home: Path, settings: LazySettings) -> None:
    setup.write(name="crm", said=world.said)
    with feeds.alone.trying(home=settings.HOME, name="feed-crm"), pytest.raises(feeds.Busy):
        run()
    assert queries.runs() == []


@pytest.mark.parametrize("kills", [pytest.param(KILLS, marks=[pytest.mark.slow] if KILLS > 1 else [])])
def test_killed_while_loading_nothing_is_lost_and_nothing_comes_twice(
    world: worlds.World, tmp_path: Path, kills: int
) -> None:
    piece = max(ROWS // 4, 1)
    for first in range(0, ROWS, piece):
        world.put(rows(first, min(first + piece, ROWS)))
    surroundings = {**os.environ, "VALENCE_HOME": str(tmp_path / "killed")}
    made = f"from valence.sources.feeds import setup; setup.write(name='crm', said={world.said!r})"
    _python(f"from django.core.management import call_command as c; c('migrate', verbosity=0); {made}", surroundings)
    for _ in range(kills):
        _run_and_kill(tmp_path / "killed", surroundings)
    done = _python("from valence.flows.gather import feeds; from django.utils import timezone; "
                   "print(feeds.run(name='crm', by='alice', now=timezone.now()).created)", surroundings)  # fmt: skip
    judged = json.loads(_python(JUDGE, surroundings))
    assert judged["whole"]
    assert judged["rows"] == ROWS, done
    assert judged["ids"] == ROWS
    assert set(judged["states"]) == {"done"}
    assert judged["created"] == ROWS
    assert judged["left"] == []


JUDGE = """
import json
from collections import Counter
from valence import interactions
from valence.sources.feeds import setup
from valence.sources.models import Import
ids = [row["interaction_id"] for row in interactions.ask(question=lambda rows: rows.select("interaction_id"))]
print(json.dumps({"rows": len(ids), "ids": len(set(ids)), "whole": interactions.log.tally().whole,
                  "states": Counter(Import.objects.values_list("state", flat=True)),
                  "created": sum(Import.objects.values_list("created", flat=True)),
                  "left": [str(path) for path in (setup.folder() / "crm").iterdir()]}))
"""


def _python(words: str, surroundings: dict[str, str]) -> str:
    done = subprocess.run(_asked(words), env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _asked(words: str) -> Sequence[str]:
    return [sys.executable, "-c", f"import django; django.setup()\n{words}"]


def _run_and_kill(home: Path, surroundings: dict[str, str]) -> None:
    """Run the feed and kill it at any moment of its loading, once its first rows are there."""
    words = (
        "from valence.flows.gather import feeds; from django.utils import timezone; "
        "feeds.run(name='crm', by='alice', now=timezone.now())"
    )
    before = _counted(home)
    child = subprocess.Popen(_asked(words), env=surroundings, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 240
    while child.poll() is None and _counted(home) == before and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(random.random() * 0.6)
    child.send_signal(signal.SIGKILL)
    child.wait()


def _counted(home: Path) -> int:
    try:
        with sqlite3.connect(f"file:{home / 'valence.sqlite3'}?mode=ro", uri=True) as database:
            found: int = database.execute("SELECT total(created + duplicate) FROM valence_import").fetchone()[0]
            return found
    except sqlite3.Error:
        return 0
