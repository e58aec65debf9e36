"""Promises: only what stands out beyond chance, by enough people, is called praise of one alone; nobody is guessed."""

from __future__ import annotations

import numpy as np

from valence.insights import praised
from valence.insights.praised import SaidBeside
from valence.terms import Words
from valence.text.intents.rivals import Side


def _standing(*, north: int, elsewhere: int, writers: int, theme: str = "staff") -> praised.Standing:
    """Return what stands out where so many of 100 texts praise a theme in the north, and so many of 300 elsewhere."""
    place = np.array([0] * 100 + [1] * 150 + [2] * 150, np.int32)
    of = np.concatenate([np.arange(north), 100 + np.arange(elsewhere) * 10]).astype(np.int64)
    customer = np.arange(400, dtype=np.int64)
    customer[:100] %= writers
    return praised.standing(
        customer=customer,
        kinds={"place": Words(place, ("north", "south", "west")), "plan": Words(np.full(400, -1, np.int32), ())},
        of=of,
        named=Words(np.zeros(len(of), np.int32), (theme,)),
        toned=Words(np.zeros(len(of), np.int32), ("positive",)),
        aside={"rest"},
    )


def test_what_one_place_is_praised_for_more_than_all_others_is_named_with_its_counts() -> None:
    found = _standing(north=40, elsewhere=30, writers=100)
    (one,) = found.stands
    assert (one.kind, one.value, one.theme, one.people) == ("place", "north", "staff", 40)
    assert (one.found.ours.praised, one.found.ours.comments) == (40, 100)
    assert (one.found.others.praised, one.found.others.comments) == (30, 300)
    assert one.found.low > 1
    assert found.compared == {"place": 3, "plan": 0}


def test_praise_as_elsewhere_by_few_people_or_for_nothing_in_particular_is_not_named() -> None:
    assert _standing(north=10, elsewhere=30, writers=100).stands == ()
    assert _standing(north=40, elsewhere=30, writers=4).stands == ()
    assert _standing(north=40, elsewhere=30, writers=100, theme="rest").stands == ()


def _said(*sides: Side, themes: tuple[str, ...] = ("price",), rival: str = "Verizon") -> list[SaidBeside]:
    return [SaidBeside(at, at, rival, side, themes) for at, side in enumerate(sides)]


def test_a_competitor_is_counted_on_the_whole_and_by_theme_and_every_comment_once() -> None:
    said = [*_said(*[Side.OURS] * 4, *[Side.THEIRS] * 3, Side.UNTOLD), SaidBeside(0, 0, "Verizon", Side.THEIRS, ())]
    whole, price = praised.against(said=said)
    assert (whole.theme, whole.people, whole.named) == ("", 8, 8)
    assert (len(whole.ours), len(whole.theirs), whole.untold) == (3, 3, (0, 7))
    assert (price.theme, len(price.ours), len(price.theirs)) == ("price", 4, 3)


def test_a_competitor_or_a_theme_that_few_people_name_is_left_out() -> None:
    assert praised.against(said=_said(*[Side.OURS] * 4)) == ()
    said = [*_said(*[Side.OURS] * 6, themes=()), *_said(Side.OURS, Side.OURS)]
    assert [one.theme for one in praised.against(said=said)] == [""]
    assert [one.theme for one in praised.against(said=_said(*[Side.UNTOLD] * 6))] == [""]
    assert [one.theme for one in praised.against(said=_said(*[Side.OURS] * 6), aside={"price"})] == [""]
