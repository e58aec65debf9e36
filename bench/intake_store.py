"""What does an acknowledged interaction cost in the store, beside a bare prepared insert of the same bytes?

`python -m bench.intake_store --size small|1M`. Both write to SQLite in write-ahead mode with `synchronous=FULL`, a
transaction for each batch. The bare insert keeps source and id unique and nothing else: no content is compared, no
customer is found, nothing is hidden behind a key.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from bench import _filled as filled
from bench import measure
from valence.terms import Interaction

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
BATCHES = (500, 5_000)
PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"


def main(rows: int) -> None:
    """Print one JSON line for each size of batch, and one for moving the rows to the log."""
    made = [_made(number, random.Random(number)) for number in range(rows)]
    for batch in BATCHES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            measure.measured(work=lambda: filled.opened(home=folder / "home"))  # noqa: B023
            measure.say(
                question=f"admit in batches of {batch}",
                size=rows,
                ours=measure.measured(work=lambda: _admitted(folder, made, batch)),  # noqa: B023
                peers={"bare prepared insert": measure.measured(work=lambda: _bare(folder, made, batch))},  # noqa: B023
            )
            if batch == BATCHES[-1]:
                moved = measure.measured(work=lambda: _moved(folder))  # noqa: B023
                measure.say(question="flush and compact", size=rows, ours=moved, peers={})


def _made(number: int, dice: random.Random) -> Interaction:
    at = NOW - timedelta(seconds=37 * number)
    return Interaction(
        source=dice.choice(["crm", "billing"]),
        interaction_id=f"i{number:09d}",
        customer_key=dice.randrange(1 << 62),
        occurred_at=at,
        recorded_at=at,
        kind=dice.choice(["contact", "visit", "bill", "outage"]),
        department=dice.choice(["care", "field", "billing", "network"]),
        facts=dice.choice(["", "late", "late|no_show", "not_fixed"]),
        wait_minutes=round(dice.random() * 30, 1),
        agent_id=f"a{dice.randrange(400)}",
    )


def _admitted(folder: Path, made: list[Interaction], batch: int) -> float:
    filled.opened(home=folder / "home")
    from valence.interactions import inbox

    begin = time.perf_counter()
    for start in range(0, len(made), batch):
        inbox.admit(interactions=made[start : start + batch], now=NOW)
    return time.perf_counter() - begin


def _bare(folder: Path, made: list[Interaction], batch: int) -> float:
    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.executescript(PRAGMAS)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS rows (source TEXT, name TEXT, key, payload, PRIMARY KEY (source, name))"
    )
    begin = time.perf_counter()
    encode = msgspec.msgpack.Encoder().encode
    for start in range(0, len(made), batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            ((one.source, one.interaction_id, one.customer_key, encode(one)) for one in made[start : start + batch]),
        )
        connection.execute("COMMIT")
    return time.perf_counter() - begin


def _moved(folder: Path) -> float:
    filled.opened(home=folder / "home")
    from valence.flows.gather import flush

    begin = time.perf_counter()
    flush.run(now=NOW, everything=True)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main(measure.size_of(small=100_000, large=1_000_000))
