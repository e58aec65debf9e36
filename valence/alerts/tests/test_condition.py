"""Conditions: what they take, what they refuse, and that what is not known matches nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valence import packs
from valence.alerts import condition, saying
from valence.alerts.condition import FALSE, TRUE, UNKNOWN, Table, WrongCondition
from valence.alerts.fields import About
from valence.insights import say
from valence.terms import Words

VISITS = Table(
    size=4,
    words={
        "kind": Words(np.array([0, 0, 1, -1], np.int32), ("visit", "bill")),
        "facts": Words(np.array([0, -1, 1, -1], np.int32), ("late|left_mess", "wrong_bill")),
    },
    numbers={"wait_minutes": np.array([30.0, np.nan, 5.0, 12.0])},
    texts={"text": np.array(["I will cancel", "", "fine", ""], object)},
)


def _verdicts(written: dict[str, Any]) -> list[int]:
    parsed = condition.parse(written=written, about=About.INTERACTION)
    return condition.evaluate(condition=parsed, table=VISITS).tolist()


def test_a_word_that_is_not_known_is_neither_this_nor_not_this():
    assert _verdicts({"field": "kind", "is": "visit"}) == [1, 1, 0, -1]
    assert _verdicts({"not": {"field": "kind", "is": "visit"}}) == [0, 0, 1, -1]


def test_no_facts_means_that_nothing_went_wrong():
    assert _verdicts({"field": "facts", "has": ["late"]}) == [1, 0, 0, 0]


def test_a_field_that_is_not_there_matches_nothing_and_can_be_asked_for():
    assert _verdicts({"field": "tone", "is": "angry"}) == [UNKNOWN] * 4
    assert _verdicts({"field": "tone", "known": False}) == [TRUE] * 4


def test_what_is_known_decides_where_it_can():
    late = {"field": "facts", "has": ["late"]}
    unknown = {"field": "tone", "is": "angry"}
    assert _verdicts({"any": [late, unknown]}) == [TRUE, UNKNOWN, UNKNOWN, UNKNOWN]
    assert _verdicts({"all": [late, unknown]}) == [UNKNOWN, FALSE, FALSE, FALSE]


def test_numbers_and_texts_are_compared():
    assert _verdicts({"field": "wait_minutes", "above": 10}) == [1, -1, 0, 1]
    assert _verdicts({"field": "text", "matches": r"\bcancel\b"}) == [1, 0, 0, 0]


@pytest.mark.parametrize(
    "written",
    [
        None,
        {},
        [],
        "kind is visit",
        {"field": "kind"},
        {"field": "kind", "is": "visit", "in": ["bill"]},
        {"field": "kind", "above": 3},
        {"field": "no_such_field", "is": "x"},
        {"field": "bond", "is": True},
        {"field": "wait_minutes", "above": float("nan")},
        {"field": "wait_minutes", "above": True},
        {"field": "text", "matches": "(unclosed"},
        {"field": "text", "matches": "a" * 201},
        {"field": "facts", "has": []},
        {"field": "facts", "has": ["x"] * 201},
        {"field": "promise_state", "is": "open"},
        {"all": []},
        {"all": "kind"},
        {"all": [{"field": "kind", "is": "visit"}], "any": []},
        {"xor": []},
        {"__import__": "os"},
    ],
)
def test_what_is_no_condition_is_refused_in_words(written: object):
    with pytest.raises(WrongCondition) as refused:
        condition.parse(written=written, about=About.INTERACTION)
    assert str(refused.value)


@pytest.mark.parametrize(
    "name", ["age", "birthday", "sex", "gender", "nationality", "religion", "health", "attributes"]
)
@pytest.mark.parametrize("about", About)
def test_a_rule_cannot_ask_what_a_person_is(name: str, about: About):
    with pytest.raises(WrongCondition):
        condition.parse(written={"field": name, "known": True}, about=about)


def test_a_rule_bomb_is_refused_before_it_costs_anything():
    deep: dict[str, Any] = {"field": "kind", "is": "visit"}
    for _ in range(5_000):
        deep = {"not": deep}
    wide = {"any": [{"field": "kind", "is": "visit"}] * 100_000}
    for bomb in (deep, wide):
        with pytest.raises(WrongCondition):
            condition.parse(written=bomb, about=About.INTERACTION)


def test_no_pattern_takes_longer_than_its_text_is_long():
    holds = condition.pattern(written=r"(a+)+$")
    assert not holds("a" * 4_000 + "!")  # an engine that tries one way after the other never comes back from this


_leaves = st.one_of(
    st.fixed_dictionaries({"field": st.just("kind"), "is": st.sampled_from(["visit", "bill", "call"])}),
    st.fixed_dictionaries({"field": st.just("wait_minutes"), "above": st.integers(0, 40)}),
    st.fixed_dictionaries({"field": st.just("facts"), "has": st.just(["late"])}),
    st.fixed_dictionaries({"field": st.just("tone"), "is": st.just("angry")}),
)
_conditions = st.recursive(
    _leaves,
    lambda inside: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inside, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inside, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inside}),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(written=_conditions)
def test_a_condition_reads_back_as_it_was_written_and_its_opposite_never_holds_too(written: dict[str, Any]):
    try:
        parsed = condition.parse(written=written, about=About.INTERACTION)
    except WrongCondition:  # too deep
        return
    assert condition.parse(written=condition.written(condition=parsed), about=About.INTERACTION) == parsed
    holds = condition.evaluate(condition=parsed, table=VISITS)
    opposite = condition.evaluate(condition=condition.Not(parsed), table=VISITS)
    assert not np.any((holds == TRUE) & (opposite == TRUE))
    assert np.array_equal(holds == UNKNOWN, opposite == UNKNOWN)
    for row in np.flatnonzero(holds == TRUE).tolist():
        assert isinstance(condition.leaves_that_held(condition=parsed, table=VISITS, row=row), tuple)


def test_the_kinds_that_a_condition_can_hold_for_are_found():
    def kinds(written: dict[str, Any]) -> frozenset[str] | None:
        return condition.kinds_of(condition=condition.parse(written=written, about=About.INTERACTION))

    visit, bill = {"field": "kind", "is": "visit"}, {"field": "kind", "in": ["bill", "invoice"]}
    wait = {"field": "wait_minutes", "above": 3}
    assert kinds({"all": [visit, wait]}) == {"visit"}
    assert kinds({"any": [visit, bill]}) == {"visit", "bill", "invoice"}
    assert kinds({"any": [visit, wait]}) is None
    assert kinds({"not": visit}) is None


def test_what_was_billed_and_how_late_it_was_read_as_sentences() -> None:
    pack = packs.load(name="telco")
    asked = {
        "all": [
            {"field": "over_expected_share", "at_least": 0.2},
            {"field": "over_expected", "at_least": 10},
            {"field": "minutes_late", "above": 30},
        ]
    }
    read = condition.parse(written=asked, about=About.INTERACTION)
    assert saying.condition(said=read, pack=pack) == (
        f"billed at least 20{say.THIN}% more than was told and billed at least €10 above what was told"
        " and above 30 minutes later than promised"
    )
    table = Table(size=1, words={}, numbers={"over_expected": np.array([18.6])}, texts={})
    leaf = condition.parse(written={"field": "over_expected", "at_least": 10}, about=About.INTERACTION)
    assert isinstance(leaf, condition.Leaf)
    assert saying.reason(leaf=leaf, table=table, row=0, pack=pack) == "billed €19 above what was told"
