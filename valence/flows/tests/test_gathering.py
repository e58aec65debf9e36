"""Wishes of several threads are fulfilled together, each once, and one that fails spoils none of the others."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from valence.flows.run import gathering


class Shop:
    """Fulfils wishes slowly, and remembers which together."""

    def __init__(self) -> None:
        self.went: list[list[str]] = []
        self.holds = threading.Event()
        self.holds.set()

    def act(self, wishes: Sequence[str]) -> list[Exception | None]:
        self.went.append(list(wishes))
        self.holds.wait(60)
        if "breaks" in wishes:
            raise RuntimeError("broken")
        return [ValueError(wish) if wish.startswith("no") else None for wish in wishes]


def asked(shop: Shop, *wishes: str) -> dict[int, str]:
    """Let as many threads wish at the same time while the first is being fulfilled; say what became of each."""
    together = gathering.Gathering(act=shop.act, name=lambda wish: wish.partition(":")[0], most=50)
    became: dict[int, str] = {}

    def wish(place: int) -> None:
        try:
            together.ask(wish=wishes[place])
            became[place] = "done"
        except Exception as problem:
            became[place] = type(problem).__name__

    shop.holds.clear()
    threads = [threading.Thread(target=wish, args=(place,)) for place in range(len(wishes))]
    for thread in threads:
        thread.start()
        while not shop.went:
            pass
    while len(together._queue) < len(wishes) - 1:
        pass
    shop.holds.set()
    for thread in threads:
        thread.join(60)
    return became


def test_those_who_come_while_one_is_fulfilled_go_together() -> None:
    shop = Shop()
    assert set(asked(shop, "a", "b", "c", "d").values()) == {"done"}
    assert shop.went == [["a"], ["b", "c", "d"]]


def test_each_hears_of_its_own_and_of_no_others() -> None:
    assert asked(Shop(), "a", "no", "c") == {0: "done", 1: "ValueError", 2: "done"}


def test_one_that_breaks_spoils_none_of_the_others() -> None:
    assert asked(Shop(), "a", "b", "breaks", "d") == {0: "done", 1: "done", 2: "RuntimeError", 3: "done"}


def test_wishes_of_one_name_are_never_fulfilled_together() -> None:
    shop = Shop()
    assert set(asked(shop, "x", "same:1", "same:2", "other").values()) == {"done"}
    assert shop.went == [["x"], ["same:1", "other"], ["same:2"]]


def test_inside_a_transaction_of_ones_own_nobody_else_is_waited_for() -> None:
    shop = Shop()
    together = gathering.Gathering(act=shop.act, name=str, most=50)
    together.alone(wish="a")
    with pytest.raises(ValueError, match="no"):
        together.alone(wish="no")
    assert shop.went == [["a"], ["no"]]
