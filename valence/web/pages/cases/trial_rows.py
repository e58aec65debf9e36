"""A trial of playbooks as its page shows it: each beside the one in force, with its likely range, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valence.cases import learning, queries, trial
from valence.flows.act import trying
from valence.insights import say
from valence.web import view

HELD_OUT = "Nobody goes to them"


@dataclass(frozen=True)
class ArmRow:
    """One playbook of a trial, or the hold-out: how it did, and by how much it differs, in words."""

    name: str
    title: str
    href: str
    chance: str
    given: int
    cases_href: str
    did: str
    effect: str
    stayed: str
    cost: str
    state: str
    is_proposed: bool


@dataclass(frozen=True)
class TrialShown:
    """A trial that runs: its rows, what it says so far, and what is proposed."""

    of: trial.Trial
    rows: tuple[ArmRow, ...]
    says: str
    proposed: ArmRow | None
    waits: int


def shown(asked: view.Asked, *, of: trial.Trial) -> TrialShown:
    """Return a trial as its page shows it."""
    found = trying.compared(of=of, now=asked.now)
    books = {one.name: one.title for one in queries.playbooks_in_force()}
    rows = tuple(_row(asked, of, one, books) for one in found)
    given, read = sum(one.tally.given for one in found), sum(one.tally.read for one in found)
    return TrialShown(
        of=of,
        rows=rows,
        says=_says(of, given, read),
        proposed=next((row for row in rows if row.is_proposed), None),
        waits=given - read,
    )


def needed_words() -> str:
    """Say about how many cases it takes until a difference shows."""
    ten, five = (learning.needed(difference=difference, share=0.2) for difference in (0.1, 0.05))
    return (
        f"With a fifth of the cases for an alternative, a difference of 10 points shows after about {say.count(ten)} "
        f"cases, one of 5 points after about {say.count(five)}."
    )


def _says(of: trial.Trial, given: int, read: int) -> str:
    said = f"**{say.count(given)}** customers were drawn since the trial began; the end of **{say.count(read)}** is "
    return said + f"known. Ends count after {of.window_days} days, for all alike, whatever was known before."


def _row(asked: view.Asked, of: trial.Trial, one: trying.Compared, books: dict[str, str]) -> ArmRow:
    held_out, in_force = one.arm == trial.NOBODY, one.arm == of.playbook
    mean = say.UNKNOWN if np.isnan(one.tally.mean) else say.percent(one.tally.mean)
    return ArmRow(
        name=one.arm,
        title=HELD_OUT if held_out else books.get(one.arm, one.arm),
        href="" if held_out or in_force else asked.to("playbook", name=one.arm),
        chance=say.percent(one.chance if held_out else one.chance * (1 - of.held_out)),
        given=one.tally.given,
        cases_href="" if held_out else asked.to("cases", query={"list": "every", "playbook": one.arm}),
        did=f"{mean} of {say.count(one.tally.read)}",
        effect="" if in_force else _points(one.effect),
        stayed="" if in_force else _points(one.stayed),
        cost=say.UNKNOWN if one.cost is None else say.money(one.cost),
        state=_state(one, in_force=in_force, held_out=held_out),
        is_proposed=one.is_proposed,
    )


def _state(one: trying.Compared, *, in_force: bool, held_out: bool) -> str:
    if in_force:
        return "in force"
    if held_out:
        return "held out"
    if one.is_stopped:
        return "stopped: it harms"
    return "proposed" if one.is_proposed else "rests" if not one.chance else "tried"


def _points(effect: learning.Effect | None) -> str:
    """Return a difference in points with its range; what is not known yet is said."""
    if effect is None:
        return f"cannot say before {learning.FEWEST_READ} of each"
    low, high = (say.signed(round(100 * value)) for value in (effect.low, effect.high))
    return f"{say.signed(round(100 * effect.value))} points (likely {low} to {high})"
