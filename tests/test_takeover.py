"""Three processes on PostgreSQL, killed at any moment: what was acknowledged is there once, and work is taken over.

Pages and intake, work, and the clock run apart, over one folder and one database, while clients send. First all three
are killed at once. Then only who works is killed, in the middle of bringing in a file: another one takes it over.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import test_crash_http as http
from tests.conftest import BIN, environment, free_port
from valence.flows.tests.feeds import servers

pytestmark = pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="`make postgresql` tries it")

CLIENTS = 4
ROWS = 25_000
PATIENCE = 400.0

ENQUEUE = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from valence.flows.run import jobs
jobs.enqueue(name="import", by="test", arguments={"kind": "csv", "path": sys.argv[1]}, now=datetime.now(UTC))
"""


@dataclass
class Company:
    """A folder, a database and a port, and whatever runs on them."""

    surroundings: dict[str, str]
    port: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str | Path) -> subprocess.Popen[bytes]:
        """Run a command as the leader of a process group: what it starts is killed with it."""
        made = subprocess.Popen(
            list(map(str, words)), env=self.surroundings, process_group=0, stdout=subprocess.DEVNULL
        )
        self.running.append(made)
        return made

    def serve(self, part: str) -> subprocess.Popen[bytes]:
        return self.start(BIN / "valence", "serve", "--only", part, "--port", str(self.port))

    def serve_apart(self) -> None:
        """Start the three parts, and a process that moves rows to the log as often as it can."""
        web = self.serve("web")
        for part in ("jobs", "ticker"):
            self.serve(part)
        self.start(sys.executable, "-c", http.FLUSHER)
        http.wait_until_healthy(web, self.port)

    def kill(self, *those: subprocess.Popen[bytes]) -> None:
        for one in those or tuple(self.running):
            os.killpg(one.pid, signal.SIGKILL)
            one.wait()
            self.running.remove(one)


@contextmanager
def sending(company: Company) -> Iterator[list[http.Client]]:
    """Give clients that send for as long as this is open, and again what was not answered."""
    token = http.run(company.surroundings, "key", "create", "till", "--format", "json")["key"]
    stop = threading.Event()
    address = f"http://127.0.0.1:{company.port}"
    clients = [http.Client(f"c{number}", address, token, stop) for number in range(CLIENTS)]
    threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=PATIENCE)


def job(url: str) -> tuple[str, int, int]:
    """Return state, how far and how many of the newest piece of work."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as door:
        found = door.execute(sa.text("SELECT state, done, total FROM valence_job WHERE name = 'import'")).one()
    return found[0], found[1], found[2]


def wait_for(ready: Callable[[], bool], why: str) -> float:
    begun = time.monotonic()
    while not ready():
        assert time.monotonic() - begun < PATIENCE, why
        time.sleep(0.05)
    return time.monotonic() - begun


def file_of(folder: Path) -> Path:
    path = folder / "visits.csv"
    rows = (f"f-{n},crm,F-{n % 700},2025-02-{n % 28 + 1:02d}T10:00:00Z,visit,field" for n in range(ROWS))
    path.write_text("interaction_id,source,customer_id,occurred_at,kind,department\n" + "\n".join(rows) + "\n")
    return path


def test_three_processes_lose_and_double_nothing_and_work_is_taken_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with servers.postgres() as server:
        settings = {"DATABASE_URL": server.replace("+psycopg", ""), "DJANGO_SETTINGS_MODULE": "valence.settings"}
        company = Company(environment(home=tmp_path / "home") | settings, free_port())
        try:
            with sending(company) as clients:
                company.serve_apart()
                http.wait_for_answers(clients)
                time.sleep(random.uniform(0.05, 1.0))
                company.kill()
                company.serve_apart()
                seconds = takes_over(company, server, file_of(tmp_path))
                http.wait_for_answers(clients)
            company.kill()
            report = judged(company, clients)
        finally:
            if company.running:
                company.kill()
    with capsys.disabled():
        print(f"\n{report}; the file was taken over after {seconds:.1f} s")


def takes_over(company: Company, server: str, file: Path) -> float:
    """Kill who works in the middle of a file while another one stands by; return the seconds until it goes on."""
    subprocess.run([sys.executable, "-c", ENQUEUE, file], env=company.surroundings, check=True)
    wait_for(lambda: 0 < job(server)[1] < ROWS or job(server)[0] == "done", "nobody works")
    assert job(server)[0] == "running", "the file was too short to be killed in the middle"
    first = company.running[1]
    standby = company.serve("jobs")
    company.kill(first)
    reached = job(server)[1]
    seconds = wait_for(lambda: job(server)[1] > reached or job(server)[0] != "running", "nobody takes over")
    wait_for(lambda: job(server)[0] not in ("waiting", "running"), "the work does not end")
    assert job(server)[0] == "done"
    assert standby.poll() is None
    return seconds


def judged(company: Company, clients: list[http.Client]) -> str:
    """Hold what was sent against what is stored."""
    asked = "select source, count(*) n, count(distinct interaction_id) ids from interactions where interaction_id "
    found = http.run(company.surroundings, "sql", f"{asked} like 'f-%' group by all", "--format", "json")["rows"]
    assert [(row["n"], row["ids"]) for row in found] == [(ROWS, ROWS)]
    sent = f"{asked} not like 'f-%' group by all"
    assert [row["n"] == row["ids"] for row in http.run(company.surroundings, "sql", sent, "--format", "json")["rows"]]
    words = "select interaction_id from interactions where interaction_id not like 'f-%'"
    rows = http.run(company.surroundings, "sql", words, "--format", "json")["rows"]
    stored = {row["interaction_id"] for row in rows}
    acknowledged = {one for client in clients for one in client.acknowledged}
    assert [strange for client in clients for strange in client.strange] == []
    assert len(acknowledged) > 100
    assert not acknowledged - stored
    assert len(rows) == len(stored)
    return f"{len(acknowledged):,} acknowledged, {len(stored):,} stored, {ROWS:,} of a file, none lost or doubled"
