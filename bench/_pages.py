"""How long does every page of a home take? Started by `bench.stages` with VALENCE_HOME; prints one JSON line.

The home is served by one process. Somebody who is signed in follows links from the start and looks at one page of each
kind: `first` is how long that took, with a server that was just started. Once the server has nothing to do any more
they look at each again, TIMES times: `p50` and `p95` in seconds, `cpu` the server's processor seconds for one look,
with what it counts beside.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil

from bench import _filled as filled
from bench import _http as http
from bench import customer_page

TIMES = 20
STILL, LONGEST = 5.0, 900.0
LEFT_ALONE = re.compile(r"signout|/export|\.csv|/static/|^//")


def main() -> None:
    """Look at one page of each kind and print what the pages took, by route, in seconds."""
    home = Path(os.environ["VALENCE_HOME"])
    filled.opened(home=home)
    from valence.people import actions as people

    people.put_administrator(
        name=customer_page.NAME, password=customer_page.PASSWORD, by="bench", now=datetime.now(UTC)
    )
    port = http.free_port()
    with http.served(application="valence.asgi", home=home, port=port) as server:
        browser = customer_page.Browser(f"http://127.0.0.1:{port}")
        first = {route: (path, round(took, 4)) for route, path, took in _each(browser)}
        ready = _when_idle(server)
        found = {route: {"first": took, **_taken(browser, server, path)} for route, (path, took) in first.items()}
        memory = server.memory_info().rss / 2**20
    print(json.dumps({"pages": found, "idle_after": ready, "server_memory_mb": round(memory, 1)}))


def _when_idle(server: psutil.Process) -> float:
    """Wait until the server has counted what it counts beside; return how long that was."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < LONGEST:
        before = _used(server)
        time.sleep(STILL)
        if _used(server) - before < STILL / 50:
            break
    return round(time.perf_counter() - begin, 1)


def _used(server: psutil.Process) -> float:
    """Return how many seconds of the processor a server has taken."""
    used = server.cpu_times()
    return float(used.user + used.system)


def _each(browser: customer_page.Browser) -> Iterator[tuple[str, str, float]]:
    """Give route and path of one page of each kind that links lead to, and how long it took."""
    from django.urls import Resolver404, resolve

    waiting, seen = ["/"], set[str]()
    while waiting:
        path = waiting.pop(0)
        try:
            route = resolve(urllib.parse.urlsplit(path).path).route
        except Resolver404:
            continue
        if route in seen:
            continue
        begin = time.perf_counter()
        try:
            page = browser.get(path)
        except urllib.error.HTTPError as problem:
            print(f"{problem.code} {path}", file=sys.stderr)
            continue
        seen.add(route)
        yield route, path, time.perf_counter() - begin
        links = re.findall(r'href="(/[^"#]*)', page.decode(errors="replace"))
        waiting += [link.replace("&amp;", "&") for link in links if not LEFT_ALONE.search(link)]


def _taken(browser: customer_page.Browser, server: psutil.Process, path: str) -> dict[str, float]:
    took, before = [], _used(server)
    for _ in range(TIMES):
        begin = time.perf_counter()
        browser.get(path)
        took.append(time.perf_counter() - begin)
    return {
        "p50": round(float(np.median(took)), 4),
        "p95": round(float(np.percentile(took, 95)), 4),
        "cpu": round((_used(server) - before) / TIMES, 4),
    }


if __name__ == "__main__":
    main()
