"""How long from a company's files to the first list of who may leave and why others left?

Imports, trains and scores with the commands that a user would type, each a process of its own. The peer is the raw
limit of that journey's first step: reading the CSV with Arrow and putting the bare rows into one SQLite table with the
same durability, by a prepared insert. It checks nothing and learns nothing. Then blame for every loss, by itself: from
the log to shares, roots and verdicts (`alone_seconds`: of the processor, without reading and links). Its peer is
what a spreadsheet does: the department of the last interaction before each loss, by DuckDB over the same files.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from pyarrow import csv

from bench import _filled as filled
from bench import measure
from valence import terms

ROWS_A_CUSTOMER = 33
VALENCE = Path(sys.executable).parent / "valence"


def main() -> None:
    """Print one line for the whole way, and one for each step."""
    customers = measure.size_of(small=66_000) // ROWS_A_CUSTOMER
    with tempfile.TemporaryDirectory() as folder:
        _measure(folder=Path(folder), customers=customers)


def _measure(*, folder: Path, customers: int) -> None:
    home = folder / "home"
    _run(
        home, "simulate", "--customers", str(customers), "--months", "30", "--seed", "5", "--out", str(folder / "made")
    )
    files = [folder / "made" / f"{name}.csv" for name in ("customers", "interactions")]
    rows = sum(1 for _ in files[1].open()) - 1
    bare = measure.measured(work=lambda: _bare_insert(files[1], folder / "bare.sqlite3"))
    steps = {
        "import": [("import", "csv", str(file)) for file in files],
        "train": [("train",)],
        "score": [("score",)],
    }
    figures = {name: [_run(home, *words) for words in commands] for name, commands in steps.items()}
    for name, found in figures.items():
        peers = {"Arrow read and bare prepared insert": bare} if name == "import" else {}
        measure.say(question=f"first answer: {name}", size=rows, ours=_together(found), peers=peers)
    everything = _together([figure for found in figures.values() for figure in found])
    measure.say(question="first answer", size=rows, ours=everything, peers={}, customers=customers)
    blamed = measure.measured(work=lambda: _blamed(home, folder / "blamed.json"))
    peer = measure.measured(work=lambda: _last_touch(folder / "made"))
    more = json.loads((folder / "blamed.json").read_text())
    measure.say(question="blame for every loss", size=rows, ours=blamed, peers={"last touch by DuckDB": peer}, **more)


def _blamed(home: Path, told: Path) -> float:
    """Work out who and what lost every customer who left, and return the seconds."""
    filled.opened(home=home)
    from valence.bond import blame
    from valence.customers import queries as customers
    from valence.flows.weigh import minds, population, scored
    from valence.ledger.queries import versions

    last = versions.scored()
    assert last is not None
    pressure = population.pressure_when_scored(scored=last)
    asked = scored.Asked(minds.in_use(), minds.pack(), pressure, as_of=terms.days(last.as_of), likely_since={})
    alone = []

    def work(journeys: terms.Journeys, people: terms.Relationships) -> int:
        case = scored.case_of(asked=asked, journeys=journeys, relationships=people)
        begin = time.thread_time()
        found = blame.blame(
            model=asked.mind.model, journeys=journeys, relationships=people, pressure=pressure, links=case.followed
        )
        alone.append(time.thread_time() - begin)
        return len(found.losses)

    begin = time.perf_counter()
    everybody = customers.relationships(as_of=last.as_of)
    lost = everybody.taken(np.isfinite(everybody.left))
    losses = sum(
        population.each(
            work=work,
            relationships=lost,
            columns=scored.COLUMNS,
            as_of=terms.days(last.as_of),
            progress=population.silent,
            words="",
        )
    )
    seconds = time.perf_counter() - begin
    told.write_text(json.dumps({"losses": losses, "alone_seconds": round(sum(alone), 3)}))
    return seconds


def _last_touch(made: Path) -> None:
    import duckdb

    duckdb.connect(config={"threads": 2}).execute(
        f"SELECT customer_id, arg_max(department, occurred_at) FROM read_csv('{made}/customers.csv') c JOIN "
        f"read_csv('{made}/interactions.csv') i USING (customer_id) WHERE occurred_at <= left_at GROUP BY customer_id"
    ).fetchall()


def _run(home: Path, *words: str) -> measure.Figure:
    """Run a command and return its seconds, and the most memory that any command so far has held."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"VALENCE_HOME": str(home), "OMP_NUM_THREADS": "1"}
    subprocess.run([VALENCE, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return measure.Figure(time.perf_counter() - begin, memory_mb=after.ru_maxrss / 1024, cpu_seconds=used)


def _together(figures: list[measure.Figure]) -> measure.Figure:
    return measure.Figure(
        seconds=sum(figure.seconds for figure in figures),
        memory_mb=max(figure.memory_mb for figure in figures),
        cpu_seconds=sum(figure.cpu_seconds for figure in figures),
    )


def _bare_insert(file: Path, store: Path) -> None:
    table = csv.read_csv(file, convert_options=csv.ConvertOptions(strings_can_be_null=True))
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    names = ", ".join(f"c{number}" for number in range(table.num_columns))
    connection.execute(f"CREATE TABLE bare (source TEXT, id TEXT, {names}, PRIMARY KEY (source, id))")
    marks = ", ".join("?" * (table.num_columns + 2))
    source, key = table.column_names.index("source"), table.column_names.index("interaction_id")
    for piece in table.to_batches(max_chunksize=5_000):
        rows = zip(*(column.cast("string").to_pylist() for column in piece.columns), strict=True)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            f"INSERT INTO bare VALUES ({marks}) ON CONFLICT DO NOTHING",
            ((row[source], row[key], *row) for row in rows),
        )
        connection.execute("COMMIT")


if __name__ == "__main__":
    main()
