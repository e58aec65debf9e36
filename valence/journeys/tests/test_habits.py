"""What follows what is learned from a company's own days, with words that no pack knows."""

import numpy as np
import pytest

from valence import packs
from valence.journeys import habits, links
from valence.journeys.tests import cast

PACK = packs.load(name="telco")
YEAR = 365.0


def company(*, seed=0, customers=400):
    """A gauge that fails is followed by a `knock` two days later, and a `parcel` by nothing; knocks come anyway."""
    random = np.random.default_rng(seed)
    people = {}
    for number in range(customers):
        rows = []
        for day in random.uniform(0, YEAR, random.poisson(2)):
            rows.append({"day": day, "kind": "gauge", "facts": "stuck"})
            if random.random() < 0.7:
                rows.append({"day": day + random.uniform(1.1, 2.9), "kind": "knock", "true": day})
        rows += [{"day": day, "kind": "knock"} for day in random.uniform(0, YEAR, random.poisson(3))]
        rows += [{"day": day, "kind": "parcel"} for day in random.uniform(0, YEAR, random.poisson(6))]
        people[f"c{number}"] = rows
    return people


def guessed(told, learned):
    found = links.infer(journeys=told, pack=PACK, known_habits=learned)
    return dict(zip(found.effect.tolist(), found.cause.tolist(), strict=True))


@pytest.fixture(scope="module")
def learned():
    return habits.learn(journeys=cast.journey(**company()), pack=PACK, until=YEAR + 3)


def test_what_usually_follows_is_linked_and_what_happens_to_come_before_is_not(learned):
    told = cast.journey(
        {"day": 10, "kind": "gauge", "facts": "stuck"},
        {"day": 11.5, "kind": "parcel"},
        {"day": 12, "kind": "knock"},
        {"day": 100, "kind": "parcel"},
        {"day": 102, "kind": "knock"},
    )
    assert guessed(told, learned) == {2: 0}


def test_most_true_links_of_another_year_are_found_and_few_others(learned):
    people = company(seed=1)
    told = cast.journey(**people)
    flat = [row for rows in people.values() for row in sorted(rows, key=lambda row: row["day"])]
    true = {place: row["true"] for place, row in enumerate(flat) if "true" in row}
    found = guessed(told, learned)
    right = [effect for effect, cause in found.items() if true.get(effect) == flat[cause]["day"]]
    assert len(right) / len(true) > 0.9
    assert len(right) / len(found) > 0.85


def test_without_habits_nobody_knows_these_words():
    told = cast.journey({"day": 10, "kind": "gauge", "facts": "stuck"}, {"day": 12, "kind": "knock"})
    assert guessed(told, None) == {}
    assert guessed(told, habits.NONE) == {}


def test_habits_of_parts_add_up_to_those_of_the_whole():
    people = company(customers=60)
    names = list(people)
    whole = habits.learn(journeys=cast.journey(**people), pack=PACK, until=YEAR)
    parts = [
        habits.learn(journeys=cast.journey(**{name: people[name] for name in half}), pack=PACK, until=YEAR)
        for half in (names[:20], names[20:])
    ]
    added = habits.NONE + parts[1] + parts[0]
    order = [added.types.index(name) for name in whole.types]
    assert added.total == pytest.approx(whole.total)
    assert added.seen[np.ix_(order, order)] == pytest.approx(whole.seen)
    assert added.days[order] == pytest.approx(whole.days)


def test_habits_are_read_as_they_were_written(learned):
    again = habits.Habits.from_bytes(learned.to_bytes())
    assert again.types == learned.types
    assert again.surplus == pytest.approx(learned.surplus, rel=1e-5)


def test_rare_types_are_left_out(learned, monkeypatch):
    monkeypatch.setattr(habits, "MOST_TYPES", 2)
    kept = learned.frequent()
    assert len(kept.types) == 2
    assert kept.often.min() >= np.sort(learned.often)[-2]


def test_a_rule_holds_where_little_was_seen_and_fades_where_much_was():
    told = cast.journey(
        {"day": 1, "kind": "visit", "facts": "no_show"},
        {"day": 3, "kind": "contact", "reason": "complaint"},
    )
    little = habits.learn(journeys=told, pack=PACK, until=30.0)
    assert guessed(told, little) == {1: 0}
    random = np.random.default_rng(2)
    unrelated = {
        f"c{number}": [
            *({"day": day, "kind": "visit", "facts": "no_show"} for day in random.uniform(0, YEAR, 12)),
            *({"day": day, "kind": "contact", "reason": "complaint"} for day in random.uniform(0, YEAR, 12)),
        ]
        for number in range(300)
    }
    much = habits.learn(journeys=cast.journey(**unrelated), pack=PACK, until=YEAR)
    assert guessed(told, much) == {}
