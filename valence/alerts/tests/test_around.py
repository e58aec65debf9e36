"""Promises of what happened around an interaction: counted once a customer and day, live as over the past."""

from __future__ import annotations

import numpy as np

from valence.alerts import around

NAMES = ("place failures Quay", "team contacts 7")


def events(*rows: tuple[int, int, float]) -> around.Events:
    """Return events as (name, key, day), as they would be counted."""
    name, key, at = (np.array(column) for column in zip(*rows, strict=True))
    return around.joined(parts=[around.Events(NAMES, name.astype(np.int64), key.astype(np.int64), at.astype(float))])


def test_a_customer_counts_once_a_day_and_only_in_the_days_before() -> None:
    found = events((0, 1, 10.1), (0, 1, 10.9), (0, 2, 10.5), (0, 3, 2.0), (1, 1, 10.2))
    for counter in (found, window(found)):
        said = counter.counted(names=NAMES, code=np.array([0, 0, 0, 1]), at=np.array([10.95, 10.2, 8.9, 11.0]), days=7)
        assert said.tolist() == [2.0, 1.0, 1.0, 1.0]


def test_a_name_of_which_nothing_is_known_has_none_and_another_day_counts_again() -> None:
    found = events((0, 1, 10.1), (0, 1, 11.1))
    for counter in (found, window(found)):
        said = counter.counted(
            names=(*NAMES, "place failures Mill"), code=np.array([0, 2]), at=np.full(2, 11.5), days=7
        )
        assert said.tolist() == [2.0, 0.0]


def test_what_arrives_one_by_one_counts_as_what_is_read_at_once() -> None:
    rng = np.random.default_rng(4)
    rows = [(int(rng.integers(2)), int(rng.integers(9)), float(at)) for at in np.sort(rng.uniform(0, 30, 400))]
    whole, live = events(*rows), around.Window()
    for row in rows:
        live.add(events(row))
    asked = {"names": NAMES, "code": rng.integers(0, 2, 50), "at": rng.uniform(5, 30, 50)}
    for days in (1.0, 7.0):
        assert whole.counted(**asked, days=days).tolist() == live.counted(**asked, days=days).tolist()


def window(found: around.Events) -> around.Window:
    """Return the same as a window, which it was added to twice."""
    live = around.Window()
    live.add(found)
    live.add(found)
    return live
