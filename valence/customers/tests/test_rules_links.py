from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from valence.customers import merging, rules_links
from valence.customers.rules_links import Line
from valence.terms import History, Merged, Relationships, Words, days

START = datetime(2024, 1, 1, tzinfo=UTC)


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def test_the_line_that_joined_first_gives_the_key_and_only_all_lines_leave() -> None:
    old = Line(key=9, joined_at=at(0), left_at=at(50), left_kind="voluntary", switched_from="Other", monthly_value=20)
    new = Line(key=2, joined_at=at(40), monthly_value=30, words={"plan": "B"})
    met = Line(key=1)
    found = rules_links.together(lines=[new, met, old])
    assert (found.key, found.joined_at, found.left_at, found.left_kind) == (9, at(0), None, "")
    assert (found.monthly_value, found.words["plan"], found.switched_from) == (30, "B", "Other")


def test_who_left_all_lines_left_with_the_last() -> None:
    lines = [
        Line(key=1, joined_at=at(0), left_at=at(90), left_reason="price"),
        Line(key=2, joined_at=at(10), left_at=at(30)),
    ]
    found = rules_links.together(lines=lines)
    assert (found.left_at, found.left_reason) == (at(90), "price")


def test_one_contract_in_two_systems_counts_once_and_two_contracts_add_up() -> None:
    def value(*values: float | None) -> float | None:
        lines = [Line(key=key, joined_at=at(key), monthly_value=one) for key, one in enumerate(values)]
        return rules_links.together(lines=lines).monthly_value

    assert value(30.0, 30.0) == 30.0
    assert value(30.0, 12.5) == 42.5
    assert value(30.0, None) == 30.0
    assert value(None, None) is None


def test_nobody_known_yet_is_read_under_the_smallest_key() -> None:
    assert rules_links.together(lines=[Line(key=5), Line(key=3)]).key == 3


@given(some.lists(some.tuples(some.integers(0, 12), some.integers(0, 12)), max_size=20))
def test_whoever_pairs_lead_to_belongs_together(pairs: list[tuple[int, int]]) -> None:
    found = rules_links.components(pairs=pairs)
    assert len({key for group in found for key in group}) == sum(map(len, found))
    assert all(any({a, b} <= group for group in found) for a, b in pairs)
    assert found == rules_links.components(pairs=pairs[::-1])


def people() -> Relationships:
    """Three lines: 1 from day 0 to 100 at 20, 2 from day 60 on at 30 and from day 80 at 35, 3 alone."""
    began = days(START)
    history = History(
        row=np.array([0, 1, 1, 2]), since=began + np.array([0.0, 60, 80, 0]), values=np.array([20.0, 30, 35, 9])
    )
    word = Words(codes=np.array([0, 1, -1], np.int32), vocabulary=("A", "B"))
    plan = History(
        row=np.arange(3), since=began + np.array([0.0, 60, 0]), values=word.codes, vocabulary=word.vocabulary
    )
    return Relationships(
        keys=np.array([1, 2, 3]),
        joined=began + np.array([0.0, 60, 0]),
        left=np.array([began + 100, np.nan, np.nan]),
        voluntary=np.ones(3, bool),
        monthly_value=np.array([20.0, 35, 9]),
        words={"plan": word, "switched_from": word},
        history={"monthly_value": history, "plan": plan},
    )


def test_the_past_of_a_value_is_told_by_the_same_rule_at_every_moment() -> None:
    merged = Merged(keys=np.array([1, 2]), canonical=np.array([1, 1]))
    found = merging.as_one(people=people(), merged=merged)
    assert found.keys.tolist() == [1, 3]
    assert np.isnan(found.left).all()
    assert found.monthly_value.tolist() == [35, 9]
    value = found.history["monthly_value"]
    began = days(START)
    hers = value.row == 0
    assert (value.since[hers] - began).tolist() == [0, 60, 80, 100]
    assert value.values[hers].tolist() == [20, 50, 55, 35]
    plan = found.history["plan"]
    assert [plan.vocabulary[code] for code in plan.values[plan.row == 0]] == ["A", "B"]
    assert found.words["plan"].said() == ["B", ""]
    assert found.words["switched_from"].said() == ["A", ""]
    assert plan.row.tolist() == sorted(plan.row.tolist())


def test_where_nobody_is_merged_the_population_is_the_same_object() -> None:
    everybody = people()
    nobody = Merged(keys=np.empty(0, np.int64), canonical=np.empty(0, np.int64))
    assert merging.as_one(people=everybody, merged=nobody) is everybody


def test_merged_customers_have_buckets_of_their_own() -> None:
    merged = Merged(keys=np.array([5, 70, 300]), canonical=np.array([70, 70, 70]))
    assert merged.canonical_of(np.array([5, 6, 300])).tolist() == [70, 6, 70]
    assert merged.written_as(np.array([300, 6])).tolist() == [5, 6, 70, 300]
    assert merged.buckets_of(np.array([6, 70])).tolist() == [6, 64]
