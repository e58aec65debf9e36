"""How many of the happy moments are drawn: worked out of the last 90 days where a trigger names a precision.

Every week anew: who answers, how answers spread and how many moments there are change, and the shares follow, each
segment's by its own. What held before stays on record, so that a dry run of the past draws as was drawn then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from valence.flows.ask import dry_run
from valence.people import audit
from valence.surveys import actions_asking, queries_asking
from valence.surveys.asking import Trigger
from valence.surveys.drawing import Held, Sampling

EVERY = timedelta(days=7)
KEPT = timedelta(days=400)
BY = "sampling"


def is_due(*, now: datetime) -> bool:
    """Say whether the shares of a trigger that asks are older than a week."""
    return any(_is_due(one.trigger, now) for one in queries_asking.triggers() if one.active)


def look(*, now: datetime) -> int:
    """Work the shares out anew where they are older than a week; return of how many triggers.

    Raises interactions.StoreUnavailable.
    """
    due = [one.trigger for one in queries_asking.triggers() if one.active and _is_due(one.trigger, now)]
    for trigger in due:
        fresh = sampled(trigger=trigger, now=now)
        actions_asking.put_trigger(trigger=fresh, by=BY, now=now)
        if fresh.shares != trigger.shares:
            audit.record(who=BY, what="shares worked out", about=f"{trigger.slug}: {words(fresh.shares)}", now=now)
    return len(due)


def sampled(*, trigger: Trigger, now: datetime) -> Trigger:
    """Return a trigger with the shares that its precision needs; where it names none, as it is."""
    if not trigger.within:
        return trigger
    found = dry_run.shares(trigger=trigger, within=trigger.within, since=now - dry_run.USUAL, until=now)
    return drawing_from(trigger=trigger, shares=found[0] if found else trigger.shares, now=now)


def drawing_from(*, trigger: Trigger, shares: Mapping[str, float], now: datetime) -> Trigger:
    """Return a trigger that draws by other shares from now on, and remembers by which it drew until now."""
    sampling = Sampling(before=trigger.sampling.before, since=now)
    if shares != trigger.shares:
        held = [one for one in trigger.sampling.before if one.until > now - KEPT]
        sampling = Sampling(before=(*held, Held(until=now, shares=trigger.shares)), since=now)
    return replace(trigger, shares=shares, sampling=sampling)


def words(shares: Mapping[str, float]) -> str:
    """Say by segment which part of the happy moments is drawn."""
    named = {name: share for name, share in sorted(shares.items()) if name}
    said = [f"{name} {share:.0%}" for name, share in named.items()]
    return ", ".join([*said, f"{'all others' if named else 'everybody'} {shares.get('', 1.0):.0%}"])


def _is_due(trigger: Trigger, now: datetime) -> bool:
    since = trigger.sampling.since
    return bool(trigger.within) and (since is None or now - since >= EVERY)
