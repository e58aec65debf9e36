"""What waits for a member of staff, by e-mail, on the days and at the time they chose.

It names cases by number and title, never a customer: mail is read where others see it. Who has nothing to do gets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from valence.cases import digests, queries, trial, trials
from valence.channels import actions as channels
from valence.channels.values import Kind, Purpose, ToSend
from valence.flows.act import trying
from valence.flows.ask import spoken
from valence.insights import say
from valence.people import queries as people
from valence.people.rules import Act
from valence.terms import Scope

MOST = 8


def send_due(*, now: datetime) -> int:
    """Queue the digests whose time has come; return how many."""
    return sum(_queue(schedule, day, now) for schedule, day in digests.due(now=now))


def written(*, person: people.Card, now: datetime) -> tuple[str, str] | None:
    """Return subject and text of somebody's digest as of now; None where nothing waits for them."""
    seer = queries.Seer(pk=person.pk, scope=_scope(person))
    mine = queries.Asked(owner=person.pk, states=("new", "active"), awake_at=now)
    count, rows = queries.total(seer=seer, asked=mine), queries.rows(seer=seer, asked=mine, limit=MOST)
    parts = [_mine(count, rows, now), *(_team(seer, now) if Act.RULES in person.acts else ())]
    said = [part for part in parts if part]
    if not said:
        return None
    subject = f"{say.many(count, 'case')} need you" if count > 1 else "One case needs you" if count else "To decide"
    return subject, "\n\n".join([*said, f"{spoken.address()}/cases/"])


def _queue(schedule: digests.Schedule, day: date, now: datetime) -> bool:
    person = people.one(pk=schedule.person)
    if person is None or not person.email:
        return False
    said = written(person=person, now=now)
    with transaction.atomic():
        if not digests.note_sent(person=person.pk, day=day) or said is None:
            return False
        message = ToSend(
            kind=Kind.EMAIL,
            purpose=Purpose.DIGEST,
            reference=f"digest-{person.pk}-{day.isoformat()}",
            content={"subject": said[0], "text": said[1], "language": "en"},
            to=person.email,
            until=now + digests.STILL,
        )
        channels.queue(messages=[message], now=now)
    return True


def _mine(count: int, rows: Sequence[queries.CaseRow], now: datetime) -> str:
    if not rows:
        return ""
    lines = [f"{row.number}  {row.title}, {_due(row, now)}" for row in rows]
    more = [f"and {say.count(count - len(rows))} more"] if count > len(rows) else []
    return "\n".join([f"Yours, the most urgent first ({say.count(count)}):", *lines, *more])


def _due(row: queries.CaseRow, now: datetime) -> str:
    if row.first_act_at is not None:
        return "taken up"
    return f"{'was due' if row.due_at < now else 'due'} {say.ago(row.due_at, now=now)}"


def _team(seer: queries.Seer, now: datetime) -> list[str]:
    """Return what a manager has to see to: what is late, what waits for an approval, what is proposed."""
    late = queries.total(seer=seer, asked=queries.Asked(late_at=now))
    approve = queries.total(seer=seer, asked=queries.Asked(states=("new", "active", "waiting"), asks_grant=True))
    better = [of.playbook for of in trials.every(state=trials.RUNNING) if _is_proposed(of, now)]
    return [
        f"{say.many(late, 'case')} of your regions: nobody acted in time." if late else "",
        f"{say.many(approve, 'case')} of your regions wait for an approval." if approve else "",
        f"A better way is shown for {say.listed(better)}: see Playbooks." if better else "",
    ]


def _is_proposed(of: trial.Trial, now: datetime) -> bool:
    return any(one.is_proposed for one in trying.compared(of=of, now=now))


def _scope(person: people.Card) -> Scope:
    return Scope(role=person.role, regions=None if person.regions is None else frozenset(person.regions))
