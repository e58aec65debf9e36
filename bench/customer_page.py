"""How long does the page of one customer take over HTTP, and does that grow with the log?

`python -m bench.customer_page --size small|1M|10M`. Two homes share one model, trained on a simulated company; one gets
a log of the size asked for, the other a tenth of it, with the customers that belong to them. Both are served, and a
signed-in browser's requests for customers drawn at random go to them in turn. `seconds` is the median, `p95_seconds`
the slow one in twenty, `cpu_seconds` what the server worked for a page (which other work on the machine changes less),
`first_seconds` the first page after the start. The peers: the same page with a tenth of the log, and DuckDB asked for
the same customer's rows over all files of the log, without any page.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path

import numpy as np
import psutil

from bench import _filled as filled
from bench import _http as http
from bench import measure

PAGES = 200
LEARNED_FROM = 2_000
AT_ONCE = 5_000
NAME, PASSWORD = "bench", "a long enough word"
NOW = datetime(2025, 11, 1, tzinfo=UTC)
VALENCE = Path(sys.executable).parent / "valence"


@dataclass
class Browser:
    """Somebody who is signed in, and how long the pages took, in seconds."""

    address: str
    took: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        form = self._opener.open(f"{self.address}/signin/", timeout=120).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        said = {"username": NAME, "password": PASSWORD, "csrfmiddlewaretoken": token[1] if token else "", "next": "/"}
        request = urllib.request.Request(
            f"{self.address}/signin/", urllib.parse.urlencode(said).encode(), headers={"referer": self.address}
        )
        self._opener.open(request, timeout=120).read()

    def get(self, path: str) -> bytes:
        """Return a page."""
        page: bytes = self._opener.open(f"{self.address}{path}", timeout=600).read()
        return page

    def look_at(self, key: int) -> None:
        """Open the page of a customer and note how long it took."""
        begin = time.perf_counter()
        page = self.get(f"/customers/{key}/")
        self.took.append(time.perf_counter() - begin)
        assert b"bench-" in page, "this is not the customer's page"


@dataclass(frozen=True)
class Pages:
    """How long each page took (seconds), what the server held and, per page, worked for."""

    took: list[float]
    memory_mb: float
    cpu_seconds: float


def main(rows: int) -> None:
    """Print one JSON line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _learn(folder / "learned")
        homes = {size: folder / f"home-{size}" for size in (rows, rows // 10)}
        for size, home in homes.items():
            shutil.copytree(folder / "learned", home)
            shutil.copy(folder / "learned.key", f"{home}.key")
            measure.measured(work=lambda: _prepare(home, size))  # noqa: B023
        keys = {size: np.load(home / "keys.npy") for size, home in homes.items()}
        pages = _served(homes, keys)
        peer = measure.measured(work=lambda: _duckdb(homes[rows], keys[rows]))
    _tell(rows, pages, peer)


def _learn(home: Path) -> None:
    """Train a model on a simulated company, with the commands that a user would type."""
    made = home.parent / "made"
    _run(home, "simulate", "--customers", str(LEARNED_FROM), "--months", "24", "--seed", "5", "--out", str(made))
    for file in ("customers", "interactions"):
        _run(home, "import", "csv", str(made / f"{file}.csv"))
    _run(home, "train")
    _run(home, "score")


def _run(home: Path, *words: str) -> None:
    environment = os.environ | {"VALENCE_HOME": str(home), "OMP_NUM_THREADS": "1"}
    subprocess.run([VALENCE, *words], env=environment, check=True, stdout=subprocess.DEVNULL)


def _prepare(home: Path, rows: int) -> None:
    """Bring customers in and write their interactions into the log."""
    filled.opened(home=home)
    from valence.customers import actions, lookup
    from valence.customers.rules import CustomerRecord
    from valence.people import actions as people

    ids = [f"bench-{number}" for number in range(rows // filled.ROWS_A_CUSTOMER)]
    values = {"region": "North", "segment": "home", "plan": "M", "monthly_value": 40.0}
    for start in range(0, len(ids), AT_ONCE):
        records = [
            CustomerRecord(customer_id=one, joined_at=NOW - timedelta(days=900), values=values)
            for one in ids[start : start + AT_ONCE]
        ]
        actions.put(records=records, now=NOW)
    keys = np.array(list(lookup.keys_of(customer_ids=ids).values()), np.int64)
    filled.fill(keys=keys)
    np.save(home / "keys.npy", keys)
    people.put_administrator(name=NAME, password=PASSWORD, by="bench", now=NOW)


def _worked(server: psutil.Process) -> float:
    used = server.cpu_times()
    return used.user + used.system


def _served(homes: dict[int, Path], keys: dict[int, np.ndarray]) -> dict[int, Pages]:
    """Return what the pages took, by size of the log."""
    dice = np.random.default_rng(7)
    with ExitStack() as stack:
        servers, browsers = {}, {}
        for size, home in homes.items():
            port = http.free_port()
            servers[size] = stack.enter_context(http.served(application="valence.asgi", home=home, port=port))
            browsers[size] = Browser(f"http://127.0.0.1:{port}")
        started = {size: _worked(server) for size, server in servers.items()}
        for _ in range(PAGES):
            for size, browser in browsers.items():
                browser.look_at(int(dice.choice(keys[size])))
        return {
            size: Pages(
                browsers[size].took,
                servers[size].memory_info().rss / 2**20,
                (_worked(servers[size]) - started[size]) / PAGES,
            )
            for size in homes
        }


def _duckdb(home: Path, keys: np.ndarray) -> float:
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    took = []
    for key in np.random.default_rng(7).choice(keys, 30).tolist():
        begin = time.perf_counter()
        rows = connection.execute(
            f"SELECT * FROM read_parquet('{home}/log/bucket=*/*.parquet') WHERE customer_key = ? ORDER BY occurred_at",
            [key],
        ).to_arrow_table()
        took.append(time.perf_counter() - begin)
        assert len(rows) == filled.ROWS_A_CUSTOMER
    return float(np.median(took))


def _tell(rows: int, pages: dict[int, Pages], duckdb: measure.Figure) -> None:
    medians = {size: measure.Figure(float(np.median(one.took[1:])), one.memory_mb) for size, one in pages.items()}
    slow = {size: float(np.percentile(one.took[1:], 95)) for size, one in pages.items()}
    measure.say(
        question="a customer's page over HTTP",
        size=rows,
        ours=medians[rows],
        peers={"the same page with a tenth of the log": medians[rows // 10], "DuckDB over all files, no page": duckdb},
        p95_seconds=round(slow[rows], 4),
        p95_seconds_with_a_tenth=round(slow[rows // 10], 4),
        cpu_seconds=round(pages[rows].cpu_seconds, 4),
        first_seconds=round(pages[rows].took[0], 3),
    )


if __name__ == "__main__":
    main(measure.size_of(small=100_000))
