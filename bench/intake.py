"""How fast does intake take interactions over HTTP, beside the raw parts?

`python -m bench.intake --size small|1M`. Batches of 500 from four clients stand beside a bare prepared insert of the
same JSON into SQLite with the same durability; single events from 64 clients stand beside a plain django-ninja view.
The clock starts once the server has loaded its pages, which it does in its first seconds.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from bench import _filled as filled
from bench import _http as http
from bench import measure

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
PATH = "/api/v1/interactions"
BATCH, SENDERS, CLIENTS = 500, 4, 64


def main(rows: int) -> None:
    """Print one JSON line for batches and one for single events."""
    sent = [_event(number, random.Random(number)) for number in range(rows)]
    bodies = [msgspec.json.encode(sent[start : start + BATCH]) for start in range(0, rows, BATCH)]
    batches = _over_http("valence.asgi", bodies, SENDERS)
    bare = measure.measured(work=lambda: _bare(sent))
    measure.say(
        question="intake over HTTP in batches of 500", size=rows, ours=batches, peers={"bare prepared insert": bare}
    )
    single = [msgspec.json.encode(event) for event in sent[: max(rows // 10, 2_000)]]
    ours = _over_http("valence.asgi", single, CLIENTS)
    plain = _over_http("bench._plain_ninja", single, CLIENTS)
    measure.say(
        question="single events from 64 clients", size=len(single), ours=ours, peers={"plain django-ninja view": plain}
    )


def _event(number: int, dice: random.Random) -> dict[str, Any]:
    return {
        "interaction_id": f"i{number:09d}",
        "source": dice.choice(["crm", "billing"]),
        "customer_id": f"C{dice.randrange(20_000)}",
        "occurred_at": (NOW - timedelta(seconds=37 * number)).isoformat(),
        "kind": dice.choice(["contact", "visit", "bill", "outage"]),
        "department": dice.choice(["care", "field", "billing", "network"]),
        "facts": dice.choice(["", "late", "late|no_show", "not_fixed"]),
        "wait_minutes": round(dice.random() * 30, 1),
    }


def _over_http(application: str, bodies: list[bytes], clients: int) -> measure.Figure:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        tokens = Path(folder) / "token"
        measure.measured(work=lambda: _prepare(home, tokens))
        with http.served(application=application, home=home) as process:
            http.looked_at(path="/signin/")
            seconds = http.posted(path=PATH, bodies=bodies, token=tokens.read_text(), clients=clients)
            return measure.Figure(seconds=seconds, memory_mb=process.memory_info().rss / 2**20)


def _prepare(home: Path, tokens: Path) -> None:
    """Open a home in which the customers are known already, and make a key."""
    filled.opened(home=home)
    from valence.customers import actions
    from valence.people import keys

    actions.identify(customer_ids=[f"C{number}" for number in range(20_000)], now=NOW)
    tokens.write_text(keys.create(name="bench", scopes=["write"], by="bench", now=NOW))


def _bare(sent: list[dict[str, Any]]) -> float:
    """Insert the same JSON, source and id unique, a transaction for each batch; return the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        store = sqlite3.connect(Path(folder) / "bare.sqlite3", isolation_level=None)
        store.executescript(PRAGMAS + "CREATE TABLE e (source TEXT, id TEXT, body BLOB, PRIMARY KEY (source, id))")
        begun = time.perf_counter()
        for start in range(0, len(sent), BATCH):
            store.execute("BEGIN IMMEDIATE")
            part = sent[start : start + BATCH]
            rows = [(one["source"], one["interaction_id"], msgspec.json.encode(one)) for one in part]
            store.executemany("INSERT INTO e VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)
            store.execute("COMMIT")
        return time.perf_counter() - begun


if __name__ == "__main__":
    main(measure.size_of(small=50_000, large=1_000_000))
