"""How long does it take to put a rule to the last 90 days? `python -m bench.dry_run --size small|ROWS|10M`.

A rule that reads single interactions, one that asks for what came before, and one that counts places and teams. Each is
asked in a process of its own that opens the home anew. `cpu` is the time of the process and of those it started.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import _filled as filled
from bench import measure

SMALL, LARGE, AT_ONCE = 100_000, 10_000_000, 5_000
NOW = datetime.fromtimestamp(1_700_000_000 + filled.SECONDS, UTC)
RULES: Mapping[str, list[dict[str, Any]]] = {
    "single interactions": [{"field": "facts", "has": ["late", "no_show"]}, {"field": "wait_minutes", "above": 20}],
    "what came before": [{"field": "kind", "is": "contact"}, {"field": "contacts_14d", "at_least": 3}],
    "places": [{"field": "facts", "has": ["late"]}, {"field": "place_failures_1d", "at_least": 50}],
}


def main(rows: int) -> None:
    """Print a JSON line for each rule."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        measure.measured(work=lambda: _prepare(home, rows))
        for name in RULES:
            begun = _cpu()
            ours = measure.measured(work=lambda: _asked(home, name))  # noqa: B023
            question = f"a dry run over 90 days: {name}"
            measure.say(question=question, size=rows, ours=ours, peers={}, cpu=round(_cpu() - begun, 2))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _prepare(home: Path, rows: int) -> None:
    filled.opened(home=home)
    from valence.customers.models import Customer

    keys = filled.keys_of(customers=rows // filled.ROWS_A_CUSTOMER)
    filled.fill(keys=keys)
    regions = ("Coast", "Valley", "North", "South", "City")
    for begin in range(0, len(keys), AT_ONCE):
        Customer.objects.bulk_create(
            Customer(key=key, joined_at=NOW, region=regions[key % 5], wrapped_key=b"bench", updated_at=NOW)
            for key in keys[begin : begin + AT_ONCE].tolist()
        )


def _asked(home: Path, name: str) -> float:
    filled.opened(home=home)
    from valence.alerts import rule
    from valence.flows.act import rehearsing

    made = rule.made(table={"name": "bench_rule", "title": "Bench", "when": {"all": RULES[name]}})
    begun = time.perf_counter()
    found = rehearsing.rehearse(rule=made, now=NOW)
    if not found.looked_at:
        raise RuntimeError("nothing was looked at")
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(measure.size_of(small=SMALL, large=LARGE))
