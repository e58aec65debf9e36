"""Rows of made-up files laid straight into the log of a home: for a size that takes longer to import than one has.

`python -m bench._poured HOME CUSTOMERS.csv INTERACTIONS.csv [...]`: the customers were imported before. Nothing is
checked, nobody is asked about, no list of what was seen is kept: it is no import, and no figure of it is one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bench import _filled as filled

BUCKETS = 64
AT_ONCE = 100_000
TIMES = ("occurred_at", "recorded_at", "promised_at")


def main(home: Path, customers: Path, files: Sequence[Path]) -> None:
    """Lay the rows of files into the log, sorted by customer, as one new version of it."""
    filled.opened(home=home)
    with tempfile.TemporaryDirectory(dir=home.parent) as name:
        folder = Path(name)
        database = duckdb.connect(config={"threads": 2, "memory_limit": "6GB", "temp_directory": name})
        pq.write_table(_keys(database, customers), folder / "keys.parquet")
        _cut(database, folder, files)
        print(f"{_poured(folder):,} rows laid into the log")


def _keys(database: duckdb.DuckDBPyConnection, customers: Path) -> pa.Table:
    """Return the surrogate key of each customer, by the company's own id."""
    from valence.customers import lookup

    ids = database.execute(f"SELECT customer_id FROM read_csv('{customers}', all_varchar=true)").fetchnumpy()
    said = ids["customer_id"].tolist()
    known: dict[str, int] = {}
    for start in range(0, len(said), AT_ONCE):
        known |= lookup.keys_of(customer_ids=said[start : start + AT_ONCE])  # type: ignore[arg-type]  # none is erased
    return pa.table({"customer_id": list(known), "customer_key": pa.array(list(known.values()), pa.int64())})


def _cut(database: duckdb.DuckDBPyConnection, folder: Path, files: Sequence[Path]) -> None:
    """Cut the rows by bucket, each with the types that it has in the log."""
    from valence.interactions import columns

    names = ", ".join(f"'{file}'" for file in files)
    head = database.execute(f"SELECT * FROM read_csv([{names}], all_varchar=true) LIMIT 0").description or []
    there = {column[0] for column in head}
    said = ", ".join(f"{_read(name, kind, there)} AS {name}" for name, kind in columns.TYPES.items())
    database.execute(
        f"COPY (SELECT {said}, customer_key % {BUCKETS} AS bucket FROM read_csv([{names}], all_varchar=true) "
        f"JOIN '{folder}/keys.parquet' USING (customer_id)) TO '{folder}/cut' (FORMAT PARQUET, PARTITION_BY (bucket))"
    )


def _read(name: str, kind: pa.DataType, there: set[str]) -> str:
    """Return how a column of the log is read from the file's words."""
    at = {time: f"strptime(nullif({time}, ''), '%Y-%m-%dT%H:%M:%SZ')" for time in TIMES}
    if name == "recorded_at":
        return f"coalesce({at['recorded_at']}, {at['occurred_at']})"
    if name == "caused_by":
        return "CASE WHEN caused_by LIKE '%:%' THEN caused_by ELSE source || ':' || nullif(caused_by, '') END"
    if name in at:
        return at[name]
    if name == "customer_key":
        return name
    if name == "revision":
        return "0"
    if name not in there:
        return "NULL"
    return f"CAST(nullif({name}, '') AS DOUBLE)" if kind == pa.float64() else f"nullif({name}, '')"


def _poured(folder: Path) -> int:
    """Write each bucket's rows as one sorted file; return how many rows. Others may bring rows in meanwhile."""
    from valence.interactions import columns, delta, log

    cut = [pq.ParquetDataset(folder / "cut" / f"bucket={bucket}", partitioning=None) for bucket in range(BUCKETS)]
    rows = [sum(part.count_rows() for part in one.fragments) for one in cut]
    seq, adds = _reserved(sum(rows)), []
    for bucket, found in enumerate(cut):
        table = found.read()
        table = table.append_column("seq", pa.array(range(seq, seq + len(table)), pa.int64()))
        seq += len(table)
        table = columns.in_order(table=table.select(columns.SCHEMA.names).cast(columns.SCHEMA))
        adds.append(delta.write(folder=log.folder(), table=table, bucket=bucket))
    with log.changing() as held:
        delta.commit(table=held.table, folder=held.folder, adds=adds, removes=[], watermark=held.watermark, grew=True)
    return sum(rows)


def _reserved(rows: int) -> int:
    """Return the first `seq` of as many, which nothing that comes in will get."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = 'valence_inboxrow' RETURNING seq", [rows]
        )
        return int(cursor.fetchone()[0]) - rows + 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(one) for one in sys.argv[3:]])
