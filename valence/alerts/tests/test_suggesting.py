"""Promises of suggested rules: each can be kept as it is, and asks for nothing that the encounter did not tell."""

from __future__ import annotations

import pytest

from valence.alerts import rule, suggesting
from valence.alerts.fields import About

VISIT = {"kind": "visit", "department": "field", "facts": ("late",), "scale": "", "score": None}
NOTHING = {"kind": "", "department": "", "facts": (), "scale": "", "score": None}


@pytest.mark.parametrize("why", suggesting.TITLES)
@pytest.mark.parametrize("known", [VISIT, NOTHING, {**NOTHING, "kind": "feedback", "scale": "csat", "score": 1.0}])
def test_a_suggested_rule_can_be_kept_as_it_is(why: str, known: dict[str, object]) -> None:
    made = rule.made(table=suggesting.table(why=why, **known))  # type: ignore[arg-type]
    assert made.about is (About.PROMISE if why == "broken_promise" else About.INTERACTION)


def test_it_asks_for_what_was_bad() -> None:
    assert suggesting.table(why="weakened", **VISIT)["when"] == {  # type: ignore[arg-type]
        "all": [{"field": "kind", "is": "visit"}, {"field": "facts", "has": ["late"]}]
    }
    low = suggesting.table(why="lowest_score", kind="feedback", department="", facts=(), scale="nps", score=1.0)
    assert {"field": "score", "at_most": 1.0} in low["when"]["all"]
