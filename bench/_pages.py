"""How long does every page of a home take? Started by `bench.stages` with VALENCE_HOME; prints one JSON line.

The home is served by one process. Somebody who is signed in follows links from the start, looks at one page of each
kind once, and then again TIMES times.
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

from bench import _filled as filled
from bench import _http as http
from bench import customer_page

TIMES = 20
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
        found = {route: _taken(browser, path) for route, path in _each(browser)}
        memory = server.memory_info().rss / 2**20
    print(json.dumps({"pages": found, "server_memory_mb": round(memory, 1)}))


def _each(browser: customer_page.Browser) -> Iterator[tuple[str, str]]:
    """Give route and path of one page of each kind that links lead to."""
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
        try:
            page = browser.get(path)
        except urllib.error.HTTPError as problem:
            print(f"{problem.code} {path}", file=sys.stderr)
            continue
        seen.add(route)
        yield route, path
        links = re.findall(r'href="(/[^"#]*)', page.decode(errors="replace"))
        waiting += [link.replace("&amp;", "&") for link in links if not LEFT_ALONE.search(link)]


def _taken(browser: customer_page.Browser, path: str) -> dict[str, float]:
    took = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        browser.get(path)
        took.append(time.perf_counter() - begin)
    return {"p50": round(float(np.median(took)), 4), "p95": round(float(np.percentile(took, 95)), 4)}


if __name__ == "__main__":
    main()
