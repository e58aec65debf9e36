"""How does the cost of each piece of work grow with the log? `python -m bench.growth --size 1M|10M|100M`.

The same work at a tenth and at all of the size: `slope` 1 means that ten times the log takes ten times as much of the
processor (other work on the machine changes that least), 0 that it makes no difference. Memory must not grow for what
is worked out customer by customer. There is no peer: the raw limit is a slope of 1 for what reads everything, and of 0
for what reads one customer or the latest rows. How whole pages grow says `bench.pages`.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import _filled as filled
from bench import measure, paths

STEPS = ("order", "bill", "contact")
CUSTOMERS_READ = 50


def main(rows: int) -> None:
    """Print a JSON line for each piece of work."""
    with tempfile.TemporaryDirectory() as name:
        homes = {size: Path(name) / str(size) for size in (rows // 10, rows)}
        for size, home in homes.items():
            measure.measured(work=lambda: _fill(home, size))  # noqa: B023
        for work in WORK:
            small, large = (measure.measured(work=lambda: _done(home, size, work)) for size, home in homes.items())  # noqa: B023
            slope = math.log10(max(large.cpu_seconds, 1e-6) / max(small.cpu_seconds, 1e-6))
            grown = large.memory_mb / small.memory_mb
            measure.say(
                question=f"growth: {work}", size=rows, ours=large, peers={}, slope=round(slope, 2),
                memory_grows=round(grown, 2), small_cpu_seconds=round(small.cpu_seconds, 4),
            )  # fmt: skip


def _fill(home: Path, rows: int) -> None:
    filled.opened(home=home)
    filled.fill(keys=_keys(rows))
    from valence.interactions import log

    log.lay_by_time()


def _keys(rows: int):  # type: ignore[no-untyped-def]  # an array; numpy is loaded late
    return filled.keys_of(customers=rows // filled.ROWS_A_CUSTOMER)


def _done(home: Path, rows: int, name: str) -> measure.Figure:
    paths.load(home=home)  # what a process has loaded is not part of the question
    return measure.timed(work=lambda: WORK[name](rows))[1]


def _follows(rows: int) -> None:
    from valence.flows.find import paths as ways

    ways.follows(by="department")


def _variants(rows: int) -> None:
    from valence.flows.find import paths as ways

    ways.variants(by="kind", limit=5)


def _repeats(rows: int) -> None:
    from valence.flows.find import paths as ways

    ways.repeated()


def _reached(rows: int) -> None:
    from valence.flows.find import paths as ways

    ways.reached(by="kind", steps=STEPS)


def _question(rows: int) -> None:
    from valence import interactions

    interactions.ask(question=lambda log: log.group_by("kind").aggregate(n=log.count()))


def _latest(rows: int) -> None:
    from valence import interactions

    def asked(log):  # type: ignore[no-untyped-def]  # Ibis is loaded late
        one = log.filter(log.kind == "visit")
        return one.order_by(one.occurred_at.desc(), one.source, one.interaction_id).limit(50)

    interactions.latest(question=asked, limit=50)


def _journeys(rows: int) -> None:
    from valence import interactions

    step = max(1, rows // filled.ROWS_A_CUSTOMER // CUSTOMERS_READ)
    for key in _keys(rows)[::step][:CUSTOMERS_READ].tolist():
        interactions.journeys_of(keys=[key])


WORK: dict[str, Callable[[int], None]] = {
    "what follows what": _follows,
    "whole ways": _variants,
    "contacts that come back": _repeats,
    "steps": _reached,
    "a question": _question,
    "the latest 50 interactions of a kind": _latest,
    "50 customers' journeys, one by one": _journeys,
}

if __name__ == "__main__":
    main(measure.size_of(small=300_000))
