"""A trial of playbooks: what may be tried, on whom, and what may never be left out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from valence.cases.playbook import Playbook

NOBODY = ""
"""The name under which customers stand whom nobody goes to: the hold-out."""

URGENT = 3
MOST_ALTERNATIVES = 3
MOST_HELD_OUT = 0.2
FLOORS = (0.02, 0.2)
SHARES = (0.05, 0.5)
WINDOWS = (7, 180)
AIMS: Mapping[str, str] = {"recovered": "Recovered", "stayed": "Stayed"}


class WrongTrial(ValueError):  # noqa: N818  it is said to people as such
    """A trial that may not be. The text says why, to the person who wanted it."""


@dataclass(frozen=True)
class Trial:
    """A trial of alternatives to one playbook. arms: names of playbooks, the one in force first.

    floor, share: as learning.Care has them. held_out: the share of those allowed whom nobody goes to. window_days:
    from when on the end of a case counts, after it was given. aim: by which outcome a better one is chosen.
    stopped: alternatives that were shown to harm, given to nobody any more.
    """

    arms: tuple[str, ...]
    aim: str = "recovered"
    floor: float = 0.05
    share: float = 0.2
    held_out: float = 0.0
    window_days: int = 45
    stopped: tuple[str, ...] = ()
    pk: int = 0
    state: str = "running"
    by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    why: str = ""

    @property
    def playbook(self) -> str:
        """The playbook in force, to which the others are alternatives."""
        return self.arms[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Everything a customer may be given, the hold-out last where there is one."""
        return (*self.arms, NOBODY) if self.held_out else self.arms


@dataclass(frozen=True)
class About:
    """What is known of an alert when it is decided what its customer is given."""

    severity: int
    rule_about: str
    overdue_days: int = 0


@dataclass(frozen=True)
class Ended:
    """How a customer of a trial fared: None where it is not known (yet)."""

    recovered: bool | None = None
    stayed: bool | None = None
    score: float | None = None
    cost: float = 0.0


@dataclass(frozen=True)
class Assigned:
    """A customer of a trial, what they were given, how likely each was then, and how it ended."""

    arm: str
    chances: Mapping[str, float]
    at: datetime
    reads_at: datetime
    ended: Ended = field(default_factory=Ended)


def check(*, wanted: Trial, books: Mapping[str, Playbook]) -> None:
    """Check that a trial may be. Raises WrongTrial.

    What is owed is never withheld: every alternative keeps each step and gesture that is marked as owed, and where
    the playbook in force has any, nobody is held out.
    """
    default = books.get(wanted.playbook)
    if default is None:
        raise WrongTrial(f"There is no playbook named {wanted.playbook}.")
    if not 0 <= len(wanted.arms) - 1 <= MOST_ALTERNATIVES or len(set(wanted.arms)) != len(wanted.arms):
        raise WrongTrial(f"Choose at most {MOST_ALTERNATIVES} alternatives, each once.")
    if len(wanted.arms) == 1 and not wanted.held_out:
        raise WrongTrial("Choose an alternative, or a share of customers to hold out.")
    for name in wanted.arms[1:]:
        why = f"There is no playbook named {name}." if name not in books else left_out(of=default, by=books[name])
        if why:
            raise WrongTrial(why)
    if wanted.held_out and owes(playbook=default):
        raise WrongTrial("This playbook does what is owed: nobody may be held out of it.")
    _check_numbers(wanted)


def left_out(*, of: Playbook, by: Playbook) -> str:
    """Return what an alternative leaves out of what is owed, in words; "" where it keeps all of it."""
    steps = {step.words for step in by.steps}
    gestures = {gesture.name: gesture.most for gesture in by.gestures}
    for step in of.steps:
        if step.owed and step.words not in steps:
            return f"“{by.title}” leaves out what is owed: {step.words}."
    for gesture in of.gestures:
        if gesture.owed and gestures.get(gesture.name, -1.0) < gesture.most:
            return f"“{by.title}” allows less of what is owed: {gesture.words}."
    return ""


def owes(*, playbook: Playbook) -> bool:
    """Say whether a playbook does something that is owed."""
    return any(one.owed for one in playbook.steps) or any(one.owed for one in playbook.gestures)


def may_be_held_out(*, about: About, playbook: Playbook) -> bool:
    """Say whether a customer may be among those whom nobody goes to: nothing urgent, promised, overdue or owed."""
    owed = about.severity >= URGENT or about.rule_about == "promise" or about.overdue_days > 0
    return not owed and not owes(playbook=playbook)


def with_held_out(*, chances: Mapping[str, float], held_out: float, allowed: bool) -> dict[str, float]:
    """Return how likely each is, the hold-out among them where it is allowed."""
    share = held_out if allowed else 0.0
    found = {name: chance * (1.0 - share) for name, chance in chances.items()}
    return {**found, NOBODY: share} if held_out else found


def drawn(*, chances: Mapping[str, float], point: float) -> str:
    """Return what a point (0 to below 1) draws."""
    upto = 0.0
    possible = [(name, chance) for name, chance in chances.items() if chance > 0]
    for name, chance in possible:
        upto += chance
        if point < upto:
            return name
    return possible[-1][0]


def reads_at(*, at: datetime, window_days: int) -> datetime:
    """Return from when on the end of a case counts."""
    return at + timedelta(days=window_days)


def outcome(*, ended: Ended, aim: str) -> float:
    """Return how a case ended, 1 for well and 0 for not, NaN where it is not known."""
    found = ended.recovered if aim == "recovered" else ended.stayed
    return float("nan") if found is None else float(found)


def _check_numbers(wanted: Trial) -> None:
    limits: Sequence[tuple[str, float, tuple[float, float]]] = (
        ("The least share of an alternative", wanted.floor, FLOORS),
        ("The most of all alternatives while none is sure", wanted.share, SHARES),
        ("The share held out", wanted.held_out, (0.0, MOST_HELD_OUT)),
    )
    for words, value, (low, high) in limits:
        if not low <= value <= high:
            raise WrongTrial(f"{words} lies between {low:.0%} and {high:.0%}.")
    if not WINDOWS[0] <= wanted.window_days <= WINDOWS[1]:
        raise WrongTrial(f"Ends count after {WINDOWS[0]} to {WINDOWS[1]} days.")
    if wanted.aim not in AIMS:
        raise WrongTrial("Choose what counts as a good end.")
    if wanted.floor * len(wanted.arms) + wanted.held_out > 0.9:
        raise WrongTrial("These shares leave too little for the playbook in force.")
