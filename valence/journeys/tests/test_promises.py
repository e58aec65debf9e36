import pytest

from valence import packs
from valence.journeys import promises
from valence.journeys.tests import cast

PACK = packs.load(name="telco")


def states(*rows, now=100.0):
    found = promises.settle(journeys=cast.journey(*rows), now=now, pack=PACK)
    return [promises.STATES[state] for state in found.state]


MADE = {"day": 1, "kind": "contact", "promise": "made", "promised_at": 10.0}


def test_a_promise_is_open_until_it_is_due_and_overdue_after():
    assert states(MADE, now=9.0) == ["open"]
    assert states(MADE, now=11.0) == ["overdue"]


def test_a_promise_without_a_date_is_overdue_after_thirty_days():
    undated = {"day": 1, "kind": "contact", "promise": "made"}
    assert states(undated, now=30.0) == ["open"]
    assert states(undated, now=32.0) == ["overdue"]


@pytest.mark.parametrize("word", ["kept", "broken"])
def test_the_row_that_says_so_settles_it(word):
    assert states(MADE, {"day": 10, "kind": "promise", "promise": word}) == [word]


def test_what_is_said_later_than_now_settles_nothing_yet():
    assert states(MADE, {"day": 10, "kind": "promise", "promise": "kept"}, now=9.0) == ["open"]


def test_of_two_promises_the_one_for_that_day_is_settled():
    other = {"day": 2, "kind": "contact", "promise": "made", "promised_at": 40.0}
    kept = {"day": 9, "kind": "promise", "promise": "kept", "promised_at": 10.0}
    assert states(MADE, other, kept, now=20.0) == ["kept", "open"]


@pytest.mark.parametrize(
    ("visit", "state"),
    [
        ({"day": 9.9}, "kept"),
        ({"day": 10.3}, "broken"),
        ({"day": 9.9, "facts": "no_show"}, "broken"),
        ({"day": 9.9, "facts": "late|left_mess"}, "broken"),
    ],
)
def test_a_visit_keeps_its_promise_when_in_time_and_breaks_it_when_late_or_missed(visit, state):
    assert states({"day": 1, "kind": "order", "promised_at": 10.0}, {"kind": "visit", **visit}) == [state]


def test_the_first_that_settles_a_promise_stands():
    rows = [
        MADE,
        {"day": 10, "kind": "promise", "promise": "broken"},
        {"day": 20, "kind": "promise", "promise": "kept"},
    ]
    found = promises.settle(journeys=cast.journey(*rows), now=100.0, pack=PACK)
    assert (found.settled_row.tolist(), found.settled.tolist()) == ([1], [10.0])
    assert promises.STATES[found.state[0]] == "broken"


def test_no_rows_have_no_promises():
    assert states() == []
