"""Kill the whole product at any moment while clients send over HTTP: what was acknowledged is there, once.

`VALENCE_KILLS=20` sets how often (2 by default). `valence serve` and a process that moves rows to the log as often as
it can run as one process group. Six clients send batches and single interactions, and send again what was not
answered, some of it twice. At the end what was acknowledged is held against what `valence sql` finds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import BIN, environment, free_port

KILLS = int(os.environ.get("VALENCE_KILLS", "2"))
CLIENTS = 6
CUSTOMERS = 300
PATIENCE = 240.0  # a busy machine is slow, not wrong
KEPT = ("created", "duplicate")

FLUSHER = """
import time
from datetime import UTC, datetime
import django
django.setup()
from valence.flows.gather import flush
while True:
    flush.run(now=datetime.now(UTC), everything=True)
    time.sleep(0.2)
"""


@dataclass
class Client:
    """Sends until it is told to stop, and remembers what was acknowledged; what was not answered is sent again."""

    name: str
    address: str
    token: str
    stop: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    sent: int = 0
    strange: list[str] = field(default_factory=list)

    def run(self) -> None:
        dice = random.Random(os.urandom(8))
        with httpx.Client(timeout=10, headers={"authorization": f"Bearer {self.token}"}) as http:
            while not self.stop.is_set():
                fresh = [f"{self.name}-{self.sent + step}" for step in range(dice.choice([1, 1, 40, 200]))]
                self.sent += len(fresh)
                again = dice.sample(self.acknowledged[-500:], min(len(self.acknowledged), dice.choice([0, 5])))
                self._deliver(http, [*fresh, *again])

    def _deliver(self, http: httpx.Client, ids: list[str]) -> None:
        """Send until it is answered: whoever had no answer cannot know whether it was stored."""
        body = [interaction(one) for one in ids]
        while True:
            try:
                answer = http.post(f"{self.address}/api/v1/interactions", json=body if len(body) > 1 else body[0])
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                if answer.status_code != 503:
                    self._note(ids, answer)
                    return
                time.sleep(0.1)
            if self.stop.is_set():
                return

    def _note(self, ids: list[str], answer: httpx.Response) -> None:
        said = answer.json()
        verdicts = [said] if isinstance(said, dict) else said
        if answer.status_code == 202 and all(one["verdict"] in KEPT for one in verdicts):
            self.acknowledged += ids
        else:
            self.strange.append(f"{answer.status_code}: {answer.text[:300]}")


def interaction(name: str) -> dict[str, object]:
    return {
        "interaction_id": name, "source": "crm", "customer_id": f"K-{sum(name.encode()) * 7 % CUSTOMERS}",
        "occurred_at": "2025-03-01T12:00:00Z", "kind": "contact", "department": "care", "text": name * 3,
    }  # fmt: skip


@pytest.mark.parametrize("kills", [pytest.param(KILLS, marks=[pytest.mark.slow] if KILLS > 2 else [])])
def test_nothing_acknowledged_over_http_is_lost_or_doubled_by_kill_9(
    tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    surroundings = environment(home=tmp_path / "home") | {"DJANGO_SETTINGS_MODULE": "valence.settings"}
    token = run(surroundings, "key", "create", "till", "--format", "json")["key"]
    port = free_port()
    stop = threading.Event()
    clients = [Client(f"c{number}", f"http://127.0.0.1:{port}", token, stop) for number in range(CLIENTS)]
    threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    starts = [play_and_kill(surroundings, port, clients) for _ in range(kills)]
    with served(surroundings, port) as last:
        wait_for_answers(clients)
        stop.set()
        for thread in threads:
            thread.join(timeout=PATIENCE)
        assert not any(thread.is_alive() for thread in threads)
    report = judged(surroundings, clients)
    with capsys.disabled():
        print(f"\n{kills} kills: {report}; slowest start {max(*starts, last):.1f} s")


def judged(surroundings: dict[str, str], clients: list[Client]) -> str:
    """Hold what was acknowledged against what is stored; return the figures in words."""
    assert [strange for client in clients for strange in client.strange] == []
    acknowledged = {one for client in clients for one in client.acknowledged}
    rows = run(surroundings, "sql", "select interaction_id, customer_key from interactions", "--format", "json")["rows"]
    stored = Counter(row["interaction_id"] for row in rows)
    assert len(acknowledged) > 100
    assert not acknowledged - stored.keys()
    assert max(stored.values()) == 1
    assert not stored.keys() - {f"{client.name}-{number}" for client in clients for number in range(client.sent)}
    met = {interaction(name)["customer_id"] for name in stored}
    assert len({row["customer_key"] for row in rows}) == len(met)
    return f"{len(acknowledged):,} acknowledged, {len(stored):,} stored, {len(met)} customers, none lost or doubled"


def play_and_kill(surroundings: dict[str, str], port: int, clients: list[Client]) -> float:
    with served(surroundings, port) as started:
        wait_for_answers(clients)
        time.sleep(random.uniform(0.05, 1.5))
    return started


@contextmanager
def served(surroundings: dict[str, str], port: int) -> Iterator[float]:
    """Run the product and a flusher as one process group, give the seconds to start, kill the group at the end."""
    begun = time.monotonic()
    command = [BIN / "valence", "serve", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, process_group=0)
    flusher: subprocess.Popen[bytes] | None = None
    try:
        wait_until_healthy(server, port)
        started = time.monotonic() - begun
        flusher = subprocess.Popen([sys.executable, "-c", FLUSHER], env=surroundings, process_group=server.pid)
        yield started
        assert (server.poll(), flusher.poll()) == (None, None), "the product ended by itself"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        for process in filter(None, (server, flusher)):
            process.wait()


def wait_until_healthy(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.02)
    raise AssertionError("the server did not become healthy")


def wait_for_answers(clients: list[Client]) -> None:
    """Wait until every client was acknowledged something more."""
    before = [len(client.acknowledged) for client in clients]
    deadline = time.monotonic() + PATIENCE
    while any(len(client.acknowledged) == count for client, count in zip(clients, before, strict=True)):
        assert time.monotonic() < deadline, "the clients are not answered"
        time.sleep(0.02)


def run(surroundings: dict[str, str], *words: str) -> dict[str, Any]:
    done = subprocess.run([BIN / "valence", *words], env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
