"""Readiness in words: questions are judged by what there is, and checks stay silent where nothing is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from valence.insights import answerable, oddities, readiness
from valence.insights.holdings import Group, Holdings, Lean, Pair, Sureness, Typical, Weight

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RICH = Holdings(
    at=NOW, customers=1_000, prospects=3, losses=412, involuntary=20, interactions=10_000,
    first=datetime(2024, 1, 1, tzinfo=UTC), last=NOW,
    filled=dict.fromkeys((column for of, column, _ in answerable.OPENS if of == "interactions"), 9_000),
    said=dict.fromkeys((column for of, column, _ in answerable.OPENS if of == "customers"), 1_000),
    of_kind={"contact": 10_000}, sources={"crm": 10_000}, scales={"nps": 100}, bills=100, bills_expected=90,
    beyond=0, future=0, ancient=0, known_before=0,
)  # fmt: skip
BARE = replace(RICH, customers=0, losses=0, interactions=0, filled={}, said={}, scales={}, bills=0, bills_expected=0)


def test_rich_data_answers_everything_and_lacks_nothing() -> None:
    found = readiness.read(holdings=RICH)
    assert [one.question for one in found.answered if one.sureness is Sureness.NO] == []
    assert (found.buys, found.odd) == ((), ())
    assert "412 losses among 1,000 customers" in found.short


def test_no_data_answers_nothing_and_says_what_to_bring_first() -> None:
    found = readiness.read(holdings=BARE)
    assert {one.sureness for one in found.answered} == {Sureness.NO}
    assert found.buys[0].column == "left_at"


@pytest.mark.parametrize(
    ("losses", "sureness"), [(3, Sureness.PARTLY), (59, Sureness.PARTLY), (60, Sureness.YES), (412, Sureness.YES)]
)
def test_below_sixty_losses_experts_lead(losses: int, sureness: Sureness) -> None:
    found = readiness.read(holdings=replace(RICH, losses=losses)).answered[0]
    assert found.sureness is sureness
    assert ("experts" in found.words) == (losses < 60)


def test_few_recorded_links_make_hand_offs_a_partial_answer_with_their_share() -> None:
    filled = {**RICH.filled, "caused_by": 1_200}
    found = readiness.read(holdings=replace(RICH, filled=filled)).answered[2]
    assert found.sureness is Sureness.PARTLY
    assert "12" in found.words
    assert "inferred" in found.words


def test_the_figure_for_departments_is_the_measured_one() -> None:
    assert answerable.named_right(losses=0) == answerable.NAMED_RIGHT[0][1:]
    assert answerable.named_right(losses=10_000) == answerable.NAMED_RIGHT[-1][1:]
    assert all(low < right < high for _, right, low, high in answerable.NAMED_RIGHT)


WRONG = {
    "announces": {"leans": (Lean("facts", "cancellation_requested", 40, 38, 0),)},
    "everybody": {"groups": (Group("plan", "ended", 30, 30),)},
    "tell the same": {"pairs": (Pair("crm", "ivr", 25),)},
    "another unit": {
        "typical": (
            Typical("a", "wait_minutes", "contact", 5.0, 90),
            Typical("b", "wait_minutes", "contact", 300.0, 90),
        )
    },
    "learned from": {"undone_since_model": (3,), "model": "m1"},
}
FINE = {
    "few": {"leans": (Lean("facts", "late", 40, 19, 0),)},
    "spread": {"leans": (Lean("kind", "contact", 4_000, 300, 0),)},
    "small": {"groups": (Group("plan", "ended", 10, 10),)},
    "alike": {
        "typical": (Typical("a", "amount", "bill", 30.0, 90), Typical("b", "amount", "bill", 45.0, 90))
    },
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_count_and_what_to_do(name: str) -> None:
    [found] = readiness.read(holdings=replace(RICH, **WRONG[name])).odd  # type: ignore[arg-type]
    assert name in found.name
    assert found.weight is Weight.WRONG
    assert found.count > 0
    assert found.done


@pytest.mark.parametrize("name", FINE)
def test_what_is_usual_is_not_told(name: str) -> None:
    have = replace(RICH, **FINE[name])  # type: ignore[arg-type]
    assert [one for check in oddities.CHECKS for one in check(have)] == []


def test_interactions_of_customers_nobody_told_of_are_said_by_source() -> None:
    have = replace(RICH, sources={"crm": 9_000, "field": 1_000}, strangers={"field": 1_000, "crm": 40})
    [odd] = readiness.read(holdings=have).odd
    assert (odd.name.split(":")[0], odd.count, odd.weight) == ("field", 1_000, Weight.WRONG)
    assert odd.rows.query == {"odd": "strangers", "source": "field"}
