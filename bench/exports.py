"""How much of an export is read right at first sight: columns, values, refusals, and the time to the first risk list.

`python -m bench.exports SIMULATED OUT [--sets NAME ...] [--load]`: SIMULATED is a folder of `valence simulate`; public
data is read from VALENCE_DATA (default ../shared/data). With --load the operator's five exports are brought into
VALENCE_HOME by the command, trained and scored. Prints one JSON line a set.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import _export_sets

PUBLIC = Path(os.environ.get("VALENCE_DATA", "../shared/data"))
OPERATOR = ("spanish_contracts", "german_crm", "french_bills", "polish_calls", "us_visits")
VALENCE = Path(sys.executable).with_name("valence")


def main() -> None:
    """Write the sets, look at each with the command, and say what was right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("simulated", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--load", action="store_true")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in _export_sets.SETS if not given.sets or one.name in given.sets]
    if given.load:
        by_name = {one.name: one for one in chosen}
        print(json.dumps(_loaded(given.simulated, given.out, [by_name[name] for name in OPERATOR])))
        return
    for one in chosen:
        print(json.dumps(_looked(one, given.simulated, given.out), ensure_ascii=False), flush=True)


def _looked(one: _export_sets.Set, simulated: Path, out: Path) -> dict[str, Any]:
    path = one.write(simulated, PUBLIC, out)
    began = time.perf_counter()
    found = _valence(
        "mapping", path, "--new", "--zone", one.zone, *(["--as-of-export", one.as_of] if one.as_of else [])
    )
    seconds = time.perf_counter() - began
    if "error" in found:
        return {"set": one.name, "unseen": one.unseen, "problem": found["error"]["message"]}
    roles = _roles(found)
    right = {theirs: roles.get(theirs, "") in wanted.split("|") for theirs, wanted in one.truth.items()}
    ours = {theirs: wanted for theirs, wanted in one.truth.items() if wanted and not wanted.startswith("|")}
    trial = found["trial"] or {}
    return {
        "set": one.name,
        "unseen": one.unseen,
        "kind_right": found["kind"] == one.kind,
        "columns": len(one.truth),
        "right": sum(right.values()),
        "of_ours": len(ours),
        "ours_right": sum(right[theirs] for theirs in ours),
        "wrong": {theirs: [roles.get(theirs, ""), one.truth[theirs]] for theirs, fits in right.items() if not fits},
        "records": found["records"],
        "questions": [question["words"] for question in found["questions"]],
        "problem": found["problem"],
        "tried": trial.get("records"),
        "admitted": trial.get("admitted"),
        "refused": {reason["detail"]: reason["count"] for reason in trial.get("refused", [])},
        "seconds": round(seconds, 1),
    }


def _roles(found: dict[str, Any]) -> dict[str, str]:
    """Return what each column of a file was taken as."""
    mapped = found["mapping"]
    roles = dict.fromkeys(mapped.get("sets", {}), "says")
    roles |= {fact["column"]: "fact" for fact in mapped.get("facts", {}).values()}
    roles |= {theirs: f"part of {ours}" for ours, parts in mapped.get("joined", {}).items() for theirs in parts}
    roles |= {event["occurred_at"]: f"event {event['name']}" for event in mapped.get("events", [])}
    return roles | {theirs: ours for ours, theirs in mapped.get("columns", {}).items()}


def _loaded(simulated: Path, out: Path, sets: list[_export_sets.Set]) -> dict[str, Any]:
    """Bring the operator's exports in as proposed, train and score; return how long each step took."""
    steps: dict[str, Any] = {}
    began = time.perf_counter()
    for one in sets:
        path = one.write(simulated, PUBLIC, out)
        since = time.perf_counter()
        looked = _valence("mapping", path, "--new", "--zone", one.zone, "--save", one.name.replace("_", "-"))
        name = Path(looked["saved"]).stem
        brought = _valence("import", looked["file_kind"], path, "--mapping", name)
        steps[one.name] = {
            "seconds": round(time.perf_counter() - since, 1),
            **{key: brought.get(key) for key in ("created", "duplicate", "refused", "reasons", "error")},
        }
    for command in ("train", "score"):
        since = time.perf_counter()
        said = _valence(command)
        steps[command] = {"seconds": round(time.perf_counter() - since, 1), "error": said.get("error")}
    return {"steps": steps, "seconds": round(time.perf_counter() - began, 1)}


def _valence(*arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [VALENCE, *map(str, arguments), "--format", "json"], capture_output=True, text=True, check=False
    )
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"error": {"message": done.stderr[-500:]}}
    return found


if __name__ == "__main__":
    main()
