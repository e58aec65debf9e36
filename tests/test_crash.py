"""Kill everything at any moment while clients send and resend: what was acknowledged is there, once.

`VALENCE_KILLS=20` sets how often (3 by default). Clients keep a file of what was acknowledged to them, written
before the next batch goes out; after the last kill that file is held against log and inbox.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

KILLS = int(os.environ.get("VALENCE_KILLS", "3"))
WRITERS = 6
ROOT = Path(__file__).parent.parent

SENDER = """
import os, random, sys
from datetime import UTC, datetime
import django
django.setup()
from valence import interactions
from valence.terms import Interaction

name, acknowledged = sys.argv[1], open(sys.argv[2], "a")
dice = random.Random(os.urandom(8))
recent, number = [], 0
at = datetime(2025, 3, 1, tzinfo=UTC)
while True:
    fresh = [f"{name}-{os.getpid()}-{number + step}" for step in range(dice.randrange(1, 40))]
    number += len(fresh)
    ids = fresh + dice.sample(recent, min(len(recent), 5))
    rows = [
        Interaction(source="crm", interaction_id=one, customer_key=hash(one) % 997 + 1, occurred_at=at, recorded_at=at,
                    kind="contact", text=one * 3)
        for one in ids
    ]
    interactions.inbox.admit(interactions=rows, now=at)
    recent = (recent + fresh)[-200:]
    acknowledged.write("".join(one + chr(10) for one in fresh))
    acknowledged.flush()
"""

FLUSHER = """
import random
import django
django.setup()
from valence import interactions
while True:
    if interactions.log.flush(limit=random.randrange(1, 400)).rows == 0 or random.random() < 0.2:
        interactions.log.compact()
"""

JUDGE = """
import json
import django
django.setup()
from valence import interactions
faults = [fault.words for fault in interactions.log.verify()]
said = interactions.log.repair()
stored = interactions.ask(question=lambda rows: rows.select("interaction_id"))
interactions.log.flush(limit=10**9)
print(json.dumps({"ids": [row["interaction_id"] for row in stored], "whole": interactions.log.tally().whole,
                  "faults": faults, "rows": interactions.log.state().rows}))
"""


@pytest.mark.parametrize("kills", [pytest.param(KILLS, marks=[pytest.mark.slow] if KILLS > 5 else [])])
def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(tmp_path: Path, kills: int) -> None:
    surroundings = _surroundings(tmp_path)
    _run(
        "from django.core.management import call_command; import django; django.setup(); "
        "call_command('migrate', verbosity=0, skip_checks=True)",
        surroundings,
    )
    for _ in range(kills):
        _play_and_kill(tmp_path, surroundings)
    found = json.loads(_run(JUDGE, surroundings))
    stored = Counter(found["ids"])
    acknowledged = {line for path in tmp_path.glob("*.ids") for line in path.read_text().split("\n")[:-1]}
    assert len(acknowledged) > 100 * kills
    assert not acknowledged - stored.keys()
    assert max(stored.values()) == 1
    assert found["whole"]
    assert found["faults"] == []
    assert found["rows"] == len(stored)


def _play_and_kill(folder: Path, surroundings: dict[str, str]) -> None:
    """Start six writers and a flusher as one process group and kill the group after a moment of work."""
    leader = subprocess.Popen(["sleep", "600"], process_group=0)
    group = leader.pid
    try:
        players = [
            subprocess.Popen(
                [sys.executable, "-c", SENDER, f"w{number}", str(folder / f"{number}.ids")],
                env=surroundings,
                cwd=ROOT,
                process_group=group,
            )
            for number in range(WRITERS)
        ]
        players.append(
            subprocess.Popen([sys.executable, "-c", FLUSHER], env=surroundings, cwd=ROOT, process_group=group)
        )
        _wait_for_work(folder)
        time.sleep(random.uniform(0.05, 1.5))
        died = [player for player in players if player.poll() is not None]
        assert not died, "a writer or the flusher ended by itself"
    finally:
        os.killpg(group, signal.SIGKILL)
        for player in (leader, *players):
            player.wait()


def _wait_for_work(folder: Path) -> None:
    """Wait until every writer was acknowledged something in this round."""
    before = {number: _size(folder / f"{number}.ids") for number in range(WRITERS)}
    deadline = time.monotonic() + 240
    while any(_size(folder / f"{number}.ids") == before[number] for number in range(WRITERS)):
        assert time.monotonic() < deadline, "the writers do not come to work"
        time.sleep(0.02)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _surroundings(folder: Path) -> dict[str, str]:
    return os.environ | {
        "VALENCE_HOME": str(folder / "home"),
        "DJANGO_SETTINGS_MODULE": "valence.settings",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }


def _run(code: str, surroundings: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env=surroundings, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
