"""Promises of the collector: what a large answer leaves in circles goes at once, and a small one pays nothing."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from valence.flows.run import collecting


class Table:
    """Something large that a circle holds."""

    def __init__(self) -> None:
        self.myself = self


@pytest.fixture(autouse=True)
def only_when_asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(collecting, "_last", float("-inf"))
    gc.disable()
    yield
    gc.enable()


def left_behind() -> "weakref.ref[Table]":
    return weakref.ref(Table())


def test_what_a_large_answer_left_is_collected_at_once():
    found = left_behind()
    assert collecting.after(seconds=1.0)
    assert found() is None


def test_a_small_answer_is_not_held_up():
    found = left_behind()
    assert not collecting.after(seconds=0.01)
    assert found() is not None


def test_many_large_answers_at_a_time_are_collected_once():
    assert collecting.after(seconds=1.0)
    assert not collecting.after(seconds=1.0)
