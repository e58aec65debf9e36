"""Ways through a company, beside what an analyst would use: pm4py, retentioneering, pandas, SQL written by hand.

`python -m bench.paths --size small|1M|10M`. What follows what (the hand-overs between departments), how many different
whole ways there are, how many customers get through three steps, how many contacts come back. The same made-up log for
all: Valence and the SQL read the log's own files, the others the same rows as one Parquet file. The answers must be
equal. The raw limit is SQL written by hand for DuckDB over the log's files, with two threads as Valence and four times
its memory: whole ways by SQL do not fit into one gigabyte, nor at 10M into four. Each bucket lies in three files, as
compaction leaves it, so that neither finds everything in order.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench import _filled as filled
from bench import measure
from bench.peers.paths import COLUMNS, PEERS, REPEAT_DAYS, STEPS

ROUNDS = 3
PATIENCE = 3_600
LIMIT = "SQL by hand (raw limit)"
PYTHON = Path(os.environ.get("VALENCE_PEERS") or Path(__file__).parent / ".peers" / "bin" / "python")
QUESTIONS = {
    "follows": "what follows what, by department",
    "variants": "how many different whole ways",
    "funnel": "who gets through three steps",
    "repeats": "contacts that come back within 14 days",
}
OVER = "OVER (PARTITION BY customer_key ORDER BY occurred_at, source, interaction_id)"
SQL = {
    "follows": "SELECT max(n) FROM (SELECT department, after, count(*) n FROM (SELECT department, lead(department) "
    f"{OVER} AS after FROM log WHERE department IS NOT NULL) WHERE after IS NOT NULL GROUP BY 1, 2)",
    "variants": "SELECT count(*) FROM (SELECT way FROM (SELECT list(kind ORDER BY occurred_at, source, interaction_id) "
    "way FROM log WHERE kind IS NOT NULL GROUP BY customer_key) GROUP BY way)",
    "funnel": "WITH a AS (SELECT customer_key, min(occurred_at) t FROM log WHERE kind = '{}' GROUP BY 1), "
    "b AS (SELECT log.customer_key, min(occurred_at) t FROM log JOIN a USING (customer_key) "
    "WHERE kind = '{}' AND occurred_at > a.t GROUP BY 1) "
    "SELECT count(DISTINCT log.customer_key) FROM log JOIN b USING (customer_key) "
    "WHERE kind = '{}' AND occurred_at > b.t".format(*STEPS),
    "repeats": "SELECT count(*) FROM (SELECT occurred_at - lag(occurred_at) OVER (PARTITION BY customer_key, reason "
    "ORDER BY occurred_at, source, interaction_id) gap FROM log WHERE kind = 'contact' AND reason IS NOT NULL) "
    f"WHERE gap <= INTERVAL {REPEAT_DAYS} DAY",
}


def main(rows: int) -> None:
    """Print a JSON line for each question."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure.measured(work=lambda: _fill(folder, rows))
        load(home=folder / "home")
        for question, words in QUESTIONS.items():
            _ask(folder, question, words, rows)


def _ask(folder: Path, question: str, words: str, rows: int) -> None:
    told = folder / "answer"
    ours = measure.measured(work=lambda: _valence(question, told), rounds=ROUNDS)
    expected = told.read_text()
    peers, skipped = {}, {}
    try:
        peers[LIMIT] = measure.measured(work=lambda: _sql(folder / "home", question, told), rounds=ROUNDS)
    except measure.WorkError as problem:
        skipped[LIMIT] = next(line for line in str(problem).splitlines() if "Error: " in line or "Exception: " in line)
    assert told.read_text() == expected, f"{question}: SQL says {told.read_text()}, Valence {expected}"
    for peer in (peer for peer in PEERS if question in PEERS[peer]):
        found = _peer(folder, peer, question)
        if isinstance(found, str):
            skipped[peer] = found
            continue
        figure, answer = found
        assert str(answer) == expected, f"{question}: {peer} says {answer}, Valence {expected}"
        peers[peer] = figure
    measure.say(question=words, size=rows, ours=ours, peers=peers, answer=int(expected), skipped=skipped)


def _fill(folder: Path, rows: int) -> None:
    """Write a log, and the columns that peers need as one Parquet file."""
    filled.opened(home=folder / "home")
    filled.fill(keys=filled.keys_of(customers=rows // filled.ROWS_A_CUSTOMER), shares=filled.AS_COMPACTED)
    import duckdb

    names = ", ".join(sorted({name for names in COLUMNS.values() for name in names}))
    duckdb.connect(config={"threads": 2}).execute(
        f"COPY (SELECT {names} FROM read_parquet('{folder}/home/log/bucket=*/*.parquet') ORDER BY occurred_at) "
        f"TO '{folder}/log.parquet' (COMPRESSION zstd)"
    )


def load(*, home: Path) -> None:
    """Open a home and load what every question needs: to load is no part of it, and forks of this process have it."""
    filled.opened(home=home)
    from django.db import connections

    connections.close_all()
    import deltalake  # noqa: F401
    import pandas  # noqa: F401  Arrow loads it with the first column that becomes an array
    import pyarrow.parquet  # noqa: F401

    from valence.flows.find import paths  # noqa: F401
    from valence.interactions import engines, reading  # noqa: F401

    engines.chosen()


def _valence(question: str, told: Path) -> measure.Figure:
    from valence.flows.find import paths

    ask: dict[str, Callable[[], int]] = {
        "follows": lambda: max(paths.follows(by="department").pairs.values()),
        "variants": lambda: paths.variants(by="kind", limit=0)[0],
        "funnel": lambda: paths.reached(by="kind", steps=STEPS)[-1],
        "repeats": lambda: paths.repeated(within_days=float(REPEAT_DAYS))[0],
    }
    answer, figure = measure.timed(work=ask[question])
    told.write_text(str(int(answer)))
    return figure


def _sql(home: Path, question: str, told: Path) -> measure.Figure:
    import duckdb

    settings = {"threads": 2, "memory_limit": "4GB", "temp_directory": str(home / "spill")}
    door = duckdb.connect(config=settings)
    door.execute(f"CREATE VIEW log AS SELECT * FROM read_parquet('{home}/log/bucket=*/*.parquet')")
    answer, figure = measure.timed(work=lambda: door.execute(SQL[question]).fetchone())
    told.write_text(str(int(np.asarray(answer)[0])))
    return figure


def _peer(folder: Path, peer: str, question: str) -> tuple[measure.Figure, int] | str:
    """Ask a peer in its own environment; return why it could not answer where it could not."""
    if not PYTHON.exists():
        return "no environment of peers: make peers"
    words = [PYTHON, Path(__file__).parent / "peers" / "paths.py", peer, question, folder / "log.parquet"]
    try:
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer after {PATIENCE} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["killed"])[-1][:200]
    found = json.loads(done.stdout.splitlines()[-1])
    return measure.Figure(found["seconds"], found["memory_mb"], found["cpu_seconds"]), found["answer"]


if __name__ == "__main__":
    main(measure.size_of(small=300_000, large=10_000_000))
