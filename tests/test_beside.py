"""A long import has its rows moved to the log by a process beside it; whatever becomes of that, all of it is there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import environment

ROWS = 6_000

IMPORT = """
import json, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from valence import interactions
from valence.flows.gather import beside, flush, imports

began = []
class Noted(beside.subprocess.Popen):
    def __init__(self, *words, **more):
        super().__init__(*words, **more)
        began.append(self)
beside.subprocess.Popen = Noted
beside.ROWS_WORTH_IT, beside.MOST_WAITING, flush.ROWS_DUE = int(sys.argv[2]), 2_000, 1_000

def after_each_piece(step):
    if sys.argv[3] == "kill" and began and began[0].poll() is None:
        began[0].kill()
        began[0].wait()

brought = imports.run(kind="csv", path=Path(sys.argv[1]), by="test", now=datetime.now(UTC), progress=after_each_piece)
tally = interactions.log.tally()
print(json.dumps({
    "created": brought.created, "logged": tally.log_rows, "waiting": tally.waiting_rows, "whole": tally.whole,
    "beside": [one.poll() for one in began],
}))
"""


@pytest.mark.parametrize(
    ("worth_it", "fate", "ended"), [(1, "live", [0]), (1, "kill", [-9]), (ROWS + 1, "live", [])], ids=str
)
def test_every_row_of_an_import_is_in_the_log_at_its_end(
    tmp_path: Path, worth_it: int, fate: str, ended: list[int]
) -> None:
    file = tmp_path / "interactions.csv"
    lines = (f"crm,{n},c{n % 97},2025-03-{n % 28 + 1:02}T10:00:00Z,contact" for n in range(ROWS))
    file.write_text("source,interaction_id,customer_id,occurred_at,kind\n" + "\n".join(lines) + "\n")
    surroundings = environment(home=tmp_path / "home") | {"DJANGO_SETTINGS_MODULE": "valence.settings"}
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(file), str(worth_it), fate],
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said == {"created": ROWS, "logged": ROWS, "waiting": 0, "whole": True, "beside": ended}
