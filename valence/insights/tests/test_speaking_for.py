"""Answers speak for everybody who was asked: groups that kept silent more often count as much as they were asked."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from valence.insights import scores, speaking_for
from valence.insights.responses import Invited

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NPS = scores.SCALES["nps"]


def asked(word: str, number: int, *, answered: int) -> list[Invited]:
    ends = ["answered"] * answered + ["expired"] * (number - answered)
    return [Invited("email", end, "sent", NOW, {"segment": word}, f"{word}{place}") for place, end in enumerate(ends)]


def weighed(invited: list[Invited], given: dict[str, float]) -> speaking_for.Weighed | None:
    return speaking_for.weighed(invited, given=given, group="segment", scale=NPS, measure=scores.Measure.NET)


def test_the_silent_count_as_much_as_they_were_asked() -> None:
    invited = asked("loud", 100, answered=80) + asked("quiet", 100, answered=20)
    given = {one.number: 10.0 if one.groups["segment"] == "loud" else 0.0 for one in invited if one.end == "answered"}
    found = weighed(invited, given)
    assert found is not None
    assert found.value == pytest.approx(0.0)  # as answered it is (80 - 20) / 100 = 60
    assert found.range.low < 0 < found.range.high
    assert found.unspoken == 0


def test_a_group_of_which_hardly_anybody_answered_is_counted_as_unspoken() -> None:
    invited = asked("a", 50, answered=20) + asked("b", 50, answered=20) + asked("c", 30, answered=4)
    given = {one.number: 9.0 for one in invited if one.end == "answered"}
    found = weighed(invited, given)
    assert found is not None
    assert (found.value, found.unspoken) == (100.0, 30)


def test_one_group_alone_has_nothing_to_be_weighed_against() -> None:
    invited = asked("a", 50, answered=20)
    assert weighed(invited, {one.number: 9.0 for one in invited if one.end == "answered"}) is None


def test_open_invitations_are_not_silence() -> None:
    invited = asked("a", 20, answered=10) + asked("b", 20, answered=10)
    waiting = [Invited("email", "", "sent", NOW, {"segment": "b"}, f"w{place}") for place in range(500)]
    given = {one.number: 10.0 if one.groups["segment"] == "a" else 0.0 for one in invited if one.end == "answered"}
    found = weighed(invited + waiting, given)
    assert found is not None
    assert found.value == pytest.approx(0.0)


def test_weighing_mends_what_groups_explain() -> None:
    """Response depends on the group alone: the weighed range holds the truth, the raw one does not."""
    rng = np.random.default_rng(3)
    held = raw = 0
    for _ in range(200):
        invited, given, truth = [], {}, 0.0
        for word, happy, answers in (("a", 0.8, 0.6), ("b", 0.3, 0.15)):
            truth += 0.5 * 100 * (2 * happy - 1)
            for place in range(300):
                end = "answered" if rng.random() < answers else "expired"
                invited.append(Invited("email", end, "sent", NOW, {"segment": word}, f"{word}{place}"))
                if end == "answered":
                    given[f"{word}{place}"] = 10.0 if rng.random() < happy else 0.0
        found = weighed(invited, given)
        assert found is not None
        held += found.range.low <= truth <= found.range.high
        counted = scores.count(scale=NPS, scores=list(given.values()))
        plain = scores.figure(answers=counted, measure=scores.Measure.NET)
        raw += plain.range.low <= truth <= plain.range.high
    assert held >= 182
    assert raw < 40
