"""One peer answers one question about ways through a company: `python paths.py PEER QUESTION FILE`.

Runs in the peers' own environment (bench/peers/requirements.txt) and prints one JSON line: seconds from the file to
the answer, of the clock and of the processor, seconds without reading the file, the most memory held, and the answer
in one number that all must share.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

os.environ.setdefault("RETE_TRACKING", "0")
os.environ.setdefault("DO_NOT_TRACK", "1")

STEPS = ("order", "bill", "contact")
REPEAT_DAYS = 14
CASE, ACTIVITY, AT = "case:concept:name", "concept:name", "time:timestamp"


def main() -> None:
    """Answer and say how long it took."""
    peer, question, file = sys.argv[1:4]
    answer = PEERS[peer][question]
    import pandas as pd

    prepare = PREPARE.get(peer)
    if prepare:
        prepare()  # what the library loads is not part of the question
    begin, used = time.perf_counter(), time.process_time()
    log = pd.read_parquet(file, columns=COLUMNS[question])
    read = time.perf_counter()
    found = answer(log)
    end = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"seconds": end - begin, "cpu_seconds": time.process_time() - used, "alone_seconds": end - read}
    print(json.dumps({**told, "memory_mb": memory, "answer": found}))


def pandas_follows(log: Any) -> int:
    """Pairs of departments that follow each other: the most frequent one's count."""
    log = log.sort_values(["customer_key", "occurred_at"])
    same = log["customer_key"].shift(-1) == log["customer_key"]
    pairs = log[same].assign(then=log["department"].shift(-1)[same]).groupby(["department", "then"]).size()
    return int(pairs.max())


def pandas_variants(log: Any) -> int:
    log = log.sort_values(["customer_key", "occurred_at"])
    return int(log.groupby("customer_key")["kind"].agg(tuple).nunique())


def pandas_funnel(log: Any) -> int:
    log = log.sort_values(["customer_key", "occurred_at"])
    reached = None
    for step in STEPS:
        rows = log[log["kind"] == step]
        if reached is not None:
            rows = rows.join(reached.rename("before"), on="customer_key", how="inner")
            rows = rows[rows["occurred_at"] > rows["before"]]
        reached = rows.groupby("customer_key")["occurred_at"].min()
    return len(reached) if reached is not None else 0


def pandas_repeats(log: Any) -> int:
    import pandas as pd

    rows = log[(log["kind"] == "contact") & log["reason"].notna()].sort_values(["customer_key", "occurred_at"])
    gap = rows.groupby(["customer_key", "reason"])["occurred_at"].diff()
    return int((gap <= pd.Timedelta(days=REPEAT_DAYS)).sum())


def _event_log(log: Any, activity: str) -> Any:
    log = log.rename(columns={"customer_key": CASE, activity: ACTIVITY, "occurred_at": AT})
    log[CASE] = log[CASE].astype(str)
    return log.sort_values([CASE, AT])


def pm4py_follows(log: Any) -> int:
    import pm4py

    found, _, _ = pm4py.discover_dfg(_event_log(log, "department"))
    return int(max(found.values()))


def pm4py_variants(log: Any) -> int:
    import pm4py

    return len(pm4py.get_variants(_event_log(log, "kind")))


def rete_follows(log: Any) -> int:
    from retentioneering.eventstream import Eventstream

    named = log.rename(columns={"customer_key": "user_id", "department": "event", "occurred_at": "timestamp"})
    stream = Eventstream(named, add_start_end_events=False)
    return int(stream.transition_matrix(norm_type=None, weights=["event_id"]).to_numpy().max())


def rete_funnel(log: Any) -> int:
    from retentioneering.eventstream import Eventstream

    named = log.rename(columns={"customer_key": "user_id", "kind": "event", "occurred_at": "timestamp"})
    stream = Eventstream(named, add_start_end_events=False)
    found = stream.funnel(stages=list(STEPS), funnel_type="closed", show_plot=False)
    return int(found.values["unique_users"].iloc[-1])


def _import(name: str) -> Callable[[], Any]:
    return lambda: __import__(name)


PREPARE: Mapping[str, Callable[[], Any]] = {"pm4py": _import("pm4py"), "retentioneering": _import("retentioneering")}
COLUMNS = {
    "follows": ["customer_key", "occurred_at", "department"],
    "variants": ["customer_key", "occurred_at", "kind"],
    "funnel": ["customer_key", "occurred_at", "kind"],
    "repeats": ["customer_key", "occurred_at", "kind", "reason"],
}
PEERS: Mapping[str, Mapping[str, Callable[[Any], int]]] = {
    "pandas": {
        "follows": pandas_follows,
        "variants": pandas_variants,
        "funnel": pandas_funnel,
        "repeats": pandas_repeats,
    },
    "pm4py": {"follows": pm4py_follows, "variants": pm4py_variants},
    "retentioneering": {"follows": rete_follows, "funnel": rete_funnel},
}

if __name__ == "__main__":
    main()
