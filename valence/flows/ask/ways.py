"""Two ways of asking, tried side by side: at another time, by another channel. Which one brings more answers?

A keyed hash draws which moment is asked in which way, so that nobody chooses. How many each way takes is fixed when the
trial begins, and only so many of each are looked at: looking often changes nothing. An answer counts where it came
within a week of being asked, and who was asked less than that ago does not count yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from valence.flows.ask import dry_run, moments
from valence.insights import say, two_shares
from valence.insights.intervals import Range
from valence.insights.two_shares import Share
from valence.people import audit
from valence.surveys import actions_asking, queries_asking
from valence.surveys.asking import Channel, OtherWay, Trigger
from valence.surveys.drawing import Way
from valence.surveys.values_asking import Tried

RIPE = timedelta(days=7)
SEEN_BY = 0.05
"""The least difference in the share that answers that a trial is made to see."""


class WrongTrial(ValueError):  # noqa: N818 - named as people say it
    """A trial that cannot be; the message says why."""


@dataclass(frozen=True)
class Found:
    """What a trial found so far: of those asked in each way at least a week ago, how many answered within a week.

    difference: other - usual, once `needed` were asked in each way; None before.
    """

    usual: Share
    other: Share
    needed: int
    difference: Range | None


def begin(*, slug: str, after_hours: float, channels: Sequence[str], by: str, now: datetime) -> None:
    """Let half of a trigger's happy moments be asked in another way from now on. Raises NoSuchTrigger, WrongTrial."""
    trigger = queries_asking.trigger(slug=slug).trigger
    for problem in _problems(trigger, after_hours, channels):
        raise WrongTrial(problem)
    response, _ = dry_run.expected_response(triggers=[trigger], before=now)
    other = OtherWay(
        after=timedelta(hours=after_hours),
        channels=tuple(Channel(one) for one in channels),
        since=now,
        needed=two_shares.needed(usual=response, by=SEEN_BY),
    )
    actions_asking.put_trigger(trigger=replace(trigger, other=other), by=by, now=now)
    audit.record(who=by, what="other way tried", about=f"{slug}: {words_of(other)}", now=now)


def end(*, slug: str, adopt: bool, by: str, now: datetime) -> None:
    """End a trial; `adopt`: everybody is asked the other way from now on. Raises NoSuchTrigger, WrongTrial."""
    trigger = queries_asking.trigger(slug=slug).trigger
    if trigger.other is None:
        raise WrongTrial("No other way is tried.")
    other, ended = trigger.other, replace(trigger, other=None)
    kept = replace(ended, after=other.after, channels=other.channels) if adopt else ended
    actions_asking.put_trigger(trigger=kept, by=by, now=now)
    what = "other way kept" if adopt else "other way given up"
    audit.record(who=by, what=what, about=f"{slug}: {words_of(other)}", now=now)


def look(*, trigger: Trigger, now: datetime) -> Found | None:
    """Return what a trial found so far, None where none goes on."""
    if trigger.other is None:
        return None
    asked = queries_asking.tried(
        trigger=trigger.slug, trial=moments.trial_of(trigger), asked_before=now - RIPE, within=RIPE
    )
    return found_in(asked=asked, needed=trigger.other.needed)


def found_in(*, asked: Sequence[Tried], needed: int) -> Found:
    """Return what those who were asked, the first first, tell of two ways: of each no more than were planned."""
    usual, other = (_share([one for one in asked if one.way == way][:needed]) for way in (Way.USUAL, Way.OTHER))
    done = min(usual.of, other.of) >= needed
    return Found(usual, other, needed, two_shares.difference(first=usual, second=other) if done else None)


def words_of(way: OtherWay | Trigger) -> str:
    """Say when and by what somebody is asked."""
    hours = way.after / timedelta(hours=1)
    return f"{hours:g} hours after, by {' or '.join(NAMES[one] for one in way.channels)}"


def verdict(found: Found) -> str:
    """Say in a sentence what a trial found."""
    if found.difference is None:
        least = min(found.usual.of, found.other.of)
        return (
            f"Too early to tell: {say.count(least)} of the {say.many(found.needed, 'person', 'people')} that each way "
            f"needs were asked a week ago or more."
        )
    low, high = 100 * found.difference.low, 100 * found.difference.high
    middle = 100 * (found.other.value - found.usual.value)
    if low <= 0 <= high:
        return f"No difference that is more than chance: {low:+.1f} to {high:+.1f} answers of 100 asked."
    better = "more" if middle > 0 else "fewer"
    ends = sorted((abs(low), abs(high)))
    told = f"The other way brings **{abs(middle):.1f} {better}** answers of 100 asked"
    return f"{told}, likely {ends[0]:.1f} to {ends[1]:.1f}."


def told(found: Found) -> dict[str, Any]:
    """Return what a trial found as plain values."""
    ways = {"usual": found.usual, "other": found.other}
    plain = {
        name: {
            "asked": one.of, "answered": one.number, "share": one.value, "low": one.range.low, "high": one.range.high,
        }
        for name, one in ways.items()
    }  # fmt: skip
    apart = found.difference
    return {**plain, "needed": found.needed, "difference": {"low": apart.low, "high": apart.high} if apart else None}


NAMES = {Channel.EMAIL: "e-mail", Channel.SMS: "text message", Channel.WIDGET: "the widget"}


def _share(asked: Sequence[Tried]) -> Share:
    return Share(sum(one.answered for one in asked), len(asked))


def _problems(trigger: Trigger, after_hours: float, channels: Sequence[str]) -> list[str]:
    same = timedelta(hours=after_hours) == trigger.after and tuple(channels) == trigger.channels
    wrong = {
        "Another way is being tried already: end that one first.": trigger.other is not None,
        "It waits between 0 and 8,760 hours.": not 0 <= after_hours <= 8_760,
        f"It asks by some of {', '.join(sorted(NAMES))}.": not channels or not set(channels) <= set(NAMES),
        "The other way is the same as the usual one.": same,
    }
    return [words for words, is_wrong in wrong.items() if is_wrong]
