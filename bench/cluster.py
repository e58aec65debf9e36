"""How much sooner is work per customer done by two workers of a Spark cluster than by one?

`python -m bench.cluster --size small|660000|1.65M`. Everything that scoring works out of each customer of a made-up
operator (links, states, risk, blame for those who left), without storing it. Each worker has one core; master, workers
and driver share this machine. Seconds begin when the session is open and the workers have loaded what they need. The
peers are the same cluster with one worker, and DuckDB's engine in one process, which no network lies between.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from bench import _filled as filled
from bench import first_answer, measure
from tests import spark_cluster
from valence import terms

ROUNDS = 3


def main(rows: int) -> None:
    """Print one JSON line."""
    customers = rows // first_answer.ROWS_A_CUSTOMER
    with tempfile.TemporaryDirectory() as name:
        made, home = Path(name) / "made", Path(name) / "home"
        words = ("simulate", "--customers", str(customers), "--months", "30", "--seed", "5", "--out", str(made))
        first_answer._run(home, *words)
        for command in (("import", "csv", "customers"), ("import", "csv", "interactions"), ("train",), ("score",)):
            file = [str(made / f"{command[-1]}.csv")] if command[0] == "import" else []
            first_answer._run(home, *command[:2], *file)
        alone = measure.measured(work=lambda: _worked(home, "duckdb"), rounds=ROUNDS)
        try:
            one, two = (_on_cluster(home, workers) for workers in (1, 2))
        except pytest.skip.Exception as reason:
            print(f"Skipped: {reason}")
            return
    peers = {"one worker": one, "DuckDB's engine, one process": alone}
    measure.say(question="work per customer on two workers", size=rows, ours=two, peers=peers, customers=customers)


def _on_cluster(home: Path, workers: int) -> measure.Figure:
    with spark_cluster.cluster(workers=workers, memory="2g") as address:
        return measure.measured(work=lambda: _worked(home, address), rounds=ROUNDS)


def _worked(home: Path, engine: str) -> float:
    """Work out everything on one engine, and return the seconds."""
    os.environ |= {"VALENCE_ENGINE": engine, "SPARK_LOCAL_IP": spark_cluster.LOOPBACK}
    filled.opened(home=home)
    from valence import interactions
    from valence.customers import queries as customers
    from valence.flows.weigh import minds, population, scored
    from valence.ledger.queries import versions

    population.FEW_CUSTOMERS = 0  # by the bucket, however few there are

    last = versions.scored()
    assert last is not None
    everybody, day = customers.relationships(as_of=last.as_of), terms.days(last.as_of)
    asked = scored.Asked(minds.in_use(), minds.pack(), population.pressure(until=day), as_of=day, likely_since={})

    def work(journeys: terms.Journeys, people: terms.Relationships) -> Counter[str]:
        found = scored.bucket(asked=asked, journeys=journeys, relationships=people)
        return Counter(customers=found.customers, losses=sum(found.verdicts))

    list(interactions.per_customer(function=_rows, columns=scored.COLUMNS))
    begin = time.perf_counter()
    parts = population.each(
        work=work, relationships=everybody, columns=scored.COLUMNS, as_of=day, progress=population.silent, words=""
    )
    total = sum(parts, Counter[str]())
    seconds = time.perf_counter() - begin
    assert 0 < total["customers"] <= len(everybody)
    return seconds


def _rows(bucket: int, journeys: terms.Journeys, /) -> int:
    return len(journeys)


if __name__ == "__main__":
    main(measure.size_of(small=330_000))
