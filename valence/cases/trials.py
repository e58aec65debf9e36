"""Trials of playbooks as rows: begun, given out, read, ended. `trial` says what may be, `learning` what works.

Every function here is one question or one verb in one transaction. Raises what is said beside each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import Count, IntegerField, Q, Sum
from django.db.models.functions import Cast

from valence.cases import actions, learning, queries, trial
from valence.cases.models import Assignment, Case, Trial
from valence.cases.trial import WrongTrial
from valence.people import audit
from valence.terms import days

RUNNING, ENDED, TAKEN = "running", "ended", "taken"


@dataclass(frozen=True)
class Due:
    """A customer of a trial whose end is to be read. about: reason, department and the bond that counts as back."""

    pk: int
    key: int
    case: int | None
    arm: str
    at: datetime
    reads_at: datetime
    about: Mapping[str, object]


def start(*, wanted: trial.Trial, by: str, now: datetime) -> int:
    """Begin a trial; return its number. Raises WrongTrial."""
    books = {one.name: one for one in queries.playbooks_in_force()}
    trial.check(wanted=wanted, books=books)
    try:
        with transaction.atomic():
            row = Trial.objects.create(
                playbook=wanted.playbook,
                arms=list(wanted.arms),
                aim=wanted.aim,
                floor=wanted.floor,
                share=wanted.share,
                held_out=wanted.held_out,
                window_days=wanted.window_days,
                by=by,
                started_at=now,
            )
            audit.record(who=by, what="trial begun", about=_words(wanted), now=now)
    except IntegrityError:
        raise WrongTrial("A trial of this playbook is running already.") from None
    return row.pk


@transaction.atomic
def end(*, pk: int, by: str, why: str, now: datetime) -> bool:
    """End a trial; the playbook in force stays as it is. Returns whether it was running."""
    ended = Trial.objects.filter(pk=pk, state=RUNNING).update(state=ENDED, ended_at=now, why=why[:300])
    if ended:
        audit.record(who=by, what="trial ended", about=f"trial {pk}: {why}"[:300], now=now)
    return bool(ended)


@transaction.atomic
def take(*, pk: int, arm: str, by: str, now: datetime) -> int:
    """Put an alternative in force: the playbook says from now on what the alternative says, as a new version of it.

    Ends the trial. Returns the version. Raises WrongTrial.
    """
    row = Trial.objects.select_for_update().filter(pk=pk, state=RUNNING).first()
    if row is None or arm not in row.arms[1:]:
        raise WrongTrial("This trial is over, or it has no such alternative.")
    default, other = (queries.playbook_in_force(name=name) for name in (row.playbook, arm))
    if default is None or other is None:
        raise WrongTrial("There is no such playbook any more.")
    if why := trial.left_out(of=default[1], by=other[1]):
        raise WrongTrial(why)
    number = actions.put_playbook(playbook=replace(other[1], name=row.playbook), by=by, now=now)
    Trial.objects.filter(pk=pk).update(state=TAKEN, ended_at=now, why=f"{arm} was put in force"[:300])
    audit.record(who=by, what="alternative put in force", about=f"{arm} as {row.playbook}, version {number}", now=now)
    return number


def stop_arm(*, pk: int, arm: str, now: datetime) -> None:
    """Give an alternative to nobody any more: it was shown to harm."""
    with transaction.atomic():
        row = Trial.objects.select_for_update().get(pk=pk)
        if arm not in row.stopped:
            row.stopped = [*row.stopped, arm]
            row.save(update_fields=["stopped"])
            audit.record(who="trial", what="alternative stopped", about=f"{arm}: it harms", now=now)


def running(*, playbook: str) -> trial.Trial | None:
    """Return the trial that runs of a playbook, None where there is none."""
    row = Trial.objects.filter(playbook=playbook, state=RUNNING).first()
    return None if row is None else _trial(row)


def every(*, playbook: str = "", state: str = "") -> tuple[trial.Trial, ...]:
    """Return trials, the latest first; of one playbook, or in one state."""
    found = Trial.objects.order_by("-pk")
    found = found.filter(playbook=playbook) if playbook else found
    found = found.filter(state=state) if state else found
    return tuple(_trial(row) for row in found[:100])


def given(*, pk: int, key: int) -> str | None:
    """Return what a customer was given in a trial before, None where nothing was."""
    return Assignment.objects.filter(trial_id=pk, customer_id=key).values_list("arm", flat=True).first()


def chances(*, of: trial.Trial) -> dict[str, float]:
    """Return how likely each playbook of a trial is to be given next, the hold-out apart."""
    counted = {arm: (given_, read, good or 0) for arm, given_, read, good in _counted(of)}
    rows = np.array([counted.get(name, (0, 0, 0)) for name in of.arms], dtype=float)
    known = learning.Known(given=rows[:, 0], read=rows[:, 1], good=rows[:, 2])
    stopped = np.array([name in of.stopped for name in of.arms])
    care = learning.Care(floor=of.floor, share=of.share)
    return dict(zip(of.arms, learning.chances(known=known, care=care, stopped=stopped).tolist(), strict=True))


def assign(*, of: trial.Trial, key: int, assigned: trial.Assigned, about: Mapping[str, object]) -> str:
    """Keep what a customer is given; return it. Who was given something before stays with that."""
    try:
        with transaction.atomic():
            Assignment.objects.create(
                trial_id=of.pk,
                customer_id=key,
                arm=assigned.arm,
                chances=dict(assigned.chances),
                about=dict(about),
                at=assigned.at,
                reads_at=assigned.reads_at,
            )
    except IntegrityError:
        before = given(pk=of.pk, key=key)
        return assigned.arm if before is None else before
    return assigned.arm


def note_case(*, pk: int, key: int, case: int) -> None:
    """Keep which case came of it; the first one counts."""
    Assignment.objects.filter(trial_id=pk, customer_id=key, case=None).update(case_id=case)


def due(*, now: datetime, limit: int) -> tuple[Due, ...]:
    """Return customers of trials whose day has come and whose end was not read yet."""
    rows = Assignment.objects.filter(read_at=None, reads_at__lte=now).order_by("reads_at", "pk")[:limit]
    return tuple(Due(row.pk, row.customer_id, row.case_id, row.arm, row.at, row.reads_at, row.about) for row in rows)


def note_ended(*, pk: int, ended: trial.Ended, now: datetime) -> None:
    """Keep how it ended for a customer; once."""
    Assignment.objects.filter(pk=pk, read_at=None).update(
        read_at=now, recovered=ended.recovered, stayed=ended.stayed, score=ended.score, cost=ended.cost
    )


def granted(*, case: int | None) -> float:
    """Return how much was granted in a case."""
    if case is None:
        return 0.0
    return Case.objects.filter(pk=case).values_list("granted", flat=True).first() or 0.0


def drawn(*, of: trial.Trial, what: str = "") -> learning.Drawn:
    """Return everybody of a trial as columns, in order. what: recovered, stayed, score or cost; "": the trial's aim."""
    rows = Assignment.objects.filter(trial_id=of.pk).order_by("at", "pk")
    names = of.names
    table = list(rows.values_list("arm", "chances", "at", "reads_at", "read_at", what or of.aim))
    place = {name: at for at, name in enumerate(names)}
    table = [row for row in table if row[0] in place]
    return learning.Drawn(
        arm=np.array([place[row[0]] for row in table], dtype=np.int64),
        chances=np.array([[row[1].get(name, 0.0) for name in names] for row in table]).reshape(-1, len(names)),
        at=np.array([days(row[2]) for row in table]),
        reads_at=np.array([days(row[3]) for row in table]),
        outcome=np.array([np.nan if row[4] is None or row[5] is None else float(row[5]) for row in table]),
    )


def cases_of(*, pk: int, arm: str) -> tuple[int, ...]:
    """Return the cases that were given one playbook in a trial."""
    found = Assignment.objects.filter(trial_id=pk, arm=arm).exclude(case=None).order_by("-at")
    return tuple(found.values_list("case_id", flat=True))


def _counted(of: trial.Trial) -> Sequence[tuple[str, int, int, int | None]]:
    """Return (arm, given, read, good) of each that was given to somebody."""
    rows = Assignment.objects.filter(trial_id=of.pk).order_by().values_list("arm")
    known = Q(read_at__isnull=False) & Q(**{f"{of.aim}__isnull": False})
    good = Sum(Cast(of.aim, IntegerField()), filter=known)
    return list(rows.annotate(given=Count("pk"), read=Count("pk", filter=known), good=good))


def _trial(row: Trial) -> trial.Trial:
    return trial.Trial(
        arms=tuple(row.arms),
        aim=row.aim,
        floor=row.floor,
        share=row.share,
        held_out=row.held_out,
        window_days=row.window_days,
        stopped=tuple(row.stopped),
        pk=row.pk,
        state=row.state,
        by=row.by,
        started_at=row.started_at,
        ended_at=row.ended_at,
        why=row.why,
    )


def _words(wanted: trial.Trial) -> str:
    return f"{' against '.join(wanted.arms)}, {wanted.held_out:.0%} held out"[:300]
