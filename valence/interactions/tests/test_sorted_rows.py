"""What lies sorted in several files is merged in the one right order, whatever the files share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from valence import terms
from valence.interactions import columns, sorted_rows
from valence.interactions.tests.conftest import ALICE, BOB, NOW
from valence.terms import Interaction

Maker = Callable[..., Interaction]


def rows(*those: Interaction) -> pa.Table:
    return columns.in_order(table=columns.table_of_interactions(interactions=those))


def file(folder: Path, name: str, *those: Interaction) -> str:
    parquet.write_table(rows(*those), folder / f"{name}.parquet")
    return str(folder / f"{name}.parquet")


@pytest.mark.parametrize("asked", [None, ["kind"], ["reason", "amount"]])
@pytest.mark.parametrize("day", [1, 2])
def test_rows_of_several_files_stand_by_customer_time_source_and_id(
    made: Maker, tmp_path: Path, asked: list[str] | None, day: int
) -> None:
    """day 1: rows of two files share customer and time, so that only their names say which comes first."""
    first = [made("m", key=ALICE, day=1, reason="a"), made("x", key=BOB, day=3, reason="b", amount=2.0)]
    second = [made("b", key=ALICE, day=day, reason="c", amount=1.0), made("a", key=BOB, day=2, kind="visit")]
    loose = [made("z", key=BOB, day=2.5, reason="d"), made("y", key=BOB, day=2.5, reason="e")]
    paths = [file(tmp_path, "one", *first), file(tmp_path, "two", *second)]
    unsorted = columns.table_of_interactions(interactions=loose)
    found = sorted_rows.read(paths=paths, loose=unsorted, revised=False, columns=asked, as_of=None)
    right = columns.journeys_from(table=rows(*first, *second, *loose), columns=asked)
    got = columns.journeys_from(table=found, columns=asked)
    assert got.keys.tolist() == right.keys.tolist()
    assert got.occurred.tolist() == right.occurred.tolist()
    assert {name: words.said() for name, words in got.words.items()} == {
        name: words.said() for name, words in right.words.items()
    }
    assert all(np.array_equal(got.numbers[name], right.numbers[name], equal_nan=True) for name in right.numbers)
    assert all(got.texts[name].tolist() == right.texts[name].tolist() for name in right.texts)


def test_names_are_not_read_where_times_tell_rows_apart(
    made: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [file(tmp_path, "one", made("a", day=1)), file(tmp_path, "two", made("b", day=2))]
    read: list[list[str]] = []
    real = sorted_rows._read

    def noted(path: str, names: list[str], coded: list[str]) -> pa.Table:
        read.append(names)
        return real(path, names, coded)

    monkeypatch.setattr(sorted_rows, "_read", noted)
    sorted_rows.read(paths=paths, loose=None, revised=False, columns=["kind"], as_of=None)
    assert [set(names) for names in read] == [{"customer_key", "occurred_at", "recorded_at", "kind"}] * 2


def test_what_was_not_known_yet_is_left_out_of_merged_files(made: Maker, tmp_path: Path) -> None:
    paths = [
        file(tmp_path, "one", made("a", day=1)),
        file(tmp_path, "two", made("b", day=2), made("c", day=1, known=9)),
    ]
    until = terms.days(NOW - timedelta(days=30)) + 2.5
    found = sorted_rows.read(paths=paths, loose=None, revised=False, columns=["interaction_id"], as_of=until)
    assert found["interaction_id"].to_pylist() == ["a", "b"]


def test_times_too_far_apart_for_one_number_are_sorted_all_the_same() -> None:
    key = np.repeat(np.arange(40, dtype=np.int64)[::-1], 3)
    at = np.tile(np.array([1 << 61, 0, -(1 << 61)], np.int64), 40)
    order = columns._ordered(key, at)
    assert order.tolist() == np.lexsort((at, key)).tolist()
