"""Promises of winning back: a cause is mended only beyond chance; a chance is said from thirty people on."""

from __future__ import annotations

import pytest

from valence.insights.two_shares import Share
from valence.insights.winning_back import Attempts, Mended, mended


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        (Share(60, 200), Share(10, 200), Mended.MENDED),
        (Share(10, 200), Share(60, 200), Mended.WORSE),
        (Share(20, 200), Share(17, 200), Mended.STANDS),
        (Share(9, 20), Share(0, 500), Mended.CANNOT_SAY),
        (Share(0, 200), Share(0, 200), Mended.CANNOT_SAY),
        (Share(0, 0), Share(0, 0), Mended.CANNOT_SAY),
    ],
)
def test_a_cause_is_mended_only_where_it_became_rarer_beyond_chance(then: Share, now: Share, said: Mended) -> None:
    assert mended(then=then, now=now) is said


def test_a_chance_is_said_from_thirty_known_ends_on() -> None:
    few, enough = Attempts(5, 24, 9, 100.0), Attempts(6, 24, 9, 90.0)
    assert (few.is_enough, enough.is_enough) == (False, True)
    assert enough.range.low < 0.2 < enough.range.high
    assert enough.cost_each == 15.0
    assert Attempts(0, 3, 0, 50.0).cost_each is None
