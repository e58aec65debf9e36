"""What benches found is kept in `bench/results`, with the machine it was found on, and drawn for the docs.

`python -m bench.kept` draws docs/bench.svg anew from everything that is kept.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
CHART = Path(__file__).parents[1] / "docs" / "bench.svg"
WIDE, ROW, LEFT, RIGHT = 860, 26, 430, 90


def keep(*, name: str, size: str, lines: Sequence[str], now: datetime) -> Path:
    """Write a bench's JSON lines to `bench/results/NAME-SIZE.json`, with the machine and its load."""
    RESULTS.mkdir(exist_ok=True)
    found = [json.loads(line) for line in lines if line.startswith("{")]
    path = RESULTS / f"{name}-{size}.json"
    kept = {"bench": name, "measured_at": now.isoformat(timespec="minutes"), "machine": machine(), "found": found}
    path.write_text(json.dumps(kept, indent=1) + "\n")
    return path


def machine() -> dict[str, Any]:
    """Describe the machine: what changes figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def draw() -> str:
    """Return the chart: how many times longer each peer takes than Valence, on a logarithmic scale.

    Seconds of the processor where they are known: other work on the machine changes those least.
    """
    bars = [bar for path in sorted(RESULTS.glob("*.json")) for bar in _bars(json.loads(path.read_text()))]
    high = ROW * (len(bars) + 2)
    drawn = "\n".join(_drawn(place, *bar) for place, bar in enumerate(bars, start=1))
    middle = _place(1.0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" role="img" '
        'font-family="sans-serif" font-size="13">\n<title>How many times longer than Valence</title>\n'
        f'<rect width="{WIDE}" height="{high}" fill="#fff"/>\n'
        f'<line x1="{middle:.0f}" y1="8" x2="{middle:.0f}" y2="{high - 20}" stroke="#555"/>\n{drawn}\n'
        f'<text x="{middle:.0f}" y="{high - 6}" text-anchor="middle" fill="#333">as long as Valence</text>\n</svg>\n'
    )


def _bars(kept: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for found in kept["found"]:
        size = f"{found['size'] / 1e6:g} M" if found["size"] >= 1e6 else f"{found['size']:,}"
        for peer in found.get("peers", ()):
            yield f"{found['question']} ({size}): {peer['name']}", peer.get("cpu_ratio", peer["ratio"])
        for name, peer in found.get("beside", {}).items():
            yield f"blame for a loss ({size}): {name}", peer["blame_ratio"]


def _drawn(place: int, words: str, ratio: float) -> str:
    begin, end = sorted((_place(1.0), _place(ratio)))
    colour = "#0b7285" if ratio >= 1 else "#b35c00"
    y = ROW * place
    return (
        f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" fill="#222">{escape(words[:70])}</text>'
        f'<rect x="{begin:.1f}" y="{y - 8}" width="{max(1.0, end - begin):.1f}" height="16" fill="{colour}"/>'
        f'<text x="{end + 5:.1f}" y="{y + 4}" fill="#222">{ratio:,.3g} x</text>'
    )


def _place(ratio: float) -> float:
    """Return where a ratio lies: from a tenth to ten thousand times."""
    import math

    share = (math.log10(min(max(ratio, 0.1), 10_000.0)) + 1) / 5
    return LEFT + share * (WIDE - LEFT - RIGHT)


def _processor() -> str:
    try:
        said = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in said.splitlines() if line.startswith("model name")), "")


if __name__ == "__main__":
    CHART.write_text(draw())
