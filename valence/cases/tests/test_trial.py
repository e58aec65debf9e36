"""What may be tried on customers, and what may never be left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from valence.cases import playbook, trial
from valence.cases.trial import About, Trial, WrongTrial


def _book(name: str, *, owed: bool = False, most: float = 40, **more: Any) -> playbook.Playbook:
    table = {
        "name": name,
        "title": name.replace("_", " ").title(),
        "steps": [{"words": "Read"}, {"words": "Pay back", "act": "grant", "owed": owed}],
        "gestures": [{"name": "credit", "words": "A credit", "most": most, "owed": owed}],
        **more,
    }
    return playbook.made(table=table)


def _check(wanted: Trial, *books: playbook.Playbook) -> None:
    trial.check(wanted=wanted, books={one.name: one for one in books})


def test_an_alternative_that_keeps_what_is_owed_may_be_tried():
    _check(Trial(arms=("usual", "other")), _book("usual", owed=True), _book("other", owed=True, most=50))


def test_an_alternative_that_leaves_out_what_is_owed_is_refused():
    usual = _book("usual", owed=True)
    with pytest.raises(WrongTrial, match="leaves out what is owed: Pay back"):
        _check(Trial(arms=("usual", "other")), usual, _book("other", owed=True, steps=[{"words": "Read"}]))
    with pytest.raises(WrongTrial, match="allows less of what is owed: A credit"):
        _check(Trial(arms=("usual", "other")), usual, _book("other", owed=True, most=39))


def test_nobody_is_held_out_of_what_is_owed():
    with pytest.raises(WrongTrial, match="nobody may be held out"):
        _check(Trial(arms=("usual",), held_out=0.1), _book("usual", owed=True))
    _check(Trial(arms=("usual",), held_out=0.1), _book("usual"))


@pytest.mark.parametrize(
    ("about", "may"),
    [
        (About(severity=2, rule_about="interaction"), True),
        (About(severity=3, rule_about="interaction"), False),
        (About(severity=2, rule_about="promise"), False),
        (About(severity=2, rule_about="interaction", overdue_days=1), False),
    ],
)
def test_what_is_urgent_promised_or_overdue_is_never_held_out(about: About, *, may: bool):
    assert trial.may_be_held_out(about=about, playbook=_book("usual")) is may
    assert not trial.may_be_held_out(about=about, playbook=_book("usual", owed=True))


@pytest.mark.parametrize(
    "change",
    [
        {"arms": ("usual",)},
        {"arms": ("usual", "other", "other")},
        {"arms": ("usual", "nobody_knows")},
        {"floor": 0.5},
        {"share": 0.9},
        {"held_out": 0.5},
        {"window_days": 3},
        {"aim": "profit"},
    ],
)
def test_what_goes_beyond_the_limits_is_refused_in_words(change: dict[str, Any]):
    with pytest.raises(WrongTrial):
        _check(replace(Trial(arms=("usual", "other")), **change), _book("usual"), _book("other"))


def test_a_point_draws_each_as_likely_as_it_is():
    chances = trial.with_held_out(chances={"a": 0.5, "b": 0.5}, held_out=0.1, allowed=True)
    assert sum(chances.values()) == pytest.approx(1)
    drawn = [trial.drawn(chances=chances, point=point / 1_000) for point in range(1_000)]
    assert [drawn.count(name) for name in ("a", "b", trial.NOBODY)] == [450, 450, 100]
    assert trial.drawn(chances={"a": 1.0, "b": 0.0}, point=0.999999999999) == "a"


def test_who_may_not_be_held_out_has_no_chance_of_it():
    assert trial.with_held_out(chances={"a": 1.0}, held_out=0.1, allowed=False) == {"a": 1.0, trial.NOBODY: 0.0}
