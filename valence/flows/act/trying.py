"""Trials of playbooks at work: who is given what, how it ended, what is stopped and what is proposed.

1. When a case is about to be opened with a playbook of which a trial runs, its customer is drawn a playbook, by chances
that are kept. 2. When the day of a customer has come, how they fared is read, for all alike. 3. An alternative that is
shown to harm is given to nobody any more. 4. A better one is proposed on its page; a person decides.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from valence import interactions, terms
from valence.cases import learning, queries, trial, trials
from valence.customers import queries as customers
from valence.flows.act import replies
from valence.flows.gather import derived
from valence.flows.weigh import minds
from valence.journeys import signs
from valence.ledger.queries import levels

AT_ONCE = 100
PUT_RIGHT = timedelta(days=7)
"""What comes within this time of the alert may still be about putting it right, and counts against nobody."""

_dice = random.SystemRandom()


@dataclass(frozen=True)
class Matter:
    """What a case would be about: whose it is, what led to it, and the bond (0..100) that would count as back."""

    key: int
    about: trial.About
    department: str
    reason: str
    bond_to_reach: float | None


@dataclass(frozen=True)
class Given:
    """What a customer was drawn: a trial's number, and the playbook; trial.NOBODY for who is held out."""

    trial: int
    arm: str

    @property
    def is_held_out(self) -> bool:
        """Say whether nobody goes to this customer."""
        return self.arm == trial.NOBODY


@dataclass(frozen=True)
class Compared:
    """One alternative (or the hold-out) beside the playbook in force: figures of each, and by how much it differs.

    effect: on the aim; stayed: on who stayed. None while too few ends are known.
    """

    arm: str
    tally: learning.Tally
    effect: learning.Effect | None
    stayed: learning.Effect | None
    cost: float | None
    score: float | None
    chance: float
    is_stopped: bool

    @property
    def is_harmful(self) -> bool:
        """Say whether it is a playbook that is shown to do worse."""
        return self.arm != trial.NOBODY and self.effect is not None and self.effect.is_worse

    @property
    def is_proposed(self) -> bool:
        """Say whether it is shown to be better, and not to lose customers."""
        better = self.effect is not None and self.effect.is_better
        return self.arm != trial.NOBODY and better and not (self.stayed is not None and self.stayed.is_worse)


def given(*, playbook: str, matter: Matter, now: datetime) -> Given | None:
    """Draw what a customer is given instead of a playbook; None where no trial of it runs."""
    running = trials.running(playbook=playbook)
    found = queries.playbook_in_force(name=playbook)
    if running is None or found is None:
        return None
    may = trial.may_be_held_out(about=matter.about, playbook=found[1])
    before = trials.given(pk=running.pk, key=matter.key)
    if before is not None:
        # Who was held out is helped all the same when what came now may not be left lying.
        return Given(running.pk, running.playbook if before == trial.NOBODY and not may else before)
    chances = trial.with_held_out(chances=trials.chances(of=running), held_out=running.held_out, allowed=may)
    assigned = trial.Assigned(
        arm=trial.drawn(chances=chances, point=_dice.random()),
        chances=chances,
        at=now,
        reads_at=trial.reads_at(at=now, window_days=running.window_days),
    )
    about = {"department": matter.department, "reason": matter.reason, "bond_to_reach": matter.bond_to_reach}
    return Given(running.pk, trials.assign(of=running, key=matter.key, assigned=assigned, about=about))


def look(*, now: datetime) -> int:
    """Read the ends whose day has come, and stop what harms; return how many ends were read."""
    due = trials.due(now=now, limit=AT_ONCE)
    for one in due:
        trials.note_ended(pk=one.pk, ended=ended(due=one), now=now)
    for running in trials.every(state=trials.RUNNING) if due else ():
        for beside in compared(of=running, now=now):
            if beside.is_harmful and not beside.is_stopped:
                trials.stop_arm(pk=running.pk, arm=beside.arm, now=now)
    return len(due)


def compared(*, of: trial.Trial, now: datetime) -> tuple[Compared, ...]:
    """Return every alternative of a trial, and the hold-out, beside the playbook in force; that one first."""
    columns = {what: trials.drawn(of=of, what=what) for what in ("", "stayed", "score", "cost")}
    means = {what: learning.tallies(drawn=drawn, now=terms.days(now)) for what, drawn in columns.items()}
    chances = trials.chances(of=of) if of.state == trials.RUNNING else {}
    return tuple(
        Compared(
            arm=name,
            tally=means[""][at],
            effect=_effect(columns[""], at, now),
            stayed=_effect(columns["stayed"], at, now),
            cost=_known(means["cost"][at].mean),
            score=_known(means["score"][at].mean),
            chance=of.held_out if name == trial.NOBODY else chances.get(name, 0.0),
            is_stopped=name in of.stopped,
        )
        for at, name in enumerate(of.names)
    )


def ended(*, due: trials.Due) -> trial.Ended:
    """Return how a customer of a trial fared until their day, read alike for all, whatever they were given.

    Recovered is who is still with us, had nothing of the kind again after the first week and gave no bad score, and
    whose bond is back, where that is known.
    """
    profile = customers.profile(scope=terms.EVERYTHING, key=due.key)
    left = profile.left_at is not None and due.at <= profile.left_at <= due.reads_at
    again, score = _after(due)
    standing = levels.of(keys=[due.key])
    wanted, bond = due.about.get("bond_to_reach"), float(standing.bond[0]) if len(standing.keys) else None
    back = not isinstance(wanted, float) or bond is None or bond >= wanted
    good = score is None or score[1]
    return trial.Ended(
        recovered=not left and not again and back and good,
        stayed=not left,
        score=score[0] if score else None,
        cost=trials.granted(case=due.case),
    )


def _after(due: trials.Due) -> tuple[int, tuple[float, bool] | None]:
    """Return how often the same came up again, and the last score (0 to 1) with whether it is none of the bad ones."""
    journeys = derived.put(journeys=interactions.journeys_of(keys=[due.key]))
    read = signs.read(journeys=journeys, pack=minds.pack())
    ours = signs.where(words=journeys.words["source"], holds=lambda word: word == replies.SOURCE)
    until = journeys.occurred <= terms.days(due.reads_at)
    later = (journeys.occurred > terms.days(due.at + PUT_RIGHT)) & until & ~ours
    same = signs.where(words=journeys.words["reason"], holds=lambda word: word == due.about.get("reason"))
    department = signs.where(words=journeys.words["department"], holds=lambda word: word == due.about["department"])
    again = later & ((read.contact & (same if due.about.get("reason") else department)) | (read.fault & department))
    return int(again.sum()), _score(journeys, (journeys.occurred > terms.days(due.at)) & until)


def _score(journeys: terms.Journeys, rows: signs.Flags) -> tuple[float, bool] | None:
    scores = journeys.numbers["score"]
    found = np.flatnonzero(rows & np.isfinite(scores))
    if not len(found):
        return None
    words = journeys.words["scale"]
    scale = words.vocabulary[words.codes[found[-1]]] if words.codes[found[-1]] >= 0 else ""
    low, high, bad = {"nps": (0.0, 10.0, 4.0), "csat": (1.0, 5.0, 2.0), "ces": (1.0, 7.0, 3.0)}.get(
        scale, (0.0, 10.0, 4.0)
    )
    points = float(scores[found[-1]])
    return (points - low) / (high - low), points > bad


def _effect(drawn: learning.Drawn, arm: int, now: datetime) -> learning.Effect | None:
    return None if arm == 0 else learning.effect(drawn=drawn, arm=arm, against=0, now=terms.days(now))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
