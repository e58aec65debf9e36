"""Writes of cases: one verb, one transaction, a line on the timeline for each. Raises what is said beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from valence.alerts import actions as alert_actions
from valence.alerts import queries as alert_queries
from valence.cases import playbook as playbooks
from valence.cases import queries, rules
from valence.cases.models import Case, CaseAlert, CasePromise, Happening, Playbook, Task
from valence.cases.recovery import Verified
from valence.customers import envelopes
from valence.people import audit

LONGEST_NOTE = 10_000


class ChangedMeanwhile(Exception):  # noqa: N818  named as people say it
    """Somebody else changed the case first. Nothing was written."""


class NotAllowed(Exception):  # noqa: N818  named as people say it
    """What was asked cannot be done. The text says why, to the person who asked."""


@dataclass(frozen=True)
class Opening:
    """What a case is opened with."""

    alert: alert_queries.AlertRow
    owner: int
    owner_why: str
    due_at: datetime
    priority: float
    why: tuple[str, ...]
    reason: str = ""
    playbook: str = ""
    bond_before: float | None = None
    value: float | None = None


@dataclass(frozen=True)
class Promised:
    """What a reply promises, and the interaction that says so."""

    words: str
    due_at: datetime
    interaction_id: str


@transaction.atomic
def put_playbook(*, playbook: playbooks.Playbook, by: str, now: datetime) -> int:
    """Keep a playbook, as a new version where it says something else; return the version in force."""
    said = playbooks.table_of(playbook=playbook)
    last = Playbook.objects.select_for_update().filter(name=playbook.name).order_by("-number").first()
    if last is not None and last.said == said:
        return last.number
    number = 1 if last is None else last.number + 1
    Playbook.objects.create(name=playbook.name, number=number, said=said, by=by, made_at=now)
    audit.record(who=by, what="playbook written", about=f"{playbook.name}, version {number}", now=now)
    return number


def install(*, tables: Sequence[Mapping[str, Any]], by: str, now: datetime) -> int:
    """Put the playbooks that come with a pack beside those there are; return how many were new."""
    there = set(Playbook.objects.values_list("name", flat=True))
    new = [playbooks.made(table=table) for table in tables if table.get("name") not in there]
    for one in new:
        put_playbook(playbook=one, by=by, now=now)
    return len(new)


def put_from_file(*, table: Mapping[str, Any], name: str, now: datetime) -> None:
    """Put a playbook in force that a file says, once for each thing the file says: what is changed on the page stays.

    Raises playbook.WrongPlaybook.
    """
    made, by = playbooks.made(table=table), f"file {name}"[:150]
    last = Playbook.objects.filter(name=made.name, by=by).order_by("-number").first()
    if last is None or last.said != playbooks.table_of(playbook=made):
        put_playbook(playbook=made, by=by, now=now)


def open_case(*, opening: Opening, now: datetime) -> tuple[int, bool] | None:
    """Open a case for an alert, or let it join the customer's open one; return (case, whether it is new).

    None where somebody else took the alert first.
    """
    for _ in range(2):
        try:
            with transaction.atomic():
                return _open_or_join(opening, now)
        except IntegrityError:  # a case of the same customer was opened in between: join it
            continue
    return None


def _open_or_join(opening: Opening, now: datetime) -> tuple[int, bool] | None:
    alert = opening.alert
    there = Case.objects.filter(customer_id=alert.key).exclude(state=rules.State.CLOSED).first()
    state = alert_queries.OPENED if there is None else alert_queries.JOINED
    if not alert_actions.settle(pk=alert.pk, old=alert_queries.NEW, new=state):
        return None
    if there is not None:
        CaseAlert.objects.create(case=there, alert_id=alert.pk)
        if opening.priority > there.priority:
            Case.objects.filter(pk=there.pk).update(priority=opening.priority, why=list(opening.why))
        Case.objects.filter(pk=there.pk, severity__lt=alert.severity).update(severity=alert.severity)
        _line(there.pk, what="alert", words=f"Also: {alert.title}", at=now)
        return there.pk, False
    case = _create(opening, now)
    CaseAlert.objects.create(case=case, alert_id=alert.pk)
    return case.pk, True


def _create(opening: Opening, now: datetime) -> Case:
    alert = opening.alert
    found = queries.playbook_in_force(name=opening.playbook) if opening.playbook else None
    case = Case.objects.create(
        customer_id=alert.key,
        owner_id=opening.owner,
        title=alert.title,
        severity=alert.severity,
        department=alert.department,
        reason=opening.reason,
        playbook_id=found[0] if found else None,
        opened_at=now,
        occurred_at=alert.occurred_at,
        due_at=opening.due_at,
        priority=opening.priority,
        why=list(opening.why),
        bond_before=opening.bond_before,
        value=opening.value,
    )
    steps = found[1].steps if found else ()
    Task.objects.bulk_create(
        Task(case=case, place=place, words=step.words, detail=step.detail, act=step.act)
        for place, step in enumerate(steps)
    )
    _line(case.pk, what="opened", words=f"Rule “{alert.title}” opened the case", at=now)
    _line(case.pk, what="assigned", words=f"Given to its owner: {opening.owner_why}"[:300], at=now)
    return case


@transaction.atomic
def change_state(*, pk: int, old: rules.State, new: rules.State, by: str, now: datetime, why: str = "") -> None:
    """Move a case from one state to another. Raises NotAllowed, ChangedMeanwhile."""
    if not rules.may_become(old=old, new=new):
        raise NotAllowed(f"A case that is {old} cannot become {new}.")
    if new is rules.State.CLOSED and why not in rules.CLOSING:
        raise NotAllowed("Say how it ended.")
    ended: dict[str, Any] = {"closed_at": now, "closed_why": why} if new is rules.State.CLOSED else {"closed_at": None}
    fresh: dict[str, Any] = (
        {} if new is rules.State.CLOSED else {"recovery": "waiting", "evidence": [], "checked_at": None}
    )
    try:
        with transaction.atomic():
            changed = Case.objects.filter(pk=pk, state=old).update(state=new, snoozed_until=None, **ended, **fresh)
    except IntegrityError:
        raise NotAllowed("This customer has another case that is open: work on that one.") from None
    if changed != 1:
        raise ChangedMeanwhile
    words = rules.CLOSING[why] if new is rules.State.CLOSED else {"active": "Taken up", "waiting": "Waits"}[new]
    _line(pk, what=new, words=f"Closed: {words}" if new is rules.State.CLOSED else words, at=now, who=by)
    _acted(pk, now)


@transaction.atomic
def note(*, pk: int, key: int, by: str, text: str, now: datetime) -> None:
    """Add a note, sealed with the customer's key. Raises NotAllowed for an empty one."""
    if not text.strip() or len(text) > LONGEST_NOTE:
        raise NotAllowed(f"Write a note of at most {LONGEST_NOTE:,} letters.")
    sealed = envelopes.seal(customer_key=key, plain=text.strip().encode(), bound_to=queries.about(case=pk))
    _line(pk, what="note", words="Note", at=now, who=by, sealed=sealed)
    _take_up(pk, by, now)


@transaction.atomic
def tick(*, pk: int, place: int, done: bool, by: str, now: datetime) -> None:
    """Tick a step off, or take that back."""
    steps = Task.objects.filter(case_id=pk, place=place)
    changed = steps.filter(done_at__isnull=done).update(done_at=now if done else None, done_by=by if done else "")
    if changed:
        words = steps.values_list("words", flat=True).get()
        _line(pk, what="step", words=f"{'Done' if done else 'Not done'}: {words}"[:300], at=now, who=by)
        _take_up(pk, by, now)


@transaction.atomic
def assign(*, pk: int, old: int, new: int, by: str, why: str, now: datetime, level: int | None = None) -> None:
    """Give a case to somebody else. Raises ChangedMeanwhile."""
    more = {} if level is None else {"level": level}
    if Case.objects.filter(pk=pk, owner_id=old).update(owner_id=new, **more) != 1:
        raise ChangedMeanwhile
    _line(pk, what="escalated" if level else "assigned", words=why[:300], at=now, who=by)


@transaction.atomic
def raise_level(*, pk: int, level: int, words: str, now: datetime) -> None:
    """Note that a case went a step up the ladder; once for each step."""
    if Case.objects.filter(pk=pk, level=level - 1).update(level=level):
        _line(pk, what="escalated", words=words[:300], at=now)


@transaction.atomic
def snooze(*, pk: int, until: datetime | None, by: str, now: datetime) -> None:
    """Let a case rest until a moment; None: wake it."""
    Case.objects.filter(pk=pk).exclude(state=rules.State.CLOSED).update(snoozed_until=until)
    _line(pk, what="snoozed", words=f"Rests until {until:%d %b %H:%M} UTC" if until else "Woken", at=now, who=by)


@transaction.atomic
def grant(*, pk: int, amount: float, most_own: float, by: str, words: str, now: datetime) -> rules.Grant:
    """Grant an amount, or ask for it where it is above one's own limit; return what was decided."""
    case = Case.objects.select_for_update().get(pk=pk)
    book = queries.playbook_in_force(name=case.playbook.name) if case.playbook else None
    most = max((gesture.most for gesture in book[1].gestures), default=0.0) if book else 0.0
    decided = rules.may_grant(amount=amount, granted=case.granted, most_own=most_own, most_playbook=most)
    if decided.at_once:
        Case.objects.filter(pk=pk).update(granted=case.granted + amount, asked_grant=None)
        _line(pk, what="granted", words=f"Granted {words}"[:300], at=now, who=by)
        audit.record(who=by, what="gesture granted", about=f"{queries.PREFIX}{pk}: {amount:g}", now=now)
    elif decided.asks:
        Case.objects.filter(pk=pk).update(asked_grant=amount)
        _line(pk, what="asked", words=f"Asked to grant {words}"[:300], at=now, who=by)
    if decided.at_once or decided.asks:
        _take_up(pk, by, now)
    return decided


@transaction.atomic
def approve(*, pk: int, yes: bool, most_own: float, by: str, words: str, now: datetime) -> None:
    """Approve what was asked, or not. Raises NotAllowed above the approver's own limit, or where nothing is asked."""
    case = Case.objects.select_for_update().get(pk=pk)
    if case.asked_grant is None:
        raise NotAllowed("Nothing waits for an approval here.")
    if yes and case.granted + case.asked_grant > most_own:
        raise NotAllowed(f"You may grant {most_own:g} yourself: somebody else has to approve this.")
    granted = case.granted + (case.asked_grant if yes else 0.0)
    Case.objects.filter(pk=pk).update(granted=granted, asked_grant=None)
    _line(pk, what="granted" if yes else "refused", words=f"{'Approved' if yes else 'Not approved'}: {words}"[:300],
          at=now, who=by)  # fmt: skip
    audit.record(who=by, what="gesture approved" if yes else "gesture refused", about=f"{queries.PREFIX}{pk}", now=now)


def save_draft(*, pk: int, key: int, text: str) -> None:
    """Keep a reply that was begun, sealed; "" forgets it."""
    sealed = b""
    if text:
        sealed = envelopes.seal(customer_key=key, plain=text.encode(), bound_to=queries.about(case=pk))
    Case.objects.filter(pk=pk).update(draft=sealed)


@transaction.atomic
def note_reply(
    *, pk: int, key: int, by: str, text: str, channel: str, promised: Sequence[Promised], told: bool, now: datetime
) -> None:
    """Note that a reply leaves, with what it promises. Call it in the transaction that queues it."""
    sealed = envelopes.seal(customer_key=key, plain=text.encode(), bound_to=queries.about(case=pk))
    words = "Told the customer how it ended" if told else "Replied"
    _line(pk, what="told" if told else "replied", words=f"{words}, by {channel}", at=now, who=by, sealed=sealed)
    CasePromise.objects.bulk_create(
        CasePromise(case_id=pk, interaction_id=each.interaction_id, words=each.words[:200], due_at=each.due_at)
        for each in promised
    )
    for each in promised:
        _line(pk, what="promised", words=f"Promised: {each.words}"[:300], at=now, who=by)
    Case.objects.filter(pk=pk).update(draft=b"", **({"told_at": now} if told else {}))
    Task.objects.filter(case_id=pk, act="reply", done_at=None).update(done_at=now, done_by=by)
    _take_up(pk, by, now)


@transaction.atomic
def settle_promise(*, pk: int, promise: int, kept: bool, by: str, now: datetime) -> bool:
    """Note that a promise of a case was kept or broken; once. Returns whether it was still open."""
    found = CasePromise.objects.filter(pk=promise, case_id=pk, kept_at=None, broken_at=None)
    words = found.values_list("words", flat=True).first()
    if not found.update(**({"kept_at": now} if kept else {"broken_at": now})):
        return False
    _line(pk, what="kept" if kept else "broken", words=f"{'Kept' if kept else 'Broken'}: {words}"[:300], at=now, who=by)
    return True


@transaction.atomic
def note_verified(*, pk: int, found: Verified, now: datetime) -> bool:
    """Keep what is known of a recovery; return whether the verdict changed."""
    evidence = [[line.sign.value, line.words] for line in found.evidence]
    changed = Case.objects.filter(pk=pk).exclude(recovery=found.recovery).update(recovery=found.recovery)
    Case.objects.filter(pk=pk).update(evidence=evidence, checked_at=now)
    if changed:
        said = {"recovered": "Recovery verified", "not_recovered": "Not recovered", "cannot_say": "Cannot say whether"}
        why = "; ".join(line.words for line in found.evidence)
        _line(pk, what="verified", words=f"{said.get(found.recovery, 'Looked at again')}: {why}"[:300], at=now)
    return bool(changed)


def _line(pk: int, *, what: str, words: str, at: datetime, who: str = "", sealed: bytes = b"") -> None:
    Happening.objects.create(case_id=pk, at=at, who=who, what=what, words=words, sealed=sealed)


def _take_up(pk: int, by: str, now: datetime) -> None:
    """Whoever acts has taken the case up."""
    if Case.objects.filter(pk=pk, state=rules.State.NEW).update(state=rules.State.ACTIVE):
        _line(pk, what="active", words="Taken up", at=now, who=by)
    _acted(pk, now)


def _acted(pk: int, now: datetime) -> None:
    Case.objects.filter(pk=pk, first_act_at=None).update(first_act_at=now)
    pks = list(CaseAlert.objects.filter(case_id=pk).values_list("alert_id", flat=True))
    alert_actions.note_acted(pks=pks, now=now)
