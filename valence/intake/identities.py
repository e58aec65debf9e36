"""Links between ids on their way in: which other id names the same customer, or another one of the same account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from valence.customers.rules_links import Relation
from valence.intake.batch import Batch, Given, Step, put, start, walk
from valence.intake.cells import Range, Remembered, choice, line, needed, number
from valence.terms import RawRecords, Refusal, Refused
from valence.text import redaction

REQUIRED = ("customer_id", "other_id")
COLUMNS = (*REQUIRED, "system", "relation", "confidence", "reason")
LONGEST_ID = 200
SURE = 1.0
_RELATION = Remembered(partial(choice, choices=frozenset(Relation)))
_CONFIDENCE = Remembered(partial(number, within=Range(0.0, 1.0)))


@dataclass(frozen=True)
class Named:
    """A customer's id and another one. `confidence` 1 is the source's word; less is a suggestion for a person."""

    customer_id: str
    other_id: str
    system: str
    relation: Relation
    confidence: float
    reason: str


@dataclass(frozen=True)
class Admitted:
    """What became of records: what they say and where it stood, refusals by position."""

    positions: Sequence[int]
    named: Sequence[Named]
    refused: Mapping[int, Refused]


def put_ids(batch: Batch, given: Given) -> Batch:
    """Read both ids, which may not be empty; a file without one of the columns has nothing to say."""
    for name in REQUIRED:
        if name not in batch.columns:
            batch = batch.with_columns({name: [""] * len(batch)})
        batch = put(batch, name, partial(needed, longest=LONGEST_ID))
    return batch


def put_words(batch: Batch, given: Given) -> Batch:
    """Read the system, the relation and the reason, from which what looks personal is taken out."""
    batch = put(batch, "system", partial(line, longest=60))
    batch = put(batch, "relation", _RELATION.__getitem__)
    return put(batch, "reason", lambda raw: redaction.clean_line(line(raw, longest=300)))


def put_confidence(batch: Batch, given: Given) -> Batch:
    """Read how sure the source is, 0 to 1; nothing said is sure."""
    return put(batch, "confidence", _CONFIDENCE.__getitem__)


def check_two(batch: Batch, given: Given) -> Batch:
    """Refuse an id that is linked to itself."""
    refused: dict[int, Refused] = {}
    for place, (one, other) in enumerate(zip(batch.columns["customer_id"], batch.columns["other_id"], strict=True)):
        if one == other and one:
            refused |= batch.refusing(place, Refusal.CONFLICT, "other_id: is the customer_id itself")
    return batch.with_refused(refused)


STEPS: tuple[Step, ...] = (put_ids, put_words, put_confidence, check_two)


def admit(*, records: RawRecords, given: Given) -> Admitted:
    """Return what records say of ids, and why the others were refused."""
    batch = walk(batch=start(records), given=given, steps=STEPS)
    places = [place for place in range(len(batch)) if place not in batch.refused]
    columns = {name: batch.column(name, "") for name in COLUMNS}
    return Admitted(
        positions=places,
        named=[_named({name: column[place] for name, column in columns.items()}) for place in places],
        refused=batch.refused,
    )


def _named(said: Mapping[str, Any]) -> Named:
    relation = Relation(said["relation"] or Relation.SAME)
    sure = said["confidence"] if isinstance(said["confidence"], float) else SURE
    return Named(
        customer_id=said["customer_id"],
        other_id=said["other_id"],
        system=said["system"],
        relation=relation,
        confidence=sure,
        reason=said["reason"],
    )
