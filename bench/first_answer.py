"""How long from a company's files to the first list of who may leave and why others left?

Imports, trains and scores with the commands that a user would type, each a process of its own. The peer is the raw
limit of that journey's first step: reading the CSV with Arrow and putting the bare rows into one SQLite table with the
same durability, by a prepared insert. It checks nothing and learns nothing.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pyarrow import csv

from bench import measure

CUSTOMERS = {"small": 2_000, "1M": 30_000, "1.65M": 50_000, "10M": 300_000}
VALENCE = Path(sys.executable).parent / "valence"


def main() -> None:
    """Print one line for the whole way, and one for each step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="small")
    customers = CUSTOMERS[parser.parse_args().size]
    with tempfile.TemporaryDirectory() as folder:
        _measure(folder=Path(folder), customers=customers)


def _measure(*, folder: Path, customers: int) -> None:
    home = folder / "home"
    _run(
        home, "simulate", "--customers", str(customers), "--months", "24", "--seed", "5", "--out", str(folder / "made")
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


def _run(home: Path, *words: str) -> measure.Figure:
    """Run a command and return its wall seconds and the most memory that any command so far has held."""
    begin = time.perf_counter()
    environment = os.environ | {"VALENCE_HOME": str(home), "OMP_NUM_THREADS": "1"}
    subprocess.run([VALENCE, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return measure.Figure(seconds=time.perf_counter() - begin, memory_mb=memory)


def _together(figures: list[measure.Figure]) -> measure.Figure:
    return measure.Figure(
        seconds=sum(figure.seconds for figure in figures), memory_mb=max(figure.memory_mb for figure in figures)
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
