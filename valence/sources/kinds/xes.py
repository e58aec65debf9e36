"""XES event logs (IEEE 1849): a trace is a customer, an event is an interaction.

Schedule, start and complete of one activity are one interaction that knows how long it waited and lasted. The activity
that ends the relationship becomes `left_at` and is no interaction: it is the leaving itself.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
from lxml import etree

from valence.sources.files import Examined, Layout, Piece, Reading, WrongFile
from valence.terms import RawRecords

TRACES = 500
SHOWN = 5
ACTIVITY, TIME, TRANSITION, RESOURCE = "concept:name", "time:timestamp", "lifecycle:transition", "org:resource"
DEPARTMENTS = ("org:group", "org:role", "department", "responsible_section", "section", "division", "team")
INSTANCE = ("concept:instance", "identity:id", "event_id", "eventid")
WAITS, STARTS = frozenset({"schedule", "assign", "reassign"}), frozenset({"start", "resume"})
COLUMNS = (
    "source", "interaction_id", "customer_id", "occurred_at", "recorded_at", "kind", "department", "touchpoint",
    "agent_id", "wait_minutes", "duration_minutes", "attributes",
)  # fmt: skip
_FAMILY = re.compile(r"([A-Z]{1,3})_")

Attributes = Mapping[str, str]


@dataclass(frozen=True)
class Event:
    """One event of a trace."""

    at: str
    attributes: Attributes

    @property
    def activity(self) -> str:
        """What was done."""
        return self.attributes.get(ACTIVITY, "")

    @property
    def transition(self) -> str:
        """Where in its life the activity was."""
        return self.attributes.get(TRANSITION, "complete").lower()


@dataclass(frozen=True)
class Trace:
    """One case of the log."""

    number: int
    name: str
    attributes: Attributes
    events: Sequence[Event]


@dataclass
class Act:
    """One activity while its events come in."""

    first: Event
    scheduled: Event | None = None
    started: Event | None = None
    completed: Event | None = None
    lives: list[str] = field(default_factory=list)


def examine(*, path: Path, layout: Layout | None = None) -> Examined:
    """Return the names of the activities, the first traces and about how many there are. Raises WrongFile."""
    count = 0
    activities: dict[str, None] = {}
    first: list[tuple[str, int]] = []
    for trace in _traces(path):
        count += 1
        activities.update(dict.fromkeys(event.activity for event in trace.events))
        if len(first) < SHOWN:
            first.append((trace.name, len(trace.events)))
    if not count:
        raise WrongFile("The file holds no trace: it is not an event log.")
    return Examined(columns=tuple(activities), first=tuple(first), records=count)


def sample(*, path: Path, layout: Layout | None, most: int) -> list[list[Any]]:
    """Return nothing: an event log has no columns that could be mapped."""
    return []


def pieces(*, path: Path, reading: Reading, start: int) -> Iterator[Piece]:
    """Yield customers, then their interactions, in pieces of 500 traces after the first `start`."""
    group: list[Trace] = []
    for trace in _traces(path):
        if trace.number > start:
            group.append(trace)
        if len(group) == TRACES:
            yield from _told(group, reading)
            group = []
    if group:
        yield from _told(group, reading)


def _told(traces: Sequence[Trace], reading: Reading) -> Iterator[Piece]:
    known = [trace for trace in traces if trace.events]
    before = traces[0].number - 1
    yield Piece("customers", _side_by_side([_customer(t, reading) for t in known], before), resume_at=before)
    rows = [row for trace in known for row in _interactions(trace, reading)]
    yield Piece("interactions", _side_by_side(rows, 0), resume_at=traces[-1].number)


def _side_by_side(rows: Sequence[Mapping[str, Any]], before: int) -> RawRecords:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    return RawRecords(numbers=range(before + 1, before + len(rows) + 1), columns=columns)


def _customer(trace: Trace, reading: Reading) -> dict[str, Any]:
    ends = [event.at for event in trace.events if reading.lost_activity and event.activity == reading.lost_activity]
    return {
        "customer_id": trace.name,
        "joined_at": trace.events[0].at,
        "left_at": ends[0] if ends else "",
        "left_kind": "voluntary" if ends else "",
        "left_reason": reading.lost_activity if ends else "",
        "attributes": _json({name: said for name, said in trace.attributes.items() if name != ACTIVITY}),
    }


def _interactions(trace: Trace, reading: Reading) -> Iterator[dict[str, Any]]:
    for number, act in enumerate(_acts(trace), start=1):
        if not (reading.lost_activity and act.first.activity == reading.lost_activity):
            yield _interaction(trace, act, number)


def _interaction(trace: Trace, act: Act, number: int) -> dict[str, Any]:
    begun = act.started or act.completed or act.first
    ended = act.completed or begun
    said = {**act.first.attributes, **ended.attributes}
    own = next((said[name] for name in INSTANCE if said.get(name)), "")
    return {
        "source": "xes",
        "interaction_id": f"{trace.name}#{own or number}",
        "customer_id": trace.name,
        "occurred_at": begun.at,
        "recorded_at": ended.at,
        "kind": begun.activity,
        "department": _department(said, begun.activity),
        "touchpoint": begun.activity,
        "agent_id": said.get(RESOURCE, ""),
        "wait_minutes": _minutes(act.scheduled, act.started),
        "duration_minutes": _minutes(act.started, act.completed),
        "attributes": _json(_others(said) | _unfinished(act)),
    }


def _acts(trace: Trace) -> list[Act]:
    """Join the events of each activity: a start takes what was scheduled before it, a complete the start before it."""
    acts: list[Act] = []
    for event in trace.events:
        act = _open_act(acts, event)
        if act is None:
            act = Act(first=event)
            acts.append(act)
        if event.transition in WAITS:
            act.scheduled = act.scheduled or event
        elif event.transition in STARTS:
            act.started = act.started or event
        elif event.transition == "complete":
            act.completed = event
        act.lives.append(event.transition)
    return acts


def _open_act(acts: Sequence[Act], event: Event) -> Act | None:
    """Return the latest activity of that name that this event goes on with."""
    for act in reversed(acts):
        if act.first.activity == event.activity:
            if act.completed or (event.transition in STARTS and act.started) or event.transition in WAITS:
                return None
            return act
    return None


def _department(said: Attributes, activity: str) -> str:
    """Return who was responsible; where no one is named, the family that the activity's name begins with (`A_`)."""
    for name in DEPARTMENTS:
        if said.get(name):
            return said[name]
    family = _FAMILY.match(activity)
    return family.group(1) if family else ""


def _others(said: Attributes) -> dict[str, str]:
    told = {ACTIVITY, TIME, TRANSITION, RESOURCE, *INSTANCE}
    used = next((name for name in DEPARTMENTS if said.get(name)), "")
    return {name: value for name, value in said.items() if name not in told and name != used}


def _unfinished(act: Act) -> dict[str, str]:
    return {} if act.completed else {"lifecycle": act.lives[-1]}


def _minutes(begin: Event | None, end: Event | None) -> float | str:
    if begin is None or end is None:
        return ""
    try:
        length = (_moment(end.at) - _moment(begin.at)).total_seconds() / 60
    except ValueError:
        return ""
    return round(length, 4) if length >= 0 else ""


def _moment(said: str) -> datetime:
    moment = datetime.fromisoformat(said)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _json(values: Mapping[str, str]) -> str:
    return msgspec.json.encode(values).decode() if values else ""


def _traces(path: Path) -> Iterator[Trace]:
    """Yield trace by trace in little memory. Document types, and with them entities, are refused."""
    try:
        with _opened(path) as file:
            parser = etree.iterparse(
                file, events=("end",), tag="{*}trace", resolve_entities=False, no_network=True, load_dtd=False
            )
            for number, (_, element) in enumerate(parser, start=1):
                if element.getroottree().docinfo.doctype:
                    raise WrongFile("The file declares a document type; an event log needs none, so it is refused.")
                yield _trace(element, number)
                _let_go(element)
    except etree.XMLSyntaxError as problem:
        raise WrongFile(f"The file is not a readable event log: {_said(problem)}.") from None
    except (gzip.BadGzipFile, EOFError):
        raise WrongFile("The compressed file is broken or cut off.") from None


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        start = file.read(2)
    if not start:
        raise WrongFile("The file is empty.")
    return cast(BinaryIO, gzip.open(path) if start == b"\x1f\x8b" else path.open("rb"))


def _trace(element: Any, number: int) -> Trace:
    own = _attributes(element)
    events = [_event(child) for child in element.iterchildren("{*}event")]
    return Trace(
        number=number,
        name=own.get(ACTIVITY) or f"trace {number}",
        attributes=own,
        events=sorted((event for event in events if event.at), key=lambda event: _order(event.at)),
    )


def _event(element: Any) -> Event:
    attributes = _attributes(element)
    return Event(at=attributes.get(TIME, ""), attributes=attributes)


def _attributes(element: Any) -> dict[str, str]:
    found = {}
    for child in element:
        name, value = child.get("key"), child.get("value")
        if name and value:
            found[name] = value
    return found


def _order(said: str) -> datetime:
    try:
        return _moment(said)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)


def _let_go(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _said(problem: etree.XMLSyntaxError) -> str:
    return str(problem.msg or "it is not XML").splitlines()[0][:150].rstrip(".")
