from __future__ import annotations

import numpy as np

from valence.insights import rising
from valence.terms import Words

UNTIL = 20_000.0


def _texts(weekly: dict[str, list[int]], *, silent: int, bad: dict[str, list[int]] | None = None):  # type: ignore[no-untyped-def]
    """Return columns of texts: of each theme so many a week (oldest first), and `silent` texts a week without one."""
    at, of, codes, tones = [], [], [], []
    names = tuple(weekly)
    weeks = len(next(iter(weekly.values())))
    for week in range(weeks):
        day = UNTIL - (weeks - week) * 7 + 0.5
        at += [day] * silent
        for code, name in enumerate(names):
            for number in range(weekly[name][week]):
                of.append(len(at))
                at.append(day + 0.1)
                codes.append(code)
                tones.append(1 if bad and number < bad[name][week] else 0)
    named = Words(np.array(codes, np.int32), names)
    toned = Words(np.array(tones, np.int32), ("positive", "negative"))
    keys = np.arange(len(at), dtype=np.int64)
    return {"at": np.array(at), "customer": keys, "of": np.array(of, np.int64), "named": named, "toned": toned}


def test_a_theme_that_trebles_in_the_last_week_rose_and_others_did_not():
    found = rising.rising(**_texts({"network": [10] * 19 + [30], "price": [10] * 20}, silent=80), until=UNTIL)
    (one,) = found.rose
    assert (one.theme, one.bad, one.grew.count, one.people) == ("network", False, 30, 30)
    assert one.weeks[-1] == 30
    assert len(one.weeks) == rising.SHOWN_WEEKS
    assert found.latest == 120
    assert not found.seasonal


def test_a_theme_may_turn_sour_without_coming_up_more():
    texts = _texts({"price": [40] * 20}, silent=60, bad={"price": [5] * 19 + [30]})
    (one,) = rising.rising(**texts, until=UNTIL).rose
    assert (one.theme, one.bad, one.grew.count) == ("price", True, 30)


def test_what_came_up_more_and_is_all_bad_is_said_once():
    texts = _texts({"network": [10] * 19 + [40]}, silent=60, bad={"network": [10] * 19 + [40]})
    assert len(rising.rising(**texts, until=UNTIL).rose) == 1


def test_nothing_is_said_of_a_short_past_or_of_no_texts():
    assert rising.rising(**_texts({"network": [1, 1, 50]}, silent=10), until=UNTIL).rose == ()
    empty = _texts({"network": [0]}, silent=0)
    assert rising.rising(**empty, until=UNTIL) == rising.Rising(rose=(), weeks=0, latest=0, asked=1, seasonal=False)


def test_what_comes_back_every_year_is_no_news():
    year = [10] * 51 + [60]
    texts = _texts({"gifts": (year * 3)[-110:]}, silent=100)
    found = rising.rising(**texts, until=UNTIL)
    assert found.seasonal
    assert found.rose == ()
