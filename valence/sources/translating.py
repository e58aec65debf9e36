"""From records as a file has them to records as the data contract has them: a list of steps, each on whole columns.

Only how a thing is written changes. What cannot be read as the mapping says is not guessed: its record is refused.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from valence.sources.files import Event, Piece, Reading, named
from valence.sources.notation import durations, numbers, times, zeros
from valence.terms import RawRecords, Refusal, Refused

TIMES = ("occurred_at", "recorded_at", "promised_at", "joined_at", "left_at")
NUMBERS = (
    "wait_minutes", "duration_minutes", "outage_hours", "transfers", "amount", "expected_amount", "score", "revision",
    "monthly_value",
)  # fmt: skip
ID_LENGTH = 24

Columns = Mapping[str, Sequence[Any]]


@dataclass
class Memory:
    """What a reader of one file remembers from piece to piece: readers of columns, how often each id was made,
    and what was left out since the last piece.
    """

    readers: dict[str, Callable[[Any], str | None]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def told(self) -> dict[str, int]:
        """Return what was left out since this was asked last."""
        told = {name: count for name, count in self.left_out.items() if count}
        self.left_out.clear()
        return told


TOTALS = "totals_left_out"
EMPTIED = "taken_as_empty"
NO_MEANING = "no_meaning:"
"""Counts of cells whose word means nothing, by column of theirs: `no_meaning:Result`."""


@dataclass(frozen=True)
class _Rows:
    """Records on their way: their columns by name of theirs, ours, and what could not be read."""

    numbers: Sequence[int]
    theirs: Columns
    ours: Columns
    unreadable: Mapping[int, Refused]

    def __len__(self) -> int:
        return len(self.numbers)


def piece(
    *, columns: Columns, numbers: Sequence[int], unreadable: Mapping[int, Refused], reading: Reading, memory: Memory,
    resume_at: int,
) -> Piece:  # fmt: skip
    """Return one piece of a file. columns: by the file's own names, one value a record."""
    before = Counter(memory.seen)
    rows = _Rows(numbers=numbers, theirs=columns, ours=_named(columns, reading, len(numbers)), unreadable=unreadable)
    if not reading.is_plain:
        rows = _empty(rows, reading, memory)
        _count_words(rows, reading, memory)
        if reading.events:
            rows = _joined_up([_of_event(rows, event, reading, memory) for event in reading.events])
        else:
            rows = _finished(rows, reading, memory, part="")
    ours = {name: column for name, column in rows.ours.items() if not name.startswith("refused_")}
    return Piece(
        record_kind=reading.record_kind,
        records=RawRecords(numbers=rows.numbers, columns=_words(ours, reading), unreadable=rows.unreadable),
        resume_at=resume_at,
        notices={**(memory.seen - before), **memory.told()},
    )


def _named(columns: Columns, reading: Reading, size: int) -> dict[str, Sequence[Any]]:
    names = named(columns=list(columns), reading=reading)
    ours = dict(zip(names, columns.values(), strict=True))
    return ours | {name: [value] * size for name, value in (reading.constants or {}).items()}


def _words(ours: Columns, reading: Reading) -> dict[str, Sequence[Any]]:
    kept = dict(ours)
    for name, words in (reading.values or {}).items():
        if name in kept:
            kept[name] = [words.get(value, value) if isinstance(value, str) else value for value in kept[name]]
    return kept


def _count_words(rows: _Rows, reading: Reading, memory: Memory) -> None:
    """Count words in columns of which words set something or are facts, and that do neither."""
    known: dict[str, set[str]] = {theirs: set(words) for theirs, words in reading.sets.items()}
    for fact in reading.facts.values():
        known.setdefault(fact.column, set()).update(fact.words)
    for theirs, words in known.items():
        plain = {word.strip().casefold() for word in (*words, *reading.empties, "")}
        said = (str(cell).strip().casefold() for cell in rows.theirs.get(theirs, ()) if cell is not None)
        memory.left_out[f"{NO_MEANING}{theirs}"] += sum(word not in plain for word in said)


def _empty(rows: _Rows, reading: Reading, memory: Memory) -> _Rows:
    """Take words that mean nothing as empty, and put columns together that are one of ours."""
    nothing = frozenset(reading.empties)
    ours = dict(rows.ours)
    if nothing:
        known = {*(reading.columns or {}), *TIMES, *NUMBERS}
        for name in known & set(ours):
            kept = ["" if isinstance(v, str) and v.strip() in nothing else v for v in ours[name]]
            memory.left_out[EMPTIED] += sum(old != "" and new == "" for old, new in zip(ours[name], kept, strict=True))
            ours[name] = kept
    for name, parts in reading.joined.items():
        cells = [rows.theirs[part] for part in parts]
        ours[name] = [_together(row, nothing) for row in zip(*cells, strict=True)]
    return replace(rows, ours=ours)


def _together(row: tuple[Any, ...], nothing: frozenset[str]) -> str:
    """Write the parts of a row one after the other; of a day and an hour that came as times, the day and the hour."""
    said = [str(part).strip() for part in row if part is not None]
    if len(said) == 2 and said[0].endswith(" 00:00:00") and ":" in said[1]:
        said[0] = said[0].removesuffix(" 00:00:00")
    return " ".join(part for part in said if part and part not in nothing)


def _finished(rows: _Rows, reading: Reading, memory: Memory, part: str) -> _Rows:
    """1. What words of theirs set. 2. Facts. 3. Times, numbers and durations. 4. Ids made of other columns."""
    rows = _with_sets(rows, reading)
    rows = _with_facts(rows, reading)
    rows = _read(rows, reading, memory)
    return _with_ids(rows, reading, memory, part)


def _with_sets(rows: _Rows, reading: Reading) -> _Rows:
    ours = dict(rows.ours)
    for theirs, words in reading.sets.items():
        cells = [str(cell or "").strip() for cell in rows.theirs.get(theirs, ())]
        if not cells:
            continue
        for name in sorted({name for said in words.values() for name in said}):
            told = [words.get(cell, {}).get(name, "") for cell in cells]
            before = ours.get(name) or [""] * len(rows)
            add = _more_facts if name == "facts" else _instead
            ours[name] = [add(old, new) if new else old for old, new in zip(before, told, strict=True)]
    return replace(rows, ours=ours)


def _with_facts(rows: _Rows, reading: Reading) -> _Rows:
    if not reading.facts:
        return rows
    found: list[Any] = list(rows.ours.get("facts") or [""] * len(rows))
    for fact, said in reading.facts.items():
        words = {word.strip().casefold() for word in said.words}
        for place, cell in enumerate(rows.theirs.get(said.column, ())):
            if cell is not None and str(cell).strip().casefold() in words:
                found[place] = _more_facts(found[place], fact)
    return replace(rows, ours={**rows.ours, "facts": found})


def _more_facts(old: Any, new: str) -> str:
    return "|".join(dict.fromkeys(one for one in (*str(old or "").split("|"), *new.split("|")) if one))


def _instead(old: Any, new: str) -> str:
    return new


def _read(rows: _Rows, reading: Reading, memory: Memory) -> _Rows:
    """Read what the mapping says how to read. A value that is written otherwise refuses its record."""
    ours, unreadable = dict(rows.ours), dict(rows.unreadable)
    zone = reading.layout.zone if reading.layout else ""
    wanted = {name for name in TIMES if zone and name in ours} | (reading.formats.keys() & ours.keys())
    for name in sorted(wanted):
        notation = reading.formats.get(name, times.ISO)
        if notation in times.BEFORE_EXPORT and reading.layout:
            notation = notation.replace("export", reading.layout.as_of)
        read = memory.readers.get(name) or _reader(name, notation, zone, memory)
        memory.readers[name] = read
        column = list(ours[name])
        for place, value in enumerate(ours[name]):
            if value is None or value == "" or (isinstance(value, str) and not value.strip()):
                continue
            said = read(value)
            if said is not None:
                column[place] = said
            elif place not in unreadable and notation != times.ISO:  # what is not ISO 8601, intake refuses
                unreadable[place] = _wrong(rows.numbers[place], name, notation)
        ours[name] = column
    return replace(rows, ours=ours, unreadable=unreadable)


def _reader(name: str, notation: str, zone: str, memory: Memory) -> Callable[[Any], str | None]:
    if name in TIMES:
        return times.reader(notation=notation, zone=zone, seen=memory.seen)
    if name == "customer_id":
        return zeros.reader(notation=notation)
    if name in durations.MEASURED and durations.is_known(notation=notation):
        return durations.reader(notation=notation, field=name)
    if notation in numbers.NOTATIONS:
        read = numbers.reader(notation=notation)
        return lambda value: str(value) if isinstance(value, int | float) else read(str(value))
    return str


def _wrong(number: int, name: str, notation: str) -> Refused:
    reason = Refusal.BAD_TIME if name in TIMES else Refusal.BAD_NUMBER
    return Refused(number=number, reason=reason, detail=f"{name}: is not written as `{notation}`, as the mapping says")


def _with_ids(rows: _Rows, reading: Reading, memory: Memory, part: str) -> _Rows:
    """Make ids from what chosen columns hold. Of rows that hold the same, the second is `-2`, and so on."""
    if not reading.id_from and not part:
        return rows
    ours = dict(rows.ours)
    if reading.id_from:
        cells = [rows.theirs[name] for name in reading.id_from]
        ours["interaction_id"] = [_made(row, part, memory) for row in zip(*cells, strict=True)]
    elif "interaction_id" in ours:
        ours["interaction_id"] = [f"{own}#{part}" if own not in (None, "") else "" for own in ours["interaction_id"]]
    return replace(rows, ours=ours)


def _made(row: tuple[Any, ...], part: str, memory: Memory) -> str:
    said = "\x1f".join(str(cell if cell is not None else "").strip() for cell in (*row, part))
    made = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:ID_LENGTH]
    memory.made[made] += 1
    return made if memory.made[made] == 1 else f"{made}-{memory.made[made]}"


def _of_event(rows: _Rows, event: Event, reading: Reading, memory: Memory) -> _Rows:
    """Return one of the interactions that rows tell of; only rows that say when it was have it."""
    nothing = frozenset(reading.empties)
    moments = rows.theirs[event.occurred_at]
    there = [
        place for place, cell in enumerate(moments) if cell is not None and str(cell).strip() not in {"", *nothing}
    ]
    ours = {**rows.ours, "occurred_at": moments}
    ours |= {name: rows.theirs[theirs] for name, theirs in event.columns.items()}
    ours |= {name: [said] * len(rows) for name, said in event.constants.items()}
    own = _Rows(
        numbers=[rows.numbers[place] for place in there],
        theirs={name: [column[place] for place in there] for name, column in rows.theirs.items()},
        ours={name: [column[place] for place in there] for name, column in ours.items()},
        unreadable={new: rows.unreadable[old] for new, old in enumerate(there) if old in rows.unreadable},
    )
    done = _finished(own, reading, memory, part=event.name)
    told = {name: [said] * len(own) for name, said in event.constants.items()}
    return replace(done, ours={**done.ours, **told})


def _joined_up(parts: Sequence[_Rows]) -> _Rows:
    names = list(dict.fromkeys(name for part in parts for name in part.ours))
    unreadable: dict[int, Refused] = {}
    before = 0
    for part in parts:
        unreadable |= {before + place: why for place, why in part.unreadable.items()}
        before += len(part)
    return _Rows(
        numbers=[number for part in parts for number in part.numbers],
        theirs={},
        ours={name: [v for part in parts for v in (part.ours.get(name) or [""] * len(part))] for name in names},
        unreadable=unreadable,
    )
