"""Promises of fit: who leaves though nothing went wrong is found, few cases say nothing, no person is sorted."""

from __future__ import annotations

import numpy as np
import pytest

from valence import packs, terms
from valence.insights import fit
from valence.insights.fit import Tally
from valence.insights.tests.test_expectations import journeys

PACK = packs.load(name="telco")
NOW = 20_000.0
DAYS = fit.SOON_DAYS


def tally(*, of: int, left: int, contacts: int) -> Tally:
    """Return customers who had half a year of calm days each; contacts come by chance."""
    a_head = contacts / of
    return Tally(of, of * DAYS, left, contacts, contacts + of * a_head**2, contacts * DAYS, of * DAYS**2)


USUAL = tally(of=1_000, left=50, contacts=400)


def found(**groups: Tally) -> dict[str, fit.Group]:
    return {one.word: one for one in fit.groups(tallies={("plan", word): tally for word, tally in groups.items()})}


def test_a_group_that_leaves_far_sooner_with_nothing_gone_wrong_may_not_fit_and_says_why() -> None:
    flex = tally(of=200, left=50, contacts=80)
    group = found(flex=flex, basic=USUAL, plus=USUAL)["flex"]
    assert group.may_not_fit
    assert group.leaving.range.low < 0.25 < group.leaving.range.high
    assert group.leaving.others == pytest.approx(0.05, rel=0.05)
    assert "of 200, 2" in fit.reason(group=group, said="Plan flex")
    assert "of others 5" in fit.reason(group=group, said="Plan flex")
    assert not found(flex=flex, basic=USUAL, plus=USUAL)["basic"].may_not_fit


def test_a_group_that_needs_far_more_help_may_not_fit_either() -> None:
    busy = tally(of=300, left=15, contacts=600)
    group = found(busy=busy, basic=USUAL, plus=USUAL)["busy"]
    assert group.may_not_fit
    assert "get in touch" in fit.reason(group=group, said="Plan busy")


def test_few_customers_are_believed_to_be_like_all() -> None:
    small = tally(of=20, left=6, contacts=9)
    group = found(small=small, basic=USUAL, plus=USUAL)["small"]
    assert not group.may_not_fit
    assert group.leaving.value < 0.3


def test_of_forty_groups_that_are_alike_hardly_one_in_a_hundred_is_said_not_to_fit() -> None:
    rng, said = np.random.default_rng(4), 0
    for _ in range(25):
        alike = {
            f"plan {number}": Tally(
                size, size, int(rng.binomial(size, 0.06)), float(rng.poisson(0.4 * size)), 0.8 * size
            )
            for number, size in enumerate(rng.integers(20, 400, 40).tolist())
        }
        said += sum(group.may_not_fit for group in found(**alike).values())
    assert said <= 10


def test_one_group_alone_has_nobody_to_be_compared_with() -> None:
    assert found(only=USUAL) == {}


def test_what_a_person_is_is_never_looked_at() -> None:
    for word in ("senior", "Senior_Tarif", "women", "under age 25", "Familie", "migrants", "disabled"):
        assert fit.is_personal(word=word), word
    for word in ("Fibre 500", "manual payment", "gaming", "business", "voltage", "household fibre"):
        assert not fit.is_personal(word=word), word
    assert set(found(senior=USUAL, basic=USUAL, plus=USUAL)) == {"basic", "plus"}
    assert not set(fit.FIELDS) & {"region", "language", "age", "sex"}


def test_whom_we_drove_away_is_not_counted_and_what_was_known_at_the_order_counts() -> None:
    joined = NOW - 400
    rows = [
        {"of": 0, "at": joined, "kind": "order", "reason": "gaming", "channel": "web"},
        {"of": 0, "at": joined + 20, "kind": "contact"},
        {"of": 1, "at": joined, "kind": "order", "reason": "gaming"},
        {"of": 1, "at": joined + 10, "kind": "visit", "facts": "no_show"},
        {"of": 2, "at": joined, "kind": "order", "reason": "tv"},
    ]
    history = terms.History(
        row=np.array([0, 0]),
        since=np.array([joined, joined + 50]),
        values=np.array([0, 1]),
        vocabulary=("flex", "plus"),
    )
    people = terms.Relationships(
        keys=np.arange(3),
        joined=np.array([joined, joined, NOW - 20]),
        left=np.array([joined + 100, joined + 100, np.nan]),
        voluntary=np.array([True, True, True]),
        monthly_value=np.full(3, 30.0),
        words={name: terms.Words(np.array([0, 0, 0], np.int32), ("plus",)) for name in ("plan", "segment", "region")},
        history={"plan": history},
    )
    began = fit.read(journeys=journeys(rows, customers=3), people=people, now=NOW, pack=PACK)
    assert began.calm.tolist() == [100.0, 40.0, 20.0]  # the 60 days after the visit that nobody came to are not calm
    assert began.left.tolist() == [True, True, False]
    tallies = fit.tallied(began=began, which=np.ones(3, np.bool_))
    gaming = tallies["need", "gaming"]
    assert (gaming.joined, gaming.calm, gaming.left, gaming.contacts) == (2, 140.0, 2, 1.0)
    assert tallies["plan", "flex"].joined == 1  # what was changed to later was not known at the order
    assert ("need", "tv") not in tallies  # it is too early to say


def test_who_leaves_or_calls_soon_after_a_fault_of_ours_says_nothing_about_fit() -> None:
    joined = NOW - 400
    rows = [
        {"at": joined + 30, "kind": "visit", "facts": "no_show"},
        {"at": joined + 40, "kind": "contact"},
        {"at": joined + 120, "kind": "contact"},
        {"at": joined + 130, "kind": "visit", "facts": "late"},
    ]
    nothing = terms.Words(np.array([-1], np.int32), ())
    people = terms.Relationships(
        keys=np.arange(1),
        joined=np.array([joined]),
        left=np.array([joined + 150]),
        voluntary=np.array([True]),
        monthly_value=np.full(1, 30.0),
        words={"plan": nothing, "segment": nothing},
    )
    began = fit.read(journeys=journeys(rows), people=people, now=NOW, pack=PACK)
    assert (began.calm.tolist(), began.left.tolist(), began.contacts.tolist()) == ([70.0], [False], [1.0])
