"""Places: outbreaks planted into what the operator recorded, and how soon the watch said so, and how often wrongly."""

from __future__ import annotations

import numpy as np

from valence.insights.places import expected, once, scan, watching
from valence.journeys import signs
from valence.management.acting import made

WORDS = ("late", "no_show", "not_fixed", "unresolved", "left_mess")
# What customers get in touch about most is watched beside them, as the product does.
REASONS = 3
DAYS, LOOKED, QUIET_END = 330, 120, 26
PLANTED = 3
LONGEST = 7
A_MONTH = 1.0


def counts(*, operator: made.Made, seed: int) -> dict[str, float]:
    """Return how many planted outbreaks were said, after how many days, and how many alarms came by chance.

    The last weeks are left out: there the operator has troubles of its own.
    """
    rng = np.random.default_rng([seed, 72])
    regions = sorted(set(operator.region))
    recorded = {name: _counts(operator, rows, regions) for name, rows in _streams(operator)}
    exposure = np.array([float(operator.region.count(region)) for region in regions])
    zones = scan.zones(places=regions, regions=[""] * len(regions))
    calendar = expected.Calendar(year=365.25, week=7)
    watch = watching.Watch(a_month=A_MONTH, streams=len(recorded))
    total = dict.fromkeys(("planted", "found", "delay_days", "false", "months", "cases"), 0.0)
    for number, calm in enumerate(recorded.values()):
        planted = _planted(calm, rng) if number < PLANTED else None
        counts_ = calm if planted is None else calm + planted[1]
        since = len(calm) - LOOKED
        alarms = watching.through(
            counts=counts_, exposure=exposure, zones=zones, calendar=calendar, watch=watch, since=since
        )
        _add(total, alarms, planted, zones)
    total["months"] = LOOKED / watching.DAYS_A_MONTH
    return total


def _streams(operator: made.Made) -> list[tuple[str, np.ndarray]]:
    """Return what is watched, with its rows: facts, then the reasons that customers get in touch for most."""
    journeys = operator.journeys
    facts = signs.column(journeys=journeys, name="facts")
    reason = signs.column(journeys=journeys, name="reason")
    contact = signs.read(journeys=journeys, pack=operator.pack).contact
    found = [(word, np.flatnonzero(signs.holds_fact(words=facts, facts={word}))) for word in WORDS]
    codes, counted = np.unique(reason.codes[contact & (reason.codes >= 0)], return_counts=True)
    most = codes[np.argsort(-counted, kind="stable")][:REASONS].tolist()
    about = [(f"about {reason.vocabulary[code]}", np.flatnonzero(contact & (reason.codes == code))) for code in most]
    return found + about


def _counts(operator: made.Made, rows: np.ndarray, regions: list[str]) -> np.ndarray:
    """Return customers by day and region, before the operator's own troubles of late."""
    journeys = operator.journeys
    owner = journeys.owners()[rows]
    day = np.floor(journeys.occurred[rows] - (operator.end - QUIET_END - DAYS)).astype(np.int64)
    new = once.new_cases(key=owner, day=day, stream=np.zeros(len(day), np.int64))
    there = new & (day >= 0) & (day < DAYS)
    code = np.array([regions.index(region) for region in operator.region])
    counted = np.zeros((DAYS, len(regions)))
    np.add.at(counted, (day[there], code[owner[there]]), 1.0)
    return counted


def _planted(calm: np.ndarray, rng: np.random.Generator) -> tuple[tuple[int, int, int], np.ndarray]:
    """Return an outbreak: (place, first day, last day), and its cases by day and place.

    Few cases: two to four a day for three days to a week, more where more is usual.
    """
    place = int(rng.integers(calm.shape[1]))
    first = len(calm) - LOOKED + int(rng.integers(10, LOOKED - 20))
    length = int(rng.integers(3, LONGEST + 1))
    usual = calm[:, place].mean()
    extra = np.zeros_like(calm)
    extra[first : first + length, place] = 1 + rng.poisson(1.5 + 2 * np.sqrt(usual), length)
    return (place, first, first + length - 1), extra


def _add(
    total: dict[str, float],
    alarms: list[watching.Alarm],
    planted: tuple[tuple[int, int, int], np.ndarray] | None,
    zones: tuple[scan.Zone, ...],
) -> None:
    hits = []
    for alarm in alarms:
        inside = planted is not None and _is_of(alarm, planted[0], zones)
        hits += [alarm.step] if inside else []
        total["false"] += not inside
    if planted is not None:
        total["planted"] += 1
        total["cases"] += planted[1].sum()
        if hits:
            total["found"] += 1
            total["delay_days"] += min(hits) - planted[0][1]


def _is_of(alarm: watching.Alarm, planted: tuple[int, int, int], zones: tuple[scan.Zone, ...]) -> bool:
    place, first, last = planted
    return place in zones[alarm.zone].places and first <= alarm.step <= last + 3


def figures(*, total: dict[str, float], operators: int) -> dict[str, float | None]:
    """Return the share found, the mean delay in days, false alarms a month over all streams, cases an outbreak."""
    return {
        "planted": total["planted"],
        "found": made.share(int(total["found"]), int(total["planted"])),
        "delay_days": total["delay_days"] / total["found"] if total["found"] else None,
        "cases_each": total["cases"] / total["planted"] if total["planted"] else None,
        "false_alarms_a_month": total["false"] / total["months"] if total["months"] else None,
        "false_alarms_allowed_a_month": A_MONTH,
    }
