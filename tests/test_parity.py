"""Promises of comparing two engines: what is the same counts as equal, and nothing else does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests import parity

INFINITE, UNKNOWN = float("inf"), float("nan")


@dataclass
class Record:
    at: float
    words: tuple[str, ...] = ()


@pytest.mark.parametrize(
    "value",
    [INFINITE, UNKNOWN, None, 3.5, "late", (1, INFINITE), {"a": UNKNOWN}, Record(INFINITE, ("late",)), np.array([1.0])],
)
def test_a_value_equals_itself(value: Any) -> None:
    assert parity.equal(value, value)


def test_sums_added_up_in_another_order_are_equal() -> None:
    assert parity.equal(0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (INFINITE, 5.0),
        (INFINITE, -INFINITE),
        (UNKNOWN, 5.0),
        (1.0, 1.001),
        ((1, 2), (1,)),
        (Record(1.0), Record(2.0)),
        (np.array([1.0]), np.array([1.0, 2.0])),
        (np.array([INFINITE]), np.array([5.0])),
    ],
)
def test_what_differs_is_not_equal(one: Any, other: Any) -> None:
    assert not parity.equal(one, other)
