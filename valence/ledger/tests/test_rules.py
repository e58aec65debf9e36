import numpy as np
import pytest

from valence.ledger import rules


def likely(p, clean, was=False):
    arrays = (np.array([value]) for value in (p, clean, was))
    return bool(rules.likely_to_leave(**dict(zip(("p_60d", "p_clean_60d", "was_likely"), arrays, strict=True)))[0])


@pytest.mark.parametrize(
    ("p", "clean", "expected"), [(0.12, 0.02, True), (0.09, 0.02, False), (0.12, 0.08, False), (0.17, 0.08, True)]
)
def test_likely_is_one_in_ten_and_twice_a_clean_record(p, clean, expected):
    assert likely(p, clean) is expected


def test_who_is_on_the_list_stays_until_clearly_below():
    assert likely(0.09, 0.02, was=True)
    assert not likely(0.07, 0.02, was=True)


def test_an_earlier_moment_stands_and_else_the_spell_is_followed_back():
    back = np.zeros((3, len(rules.LOOK_BACK_DAYS)), bool)
    back[1, :3] = True
    back[2, 1:] = True  # likely long ago, not yesterday: a new spell
    before = np.array([80.0, np.nan, np.nan])
    assert rules.became_likely_at(as_of=100.0, before=before, likely_then=back).tolist() == [80.0, 97.0, 100.0]


def test_the_lead_time_ends_when_a_quarter_of_those_who_leave_have_left():
    constant = rules.act_by(as_of=100.0, became=np.array([100.0]), p_30d=np.array([0.1]), p_60d=np.array([0.2]))
    sooner = rules.act_by(as_of=100.0, became=np.array([100.0]), p_30d=np.array([0.18]), p_60d=np.array([0.2]))
    assert constant[0] == pytest.approx(115.0)
    assert sooner[0] < constant[0]


def test_a_lead_time_that_is_over_is_tomorrow_and_no_chance_at_all_is_no_error():
    late = rules.act_by(as_of=100.0, became=np.array([10.0]), p_30d=np.array([0.1]), p_60d=np.array([0.2]))
    none = rules.act_by(as_of=100.0, became=np.array([100.0]), p_30d=np.array([0.0]), p_60d=np.array([0.0]))
    assert late[0] == 101.0
    assert np.isfinite(none[0])
