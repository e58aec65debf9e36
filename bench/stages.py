"""Does the whole way hold at a size that takes hours? `python -m bench.stages --size 100M`, again after a break.

Generate, import, compact, train, score, blame, what is counted after a score, readiness, who may be one person, every
page: each stage a process of its own, with wall seconds, seconds of the processor and the most memory it held. What is
done stands in `bench/.stages/SIZE` (VALENCE_STAGES names another folder): a stage that is done is not done again, and
an import goes on where it broke off. Remove the folder afterwards.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import first_answer, measure

PLACE = Path(os.environ.get("VALENCE_STAGES") or Path(__file__).parent / ".stages")
VALENCE = str(first_answer.VALENCE)
ROWS_A_CUSTOMER = 27  # what `valence simulate` makes in 24 months
COMPACT = """
from datetime import UTC, datetime
import django
django.setup()
from valence.flows.gather import flush
flush.run(now=datetime.now(UTC), everything=True)
"""
JOB = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from valence.flows.run import jobs
print(jobs.WORK[sys.argv[1]]({}, "bench", datetime.now(UTC), lambda progress: None), file=sys.stderr)
"""
BLAME = """
import json, sys
from pathlib import Path
from bench import first_answer
first_answer._blamed(Path(sys.argv[1]), Path(sys.argv[2]))
print(Path(sys.argv[2]).read_text())
"""


def main(rows: int) -> None:
    """Do what is not done yet, then print a JSON line for each stage."""
    for name, found in done(rows).items():
        _tell(name, rows, found)


def done(rows: int) -> dict[str, Any]:
    """Do what is not done yet and return what each stage told."""
    folder = PLACE / str(rows)
    folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = json.loads(_state(folder).read_text()) if _state(folder).exists() else {}
    for name, words in _stages(folder, rows // ROWS_A_CUSTOMER).items():
        if name not in told:
            print(f"{name} begins", file=sys.stderr, flush=True)
            told[name] = _done(folder, words)
            _state(folder).write_text(json.dumps(told, indent=1))
    return told


def _stages(folder: Path, customers: int) -> dict[str, list[str]]:
    made, python = folder / "made", [sys.executable]
    simulated = [VALENCE, "simulate", "--customers", str(customers), "--months", "24", "--seed", "5"]
    return {
        "generate": [*simulated, "--out", str(made)],
        "import customers": [VALENCE, "import", "csv", str(made / "customers.csv")],
        "import interactions": [VALENCE, "import", "csv", str(made / "interactions.csv")],
        "compact": [*python, "-c", COMPACT],
        "train": [VALENCE, "train"],
        "score": [VALENCE, "score"],
        "blame": [*python, "-c", BLAME, str(folder / "home"), str(folder / "blamed.json")],
        "after a score": [*python, "-c", JOB, "standards"],
        "readiness": [*python, "-c", JOB, "readiness"],
        "who may be one person": [*python, "-c", JOB, "identities"],
        "pages": [*python, "-m", "bench._pages"],
    }


def _done(folder: Path, words: list[str]) -> dict[str, Any]:
    """Do one stage and return what it took; raises where it failed, and the next run begins with it again."""
    told = {"VALENCE_HOME": str(folder / "home"), "DJANGO_SETTINGS_MODULE": "valence.settings", "OMP_NUM_THREADS": "1"}
    begin = time.monotonic()
    with (folder / "said").open("wb") as said:
        running = subprocess.Popen(words, env=os.environ | told, stdout=said, cwd=Path(__file__).parents[1])
        _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"It broke off with {running.returncode}; the same command goes on with it.")
    return {"seconds": time.monotonic() - begin, **_used(used), **_said((folder / "said").read_text())}


def _used(used: resource.struct_rusage) -> dict[str, float]:
    return {"cpu_seconds": round(used.ru_utime + used.ru_stime, 2), "memory_mb": used.ru_maxrss / 1024}


def _said(words: str) -> Mapping[str, Any]:
    """Return what a stage of ours told besides: the JSON in its last line; commands of Valence speak to people."""
    last = (words.strip().splitlines() or [""])[-1]
    found: Mapping[str, Any] = json.loads(last) if last.startswith("{") else {}
    return found


def _tell(name: str, rows: int, found: Mapping[str, Any]) -> None:
    ours = measure.Figure(found["seconds"], found["memory_mb"], found["cpu_seconds"])
    more = {key: value for key, value in found.items() if key not in ("seconds", "memory_mb", "cpu_seconds")}
    measure.say(question=f"stage: {name}", size=rows, ours=ours, peers={}, **more)


def _state(folder: Path) -> Path:
    return folder / "done.json"


if __name__ == "__main__":
    main(measure.size_of(small=66_000))
