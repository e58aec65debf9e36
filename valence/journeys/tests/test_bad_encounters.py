"""Promises of bad encounters: each is found once with its reasons, and what we did about it is seen."""

from __future__ import annotations

import numpy as np
import pytest

from valence import packs, terms
from valence.journeys import bad_encounters
from valence.journeys.bad_encounters import WHYS, Why
from valence.journeys.tests.cast import journey

PACK = packs.load(name="telco")
Row = dict[str, object]


def find(*people: list[Row], times: dict[int, float] | None = None, broken: dict[int, float] | None = None):  # type: ignore[no-untyped-def]
    journeys: terms.Journeys = journey(**{f"p{n}": rows for n, rows in enumerate(people)})
    strong, failed = np.ones(len(journeys)), np.full(len(journeys), np.nan)
    for row, value in (times or {}).items():
        strong[row] = value
    for row, day in (broken or {}).items():
        failed[row] = day
    spoken = np.zeros(len(journeys), np.bool_)
    return bad_encounters.find(
        journeys=journeys, pack=PACK, times=strong, spoken=spoken, broken_at=failed, since=0.0, until=90.0
    )


def visit(day: float, **more: object) -> Row:
    return {"day": day, "kind": "visit", "facts": "late", "interaction_id": f"v{day}", **more}


def test_the_lowest_scores_are_the_bottom_fifth_of_their_own_scale() -> None:
    scores = ((0, "nps"), (2, "NPS"), (3, "nps"), (1, "csat"), (2, "csat"), (2, "ces"), (3, "ces"), (0, "stars"))
    rows = [{"day": n + 1.0, "kind": "feedback", "score": one, "scale": on} for n, (one, on) in enumerate(scores)]
    assert find(rows).row.tolist() == [0, 1, 3, 5]


def test_an_encounter_that_is_bad_in_two_ways_is_one_with_two_reasons() -> None:
    found = find([visit(5.0)], times={0: 2.1}, broken={0: 5.0})
    assert [WHYS[at] for at in np.flatnonzero(found.why[0])] == [Why.WEAKENED, Why.BROKEN_PROMISE]
    assert find([visit(5.0)], times={0: 1.99}).row.tolist() == []


def test_of_a_broken_promise_the_day_counts_on_which_it_was_broken() -> None:
    found = find([visit(-40.0), visit(-30.0)], broken={0: 12.0, 1: -2.0})
    assert (found.row.tolist(), found.at.tolist()) == ([0], [12.0])


@pytest.mark.parametrize(
    ("later", "day"),
    [
        ({"kind": "message", "caused_by": "v5.0"}, 8.0),
        ({"kind": "contact", "touchpoint": "call_back", "caused_by": "v5.0"}, 8.0),
        ({"kind": "contact", "facts": "apologised|resolved"}, 8.0),
        ({"kind": "message", "source": "valence"}, 8.0),
        ({"kind": "message"}, None),  # a message about something else
        ({"kind": "contact", "caused_by": "v5.0"}, None),  # the customer had to call
        ({"kind": "campaign", "caused_by": "v5.0"}, None),
        ({"kind": "bill", "caused_by": "v5.0"}, None),
        ({"kind": "message", "caused_by": "v5.0", "day": 25.0}, None),  # too late to be an answer
    ],
)
def test_only_what_we_did_about_it_in_two_weeks_is_a_follow_up(later: Row, day: float | None) -> None:
    row = {"day": 8.0, "interaction_id": "x", **later}
    found = find([visit(5.0), row], [{**row, "caused_by": "", "interaction_id": "y"}], times={0: 2.0})
    assert found.row.tolist() == [0]
    assert found.reached.tolist() == pytest.approx([np.nan if day is None else day], nan_ok=True)


def test_where_nothing_happened_nothing_is_found() -> None:
    assert find([]).row.tolist() == []
