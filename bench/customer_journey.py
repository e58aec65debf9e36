"""How long does it take to read one customer's journey, and does that grow with the log?

`python -m bench.customer_journey --size small|1M|10M`. The peer is DuckDB asked for the
same rows over all files of the log, which is what a page without buckets and row groups would do.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from bench import _filled as filled
from bench import measure

READS = 300


def main(rows: int) -> None:
    """Print one JSON line: `seconds` is the median read, `p95_seconds` the slow one in twenty."""
    with tempfile.TemporaryDirectory() as folder:
        measure.measured(work=lambda: _prepare(Path(folder), rows))
        _measure(Path(folder), rows)


def _prepare(folder: Path, rows: int) -> None:
    filled.opened(home=folder / "home")
    filled.fill(keys=filled.keys_of(customers=rows // filled.ROWS_A_CUSTOMER))


def _measure(folder: Path, rows: int) -> None:
    ours = measure.measured(work=lambda: _ours(folder, rows, 50))
    slow = measure.measured(work=lambda: _ours(folder, rows, 95))
    peer = measure.measured(work=lambda: _duckdb(folder, rows))
    measure.say(
        question="one customer's journey",
        size=rows,
        ours=ours,
        peers={"duckdb over all files": peer},
        p95_seconds=round(slow.seconds, 6),
    )


def _chosen(rows: int) -> list[int]:
    keys = filled.keys_of(customers=rows // filled.ROWS_A_CUSTOMER)
    return np.random.default_rng(7).choice(keys, READS).tolist()


def _ours(folder: Path, rows: int, percentile: float) -> float:
    filled.opened(home=folder / "home")
    from valence import interactions

    took = []
    for key in _chosen(rows):
        begin = time.perf_counter()
        journeys = interactions.journeys_of(keys=[key])
        took.append(time.perf_counter() - begin)
        assert len(journeys) == filled.ROWS_A_CUSTOMER
    return float(np.percentile(took, percentile))


def _duckdb(folder: Path, rows: int) -> float:
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    files = f"{folder}/home/log/bucket=*/*.parquet"
    took = []
    for key in _chosen(rows)[:30]:
        begin = time.perf_counter()
        found = connection.execute(
            f"SELECT * FROM read_parquet('{files}') WHERE customer_key = ? ORDER BY occurred_at", [key]
        ).to_arrow_table()
        took.append(time.perf_counter() - begin)
        assert len(found) == filled.ROWS_A_CUSTOMER
    return float(np.percentile(took, 50))


if __name__ == "__main__":
    main(measure.size_of(small=100_000))
