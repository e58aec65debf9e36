"""A disk that is really full: what was acknowledged stays, what was not is refused by name, and it resumes alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MEGABYTE = 1 << 20

UNTIL_FULL = """
import json, os, sys
from datetime import UTC, datetime
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, skip_checks=True)
from valence import interactions
from valence.terms import Interaction

at, folder, number, acknowledged, refused = datetime(2025, 3, 1, tzinfo=UTC), sys.argv[1], 0, 0, []

def sent(count):
    return [Interaction(source="crm", interaction_id=f"i{number + step}", customer_key=7, occurred_at=at,
                        recorded_at=at, kind="contact", text=os.urandom(500).hex()) for step in range(count)]

def read():
    return interactions.ask(question=lambda rows: rows.aggregate(n=rows.count()))[0]["n"]

def tried(act):
    try:
        act()
        return True
    except interactions.StoreUnavailable as error:
        refused.append(str(error))
        return False

while tried(lambda: interactions.inbox.admit(interactions=sent(200), now=at)):
    number, acknowledged = number + 200, acknowledged + 200
    if number % 3_000 == 0:
        tried(interactions.log.flush)
while_full = read()
flushed_while_full = tried(lambda: interactions.log.flush(limit=10**9))
still = read()
os.remove(folder + "/ballast")
interactions.inbox.admit(interactions=sent(200), now=at)
interactions.log.flush(limit=10**9)
interactions.log.compact()
print(json.dumps({"acknowledged": acknowledged, "while_full": while_full, "still": still, "after": read(),
                  "refused": refused, "whole": interactions.log.tally().whole,
                  "faults": len(interactions.log.verify())}))
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 60 MB, 40 of them taken by a file that can be removed: sorting writes what is there once more."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        (place / "ballast").write_bytes(b"x" * 40 * MEGABYTE)
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_full_disk_loses_nothing_and_resumes_alone(small_disk: Path, tmp_path: Path) -> None:
    surroundings = os.environ | {
        "VALENCE_HOME": str(small_disk / "home"),
        "VALENCE_KEY_FILE": str(tmp_path / "key"),
        "DJANGO_SETTINGS_MODULE": "valence.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", UNTIL_FULL, str(small_disk)],
        env=surroundings, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["acknowledged"] > 1_000
    assert found["while_full"] == found["still"] == found["acknowledged"]
    assert found["after"] == found["acknowledged"] + 200
    assert found["refused"]
    assert found["whole"]
    assert found["faults"] == 0
