"""Orders, installations and repairs: the field comes, or does not, and what follows."""

from __future__ import annotations

import numpy as np

from valence.demo.chains import calls
from valence.demo.chains import scene as scenes
from valence.demo.chains.scene import Bools, Floats, Ints, Scene

MOST_VISITS = 3


def order(*, scene: Scene, customer: Ints, at: Floats, reason: str, cause: Ints, to_install: float) -> None:
    """Write orders taken by Sales, a shop or the web shop. What they forget to say comes on a bill later."""
    where = scene.rng.choice(3, size=len(at), p=[0.5, 0.2, 0.3])
    tempted = np.where(cause >= 0, 1.6, 1.0) * np.array([1.35, 0.9, 0.5])[where]
    misquoted = scene.happens(what="misquote", customer=customer, at=at, times=tempted)
    install = scene.rng.random(len(at)) < to_install
    due = _window(scene=scene, at=at, low=3, high=14)
    row = scene.sheet.add(
        customer=customer, at=at, kind="order", source="crm", department=np.array([1, 2, 3])[where], reason=reason,
        channel=np.array([0, 1, 3])[where], touchpoint=np.array([0, 1, 16])[where], cause=cause,
        facts=scenes.facts(fee_not_mentioned=misquoted), promise=np.where(install, 0, -1),
        promised_at=np.where(install, due, np.nan), amount=np.round(scene.people.price[customer], 2),
    )  # fmt: skip
    visit(scene=scene, customer=customer[install], due=due[install], cause=row[install], purpose="installation")
    calls.surprise_bill(scene=scene, customer=customer[misquoted], at=at[misquoted], cause=row[misquoted],
                        low=14, high=45)  # fmt: skip


def visit(*, scene: Scene, customer: Ints, due: Floats, cause: Ints, purpose: str, number: int = 1) -> None:
    """Write visits promised for `due` (the end of the window), with what went wrong, and what follows."""
    missed = scene.happens(what="no_show", customer=customer, at=due)
    late = ~missed & scene.happens(what="late", customer=customer, at=due)
    mess = ~missed & scene.happens(what="left_mess", customer=customer, at=due)
    unfixed = ~missed & scene.happens(what="not_fixed", customer=customer, at=due, times=1.0 + 0.2 * number)
    fine = ~missed & ~late
    hours = np.where(late, scene.rng.uniform(0.8, 5, len(due)), scene.rng.uniform(-2.5, -0.1, len(due)))
    at = due + np.where(missed, 0.05, hours / 24)
    row = scene.sheet.add(
        customer=customer, at=at, kind="visit", source="crm", department="field", channel="on_site", cause=cause,
        touchpoint=purpose, reason="order" if purpose == "installation" else "fault",
        facts=scenes.facts(late=late, no_show=missed, left_mess=mess, not_fixed=unfixed)
        | scenes.facts(on_time=fine, fixed=~missed & ~unfixed & (number > 1)),
        promise=np.where(fine, 1, np.where(missed, 2, -1)), promised_at=due,
        duration_minutes=np.where(missed, np.nan, np.round(scene.rng.lognormal(3.8, 0.4, len(due)))),
    )  # fmt: skip
    _complain(scene=scene, customer=customer, at=at, cause=row, failed=missed | unfixed, sour=late | mess,
              number=number, purpose=purpose)  # fmt: skip


def _complain(
    *, scene: Scene, customer: Ints, at: Floats, cause: Ints, failed: Bools, sour: Bools, number: int, purpose: str
) -> None:
    """Those whose visit failed call, and are promised another visit; some are charged for it without a word."""
    share = np.where(failed, 0.85, np.where(sour, 0.2, 0.0))
    upset = scene.rng.random(len(at)) < share
    if not upset.any():
        return
    when = scene.later(at=at[upset], low=0.1, high=4)
    heard = calls.add(scene=scene, customer=customer[upset], at=when, reason="failed_visit", cause=cause[upset],
                      trouble=1.3)  # fmt: skip
    revisit = heard.of(failed[upset] & (number < MOST_VISITS))
    _revisit(scene=scene, heard=revisit, purpose=purpose, number=number)
    charged = heard.of(scene.happens(what="revisit_fee", customer=heard.customer, at=heard.at) & failed[upset])
    calls.surprise_bill(scene=scene, customer=charged.customer, at=charged.at, cause=charged.row, low=10, high=40)


def _revisit(*, scene: Scene, heard: calls.Calls, purpose: str, number: int) -> None:
    if not len(heard.row):
        return
    due = _window(scene=scene, at=heard.at, low=2, high=9)
    made = scene.sheet.add(
        customer=heard.customer, at=heard.at + 0.004, kind="promise", source="crm", department="care", channel="phone",
        touchpoint=purpose, reason="revisit", promise="made", promised_at=due, cause=heard.row,
    )  # fmt: skip
    visit(scene=scene, customer=heard.customer, due=due, cause=made, purpose=purpose, number=number + 1)


def _window(*, scene: Scene, at: Floats, low: float, high: float) -> Floats:
    """Return the end of a visit's window, on a full hour between ten and seven."""
    day = np.floor(at + scene.rng.uniform(low, high, len(at)))
    return np.asarray(day + scene.rng.integers(10, 20, len(at)) / 24)


def fault(*, scene: Scene, customer: Ints, at: Floats) -> None:
    """Write calls about a fault at home; most need somebody to come."""
    heard = calls.add(scene=scene, customer=customer, at=at, reason="fault", cause=np.full(len(at), -1), trouble=1.1)
    sent = heard.of(~heard.unsolved & (scene.rng.random(len(at)) < 0.75))
    due = _window(scene=scene, at=sent.at, low=1, high=7)
    made = scene.sheet.add(
        customer=sent.customer, at=sent.at + 0.004, kind="promise", source="crm", department="care", channel="phone",
        touchpoint="repair", reason="fault", promise="made", promised_at=due, cause=sent.row,
    )  # fmt: skip
    visit(scene=scene, customer=sent.customer, due=due, cause=made, purpose="repair")
