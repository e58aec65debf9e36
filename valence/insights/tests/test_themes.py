"""What goes with a theme: leaving beside others, scores side by side; and no figure where nothing can be said."""

from __future__ import annotations

import numpy as np

from valence.insights import themes
from valence.terms import Words

TODAY = 400.0


def _texts(*, said: list[str], left: list[float], score: list[float] | None = None) -> themes.Texts:
    """Return a text a customer, each of one theme and spoken badly of; `left`: days after it, NaN: stayed."""
    count = len(said)
    names = tuple(dict.fromkeys(said))
    at = np.linspace(100.0, 300.0, count)
    return themes.Texts(
        customer=np.arange(count),
        at=at,
        score=np.array(score or [np.nan] * count),
        scale=Words(np.zeros(count, np.int64), ("nps",)),
        left=at + np.array(left),
        gone_otherwise=np.full(count, np.nan),
        bond=np.full(count, np.nan),
        of=np.arange(count),
        named=Words(np.array([names.index(name) for name in said]), names),
        toned=Words(np.zeros(count, np.int64), ("negative",)),
    )


def _leaving(name: str, texts: themes.Texts) -> themes.Leaving:
    return next(one for one in themes.leaving(texts=texts, until=TODAY) if one.name == name)


def test_who_left_soon_is_set_against_others_who_wrote_with_a_range():
    stays, soon = np.nan, 10.0
    texts = _texts(said=["bill"] * 40 + ["app"] * 40, left=[soon] * 20 + [stays] * 20 + [soon] * 4 + [stays] * 36)
    bill = _leaving("bill", texts)
    assert (bill.people, bill.left, bill.others) == (40, 20, 40)
    assert bill.ratio is not None
    assert bill.ratio_range is not None
    assert 3.5 < bill.ratio < 5
    assert 1 < bill.ratio_range.low < bill.ratio < bill.ratio_range.high


def test_where_nobody_left_no_ratio_is_made_up_but_the_most_that_it_could_be_is_known():
    texts = _texts(said=["bill"] * 30 + ["app"] * 30, left=[np.nan] * 30 + [10.0] * 10 + [np.nan] * 20)
    bill = _leaving("bill", texts)
    assert (bill.left, bill.ratio) == (0, None)
    assert bill.ratio_range is not None
    assert bill.ratio_range.low == 0.0
    assert 0 < bill.ratio_range.high < 1.5
    app = _leaving("app", texts)
    assert (app.left, app.ratio, app.ratio_range) == (10, None, None)


def test_who_left_late_or_cannot_be_followed_counts_for_nothing():
    texts = _texts(said=["bill"] * 10 + ["app"] * 10, left=[90.0] * 10 + [5.0] * 10)
    assert _leaving("bill", texts).left == 0
    recent = themes.leaving(texts=texts, until=110.0)
    assert all(one.people == 0 for one in recent)


def test_what_goes_with_a_score_is_told_theme_beside_theme_and_not_of_few():
    random = np.random.default_rng(1)
    said = ["bill"] * 40 + ["app"] * 40 + ["visit"] * 3
    score = [*(random.normal(4, 1, 40)), *(random.normal(8, 1, 40)), 0.0, 0.0, 0.0]
    texts = _texts(said=said, left=[np.nan] * len(said), score=[float(one) for one in score])
    effects = {one.name: one for one in themes.effects(texts=texts, scale="nps")}
    assert "visit" not in effects
    assert effects["bill"].value < effects["app"].value
    assert -4.8 < effects["bill"].value - effects["app"].value < -3.2
    assert themes.effects(texts=texts, scale="csat") == ()
