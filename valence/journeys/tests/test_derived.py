"""Derived facts: right in any order of arrival, known when they could be known, never over what is said."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from valence import interactions, terms
from valence.journeys import derived

pytestmark = pytest.mark.django_db
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
RULES = {"crm": derived.rules_of(said=derived.USUAL)}


def met(number: int, day: float, kind: str = "contact", customer: int = 1, **more: object) -> terms.Interaction:
    at = BEGAN + timedelta(days=day)
    return terms.Interaction(
        source=str(more.pop("source", "crm")), interaction_id=f"i{number}", customer_key=customer,
        occurred_at=at, recorded_at=at, kind=kind, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def told(*rows: terms.Interaction) -> terms.Journeys:
    return derived.put(journeys=interactions.as_journeys(interactions=rows), rules=RULES)


def facts(journeys: terms.Journeys) -> dict[str, str]:
    ids = journeys.texts["interaction_id"].tolist()
    return dict(zip(ids, journeys.words["facts"].said(), strict=True))


def test_the_same_reason_within_seven_days_is_a_repeat_and_shows_that_the_first_was_not_resolved() -> None:
    found = facts(told(
        met(1, 0, reason="fault"), met(2, 3, reason="fault"), met(3, 4, reason="bill"), met(4, 20, reason="fault"),
        met(5, 21, reason="fault", customer=2),
    ))  # fmt: skip
    assert found == {"i1": "unresolved", "i2": "repeat", "i3": "", "i4": "", "i5": ""}


def test_that_a_contact_was_not_resolved_is_known_only_when_the_customer_came_again() -> None:
    journeys = told(met(1, 0, reason="fault"), met(2, 3, reason="fault"))
    day = terms.days(BEGAN)
    assert journeys.recorded.tolist() == pytest.approx([day + 3, day + 3])
    alone = told(met(1, 0, reason="fault"))
    assert (facts(alone), alone.recorded.tolist()) == ({"i1": ""}, pytest.approx([day]))


def test_a_bill_is_expected_to_be_the_median_of_the_last_three_and_what_the_source_said_stays() -> None:
    journeys = told(
        *(met(n, n * 30, "bill", amount=amount) for n, amount in enumerate([30.0, 32.0, 90.0, 31.0, 30.0])),
        met(9, 200, "bill", amount=50.0, expected_amount=44.0),
        met(10, 5, "bill", customer=2, amount=70.0),
    )
    expected = journeys.numbers["expected_amount"].tolist()
    assert expected[2:6] == [31.0, 32.0, 32.0, 44.0]
    assert [amount != amount for amount in (expected[0], expected[1], expected[6])] == [True, True, True]


def test_a_visit_after_the_promised_time_is_late_unless_the_source_says_otherwise() -> None:
    due = BEGAN + timedelta(days=1)
    found = facts(told(
        met(1, 1.1, "visit", promised_at=due), met(2, 0.9, "visit", promised_at=due),
        met(3, 1.1, "visit", promised_at=due, facts="on_time"), met(4, 1.1, "contact", promised_at=due),
        met(5, 1.1, "visit", promised_at=due, facts="left_mess"),
    ))  # fmt: skip
    assert found == {"i1": "late", "i2": "", "i3": "on_time", "i4": "", "i5": "left_mess|late"}


def test_sources_without_rules_stay_as_they_are() -> None:
    rows = (met(1, 0, reason="fault", source="other"), met(2, 3, reason="fault", source="other"))
    assert facts(told(*rows)) == {"i1": "", "i2": ""}


@pytest.mark.parametrize("seed", range(20))
def test_the_order_in_which_interactions_came_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        met(n, chance.uniform(0, 60), chance.choice(["contact", "bill", "visit"]), customer=chance.randint(1, 4),
            reason=chance.choice(["fault", "bill", ""]), amount=chance.choice([None, 30.0, 45.0]))
        for n in range(60)
    ]  # fmt: skip
    first = told(*rows)
    chance.shuffle(rows)
    again = told(*rows)
    assert facts(first) == facts(again)
    assert first.recorded.tolist() == again.recorded.tolist()


def test_deriving_twice_is_deriving_once() -> None:
    first = told(met(1, 0, reason="fault"), met(2, 3, reason="fault"), met(3, 5, reason="fault"))
    assert facts(derived.put(journeys=first, rules=RULES)) == facts(first)


def test_words_that_are_no_rule_are_named_with_the_rules_there_are() -> None:
    with pytest.raises(derived.WrongRule, match="same reason within 7 days"):
        derived.rules_of(said={"repeat": "again"})
