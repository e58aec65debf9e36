"""Promises of the lists of risks: only whom one may see, counted as they are listed, most at risk first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from valence.customers.models import Customer
from valence.ledger.models import Risk, WeekCount
from valence.ledger.queries import risks, weeks
from valence.terms import EVERYTHING, Role, Scope

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 12, 9, tzinfo=UTC)
COAST = Scope(role=Role.MANAGER, regions=frozenset({"Coast"}))
NOWHERE = Scope(role=Role.MANAGER, regions=frozenset())


def add(key: int, *, region: str = "Coast", value: float = 50.0, chance: float = 0.2, **changes: object) -> None:
    customer = Customer.objects.create(
        key=key, region=region, segment="Family", monthly_value=value, joined_at=NOW, updated_at=NOW
    )
    numbers = {f"p_{word}_{days}d": chance for word in ("leave", "low", "high") for days in (30, 60, 90)}
    plain = {
        "bond": 40.0,
        "bond_low": 30.0,
        "bond_high": 50.0,
        "p_clean_60d": 0.02,
        "value_at_risk": value * chance,
        "likely_to_leave": True,
        "act_by": NOW + timedelta(days=20),
        "why": "came late",
        "why_department": "field",
    }
    Risk.objects.create(customer=customer, model="m", as_of=NOW, **{**plain, **numbers, **changes})


def keys(rows: tuple[risks.RiskRow, ...]) -> list[int]:
    return [row.key for row in rows]


def test_only_customers_of_the_scope_are_listed_and_counted() -> None:
    add(1)
    add(2, region="Valley")
    add(3, region="")
    assert set(keys(risks.rows(scope=EVERYTHING, asked=risks.Asked()))) == {1, 2, 3}
    assert keys(risks.rows(scope=COAST, asked=risks.Asked())) == [1]
    assert risks.totals(scope=COAST, asked=risks.Asked()).customers == 1
    assert risks.rows(scope=NOWHERE, asked=risks.Asked()) == ()
    nobodys = Scope(role=Role.MANAGER, regions=frozenset({""}))
    assert risks.rows(scope=nobodys, asked=risks.Asked()) == ()


def test_the_most_value_at_risk_comes_first_and_every_sort_is_known() -> None:
    add(1, value=10)
    add(2, value=90)
    add(3, value=50)
    assert keys(risks.rows(scope=EVERYTHING, asked=risks.Asked())) == [2, 3, 1]
    for sort in (*risks.SORTS, "nonsense"):
        assert len(risks.rows(scope=EVERYTHING, asked=risks.Asked(), sort=sort)) == 3


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (risks.Asked(likely=True), {1, 2}),
        (risks.Asked(chance=0.3), {2}),
        (risks.Asked(over=100), {3}),
        (risks.Asked(department="billing"), {2}),
        (risks.Asked(act_before=NOW + timedelta(days=5)), {2}),
        (risks.Asked(became_since=NOW - timedelta(days=1)), {1}),
        (risks.Asked(segment="Business"), set()),
    ],
)
def test_each_filter_keeps_those_it_names(asked: risks.Asked, expected: set[int]) -> None:
    add(1, became_likely_at=NOW - timedelta(hours=3))
    add(2, chance=0.4, root_department="billing", act_by=NOW + timedelta(days=2))
    add(3, value=200, likely_to_leave=False)
    assert set(keys(risks.rows(scope=EVERYTHING, asked=asked))) == expected
    assert risks.totals(scope=EVERYTHING, asked=asked).customers == len(expected)
    assert {row.key for row in risks.every(scope=EVERYTHING, asked=asked)} == expected


def test_of_those_with_most_at_risk_the_most_pressing_is_called_first() -> None:
    add(1, value=90)
    add(2, value=60, act_by=NOW + timedelta(days=2))
    add(3, value=500, why="")
    add(4, value=70, likely_to_leave=False)
    assert keys(risks.to_call(scope=EVERYTHING)) == [2, 1]


def test_totals_add_up_the_money_and_its_range() -> None:
    add(1, value=100, p_low_60d=0.1, p_high_60d=0.4)
    add(2, value=50)
    totals = risks.totals(scope=EVERYTHING, asked=risks.Asked())
    assert totals.monthly_value == 150
    assert totals.value_at_risk == pytest.approx(30)
    assert (totals.low, totals.high) == (pytest.approx(20), pytest.approx(50))


def test_regions_are_found_without_reading_the_table_through() -> None:
    for key, region in enumerate(("Valley", "Coast", "", "Coast", "Éire")):
        add(key, region=region)
    assert weeks.regions(scope=EVERYTHING) == ("Coast", "Valley", "Éire")
    assert weeks.regions(scope=COAST) == ("Coast",)


def test_weekly_counts_have_no_gaps_and_stop_before_the_week_that_runs() -> None:
    monday = date(2026, 5, 11)
    for back, number in ((1, 7), (3, 5)):
        for region in ("Coast", "Valley"):
            for fact, count in (("late", number), ("", 10)):
                WeekCount.objects.create(
                    week=monday - timedelta(weeks=back),
                    region=region,
                    kind="visit",
                    department="field",
                    fact=fact,
                    interactions=count,
                    customers=count,
                )
    found = {one.fact: one for one in weeks.series(scope=EVERYTHING, until=monday, weeks=4)}
    assert found["late"].interactions == (0, 10, 0, 14)
    assert found["late"].whole == (0, 20, 0, 20)
    assert found[""].weeks[-1] == monday - timedelta(weeks=1)
    [coast] = [one for one in weeks.series(scope=COAST, until=monday, weeks=4) if one.fact == "late"]
    assert coast.interactions == (0, 5, 0, 7)
