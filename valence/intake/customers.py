"""Customers on their way in: a list of steps that records walk through, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec

from valence.customers import rules, rules_consent
from valence.intake import attributes
from valence.intake.batch import Bad, Batch, Given, Step, put, start, walk
from valence.intake.cells import Range, Remembered, Times, choice, line, needed, number
from valence.terms import RawRecords, Refusal, Refused
from valence.text import redaction

REQUIRED = ("customer_id", "joined_at")
WORDS = {
    "segment": 200, "plan": 200, "region": 200, "location_id": 200, "language": 35, "switched_from": 200,
}  # fmt: skip
LEFT_KINDS = frozenset({"voluntary", "involuntary"})
TIMES = ("joined_at", "left_at", "recorded_at")
SPOKEN = ("consent", "preferred_channel")
COLUMNS = (*REQUIRED, "left_at", "left_kind", "left_reason", *WORDS, *rules.NUMBERS, *rules.PERSONAL, *SPOKEN)
KNOWN = frozenset({*COLUMNS, "recorded_at", "attributes"})
LONGEST_ID = 200
LONGEST_PERSONAL = 300
LONGEST_CONSENT = 300
A_YEAR_AHEAD = timedelta(days=366)
TEN_YEARS_AHEAD = timedelta(days=3660)


@dataclass(frozen=True)
class Admitted:
    """What became of records: customers and where they stood, refusals by position."""

    positions: Sequence[int]
    customers: Sequence[rules.CustomerRecord]
    refused: Mapping[int, Refused]
    notices: Mapping[str, int]
    customer_ids: Sequence[Any]


_READ_WORDS = {name: Remembered(partial(line, longest=longest)) for name, longest in WORDS.items()}
_READ_WORDS["left_kind"] = Remembered(partial(choice, choices=LEFT_KINDS))
_READ_WORDS["left_reason"] = Remembered(lambda raw: redaction.clean_line(line(raw, longest=200)))


def _consent(raw: Any) -> str:
    """Return what somebody agreed to or withdrew, as rules_consent.read takes it."""
    said = line(raw, longest=LONGEST_CONSENT)
    try:
        rules_consent.read(said)
    except rules_consent.ConsentError as problem:
        raise Bad(Refusal.NOT_A_CHOICE, str(problem)) from None
    return said


_READ_SPOKEN = {
    "consent": Remembered(_consent),
    "preferred_channel": Remembered(partial(choice, choices=frozenset(rules_consent.CHANNELS))),
}
_READ_VALUE = Remembered(partial(number, within=Range(-1e9, 1e9)))


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
    """Read the company's own id, which may not be empty."""
    return put(batch, "customer_id", partial(needed, longest=LONGEST_ID))


def put_words(batch: Batch, given: Given) -> Batch:
    """Read words and choices."""
    for name, read in _READ_WORDS.items():
        batch = put(batch, name, read.__getitem__)
    return batch


def put_numbers(batch: Batch, given: Given) -> Batch:
    """Read what the customer is worth a month."""
    return put(batch, "monthly_value", _READ_VALUE.__getitem__)


def put_times(batch: Batch, given: Given) -> Batch:
    """Read times into UTC; one without an offset is taken as UTC, and counted. An end may lie ahead: a notice given."""
    said = [value is not msgspec.UNSET for value in batch.columns.get("left_at", [msgspec.UNSET] * len(batch))]
    readers = {
        "joined_at": Times(now=given.now, ahead=A_YEAR_AHEAD, required=True),
        "left_at": Times(now=given.now, ahead=TEN_YEARS_AHEAD),
        "recorded_at": Times(now=given.now, ahead=A_YEAR_AHEAD),
    }
    for name, read in readers.items():
        batch = put(batch, name, read)
    naive = sum(read.without_offset for read in readers.values())
    return batch.with_columns({"left_said": said}).with_notice("time_without_offset", naive)


def check_left_after_joined(batch: Batch, given: Given) -> Batch:
    """Refuse a customer who left before they came."""
    refused: dict[int, Refused] = {}
    for position, (joined, left) in enumerate(zip(batch.columns["joined_at"], batch.column("left_at"), strict=True)):
        if joined and left and left < joined:
            refused |= batch.refusing(position, Refusal.LEFT_BEFORE_JOINED, "left_at: is before joined_at")
    return batch.with_refused(refused)


def put_personal(batch: Batch, given: Given) -> Batch:
    """Read name, e-mail and phone, which only the person's encrypted record holds."""
    for name in rules.PERSONAL:
        batch = put(batch, name, partial(line, longest=LONGEST_PERSONAL))
    return batch


def put_spoken(batch: Batch, given: Given) -> Batch:
    """Read what the customer agreed to or withdrew, and the channel they prefer."""
    for name, read in _READ_SPOKEN.items():
        batch = put(batch, name, read.__getitem__)
    return batch


def put_attributes(batch: Batch, given: Given) -> Batch:
    """Gather what the contract has no column for; what looks personal goes to the person's record."""
    return attributes.gather(batch, known=KNOWN | {"left_said"})


STEPS: tuple[Step, ...] = (
    refuse_missing_columns,
    put_ids,
    put_words,
    put_numbers,
    put_times,
    check_left_after_joined,
    put_personal,
    put_spoken,
    put_attributes,
)


def admit(*, records: RawRecords, given: Given) -> Admitted:
    """Return the customers that records hold, and why the others were refused."""
    batch = walk(batch=start(records), given=given, steps=STEPS)
    positions = [position for position in range(len(batch)) if position not in batch.refused]
    return Admitted(
        positions=positions,
        customers=_records(batch, positions),
        refused=batch.refused,
        notices=batch.notices,
        customer_ids=records.columns.get("customer_id", [""] * len(records)),
    )


def _records(batch: Batch, positions: Sequence[int]) -> list[rules.CustomerRecord]:
    values = _said(batch, rules.FIELDS, positions)
    personal = _said(batch, rules.PERSONAL, positions)
    if batch.personal:
        personal = [{**said, **batch.personal.get(place, {})} for place, said in zip(positions, personal, strict=True)]
    names = ("customer_id", "joined_at", "left_at", "left_said", "recorded_at", "attributes", *SPOKEN)
    columns = (_at(batch.column(name, None), positions) for name in names)
    return [
        rules.CustomerRecord(
            customer_id=customer_id,
            joined_at=joined,
            left_at=left or None,
            left_said=left_said,
            recorded_at=recorded or None,
            values=said,
            personal=who,
            attributes=msgspec.json.decode(more) if more else {},
            consents=agreed or "",
            prefers=channel or "",
        )
        for customer_id, joined, left, left_said, recorded, more, agreed, channel, said, who in zip(
            *columns, values, personal, strict=True
        )
    ]


def _said(batch: Batch, names: Sequence[str], positions: Sequence[int]) -> list[dict[str, Any]]:
    """Return for each record the fields that were not empty."""
    there = [name for name in names if name in batch.columns]
    rows = (
        zip(*(_at(batch.columns[name], positions) for name in there), strict=True) if there else ((),) * len(positions)
    )
    return [{name: value for name, value in zip(there, row, strict=True) if value not in ("", None)} for row in rows]


def _at(column: Sequence[Any], positions: Sequence[int]) -> Sequence[Any]:
    return column if len(positions) == len(column) else [column[place] for place in positions]
