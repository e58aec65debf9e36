"""How soon does the widget stand on a slow phone's screen, once its script has arrived? In Chromium, held back as
Lighthouse holds it back: the processor four times, the line to 1.6 Mbit/s with 150 ms there and back.

`python -m bench.widget_paint --size 10` (loads of the page). `seconds` is the middle of: from the script arriving to
the first frame that shows the widget, less the wait for Valence (`waited_ms`); `all_ms`: from the first byte asked of
the page to that frame. Beside it stands a script that only puts a box with one line on the page.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from bench import _filled as filled
from bench import _http as http
from bench import measure

SLOWER = 4
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
ALLOWED_MS = 100
PATIENCE_MS = 120_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
BARE = (
    "const box = document.createElement('valence-survey');"
    "box.attachShadow({mode: 'open'}).innerHTML = '<p>How likely are you to recommend us?</p>';"
    "document.body.append(box);"
)
WATCH = """
const fetched = window.fetch;
window.fetch = async (...all) => {
  const from = performance.now();
  const answer = await fetched(...all);
  const text = await answer.text();
  window.waited = performance.now() - from;
  return new Response(text, { status: answer.status, headers: { "content-type": "application/json" } });
};
window.arrived = () =>
  performance.getEntriesByType("resource").find((one) => one.name.endsWith("widget.js")).responseEnd;
new MutationObserver((_, watch) => {
  if (!document.querySelector("valence-survey")) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
"""Put into the page before its own scripts: when the widget is on the screen, and how long it waited for Valence."""


def main(size: int) -> None:
    """Print one JSON line."""
    with tempfile.TemporaryDirectory() as folder:
        key = _placed(Path(folder))
        with http.served(application="valence.asgi", home=Path(folder)):
            src = f"http://127.0.0.1:{http.PORT}/static/built/widget.js"
            ours = _loads(f'<script src="{src}" data-site="{key}" async></script>', key, size)
        bare = _loads("<script>window.arrivedAt = performance.now();" + BARE + "</script>", "", size)
    measure.say(
        question="the widget on a slow phone, from its script to the first frame",
        size=size,
        ours=_figure(ours),
        peers={"a box with one line": _figure(bare)},
        allowed_ms=ALLOWED_MS,
        slowest_ms=round(max(one["paint"] for one in ours)),
        waited_ms=round(median(one["waited"] for one in ours)),
        all_ms=round(median(one["all"] for one in ours)),
    )


def _figure(loads: list[dict[str, float]]) -> measure.Figure:
    return measure.Figure(median(one["paint"] for one in loads) / 1_000, max(one["memory"] for one in loads))


def _placed(home: Path) -> str:
    """Open a home with a survey and a place for the widget, and return the place's key."""
    filled.opened(home=home)
    from valence.channels import places
    from valence.flows.ask import surveying

    now = datetime.now(UTC)
    slug = surveying.draft(template="nps", name="Bench", channel="", by="bench", now=now)
    surveying.launch(slug=slug, by="bench", now=now)
    return places.add_site(survey=slug, name="Shop", origins="http://placeholder.example", by="bench", now=now).key


def _loads(script: str, key: str, times: int) -> list[dict[str, float]]:
    """Load a company's page with a script so many times, after one that is not counted."""
    from playwright.sync_api import sync_playwright

    html = f"<!doctype html><html lang=en><title>Shop</title><body><h1>Shop</h1>{script}</body></html>"
    with _shop(html) as address:
        if key:
            _let_show(key, address)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            page = browser.new_page(viewport={"width": 390, "height": 844})
            page.set_default_timeout(PATIENCE_MS)
            page.add_init_script(WATCH)
            phone = page.context.new_cdp_session(page)
            phone.send("Network.emulateNetworkConditions", LINE)
            phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            phone.send("Performance.enable")
            found = [_one(page, phone, address) for _ in range(times + 1)]
            browser.close()
    return found[1:]


@contextmanager
def _shop(html: str) -> Iterator[str]:
    """Serve a page of a company as another origin, and give its address."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _let_show(key: str, address: str) -> None:
    """Let a place show the widget on the page, whose port is known only now."""
    from django.db import connection

    from valence.channels.models import Site

    Site.objects.filter(key=key).update(origins=[address])
    connection.close()


def _one(page: Any, phone: Any, address: str) -> dict[str, float]:
    """Load the page as somebody who was not asked yet."""
    page.goto(address)
    page.evaluate("localStorage.clear()")
    page.goto(address)
    page.wait_for_function("() => window.painted")
    painted, arrived, waited = page.evaluate(
        "() => [window.painted, window.arrivedAt ?? window.arrived(), window.waited ?? 0]"
    )
    held = {one["name"]: one["value"] for one in phone.send("Performance.getMetrics")["metrics"]}
    return {
        "paint": painted - arrived - waited,
        "waited": waited,
        "all": painted,
        "memory": held["JSHeapUsedSize"] / 1e6,
    }


if __name__ == "__main__":
    main(measure.size_of(small=10))
