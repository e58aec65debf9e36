"""Promises of the Model page's strengths: clear only with enough seen, no two alike, the never met apart."""

from __future__ import annotations

import math
from typing import Any

from valence.web.pages.model import strengths


def row(name: str, *, words: str = "", weight: float = 0.5, half: float = 0.1, seen: int | None = 99) -> dict[str, Any]:
    numbers = {"weight": weight, "low": weight - half, "high": weight + half}
    role = "signal" if ":" in name else "cause"
    return {"name": name, "words": words or name, "role": role, "sign": "free", "seen": seen, **numbers}


def read(*rows: dict[str, Any]) -> tuple[strengths.Coefficient, ...]:
    return strengths.read(figures={"coefficients": rows})


def test_an_effect_is_clear_only_when_enough_was_seen_and_its_range_lies_beyond_a_little() -> None:
    little = math.log(1.02)
    found = read(
        row("late"),
        row("rare", seen=29),
        row("old model", seen=None),
        row("small", weight=little + 0.05, half=0.1),
        row("kind", weight=-0.5),
    )
    assert {one.name for one in found if one.is_clear} == {"late", "kind"}


def test_marks_with_the_same_words_are_told_apart() -> None:
    found = read(row("reason:credit", words="credit"), row("touchpoint:credit", words="credit"), row("late"))
    assert sorted(one.words for one in found) == ["Credit (the reason)", "Credit (where)", "Late"]


def test_what_never_happened_is_listed_with_the_packs_own_estimate_and_is_in_no_chart() -> None:
    found = read(row("late"), row("rude", weight=math.log(1.5), seen=0), row("reason:fee", seen=0))
    assert strengths.not_met(coefficients=found) == (("Rude", "×1.50"),)
    drawn = strengths.drawn(coefficients=found)
    assert drawn is not None
    assert [cells[0].text for cells in drawn.table.rows] == ["Late"]
    assert "1 of 1" in drawn.says


def test_many_signals_are_counted_not_listed() -> None:
    many = [row(f"reason:word {at}", seen=5) for at in range(strengths.SIGNALS + 3)]
    assert strengths.signals(coefficients=read(*many)).endswith("and 3 more in the table")


def test_a_model_without_coefficients_draws_nothing() -> None:
    assert strengths.drawn(coefficients=read()) is None
