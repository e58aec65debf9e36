import numpy as np
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


def promised(day, kind="promise"):
    return {"day": day, "kind": kind, "promised_at": 10.0}


@pytest.mark.parametrize(("again", "state"), [(9.0, "kept"), (11.0, "broken")])
@pytest.mark.parametrize("first", ["promise", "contact"])
def test_a_second_row_about_the_same_moment_follows_the_promise_up(first, again, state):
    assert states(promised(1, first), promised(again), now=20.0) == [state]


def test_a_promise_for_another_moment_is_another_promise():
    assert states(promised(1), {"day": 2, "kind": "promise", "promised_at": 10.1}, now=9.0) == ["open", "open"]


def test_no_rows_have_no_promises():
    assert states() == []


def told(*rows, now=100.0, heard=promises.NOTHING_HEARD):
    found = promises.settle(journeys=cast.journey(*rows), now=now, pack=PACK, heard=heard)
    return found.told_row.tolist()


def hows(*rows, heard=promises.NOTHING_HEARD):
    found = promises.settle(journeys=cast.journey(*rows), now=100.0, pack=PACK, heard=heard)
    return [promises.HOWS[how] for how in found.how]


def said(*rows, due=np.nan, broken=False):
    size = len(rows)
    return promises.Heard(row=np.array(rows), due=np.full(size, due), broken=np.full(size, broken))


def test_how_a_promise_was_made_is_known():
    ours = {**MADE, "source": "valence", "kind": "promise"}
    assert hows(MADE) == ["recorded"]
    assert hows({"day": 1, "kind": "order", "promised_at": 10.0}) == ["appointment"]
    assert hows(ours) == ["case"]
    assert hows({"day": 1, "kind": "contact"}, heard=said(0, due=5.0)) == ["text"]


def test_a_promise_heard_in_a_text_is_settled_like_all_others_and_what_is_recorded_goes_before_it():
    heard = said(0, due=10.0)
    call, visit = {"day": 1, "kind": "contact"}, {"day": 9.9, "kind": "visit"}
    found = promises.settle(journeys=cast.journey(call, visit), now=20.0, pack=PACK, heard=heard)
    assert [promises.STATES[state] for state in found.state] == ["kept"]
    assert hows(MADE, heard=said(0, due=50.0)) == ["recorded"]


def test_who_says_that_it_was_not_kept_breaks_the_promise_before():
    complaint = {"day": 12, "kind": "contact"}
    found = promises.settle(journeys=cast.journey(MADE, complaint), now=20.0, pack=PACK, heard=said(1, broken=True))
    assert [promises.STATES[state] for state in found.state] == ["broken"]
    assert found.settled_row.tolist() == [1]


def test_a_message_that_the_promise_led_to_tells_the_customer():
    made = {**MADE, "source": "crm", "interaction_id": "p"}
    message = {"day": 9, "kind": "message", "source": "crm", "interaction_id": "m", "caused_by": "crm:p"}
    assert told(made, message) == [1]
    assert told(made, {**message, "caused_by": ""}) == [-1]
    assert told(made, message, now=8.0) == [-1]


def test_a_new_date_for_the_same_matter_or_a_new_promise_after_it_failed_tells_the_customer():
    first = {**MADE, "reason": "fault"}
    sooner = {"day": 5, "kind": "contact", "promise": "made", "promised_at": 30.0}
    assert told(first, {**sooner, "reason": "fault"})[0] == 1
    assert told(first, {**sooner, "reason": "credit"})[0] == -1
    assert told(first, {**sooner, "day": 12, "reason": "credit"})[0] == 1
    assert told(first, {**sooner, "day": 29, "reason": "credit"})[0] == -1


def test_a_kept_promise_needs_no_word():
    kept = {"day": 9.5, "kind": "promise", "promise": "kept", "promised_at": 10.0}
    assert told(MADE, kept, {"day": 12, "kind": "contact", "promise": "made", "promised_at": 30.0})[0] == -1
