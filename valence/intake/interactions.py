"""Interactions on their way in: a list of steps that records walk through, side by side.

Reading order: `admit` at the end of this file walks `STEPS`; each step does what its name says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from valence import terms
from valence.intake import attributes
from valence.intake.batch import Batch, Given, Step, put, start, walk, without_empty
from valence.intake.cells import Range, Remembered, Times, are_plain, as_numbers, choice, line, needed, number, text
from valence.terms import Interaction, RawRecords, Refusal, Refused
from valence.text import redaction

REQUIRED = ("interaction_id", "customer_id", "occurred_at", "kind")
WORDS = {
    "source": 100, "kind": 100, "department": 100, "touchpoint": 100, "channel": 100, "language": 35,
    "team_id": 200, "agent_id": 200, "location_id": 200,
}  # fmt: skip
NUMBERS = {
    "revision": Range(0, 2**31 - 1, whole=True),
    "wait_minutes": Range(0, 1e6),
    "duration_minutes": Range(0, 1e6),
    "outage_hours": Range(0, 1e5),
    "transfers": Range(0, 1e4, whole=True),
    "amount": Range(-1e12, 1e12),
    "expected_amount": Range(-1e12, 1e12),
    "score": Range(-1e6, 1e6),
}
PROMISES = frozenset({"made", "kept", "broken"})
SCALES = {name: Range(least, most) for name, (least, most) in terms.SCALES.items()}
COLUMNS = (
    *REQUIRED, *WORDS, *NUMBERS, "recorded_at", "promised_at", "reason", "facts", "promise", "scale", "text",
    "caused_by", "attributes",
)  # fmt: skip
KNOWN = frozenset(COLUMNS)
LONGEST_ID = 200
LONGEST_TEXT = 1 << 20
LONGEST_FACTS = 500
FEW = 1_000  # of what people write only what comes again and again is worth remembering, above all ""
A_YEAR_AHEAD = timedelta(days=366)
TEN_YEARS_AHEAD = timedelta(days=3660)


@dataclass(frozen=True)
class Admitted:
    """What became of records: interactions and where they stood, refusals by position, and what else came with them.

    `personal` and `written` are by position, as in Batch. `customer_ids` are by position, as sent.
    """

    positions: Sequence[int]
    interactions: Sequence[Interaction]
    refused: Mapping[int, Refused]
    personal: Mapping[int, Mapping[str, str]]
    written: Mapping[int, str]
    notices: Mapping[str, int]
    customer_ids: Sequence[Any]


def _facts(raw: Any) -> str:
    if isinstance(raw, (list, tuple)):
        raw = "|".join(line(fact, longest=LONGEST_FACTS) for fact in raw)
    said = line(raw, longest=LONGEST_FACTS)
    if "|" not in said and " " not in said:
        return said
    return "|".join(dict.fromkeys(filter(None, (fact.strip() for fact in said.split("|")))))


def _reason(raw: Any) -> str:
    return redaction.clean_line(line(raw, longest=200))


_READ_WORDS = {name: Remembered(partial(line, longest=longest)) for name, longest in WORDS.items()}
_READ_WORDS["kind"] = Remembered(partial(needed, longest=100))
_READ_WORDS["reason"] = Remembered(_reason)
_READ_WORDS["promise"] = Remembered(partial(choice, choices=PROMISES))
_READ_WORDS["scale"] = Remembered(partial(choice, choices=frozenset(SCALES)))
_READ_NUMBERS = {name: Remembered(partial(number, within=within)) for name, within in NUMBERS.items()}
_READ_FACTS = Remembered(_facts)
_READ_TEXT = Remembered(partial(text, longest=LONGEST_TEXT), most=FEW)
_READ_CAUSE = Remembered(partial(line, longest=LONGEST_ID + 101), most=FEW)


def drop_empty_columns(batch: Batch, given: Given) -> Batch:
    """Leave out columns in which nothing is said."""
    return without_empty(batch=batch, needed=REQUIRED)


def refuse_missing_columns(batch: Batch, given: Given) -> Batch:
    """Refuse records that have no word at all on what must be said."""
    for name in REQUIRED:
        if name not in batch.columns:
            gone = {
                position: Refused(number=sent, reason=Refusal.MISSING_FIELD, detail=f"{name}: is missing")
                for position, sent in enumerate(batch.numbers)
            }
            batch = batch.with_refused(gone).with_columns({name: [""] * len(batch)})
    return batch


def put_ids(batch: Batch, given: Given) -> Batch:
    """Read the ids, which may not be empty."""
    for name in ("interaction_id", "customer_id"):
        if not are_plain(batch.columns[name], longest=LONGEST_ID):
            batch = put(batch, name, partial(needed, longest=LONGEST_ID))
    return batch


def put_words(batch: Batch, given: Given) -> Batch:
    """Read words and choices; most columns repeat a few of them."""
    for name, read in _READ_WORDS.items():
        batch = put(batch, name, read.__getitem__)
    return batch


def put_source(batch: Batch, given: Given) -> Batch:
    """Name the source where the record does not."""
    return batch.with_columns({"source": [source or given.source for source in batch.column("source")]})


def put_facts(batch: Batch, given: Given) -> Batch:
    """Read the facts: `|` between them (or a list), each once."""
    try:
        return put(batch, "facts", _READ_FACTS.__getitem__)
    except TypeError:
        return put(batch, "facts", _facts)


def put_numbers(batch: Batch, given: Given) -> Batch:
    """Read numbers and hold each against its range."""
    for name, read in _READ_NUMBERS.items():
        plain = as_numbers(batch.columns.get(name, ("",)), within=NUMBERS[name])
        batch = put(batch, name, read.__getitem__) if plain is None else batch.with_columns({name: plain})
    return batch


def put_times(batch: Batch, given: Given) -> Batch:
    """Read times into UTC; one without an offset is taken as UTC, and counted."""
    readers = {
        "occurred_at": Times(now=given.now, ahead=A_YEAR_AHEAD, required=True),
        "recorded_at": Times(now=given.now, ahead=A_YEAR_AHEAD),
        "promised_at": Times(now=given.now, ahead=TEN_YEARS_AHEAD),
    }
    for name, read in readers.items():
        plain = read.at_once(batch.columns.get(name, ("",)))
        batch = put(batch, name, read) if plain is None else batch.with_columns({name: plain})
    batch = batch.with_notice("time_without_offset", sum(read.without_offset for read in readers.values()))
    return batch.with_notice("occurred_in_future", readers["occurred_at"].in_future)


def put_recorded_at(batch: Batch, given: Given) -> Batch:
    """Take what was never said to be recorded later as recorded when it happened."""
    occurred = batch.columns["occurred_at"]
    recorded = batch.columns.get("recorded_at")
    if recorded is None:
        return batch.with_columns({"recorded_at": occurred})
    return batch.with_columns(
        {"recorded_at": [later or first for later, first in zip(recorded, occurred, strict=True)]}
    )


def check_scores(batch: Batch, given: Given) -> Batch:
    """Refuse a score that its scale does not have."""
    scales, scores = batch.columns.get("scale"), batch.columns.get("score")
    if scales is None or scores is None:
        return batch
    refused: dict[int, Refused] = {}
    for position, (scale, score) in enumerate(zip(scales, scores, strict=True)):
        if scale and score not in (None, ""):
            within = SCALES[scale]
            if not within.low <= score <= within.high:
                wrong = f"score: is not between {within.low:g} and {within.high:g}, as {scale} is"
                refused |= batch.refusing(position, Refusal.OUT_OF_RANGE, wrong)
    return batch.with_refused(refused)


def put_attributes(batch: Batch, given: Given) -> Batch:
    """Gather what the contract has no column for; what looks personal goes to the person's record."""
    return attributes.gather(batch, known=KNOWN)


def put_text(batch: Batch, given: Given) -> Batch:
    """Redact free text; what it was before is kept with the person."""
    batch = put(batch, "text", _READ_TEXT.__getitem__)
    column = batch.columns.get("text")
    if column is None or not any(column):
        return batch
    clean = [redaction.clean(said) if said else "" for said in column]
    written = {place: said for place, (said, now) in enumerate(zip(column, clean, strict=True)) if said != now}
    return replace(batch.with_columns({"text": clean}), written={**batch.written, **written})


def put_cause(batch: Batch, given: Given) -> Batch:
    """Write `caused_by` as `source:id`; an id without a source is one of the record's own source."""
    batch = put(batch, "caused_by", _READ_CAUSE.__getitem__)
    causes = batch.columns.get("caused_by")
    if causes is None or not any(causes):
        return batch
    sources = batch.column("source")
    met = given.sources.union(sources)
    owns = batch.columns["interaction_id"]
    return batch.with_columns(
        {"caused_by": [c and _cause(c, s, o, met) for c, s, o in zip(causes, sources, owns, strict=True)]}
    )


def _cause(cause: str, source: str, own_id: str, met: frozenset[str]) -> str:
    """Return the cause with its source. A colon may also be part of an id: then the record's own id has it too."""
    before, colon, _ = cause.partition(":")
    if not colon:
        return f"{source}:{cause}"
    if before not in met and own_id.startswith(f"{before}:"):
        return f"{source}:{cause}"
    return cause


def put_customer_keys(batch: Batch, given: Given) -> Batch:
    """Replace the company's own id by the surrogate key; somebody who was erased stays away."""
    ids = batch.columns["customer_id"]
    wanted = set(ids) if not batch.refused else {i for place, i in enumerate(ids) if place not in batch.refused}
    keys = given.keys_of(wanted)
    found = [keys.get(customer_id, -1) for customer_id in ids]
    refused: dict[int, Refused] = {}
    if -1 in found:
        for position, key in enumerate(found):
            if key == -1 and position not in batch.refused:
                refused |= batch.refusing(position, Refusal.ERASED, "customer_id: this customer was erased")
    return batch.with_columns({"customer_key": found}).with_refused(refused)


STEPS: tuple[Step, ...] = (
    drop_empty_columns,
    refuse_missing_columns,
    put_ids,
    put_words,
    put_source,
    put_facts,
    put_numbers,
    put_times,
    put_recorded_at,
    check_scores,
    put_attributes,
    put_text,
    put_cause,
    put_customer_keys,
)
_NUMBER_FIELDS = frozenset(NUMBERS) - {"revision"}


def admit(*, records: RawRecords, given: Given) -> Admitted:
    """Return the interactions that records hold, and why the others were refused."""
    batch = walk(batch=start(records), given=given, steps=STEPS)
    columns = [_field(batch, name) for name in Interaction.__struct_fields__]
    if batch.refused:
        positions: Sequence[int] = [place for place in range(len(batch)) if place not in batch.refused]
        columns = [[column[place] for place in positions] for column in columns]
    else:
        positions = range(len(batch))
    return Admitted(
        positions=positions,
        interactions=list(map(Interaction, *columns)),
        refused=batch.refused,
        personal=batch.personal,
        written=batch.written,
        notices=batch.notices,
        customer_ids=records.columns.get("customer_id", [""] * len(records)),
    )


def _field(batch: Batch, name: str) -> Sequence[Any]:
    """Return the values of one field of the interactions."""
    if name == "revision":
        return [int(value or 0) for value in batch.columns[name]] if name in batch.columns else [0] * len(batch)
    if name in _NUMBER_FIELDS or name == "promised_at":
        return batch.column(name, None)
    return batch.column(name)
