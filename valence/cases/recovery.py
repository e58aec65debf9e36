"""Whether a case was put right, by what the customer did afterwards: closed is not recovered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GOOD_SCORES = {"nps": 7.0, "csat": 4.0, "ces": 5.0}
BAD_SCORES = {"nps": 4.0, "csat": 2.0, "ces": 3.0}
GRACE = timedelta(hours=1)


class Recovery(StrEnum):
    """What became of the relationship."""

    WAITING = "waiting"
    RECOVERED = "recovered"
    NOT_RECOVERED = "not_recovered"
    CANNOT_SAY = "cannot_say"


class Sign(StrEnum):
    """What one piece of evidence says."""

    WAITING = "waiting"
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Promised:
    """A promise of the case and what became of it."""

    words: str
    due_at: datetime
    kept_at: datetime | None = None
    broken_at: datetime | None = None


@dataclass(frozen=True)
class Since:
    """What happened since a case was opened. contacts_again: about the same matter, after the reply.

    score: the latest answer (scale, points) after the reply. bond_to_reach: the level that counts as back (0..100).
    is_back: whether somebody who was gone when the case was opened is a customer again; None: they were there.
    """

    replied_at: datetime | None
    closed_at: datetime | None
    contacts_again: int = 0
    failures_again: int = 0
    promises: tuple[Promised, ...] = ()
    score: tuple[str, float] | None = None
    bond_to_reach: float | None = None
    bond_now: float | None = None
    left: bool = False
    is_back: bool | None = None


@dataclass(frozen=True)
class Evidence:
    """One line: what was looked for and what was found."""

    sign: Sign
    words: str


@dataclass(frozen=True)
class Verified:
    """The verdict and its evidence. `until`: when the window closes, None while the case is open."""

    recovery: Recovery
    evidence: tuple[Evidence, ...]
    until: datetime | None


def verify(*, since: Since, quiet_days: int, now: datetime) -> Verified:
    """Return whether a case was put right.

    1. Who left was not won back, whatever else is there. 2. A promise broken, the same trouble again, or a low score
    says no. 3. Until the window closes nothing is certain. 4. After it, every promise kept and nothing again needs
    one sign of the customer's own (a good score, the bond back, a promise kept) to count; without any we cannot say.
    """
    start = since.closed_at or since.replied_at
    until = None if start is None else start + timedelta(days=quiet_days)
    over = until is not None and now >= until
    again = _again(since, quiet_days, over=over)
    lines = [*_promises(since.promises, now), again, *_score(since), _bond(since, over=over)]
    if since.left:
        lines.insert(0, Evidence(Sign.NO, "Left us"))
    if since.is_back is not None:
        lines.insert(0, _back(is_back=since.is_back, over=over))
    return Verified(recovery=_verdict(lines, over=over), evidence=tuple(lines), until=until)


def _verdict(lines: Sequence[Evidence], *, over: bool) -> Recovery:
    signs = [line.sign for line in lines]
    if Sign.NO in signs:
        return Recovery.NOT_RECOVERED
    if not over or Sign.WAITING in signs:
        return Recovery.WAITING
    own = [line for line in lines if line.sign is Sign.YES]
    return Recovery.RECOVERED if len(own) > 1 else Recovery.CANNOT_SAY


def _back(*, is_back: bool, over: bool) -> Evidence:
    if is_back:
        return Evidence(Sign.YES, "Is a customer again")
    return Evidence(Sign.NO if over else Sign.WAITING, "Did not come back" if over else "Comes back")


def _promises(promises: Sequence[Promised], now: datetime) -> list[Evidence]:
    return [_promise(one, now) for one in promises]


def _promise(one: Promised, now: datetime) -> Evidence:
    if one.broken_at:
        return Evidence(Sign.NO, f"Promise broken: {one.words}")
    if one.kept_at:
        return Evidence(Sign.YES, f"Promise kept: {one.words}")
    if now > one.due_at + GRACE:
        return Evidence(Sign.NO, f"Promise overdue: {one.words}")
    return Evidence(Sign.WAITING, f"Promise kept: {one.words}")


def _again(since: Since, quiet_days: int, *, over: bool) -> Evidence:
    """Nothing of the same kind again: a sign that counts only together with one that the customer gave."""
    if since.contacts_again or since.failures_again:
        many = since.contacts_again + since.failures_again
        return Evidence(Sign.NO, f"The same trouble came up {many} more time{'s' if many > 1 else ''}")
    return Evidence(Sign.YES if over else Sign.WAITING, f"Nothing of it again for {quiet_days} days")


def _score(since: Since) -> list[Evidence]:
    if since.score is None:
        return []
    scale, points = since.score
    said = f"Scored {points:g} since ({scale})"
    if points >= GOOD_SCORES.get(scale, float("inf")):
        return [Evidence(Sign.YES, said)]
    if points <= BAD_SCORES.get(scale, float("-inf")):
        return [Evidence(Sign.NO, said)]
    return [Evidence(Sign.UNKNOWN, said)]


def _bond(since: Since, *, over: bool) -> Evidence:
    if since.bond_to_reach is None or since.bond_now is None:
        return Evidence(Sign.UNKNOWN, "Bond: not known")
    words = f"Bond back above {since.bond_to_reach:.0f}"
    if since.bond_now >= since.bond_to_reach:
        return Evidence(Sign.YES, f"{words}, now {since.bond_now:.0f}")
    return Evidence(Sign.UNKNOWN if over else Sign.WAITING, f"{words}, now {since.bond_now:.0f}")
