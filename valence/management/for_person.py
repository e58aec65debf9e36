"""What is known and worked out of one customer, as one would tell it to that customer: a letter in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from valence import packs
from valence.flows.find import explain
from valence.insights import say

SIXTY = 60
USES = (
    "What it is used for: to see early where something went wrong between us and call you, to say which of us that "
    "concerns first, and to learn whether what we did about it helped. A person of ours decides what to do. Nothing "
    "is refused, ended, charged or priced because of it, and it says nothing of your credit or your work."
)
STAYS = "What happened between us stays on record until you ask for it to be erased."
OBJECT = (
    "You may object at any time, without a reason: say so to whoever serves you, and no such figure is worked out of "
    f"you any more. {STAYS}"
)
TAKE_BACK = f"You may take the objection back at any time. {STAYS}"


def letter(*, found: explain.Explained, pack: packs.Pack) -> Iterator[str]:
    """Yield the sentences, a paragraph each."""
    yield f"What we know of {found.customer_id}, as of {_day(found.as_of)}."
    yield _known(found)
    yield from (_owed(one, pack) for one in found.owed)
    yield from _worked_out(found)
    if found.loss is not None:
        yield (
            f"You left, and we asked ourselves why: {found.loss.attributable:.0%} of what spoke for leaving "
            "came from us, as far as that can be told."
        )
    if found.objected is None:
        yield USES
    yield TAKE_BACK if found.objected else OBJECT


def _known(found: explain.Explained) -> str:
    told = [f"customer since {_day(found.joined_at)}"]
    told += [f"left on {_day(found.left_at)}"] if found.left_at else []
    told += [f"region {found.region}"] if found.region else []
    told += [f"group {found.segment}"] if found.segment else []
    return (
        f"On record: {', '.join(told)}; {found.interactions:,} interactions with us, which you may ask to see; "
        "your name and how to reach you, as far as you told us."
    )


def _owed(one: explain.Owed, pack: packs.Pack) -> str:
    who = pack.say_department(one.department) if one.department else "Somebody of ours"
    due = f" for {_day(one.due_at)}" if one.due_at else ""
    return f"{who} promised you on {_day(one.made_at)}: {one.words}{due}. It is {one.state}."


def _worked_out(found: explain.Explained) -> Iterator[str]:
    if found.objected:
        yield f"Figures: none. You objected on {_day(found.objected)}, so none is worked out of how you stand with us."
        return
    if found.bond is None:
        yield "Figures: none were worked out."
        return
    bond = found.bond
    yield (
        f"The bond says how strong the relationship is, from 0 to 100: {bond.value:.0f} "
        f"(likely {bond.low:.0f} to {bond.high:.0f}). Without anything gone wrong it is near 75."
    )
    chance = next((one for one in found.chances if one.days == SIXTY), None)
    if chance is not None:
        yield (
            f"The chance that you leave by choice within {SIXTY} days: {chance.value:.1%} "
            f"(likely {chance.low:.1%} to {chance.high:.1%})."
        )
    for words, raises in (("What raised the chance of leaving", True), ("What lowered it", False)):
        moved = [_moved(one) for one in found.moves if (one.times > 1) is raises]
        if moved:
            yield f"{words}: {'; '.join(moved)}."


def _moved(one: explain.Move) -> str:
    return f"{one.words} ({_day(one.at)})" if one.at else one.words


def _day(at: datetime) -> str:
    return f"{say.local(at):%d %b %Y}"
