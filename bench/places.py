"""How soon does the watch over places say what is real, and how often does it say what is not?

`python -m bench.places`. Weekly counts of infections with known outbreaks (`outbreak_surveillance`) and complaints
about a telecom company in the spring of 2015, day by day and state by state. The data lie in the folder that
VALENCE_DATA names; without it nothing is measured.
"""

from __future__ import annotations

import csv
import gzip
import os
import sys
import time
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench import measure
from valence.insights.places import expected, scan, watching

DATA = Path(os.environ.get("VALENCE_DATA", Path(__file__).parents[2] / "shared" / "data"))
WEEKS_A_MONTH = watching.DAYS_A_MONTH / 7
SPIKE = date(2015, 6, 23)
LEARNED = 42
FIRST_WEEK = 78


def main(size: int) -> None:
    """Print a JSON line for each of the records; there is one size of them."""
    if not DATA.is_dir():
        print(f"{DATA} is not there: nothing was measured", file=sys.stderr)
        return
    for question in (_outbreaks, _complaints):
        begun = time.perf_counter()
        said = question()
        said |= {"seconds": round(time.perf_counter() - begun, 2), "memory_mb": 0.0, "peers": []}
        print(msgspec.json.encode(said).decode(), flush=True)


def _outbreaks() -> dict[str, Any]:
    """Watch each series from its second half-year of a second year on, as its weeks came."""
    series: dict[str, list[tuple[int, float, bool]]] = defaultdict(list)
    for row in _rows("outbreak_surveillance/surveillance_dev.csv.gz"):
        told = float(row["outbreak_state"] or 0) > 0
        series[row["series"]].append((int(row["t"]), float(row["observed"]), told))
    total: Counter[str] = Counter()
    delays: list[int] = []
    for rows in series.values():
        rows.sort()
        _watched(np.array([row[1] for row in rows]), [row[2] for row in rows], total, delays)
    return {
        "question": "outbreaks in weekly counts: found, delay, false alarms a month of each series",
        "size": sum(len(rows) for rows in series.values()),
        "outbreaks": total["outbreaks"],
        "found": total["found"],
        "delay_weeks": round(float(np.mean(delays)), 1) if delays else None,
        "false_alarms_a_month": round(total["false"] / (total["weeks"] / WEEKS_A_MONTH), 3),
    }


def _watched(counts: np.ndarray, outbreak: list[bool], total: Counter[str], delays: list[int]) -> None:
    watch = watching.Watch(a_month=0.5, steps_a_month=WEEKS_A_MONTH, spans=(1, 2, 3, 4), quiet=4)
    alarms = watching.through(
        counts=counts[:, None], exposure=np.ones(1), zones=scan.zones(places=["all"], regions=[""]),
        calendar=expected.Calendar(year=365.25 / 7), watch=watch, since=FIRST_WEEK,
    )  # fmt: skip
    begins = [at for at in range(FIRST_WEEK, len(counts)) if outbreak[at] and not outbreak[at - 1]]
    for at in begins:
        end = next((later for later in range(at, len(counts)) if not outbreak[later]), len(counts))
        hits = [alarm.step - at for alarm in alarms if at <= alarm.step < end]
        total["found"] += bool(hits)
        delays += hits[:1]
    total["outbreaks"] += len(begins)
    total["false"] += sum(not outbreak[alarm.step] and not outbreak[alarm.step - 1] for alarm in alarms)
    total["weeks"] += len(counts) - FIRST_WEEK


def _complaints() -> dict[str, Any]:
    """Watch complaints by state; days up to the twelfth stand there with month and day in each other's place."""
    found: Counter[tuple[date, str]] = Counter()
    for row in _rows("complaints_comcast/comcast_complaints.csv.gz"):
        day = datetime.strptime(row["Date_month_year"], "%d-%b-%y").date()  # noqa: DTZ007  a day
        found[day.replace(month=day.day, day=day.month) if day.day <= 12 else day, row["State"].title()] += 1
    first, states = min(day for day, _ in found), sorted({state for _, state in found})
    days = (max(day for day, _ in found) - first).days + 1
    counts = np.zeros((days, len(states)))
    for (day, state), count in found.items():
        counts[(day - first).days, states.index(state)] = count
    zones = scan.zones(places=states, regions=[""] * len(states))
    alarms = watching.through(
        counts=counts, exposure=np.zeros(len(states)), zones=zones,
        calendar=expected.Calendar(year=365.25, week=7), watch=watching.Watch(a_month=0.5), since=LEARNED,
    )  # fmt: skip
    said = [(first + timedelta(days=alarm.step), zones[alarm.zone].name) for alarm in alarms]
    hits = [day for day, _ in said if SPIKE <= day <= SPIKE + timedelta(days=7)]
    return {
        "question": "the complaints of 23 June 2015: days until said, other alarms before",
        "size": int(counts.sum()),
        "delay_days": (min(hits) - SPIKE).days if hits else None,
        "other_alarms": sum(day < SPIKE for day, _ in said),
        "watched_days": days - LEARNED,
        "said": [f"{day}: {where}" for day, where in said],
    }


def _rows(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main(measure.size_of(small=1, large=1))
