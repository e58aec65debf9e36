import numpy as np

from valence import terms
from valence.journeys import paths
from valence.journeys.tests import cast

TOLD = cast.journey(
    mary=[{"day": day, "kind": kind} for day, kind in enumerate(["order", "visit", "", "bill", "contact"])],
    john=[{"day": day, "kind": kind} for day, kind in enumerate(["order", "visit", "bill", "contact"])],
    anna=[{"day": day, "kind": kind} for day, kind in enumerate(["bill", "order", "contact", "visit"])],
    nobody=[{"day": 0}],
)


def parts() -> list[terms.Journeys]:
    return [TOLD.aligned_to(TOLD.keys[:1]), TOLD.aligned_to(TOLD.keys[1:])]


def test_what_follows_what_is_counted_within_customers_and_over_what_says_nothing():
    found = paths.follows(journeys=TOLD, column="kind")
    assert found.pairs[("order", "visit")] == 2
    assert found.pairs[("visit", "bill")] == 2
    assert found.pairs[("order", "contact")] == 1
    assert ("contact", "order") not in found.pairs
    assert (found.first, found.last) == ({"bill": 1, "order": 2}, {"contact": 2, "visit": 1})


def test_counts_of_parts_add_up():
    one, other = (paths.follows(journeys=part, column="kind") for part in parts())
    assert (one + other) == paths.follows(journeys=TOLD, column="kind")
    halves = [paths.variants(journeys=part, column="kind") for part in parts()]
    assert paths.together(parts=halves).most(9) == paths.variants(journeys=TOLD, column="kind").most(9)
    steps = ["order", "bill"]
    assert sum(paths.reached(journeys=part, column="kind", steps=steps) for part in parts()).tolist() == [3, 2]


def test_the_same_words_in_another_order_are_another_way():
    found = paths.variants(journeys=TOLD, column="kind")
    assert found.most(5) == [(2, 1), (1, 3)]


def test_ways_are_counted_as_a_dictionary_would():
    dice = np.random.default_rng(3)
    people = {
        str(number): [{"day": day, "kind": kind} for day, kind in enumerate(dice.choice(["a", "b", ""], 4).tolist())]
        for number in range(400)
    }
    ways = [tuple(row["kind"] for row in person if row["kind"]) for person in people.values()]
    counts = {way: ways.count(way) for way in set(ways) if way}
    found = paths.variants(journeys=cast.journey(**people), column="kind")
    assert sorted(found.times.tolist()) == sorted(counts.values())
    for times, example in found.most(100):
        assert counts[ways[example - 1]] == times


def test_a_step_counts_after_the_one_before_it_and_in_time():
    assert paths.reached(journeys=TOLD, column="kind", steps=["order", "visit", "bill"]).tolist() == [3, 3, 2]
    assert paths.reached(journeys=TOLD, column="kind", steps=["bill", "order"]).tolist() == [3, 1]
    soon = paths.reached(journeys=TOLD, column="kind", steps=["order", "visit", "contact"], within_days=3)
    assert soon.tolist() == [3, 3, 1]
    assert paths.reached(journeys=TOLD, column="kind", steps=["loan", "visit"]).tolist() == [0, 0]


def test_nothing_has_no_way():
    empty = TOLD.aligned_to(np.array([99]))
    assert paths.follows(journeys=empty, column="kind") == paths.Follows()
    assert paths.together(parts=[paths.variants(journeys=empty, column="kind")]).most(5) == []
    assert paths.reached(journeys=empty, column="kind", steps=["order"]).tolist() == [0]
