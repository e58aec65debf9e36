"""Do pages take longer where the log is longer? `python -m bench.pages --size 1.65M`.

The same made-up operator at 1 million interactions (at a tenth, where that is less) and at all of the size goes the
whole way (`bench.stages`, which does nothing that is done already), and every page is looked at. `ratio` is p95 at all
of the size over p95 at the smaller one; `slope` is by the server's processor seconds: 1 means that ten times as much
takes ten times as long, 0 that it makes no difference. There is no peer: the raw limit is a ratio of 1 and a slope of
0. `first_seconds` is the first look after a start.
"""

from __future__ import annotations

import math

from bench import measure, stages

SMALL = 1_000_000
FINEST = 0.01  # seconds of a processor are told in hundredths


def main(rows: int) -> None:
    """Print a JSON line for each page, those that grow most first."""
    fewer = SMALL if rows > SMALL else rows // 10
    small, large = (stages.done(size)["pages"] for size in (fewer, rows))
    power = math.log10(rows / fewer)
    both = [(route, small["pages"][route], found) for route, found in large["pages"].items() if route in small["pages"]]
    for route, before, found in sorted(both, key=lambda one: -_grown(one[1], one[2])):
        measure.say(
            question=f"page: /{route}", size=rows,
            ours=measure.Figure(found["p50"], large["server_memory_mb"], found["cpu"]), peers={},
            p95_seconds=found["p95"], first_seconds=found["first"], small_p95_seconds=before["p95"],
            ratio=round(found["p95"] / before["p95"], 2), slope=round(_grown(before, found) / power, 2),
        )  # fmt: skip


def _grown(small: dict[str, float], large: dict[str, float]) -> float:
    """Return how many powers of ten more of the processor a look takes."""
    return math.log10(max(large["cpu"], FINEST) / max(small["cpu"], FINEST))


if __name__ == "__main__":
    main(measure.size_of(small=66_000))
