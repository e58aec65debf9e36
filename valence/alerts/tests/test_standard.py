"""Promises of a standard: what does not tell does not count, and a standard is written and read back as it is."""

from __future__ import annotations

import numpy as np
import pytest

from valence import terms
from valence.alerts import condition, standard
from valence.alerts.condition import Table
from valence.packs import acting

VISIT = {
    "name": "in_window",
    "title": "A visit comes inside its window",
    "target": 0.95,
    "of": {"field": "kind", "is": "visit"},
    "met": {"field": "minutes_late", "at_most": 0},
}


def table(*rows: tuple[str, float]) -> Table:
    kinds = tuple(sorted({kind for kind, _ in rows}))
    codes = np.array([kinds.index(kind) for kind, _ in rows], np.int32)
    return Table(
        size=len(rows),
        words={"kind": terms.Words(codes=codes, vocabulary=kinds)},
        numbers={"minutes_late": np.array([late for _, late in rows])},
        texts={},
    )


def test_only_what_tells_whether_it_was_met_counts() -> None:
    found = standard.made(table=VISIT)
    rows = table(("visit", -5.0), ("visit", 30.0), ("visit", np.nan), ("bill", 0.0))
    assert standard.judged(standard=found, table=rows).tolist() == [1, 0, -1, -1]


def test_a_standard_is_written_as_it_was_read() -> None:
    found = standard.made(table=VISIT)
    assert standard.made(table=standard.table_of(standard=found)) == found
    assert standard.aimed(standard=found, target=0.9).target == 0.9


@pytest.mark.parametrize(
    "change",
    [
        {"target": 1.0},
        {"target": "high"},
        {"name": "No"},
        {"title": " "},
        {"surprise": 1},
        {"of": {"field": "bond", "above": 50}},
        {"met": {"field": "contacts_7d", "below": 2}},
    ],
)
def test_what_cannot_be_counted_over_the_past_is_no_standard(change: dict[str, object]) -> None:
    with pytest.raises((standard.WrongStandard, condition.WrongCondition)):
        standard.made(table={**VISIT, **change})


def test_every_standard_of_the_pack_can_be_read() -> None:
    found = [standard.made(table=each) for each in acting.standards(name="telco")]
    assert len({one.name for one in found}) == len(found) >= 6
