"""Promises of the check of bills: honest differences are learned, and what is beyond them contradicts."""

from __future__ import annotations

import numpy as np
import pytest

from valence import packs
from valence.insights import billing
from valence.journeys.tests import cast

PACK = packs.load(name="telco")


def read(*rows: dict[str, object]) -> billing.Bills:
    return billing.read(journeys=cast.journey(*rows), pack=PACK)  # type: ignore[no-untyped-call]


def bill(day: float, amount: float, told: float = np.nan) -> dict[str, object]:
    return {"day": day, "kind": "bill", "amount": amount, "expected_amount": told}


def test_what_the_bill_says_was_told_counts_first() -> None:
    found = read({"day": 1, "kind": "order", "amount": 30.0}, bill(10, 55.0, 40.0))
    assert found.over.tolist() == [15.0]
    assert billing.ABOUTS[found.about[0]] == "told"


def test_else_the_last_bills_where_they_were_alike_else_what_was_quoted() -> None:
    order = {"day": 1, "kind": "order", "amount": 30.0}
    found = read(order, bill(10, 30.0), bill(40, 31.0), bill(70, 30.0), bill(100, 60.0))
    assert [billing.ABOUTS[one] for one in found.about] == ["quote", "quote", "quote", "usual"]
    assert found.over[-1] == 30.0
    assert found.told_row.tolist() == [0, 0, 0, -1]


def test_where_nothing_was_told_nothing_contradicts() -> None:
    found = read(bill(10, 500.0))
    assert np.isnan(found.over[0])
    assert not billing.contradicts(bills=found, limit=billing.USUAL_ONE).any()


@pytest.mark.parametrize(("scale", "share"), [(2.0, 0.3), (0.5, 0.8), (12.0, 0.1)])
def test_about_one_honest_bill_a_month_passes_among_a_thousand_customers(scale: float, share: float) -> None:
    rng = np.random.default_rng(4)
    months = 60_000.0
    honest = np.where(rng.random(60_000) < share, rng.exponential(scale, 60_000), 0.0)
    wrong = 8 * scale + rng.exponential(12 * scale, 600)
    found = billing.limit(over=np.concatenate([honest, wrong]), customer_months=months)
    assert (honest > found.amount).sum() <= 2.5 * months / 1_000
    assert (wrong > found.amount).mean() > 0.75


def test_a_handful_of_bills_leaves_the_usual_limit() -> None:
    assert billing.limit(over=np.array([0.0, 5.0]), customer_months=2.0) == billing.USUAL_ONE
    assert billing.read_back(billing.USUAL_ONE.as_kept()) == billing.USUAL_ONE
