"""How long after 202 does an alert lie in store, at 500 interactions a second with 50 rules?

`python -m bench.alerts --size small|SECONDS`. The whole server runs: pages, intake, ticker, rules. Every thirtieth
interaction breaks a promise to a customer of whom nothing was raised yet; ten of the rules ask for the whole journey.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench import _filled as filled
from bench import _http as http
from bench import measure

A_SECOND, BATCH, CLIENTS, RULES, EVERY = 500, 10, 4, 50, 30
SMALL_SECONDS, SETTLES = 20, 5.0
KNOWN = 40_000


def main(seconds: int) -> None:
    """Print one JSON line: median, 99th percentile and longest time from 202 to a stored alert."""
    with tempfile.TemporaryDirectory() as folder:
        home, tokens = Path(folder) / "home", Path(folder) / "token"
        measure.measured(work=lambda: _prepare(home, tokens))
        with _served(home):
            seen: dict[str, float] = {}
            stop = threading.Event()
            watcher = threading.Thread(target=_watch, args=(home, seen, stop))
            watcher.start()
            told = asyncio.run(_sent(seconds, tokens.read_text()))
            time.sleep(SETTLES)
            stop.set()
            watcher.join()
    _say(seconds, told, seen)


def _say(seconds: int, told: dict[str, float], seen: dict[str, float]) -> None:
    expected = [name for name in told if name.startswith("broken")]
    waits = np.array([max(0.0, seen[name] - told[name]) for name in expected if name in seen])
    said = {
        "question": "seconds from 202 to a stored alert, 500 interactions/s and 50 rules",
        "size": len(told),
        "seconds": round(float(np.quantile(waits, 0.99)), 3),
        "median": round(float(np.median(waits)), 3),
        "longest": round(float(waits.max()), 3),
        "alerts": len(waits),
        "missing": len(expected) - len(waits),
        "a_second": round(len(told) / seconds),
        "memory_mb": 0.0,
        "peers": [],
    }
    print(msgspec.json.encode(said).decode(), flush=True)


def _prepare(home: Path, tokens: Path) -> None:
    filled.opened(home=home)
    from valence.alerts import actions as alerts
    from valence.alerts import rule
    from valence.customers import actions
    from valence.customers.rules import CustomerRecord
    from valence.flows.act import casework
    from valence.people import actions as people
    from valence.people import keys

    now = datetime.now(UTC)
    people.put_administrator(name="bench", password="correct horse battery", by="bench", now=now)
    people_known = [
        CustomerRecord(customer_id=f"C{number}", joined_at=now, values={"monthly_value": 40.0})
        for number in range(KNOWN)
    ]
    actions.put(records=people_known, now=now)
    casework.install(now=now, on=True)
    for number in range(RULES - 10):
        made = rule.made(table=_rule(number))
        alerts.put_rule(rule=made, by="bench", now=now)
        alerts.switch(name=made.name, on=True, by="bench", now=now)
    tokens.write_text(keys.create(name="bench", scopes=["write"], by="bench", now=now))


def _rule(number: int) -> dict[str, Any]:
    """Return one of many rules that look and do not fire: by words, numbers, texts, the customer, the journey."""
    parts: list[dict[str, Any]] = [
        {"field": "kind", "in": ["contact", "visit", "bill"]},
        {"field": "wait_minutes", "above": 100 + number},
        {
            "any": [
                {"field": "facts", "has": ["late", "no_show"]},
                {"field": "touchpoint", "matches": f"no.such.{number}"},
            ]
        },
    ]
    if number % 4 == 0:
        parts.append({"field": "monthly_value", "above": 20})
    if number % 4 == 1:
        parts = [{"field": "kind", "is": "promise"}, {"field": "contacts_7d", "at_least": 100 + number}]
    return {"name": f"bench_{number}", "title": f"Bench {number}", "cool_down_days": 0, "when": {"all": parts}}


@contextmanager
def _served(home: Path) -> Iterator[None]:
    command = [str(Path(sys.executable).parent / "valence"), "serve", "--port", str(http.PORT)]
    environment = {**os.environ, "VALENCE_HOME": str(home), "VALENCE_API_RATE": "100000000"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        asyncio.run(http._ready(http.PORT))
        time.sleep(3.0)
        yield
    finally:
        process.terminate()
        process.wait()


async def _sent(seconds: int, token: str) -> dict[str, float]:
    """Send at an even pace; return when each interaction was acknowledged."""
    told: dict[str, float] = {}
    head = "POST /api/v1/interactions HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
    head += f"authorization: Bearer {token}\r\n"
    queue: asyncio.Queue[list[dict[str, Any]] | None] = asyncio.Queue()
    clients = [asyncio.create_task(_client(queue, head.encode(), told)) for _ in range(CLIENTS)]
    begun = time.time()
    for number in range(0, seconds * A_SECOND, BATCH):
        await asyncio.sleep(max(0.0, begun + number / A_SECOND - time.time()))
        queue.put_nowait([_event(number + place) for place in range(BATCH)])
    for _ in clients:
        queue.put_nowait(None)
    await asyncio.gather(*clients)
    return told


async def _client(queue: asyncio.Queue[Any], head: bytes, told: dict[str, float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", http.PORT)
    while (events := await queue.get()) is not None:
        body = msgspec.json.encode(events)
        writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        lines = answer.lower().split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
        said = await reader.readexactly(length)
        at = time.time()
        if b" 202 " not in lines[0]:
            raise RuntimeError(said[:300].decode())
        told |= {event["interaction_id"]: at for event in events}
    writer.close()


def _event(number: int) -> dict[str, Any]:
    broken = number % EVERY == 0
    return {
        "interaction_id": f"{'broken' if broken else 'i'}{number}",
        "source": "crm",
        "customer_id": f"C{number // EVERY if broken else 20_000 + number % 20_000}",
        "occurred_at": datetime.now(UTC).isoformat(),
        "kind": "promise" if broken else ("contact", "visit", "bill")[number % 3],
        "promise": "broken" if broken else "",
        "department": ("care", "field", "billing")[number % 3],
        "facts": "" if broken else ("", "friendly")[number % 2],
        "wait_minutes": number % 30,
    }


def _watch(home: Path, seen: dict[str, float], stop: threading.Event) -> None:
    """Note when each alert can be read by others."""
    store = sqlite3.connect(f"file:{home / 'valence.sqlite3'}?mode=ro", uri=True)
    last = 0
    while not stop.wait(0.01):
        rows = store.execute("SELECT id, interaction_id FROM valence_alert WHERE id > ? ORDER BY id", [last]).fetchall()
        now = time.time()
        for number, name in rows:
            seen[name], last = now, number


if __name__ == "__main__":
    main(measure.size_of(small=SMALL_SECONDS, large=600))
