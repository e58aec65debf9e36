from __future__ import annotations

from typing import Any

import msgspec
import pytest

from valence.intake import interactions, objects
from valence.terms import RawRecords

SHAPE = objects.Shape(known=interactions.KNOWN)
FIRST = {"interaction_id": "i1", "customer_id": "C-1", "wait_minutes": 4, "text": None}
OTHER = {"interaction_id": 7, "facts": ["late"], "attributes": {"colour": "red"}, "occurred_at": ""}


def told(sent: list[Any]) -> tuple[dict[str, list[Any]], set[int]]:
    records: RawRecords = objects.side_by_side(objects=sent, known=SHAPE.known, numbers=range(1, len(sent) + 1))
    return {name: list(column) for name, column in records.columns.items()}, set(records.unreadable)


@pytest.mark.parametrize("sent", [[FIRST], [FIRST, OTHER], [OTHER, FIRST, OTHER]])
@pytest.mark.parametrize("lines", [False, True])
def test_what_is_read_at_once_says_the_same_as_what_is_read_one_by_one(sent: list[Any], lines: bool) -> None:
    body = b"\n".join(map(msgspec.json.encode, sent)) if lines else msgspec.json.encode(sent)
    read = SHAPE.read(body=body, lines=lines)
    assert read is not None
    assert told(list(read)) == told(sent)


@pytest.mark.parametrize("sent", [[{**FIRST, "mood": "good"}], [FIRST, 5], {"interaction_id": "i1"}, [[FIRST]], "i1"])
def test_what_has_another_shape_needs_a_closer_look(sent: Any) -> None:
    assert SHAPE.read(body=msgspec.json.encode(sent), lines=False) is None


def test_both_kinds_stand_side_by_side() -> None:
    read = SHAPE.read(body=msgspec.json.encode([FIRST, OTHER]), lines=False)
    assert read is not None
    stranger = {**FIRST, "mood": "good"}
    assert told([*read, stranger, 5]) == told([FIRST, OTHER, stranger, 5])
