"""Learning who leaves and naming who lost them, beside what an analyst would build: time, memory, and how often right.

`python -m bench.losses --size small|1.65M`. One made-up operator whose truth is known; Valence imports, trains and
scores it with its commands and is asked `valence evaluate truth`. The peers get the same files as one table of
customers and months, in their own environment: LightGBM with permutation Shapley values, lifelines' time-varying Cox,
ChannelAttribution's Markov removal. `blame_a_loss_ms` is what naming the departments of one loss takes of the
processor, without reading; `right` how often the first department is the true one; `skill` is 2 AUC - 1 of leaving
within 30 days. The raw limit is the department of the last interaction before each loss.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench import first_answer, measure
from bench.paths import PATIENCE, PYTHON
from bench.peers.losses import PEERS

EXPLAINED = 100


def main(rows: int) -> None:
    """Print one JSON line."""
    customers = rows // first_answer.ROWS_A_CUSTOMER
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name), Path(name) / "home"
        words = ("simulate", "--customers", str(customers), "--seed", "5", "--out", str(folder / "made"))
        first_answer._run(home, *words)
        for file in ("customers", "interactions"):
            first_answer._run(home, "import", "csv", str(folder / "made" / f"{file}.csv"))
        trained = first_answer._run(home, "train")
        scored = first_answer._run(home, "score")
        blamed = measure.measured(work=lambda: first_answer._blamed(home, folder / "blamed.json"))
        alone = json.loads((folder / "blamed.json").read_text())
        truth = _truth(home, folder / "made")
        peers, skipped = _peers(folder / "made")
    each = 1_000 * alone["alone_seconds"] / max(1, alone["losses"])
    for found in peers.values():
        found["blame_ratio"] = round(found["blame_a_loss_ms"] / each, 1)
    measure.say(
        question="who leaves, and who lost them", size=rows, ours=trained, peers={},
        losses=alone["losses"], score_seconds=round(scored.cpu_seconds, 2), blame_a_loss_ms=round(each, 3),
        blame_memory_mb=round(blamed.memory_mb, 1), **truth, beside=peers, skipped=skipped,
    )  # fmt: skip


def _truth(home: Path, made: Path) -> dict[str, Any]:
    """Return how often Valence, and the last touch, named the true department first."""
    environment = os.environ | {"VALENCE_HOME": str(home)}
    words = [first_answer.VALENCE, "evaluate", "truth", made, "--format", "json"]
    done = subprocess.run(list(map(str, words)), env=environment, capture_output=True, text=True, check=True)
    named = json.loads(done.stdout)["named_first"]["department"]
    return {"right": round(named["valence"]["value"], 4), "last_touch_right": round(named["last_touch"]["value"], 4)}


def _peers(made: Path) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    found, skipped = {}, {}
    for peer in PEERS:
        told = _peer(peer, made)
        if isinstance(told, str):
            skipped[peer] = told
        else:
            found[peer] = told
    return found, skipped


def _peer(peer: str, made: Path) -> dict[str, Any] | str:
    if not PYTHON.exists():
        return "no environment of peers: make peers"
    words = [PYTHON, Path(__file__).parent / "peers" / "losses.py", peer, made, EXPLAINED]
    try:
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer after {PATIENCE} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["killed"])[-1][:200]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    told["blame_a_loss_ms"] = round(1_000 * told.pop("blame_seconds") / max(1, told["losses"]), 3)
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in told.items()}


if __name__ == "__main__":
    main(measure.size_of(small=66_000))
