from __future__ import annotations

import numpy as np
import pytest

from valence.text import discovery
from valence.text.discovery.clusters import quotes_of


def _weeks(random: np.random.Generator, rate: float, totals: list[int], spread: float = 0.0) -> list[int]:
    noise = random.gamma(1 / spread, spread, len(totals)) if spread else np.ones(len(totals))
    return [int(count) for count in random.poisson(rate * np.asarray(totals) * noise)]


@pytest.mark.parametrize("spread", [0.0, 0.05])
def test_where_nothing_grows_hardly_ever_a_theme_is_named(spread: float) -> None:
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(40):
        totals = [int(total) for total in random.integers(800, 1200, 40)]
        counts = {f"theme {number}": _weeks(random, 0.01 + number / 200, totals, spread) for number in range(12)}
        alarms += bool(discovery.growing(counts=counts, totals=totals))
    assert alarms <= 5


def test_a_theme_that_doubles_is_named_with_its_expectation() -> None:
    random = np.random.default_rng(2)
    totals = [1000] * 30
    counts = {f"theme {number}": _weeks(random, 0.05, totals) for number in range(10)}
    counts["theme 3"][-1] = 110
    (grown,) = discovery.growing(counts=counts, totals=totals)
    assert (grown.theme, grown.count, grown.is_new) == ("theme 3", 110, False)
    assert grown.expected == pytest.approx(50, abs=5)
    assert grown.low < grown.expected < grown.high < grown.count
    assert grown.q < 0.01


def test_what_comes_every_season_is_no_news() -> None:
    totals = [1000] * 29
    weekly = [10, 10, 10, 10, 10, 60, 60]
    counts = {"crowds": [weekly[day % 7] for day in range(27)] + [60]}
    assert discovery.growing(counts=counts, totals=totals[:28], season=7) == ()
    assert discovery.growing(counts={"crowds": [10] * 27 + [60]}, totals=totals[:28], season=7)


def test_a_theme_never_heard_before_is_new() -> None:
    (grown,) = discovery.growing(counts={"strike": [0] * 20 + [12]}, totals=[500] * 21)
    assert grown.is_new


def test_a_short_past_or_a_handful_says_nothing() -> None:
    assert discovery.growing(counts={"strike": [0, 0, 50]}, totals=[100] * 3) == ()
    assert discovery.growing(counts={"strike": [0] * 20 + [4]}, totals=[500] * 21) == ()
    assert discovery.growing(counts={}, totals=[500] * 21) == ()


def test_only_what_stands_out_beyond_chance_is_ours() -> None:
    ours = {"staff": discovery.Praise(80, 200), "price": discovery.Praise(20, 200), "food": discovery.Praise(3, 200)}
    others = {"staff": discovery.Praise(100, 1000), "price": discovery.Praise(100, 1000)}
    (found,) = discovery.only_ours(ours=ours, others=others)
    assert found.theme == "staff"
    assert found.times == pytest.approx(6, rel=0.05)
    assert 1 < found.low < found.times < found.high
    assert discovery.only_ours(ours={}, others=others) == ()


def test_comments_of_one_meaning_come_together_with_words_and_quotes() -> None:
    random = np.random.default_rng(3)
    middles = np.eye(3, 16) * 3
    said = ["router broken again", "bill too high", "lovely technician"]
    texts = [f"{said[number % 3]} {number}" for number in range(60)]
    vectors = np.array([middles[number % 3] + random.normal(0, 0.3, 16) for number in range(60)], dtype=np.float32)
    found = discovery.clusters(texts=texts, vectors=vectors, seed=0, most=3)
    assert [len(one.members) for one in found] == [20, 20, 20]
    for one in found:
        topic = {texts[member].rsplit(" ", 1)[0] for member in one.members}
        assert len(topic) == 1
        assert set(one.words) <= set(topic.pop().split())
        assert set(one.quotes) <= set(one.members)
        assert len(one.quotes) == 3
    again = discovery.clusters(texts=texts, vectors=vectors, seed=0, most=3)
    assert again == found


def test_few_comments_make_no_cluster_and_quotes_differ() -> None:
    assert discovery.clusters(texts=["a"] * 4, vectors=np.ones((4, 3), dtype=np.float32), seed=0) == ()
    vectors = np.array([[1, 0], [1, 0.01], [1, 0.5], [1, -0.5]], dtype=np.float32)
    first, *rest = quotes_of(vectors=vectors, count=3)
    assert first in (0, 1)
    assert len({first, *rest}) == 3
    assert quotes_of(vectors=np.empty((0, 2), dtype=np.float32)) == ()
