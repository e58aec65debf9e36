"""What waits for a member of staff, by e-mail, on the days and at the time they chose.

It names cases by number and title, never a customer: mail is read where others see it. Who has nothing to do gets none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import formats, translation

from valence.alerts import place_alarms, saying
from valence.cases import digests, queries, staff_words, trial, trials
from valence.channels import actions as channels
from valence.channels.values import Kind, Purpose, ToSend
from valence.flows.act import trying
from valence.flows.ask import spoken
from valence.flows.weigh import minds
from valence.insights import say
from valence.people import queries as people
from valence.people.rules import Act
from valence.terms import Scope

MOST, MOST_ALARMS = 8, 200


def send_due(*, now: datetime) -> int:
    """Queue the digests whose time has come; return how many."""
    return sum(_queue(schedule, day, now) for schedule, day in digests.due(now=now))


def written(*, person: people.Card, now: datetime) -> tuple[str, str] | None:
    """Return subject and text of somebody's digest as of now, in their language; None where nothing waits for them."""
    seer = queries.Seer(pk=person.pk, scope=_scope(person))
    words = staff_words.of(language=person.language)
    mine = queries.Asked(owner=person.pk, states=("new", "active"), awake_at=now)
    count, rows = queries.total(seer=seer, asked=mine), queries.rows(seer=seer, asked=mine, limit=MOST)
    with translation.override(staff_words.spoken(language=person.language)):
        team = _team(seer, words, now) if Act.RULES in person.acts else ()
        parts = [_mine(count, rows, words, now), _places(person, words), *team]
    said = [part for part in parts if part]
    if not said:
        return None
    subject = words["subject_cases"].format(count=say.count(count)) if count else words["subject_decide"]
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
            content={
                "subject": said[0],
                "text": said[1],
                "language": staff_words.spoken(language=person.language),
            },
            to=person.email,
            until=now + digests.STILL,
        )
        channels.queue(messages=[message], now=now)
    return True


def _mine(count: int, rows: Sequence[queries.CaseRow], words: Mapping[str, str], now: datetime) -> str:
    if not rows:
        return ""
    lines = [f"{row.number}  {row.title}, {_due(row, words, now)}" for row in rows]
    more = [words["more"].format(count=say.count(count - len(rows)))] if count > len(rows) else []
    return "\n".join([words["yours"].format(count=say.count(count)), *lines, *more])


def _due(row: queries.CaseRow, words: Mapping[str, str], now: datetime) -> str:
    if row.first_act_at is not None:
        return words["taken"]
    at = say.local(row.due_at)
    day = f"{formats.date_format(at, 'DATE_FORMAT')}, {at:%H:%M}"
    return words["was_due" if row.due_at < now else "due"].format(day=day)


def _places(person: people.Card, words: Mapping[str, str]) -> str:
    """Return the open alarms about places that are theirs, in lines."""
    pack = minds.pack()
    lines = [
        words["place"].format(
            what=saying.place_what(about=one.about, word=one.word, pack=pack),
            where=saying.place_where(zone=one.zone, region=one.region),
            observed=say.count(one.observed),
            expected=f"{one.expected:.1f}",
        )
        for one in place_alarms.rows(scope=_scope(person), state="open", limit=MOST_ALARMS)
        if one.owner == person.pk
    ]
    return "\n".join([words["places"].format(count=say.count(len(lines))), *lines[:MOST]]) if lines else ""


def _team(seer: queries.Seer, words: Mapping[str, str], now: datetime) -> list[str]:
    """Return what a manager has to see to: what is late, what waits for an approval, what is proposed."""
    late = queries.total(seer=seer, asked=queries.Asked(late_at=now))
    approve = queries.total(seer=seer, asked=queries.Asked(states=("new", "active", "waiting"), asks_grant=True))
    better = [of.playbook for of in trials.every(state=trials.RUNNING) if _is_proposed(of, now)]
    return [
        words["late"].format(count=say.count(late)) if late else "",
        words["approve"].format(count=say.count(approve)) if approve else "",
        words["better"].format(what=", ".join(better)) if better else "",
    ]


def _is_proposed(of: trial.Trial, now: datetime) -> bool:
    return any(one.is_proposed for one in trying.compared(of=of, now=now))


def _scope(person: people.Card) -> Scope:
    return Scope(role=person.role, regions=None if person.regions is None else frozenset(person.regions))
