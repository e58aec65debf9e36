"""Contacts, and what follows from them: calls again, promises kept and broken, wrong words that end on a bill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valence.demo.chains import scene as scenes
from valence.demo.chains.scene import Bools, Floats, Ints, Scene

MOST_REPEATS = 3


@dataclass(frozen=True)
class Calls:
    """Contacts just written: row numbers, whose, when, and whether they were solved."""

    row: Ints
    customer: Ints
    at: Floats
    unsolved: Bools

    def of(self, chosen: Bools) -> Calls:
        """Return only those chosen."""
        return Calls(self.row[chosen], self.customer[chosen], self.at[chosen], self.unsolved[chosen])


def add(
    *, scene: Scene, customer: Ints, at: Floats, reason: str, cause: Ints, trouble: float = 1.0, repeat: int = 0
) -> Calls:
    """Write contacts of one reason and let everything follow that follows from them."""
    unsolved = scene.happens(what="unresolved", customer=customer, at=at, times=trouble)
    misinformed = scene.happens(what="misinformed", customer=customer, at=at, times=trouble)
    extra = ~unsolved & scene.happens(what="extra_mile", customer=customer, at=at)
    again = np.full(len(customer), repeat > 0)
    row = _write(
        scene=scene,
        customer=customer,
        at=at,
        trouble=trouble,
        reason=reason,
        cause=cause,
        facts=scenes.facts(unresolved=unsolved, misinformed=misinformed, extra_mile=extra, repeat=again)
        | scenes.facts(resolved=~unsolved & (scene.rng.random(len(at)) < 0.6)),
    )
    calls = Calls(row, customer, at, unsolved)
    _call_again(scene=scene, calls=calls, reason=reason, trouble=trouble, repeat=repeat)
    _call_back(scene=scene, calls=calls)
    wrong_words(scene=scene, calls=calls.of(misinformed & (scene.rng.random(len(at)) < 0.35)))
    return calls


def without_effect(*, scene: Scene, customer: Ints, at: Floats, reason: str, trouble: float = 1.0) -> Ints:
    """Write contacts that look like any other and move nobody: those who call are leaving anyway."""
    unsolved = scene.happens(what="unresolved", customer=customer, at=at, times=trouble)
    return _write(
        scene=scene, customer=customer, at=at, trouble=trouble, reason=reason, cause=np.full(len(at), -1),
        facts=scenes.facts(unresolved=unsolved), acts=False,
    )  # fmt: skip


def _write(*, scene: Scene, customer: Ints, at: Floats, trouble: float, acts: bool = True, **given: object) -> Ints:
    """Write contacts with channel, waiting and hand-overs drawn. `trouble` above 1: a busy, tangled matter."""
    rng, region = scene.rng, scene.people.region[customer]
    channel = rng.choice(4, size=len(at), p=[0.62, 0.13, 0.17, 0.08])
    queue = scene.operator.habits["wait"] * scene.operator.region_habits["wait"][region] * trouble**0.5
    wait = np.round(np.array([1.0, 0.6, 0.35, 0.0])[channel] * queue * rng.lognormal(-0.3, 0.8, len(at)), 1)
    habit = scene.operator.habits["transfers"] * scene.operator.region_habits["transfers"][region] * trouble**0.5
    return scene.sheet.add(
        customer=customer, at=at, kind="contact", source="crm", acts=acts,
        department=np.array([5, 2, 3, 5])[channel], channel=channel, touchpoint=np.array([0, 1, 2, 3])[channel],
        wait_minutes=np.minimum(wait, 90), transfers=np.minimum(rng.poisson(habit), 5),
        duration_minutes=np.round(rng.lognormal(2.0, 0.5, len(at)), 1), **given,
    )  # fmt: skip


def _call_again(*, scene: Scene, calls: Calls, reason: str, trouble: float, repeat: int) -> None:
    """Those whose matter stayed open call again, up to MOST_REPEATS times."""
    if repeat >= MOST_REPEATS:
        return
    again = calls.of(calls.unsolved & (scene.rng.random(len(calls.at)) < 0.55))
    if len(again.row):
        at = scene.later(at=again.at, low=0.6, high=8)
        add(scene=scene, customer=again.customer, at=at, reason=reason, cause=again.row, trouble=trouble * 1.1,
            repeat=repeat + 1)  # fmt: skip


def _call_back(*, scene: Scene, calls: Calls) -> None:
    """Some whose matter stayed open are promised a call back within three days."""
    asked = calls.of(calls.unsolved & scene.happens(what="call_back", customer=calls.customer, at=calls.at, times=2.5))
    keep_or_break(scene=scene, calls=asked, reason="call_back", low=0.5, high=3, department="care")


def keep_or_break(*, scene: Scene, calls: Calls, reason: str, low: float, high: float, department: str) -> None:
    """Write on contacts a promise for a day to come, kept or broken then.

    Some promises are forgotten by both sides: they stay open and overdue, and move nobody. Some customers whose
    promise was broken call.
    """
    due = scene.later(at=calls.at, low=low, high=high)
    made = scene.sheet.add(
        customer=calls.customer, at=calls.at + 0.003, kind="promise", source="crm", department="care", channel="phone",
        touchpoint=reason, reason=reason, promise="made", promised_at=due, cause=calls.row,
    )  # fmt: skip
    broken = scene.happens(what="broken", customer=calls.customer, at=due)
    _keep(scene=scene, calls=calls.of(~broken), due=due[~broken], cause=made[~broken], reason=reason,
          department=department)  # fmt: skip
    _break(scene=scene, customer=calls.customer[broken], due=due[broken], cause=made[broken], reason=reason,
           department=department)  # fmt: skip


def _keep(*, scene: Scene, calls: Calls, due: Floats, cause: Ints, reason: str, department: str) -> None:
    done = due - scene.rng.uniform(0.05, 0.3, len(due)) * (due - calls.at)
    scene.sheet.add(
        customer=calls.customer, at=done, kind="promise", source="crm", cause=cause,
        department=department, channel="phone" if reason == "call_back" else "email", touchpoint=reason,
        reason=reason, promise="kept", promised_at=due,
    )  # fmt: skip


def _break(*, scene: Scene, customer: Ints, due: Floats, cause: Ints, reason: str, department: str) -> None:
    noted = scene.rng.random(len(due)) < 0.85
    # Nobody looks at once: near the end of the files many are overdue and not yet noted as broken.
    at = due[noted] + 0.05 + scene.rng.exponential(4.0, int(noted.sum()))
    row = scene.sheet.add(
        customer=customer[noted], at=at, kind="promise", source="crm", cause=cause[noted], department=department,
        touchpoint=reason, reason=reason, promise="broken", promised_at=due[noted],
    )  # fmt: skip
    upset = scene.rng.random(len(at)) < 0.45
    if upset.any():
        when = scene.later(at=at[upset], low=0.3, high=6)
        add(scene=scene, customer=customer[noted][upset], at=when, reason=reason, cause=row[upset], trouble=1.3,
            repeat=MOST_REPEATS)  # fmt: skip


def wrong_words(*, scene: Scene, calls: Calls) -> None:
    """What was told wrongly shows on a later bill."""
    surprise_bill(scene=scene, customer=calls.customer, at=calls.at, cause=calls.row, low=12, high=42)


def surprise_bill(*, scene: Scene, customer: Ints, at: Floats, cause: Ints, low: float, high: float) -> None:
    """Write a bill with a fee that nobody had mentioned, and the calls, credits and promises it leads to."""
    fee = scene.rng.choice(np.array([15.0, 19.0, 29.0, 39.0, 49.0, 79.0, 99.0]), size=len(at))
    expected = np.round(scene.people.price[customer], 2)
    when = np.floor(at + scene.rng.uniform(low, high, len(at))) + 0.25
    row = scene.sheet.add(
        customer=customer, at=when, kind="bill", source="billing", department="billing", channel="email",
        touchpoint="invoice", reason="fee", amount=expected + fee, expected_amount=expected, cause=cause,
    )  # fmt: skip
    call_about_bill(scene=scene, customer=customer, at=when, cause=row, share=np.minimum(0.35 + fee / 200, 0.8))


def call_about_bill(*, scene: Scene, customer: Ints, at: Floats, cause: Ints, share: float | Floats) -> None:
    """Some of those billed wrongly call; some are promised a credit, which Billing owes."""
    upset = scene.rng.random(len(at)) < share
    if not upset.any():
        return
    when = scene.later(at=at[upset], low=0.5, high=9)
    calls = add(scene=scene, customer=customer[upset], at=when, reason="bill", cause=cause[upset], trouble=1.2)
    credited = calls.of(scene.happens(what="credit", customer=calls.customer, at=calls.at))
    keep_or_break(scene=scene, calls=credited, reason="credit", low=6, high=15, department="billing")
