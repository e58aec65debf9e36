"""Looking at every step of a record as if it were today: what a watch would have said, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from valence.insights.places import expected, scan
from valence.terms import Floats

DAYS_A_MONTH = 30.44
LEAST_HISTORY = 28
# So many times as strong is news.
GREW = 3.0


@dataclass(frozen=True)
class Watch:
    """How a record is looked at. `a_month`: how many false alarms a month are allowed over all streams together.

    steps_a_month: 30.44 where a step is a day. quiet: for so many steps after an alarm the same zone says no more.
    """

    a_month: float = 0.5
    streams: int = 1
    steps_a_month: float = DAYS_A_MONTH
    spans: Sequence[int] = scan.SPANS
    quiet: int = 14

    @property
    def least_chance(self) -> float:
        """Below this chance something is an alarm: then so many a month come by chance alone."""
        return min(0.5, self.a_month / (self.steps_a_month * self.streams))


@dataclass(frozen=True)
class Alarm:
    """What was said at a step of the record."""

    step: int
    zone: int
    cluster: scan.Cluster


def look(
    *, counts: Floats, exposure: Floats, zones: Sequence[scan.Zone], calendar: expected.Calendar, watch: Watch,
    so_far: float = 1.0, seed: int = 0,
) -> scan.Cluster | None:  # fmt: skip
    """Return what stands out at the last step of a record, None where nothing is rarer than the watch asks.

    counts (t, p); so_far: the share of the last step's cases that is usually there by now.
    """
    span = max(watch.spans)
    history = counts[:-span]
    if len(history) < min(LEAST_HISTORY, span * 2) or not counts[-span:].any():
        return None
    usual = expected.expected(counts=history, exposure=exposure, calendar=calendar, ahead=span, guard=0)
    mean = usual.mean.copy()
    mean[-1] *= so_far
    found = scan.strongest(
        counts=counts[-span:], usual=replace(usual, mean=mean), zones=zones, seed=seed, spans=watch.spans
    )
    return found if found is not None and found.chance < watch.least_chance else None


def through(
    *, counts: Floats, exposure: Floats, zones: Sequence[scan.Zone], calendar: expected.Calendar, watch: Watch,
    since: int,
) -> list[Alarm]:  # fmt: skip
    """Return every alarm of a record from step `since` on, as it would have come: nothing later is known.

    While something goes on it is said once, zones that share a place are one; again where it is far stronger than what
    was seen there of late.
    """
    alarms: list[Alarm] = []
    seen: list[tuple[int, frozenset[int], float]] = []
    for step in range(since, len(counts)):
        found = look(
            counts=counts[: step + 1], exposure=exposure, zones=zones, calendar=calendar, watch=watch, seed=step
        )
        if found is None:
            continue
        places = frozenset(zones[found.zone].places)
        late = [strength for at, there, strength in seen if step - at <= watch.quiet and places & there]
        if not late or found.strength > GREW * max(late):
            alarms.append(Alarm(step=step, zone=found.zone, cluster=found))
        seen.append((step, places, found.strength))
    return alarms
