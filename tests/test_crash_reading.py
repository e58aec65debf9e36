"""Kill the reader at any moment while texts arrive: none is lost, none is read twice, none half.

`VALENCE_KILLS=20` sets how often (2 by default). The reader sets texts aside and reads them as fast as it can, with
an encoder of words in place of the large one, and is killed again and again; the sender goes on. Then a last one reads
what is left.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KILLS = int(os.environ.get("VALENCE_KILLS", "2"))
PEOPLE = 50

BEGIN = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, skip_checks=True)
from valence.customers.models import Customer
now, keys = datetime(2026, 5, 12, tzinfo=UTC), range(1, int(sys.argv[1]) + 1)
Customer.objects.bulk_create([Customer(key=key, joined_at=now, updated_at=now, wrapped_key=b"k") for key in keys])
"""

SENDER = """
import random, sys, time
from datetime import UTC, datetime
import django
django.setup()
from valence import interactions
from valence.flows.read import reading
from valence.terms import Interaction
acknowledged, at, number = open(sys.argv[1], "a"), datetime(2026, 5, 12, tzinfo=UTC), 0
interactions.followers.position(name=reading.NAME)
while True:
    some = range(number, number := number + random.randrange(1, 12))
    rows = [
        Interaction(source="survey", interaction_id=f"t{one}", customer_key=one % int(sys.argv[2]) + 1, occurred_at=at,
                    recorded_at=at, kind="feedback", text=f"The bill {one} is too high")
        for one in some
    ]
    interactions.inbox.admit(interactions=rows, now=at)
    acknowledged.write("".join(f"t{one}" + chr(10) for one in some))
    acknowledged.flush()
    time.sleep(0.02)
"""

READER = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from valence.flows.read import reading
from valence.flows.tests import readers
reading.reader = readers.telco
print("reads", flush=True)
while True:
    now = datetime.now(UTC)
    more = reading.follow(now=now).rows
    read = reading.read_waiting(now=now, limit=7)
    if len(sys.argv) > 1 and not (more or read):
        break
"""

JUDGE = """
import json
import django
django.setup()
from valence.ledger.models import Annotation, Meaning, Mention, Unread
whole = Annotation.objects.filter(pk__in=Mention.objects.filter(part="theme", name="bill").values("annotation"))
print(json.dumps({"ids": list(Annotation.objects.values_list("interaction_id", flat=True)), "whole": whole.count(),
                  "meant": Meaning.objects.count(), "waiting": Unread.objects.count()}))
"""


@pytest.mark.parametrize("kills", [pytest.param(KILLS, marks=[pytest.mark.slow] if KILLS > 5 else [])])
def test_a_reader_that_is_killed_while_texts_arrive_loses_none_and_reads_none_twice(tmp_path: Path, kills: int) -> None:
    around = os.environ | {
        "VALENCE_HOME": str(tmp_path / "home"),
        "DJANGO_SETTINGS_MODULE": "valence.settings",
        "OMP_NUM_THREADS": "1",
    }
    _run(BEGIN, around, str(PEOPLE))
    sent = tmp_path / "sent"
    sender = _begun(SENDER, around, str(sent), str(PEOPLE))
    try:
        for _ in range(kills):
            _read_and_be_killed(around)
    finally:
        sender.send_signal(signal.SIGKILL)
        sender.wait()
    _run(READER, around, "to the end")
    found = json.loads(_run(JUDGE, around))
    acknowledged = set(sent.read_text().splitlines())
    assert len(acknowledged) > 10 * kills
    assert acknowledged <= set(found["ids"])
    assert len(found["ids"]) == len(set(found["ids"])) == found["whole"] == found["meant"]
    assert found["waiting"] == 0


def _read_and_be_killed(around: dict[str, str]) -> None:
    reader = _begun(READER, around)
    try:
        assert reader.stdout
        assert reader.stdout.readline() == "reads\n"
        time.sleep(random.uniform(0.05, 0.5))
        assert reader.poll() is None, "the reader ended by itself"
    finally:
        reader.send_signal(signal.SIGKILL)
        reader.wait()


def _begun(code: str, around: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, env=around, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _run(code: str, around: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=around, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
