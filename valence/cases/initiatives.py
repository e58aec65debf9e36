"""Initiatives as rows, and whose voices they answer. One question or one verb each, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from valence.cases import changed, queries
from valence.cases.changed import Initiative, Measure, State, WrongInitiative
from valence.cases.models import Case, Voice
from valence.cases.models import Initiative as Row
from valence.customers import identities
from valence.people import audit
from valence.terms import Scope

WAITING, TOLD, CANNOT = "waiting", "told", "cannot"
MOST_VOICES = 20_000


class NoSuchInitiative(LookupError):  # noqa: N818  named as people say it
    """There is no such initiative."""


@dataclass(frozen=True)
class NewVoice:
    """Somebody who said it: where and when. `case`: the case that tells it, if one does."""

    key: int
    said_at: datetime
    source: str = ""
    interaction_id: str = ""
    case: int | None = None


@dataclass(frozen=True)
class VoiceRow:
    """A voice as it stands. `key`: the customer's."""

    pk: int
    key: int
    case: int | None
    source: str
    interaction_id: str
    said_at: datetime
    state: str
    why: str
    channel: str
    told_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """How many said what an initiative is about, and how many of them were told, wait, or cannot be reached."""

    voices: int = 0
    told: int = 0
    waiting: int = 0
    cannot: int = 0


@transaction.atomic
def make(*, wanted: Initiative, by: str, now: datetime) -> int:
    """Keep a new initiative; return its number. Raises WrongInitiative."""
    said = changed.check(wanted=wanted)
    row = Row.objects.create(**_columns(said), made_at=now)
    audit.record(who=by, what="initiative begun", about=f"{row.pk}: {said.title}", now=now)
    return row.pk


@transaction.atomic
def change(*, wanted: Initiative, by: str, now: datetime) -> None:
    """Keep what an initiative says now. Raises WrongInitiative, NoSuchInitiative."""
    said = changed.check(wanted=wanted)
    if not Row.objects.filter(pk=wanted.pk).update(**_columns(said)):
        raise NoSuchInitiative(wanted.pk)
    audit.record(who=by, what="initiative changed", about=f"{wanted.pk}: {said.title}", now=now)


@transaction.atomic
def settle(*, pk: int, state: State, by: str, now: datetime) -> None:
    """Say that an initiative is done, dropped, or open again."""
    done = {"done_at": now} if state is State.DONE else {"done_at": None, "telling_from": None, "published_at": None}
    if Row.objects.filter(pk=pk).exclude(state=state).update(state=state, **done):
        audit.record(who=by, what=f"initiative {state}", about=str(pk), now=now)


@transaction.atomic
def begin_telling(*, pk: int, by: str, now: datetime) -> None:
    """Let everybody who said it be told from now on. Raises WrongInitiative, NoSuchInitiative."""
    why = changed.may_tell(wanted=one(pk=pk))
    if why:
        raise WrongInitiative(why)
    if Row.objects.filter(pk=pk, telling_from=None).update(telling_from=now):
        audit.record(who=by, what="initiative told", about=str(pk), now=now)


@transaction.atomic
def publish(*, pk: int, on: bool, by: str, now: datetime) -> None:
    """Put an initiative on the public page, or take it off. Raises WrongInitiative, NoSuchInitiative."""
    why = changed.may_tell(wanted=one(pk=pk)) if on else ""
    if why:
        raise WrongInitiative(why)
    Row.objects.filter(pk=pk).update(published_at=now if on else None)
    audit.record(who=by, what="initiative published" if on else "initiative hidden", about=str(pk), now=now)


def add_voices(*, pk: int, voices: Sequence[NewVoice]) -> int:
    """Add those who said it; each customer once, however often they said it. Returns how many are new."""
    rows = [
        Voice(
            initiative_id=pk,
            customer_id=each.key,
            case_id=each.case,
            source=each.source,
            interaction_id=each.interaction_id,
            said_at=each.said_at,
        )
        for each in voices[:MOST_VOICES]
    ]
    with transaction.atomic():
        before = Voice.objects.filter(initiative_id=pk).count()
        Voice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        return Voice.objects.filter(initiative_id=pk).count() - before


@transaction.atomic
def note_told(*, pk: int, channel: str, now: datetime) -> bool:
    """Note that somebody is told; once. Call it in the transaction that queues the message."""
    return bool(Voice.objects.filter(pk=pk, state=WAITING).update(state=TOLD, channel=channel, told_at=now))


def note_cannot(*, pk: int, why: str) -> None:
    """Note that somebody cannot be told, and why."""
    Voice.objects.filter(pk=pk, state=WAITING).update(state=CANNOT, why=why[:100])


def one(*, pk: int) -> Initiative:
    """Return an initiative. Raises NoSuchInitiative."""
    row = Row.objects.filter(pk=pk).first()
    if row is None:
        raise NoSuchInitiative(pk)
    return _initiative(row)


def every(*, state: str = "") -> tuple[Initiative, ...]:
    """Return initiatives, open ones first, the latest on top."""
    found = Row.objects.filter(state=state) if state else Row.objects.all()
    order = {State.OPEN: 0, State.DONE: 1, State.DROPPED: 2}
    return tuple(sorted(map(_initiative, found.order_by("-pk")[:500]), key=lambda each: order[each.state]))


def published() -> tuple[Initiative, ...]:
    """Return what everybody may read, the latest first."""
    return tuple(map(_initiative, Row.objects.exclude(published_at=None).order_by("-done_at", "-pk")[:100]))


def counts(*, pks: Sequence[int]) -> Mapping[int, Counts]:
    """Return how many said it and were told, by initiative."""
    found = Voice.objects.filter(initiative_id__in=list(pks)).order_by().values_list("initiative", "state")
    by_state: dict[int, dict[str, int]] = {}
    for pk, state, n in found.annotate(n=Count("pk")):
        by_state.setdefault(pk, {})[state] = n
    return {pk: _counts(each) for pk, each in by_state.items()}


def _counts(by_state: Mapping[str, int]) -> Counts:
    return Counts(sum(by_state.values()), *(by_state.get(state, 0) for state in (TOLD, WAITING, CANNOT)))


def voices(*, pk: int, scope: Scope, state: str = "", limit: int = 50) -> tuple[VoiceRow, ...]:
    """Return those who said it whom one may see, the latest first."""
    seen: Q = Q(customer__wrapped_key__isnull=False)
    found = Voice.objects.filter(seen, identities.seen(scope=scope, path="customer"), initiative_id=pk)
    found = found.filter(state=state) if state else found
    return tuple(map(_voice, found.order_by("-said_at", "-pk")[:limit]))


def to_tell(*, limit: int) -> tuple[tuple[int, VoiceRow], ...]:
    """Return voices that wait to be told, with the number of their initiative, the oldest first."""
    found = Voice.objects.filter(state=WAITING, initiative__telling_from__isnull=False)
    found = found.filter(initiative__state=State.DONE).order_by("initiative__telling_from", "pk")
    return tuple((row.initiative_id, _voice(row)) for row in found[:limit])


def voices_of_cases(*, seer: queries.Seer, since: datetime, department: str, playbook: str) -> tuple[NewVoice, ...]:
    """Return who had a case of a department or playbook since a moment, as voices; the latest case of each."""
    found = queries.found(seer=seer, asked=queries.Asked(department=department, playbook=playbook))
    rows = found.filter(opened_at__gte=since).order_by("-pk")[:MOST_VOICES]
    return tuple(_of_case(row) for row in rows)


def voice_of_case(*, case: int) -> NewVoice | None:
    """Return the voice of a case, None where there is no such case."""
    row = Case.objects.filter(pk=case).first()
    return None if row is None else _of_case(row)


def of_case(*, case: int) -> tuple[Initiative, ...]:
    """Return the initiatives that a case is part of."""
    pks = Voice.objects.filter(case_id=case).values_list("initiative", flat=True)
    return tuple(map(_initiative, Row.objects.filter(pk__in=list(pks)).order_by("pk")))


def told_share(*, since: timedelta, now: datetime) -> Counts:
    """Return how many of those who said something that was changed lately were told."""
    found = Voice.objects.filter(initiative__done_at__gte=now - since)
    counted = dict(found.order_by().values_list("state").annotate(n=Count("pk")))
    return _counts(counted)


def _of_case(row: Case) -> NewVoice:
    first = queries.first_alert(case=row.pk)
    source, interaction_id = first or ("", "")
    return NewVoice(row.customer_id, row.occurred_at, source, interaction_id, row.pk)


def _columns(said: Initiative) -> dict[str, Any]:
    return {
        "title": said.title.strip(),
        "words": said.words.strip(),
        "department": said.department,
        "theme": said.theme,
        "owner_id": said.owner,
        "measure": asdict(said.measure) if said.measure.kind else {},
        "baseline": said.baseline,
        "target": said.target,
        "due_date": said.due_date,
        "change": dict(said.change),
    }


def _initiative(row: Row) -> Initiative:
    return Initiative(
        title=row.title,
        owner=row.owner_id,
        words=row.words,
        department=row.department,
        theme=row.theme,
        measure=Measure(**row.measure),
        baseline=row.baseline,
        target=row.target,
        due_date=row.due_date,
        change=row.change,
        pk=row.pk,
        state=State(row.state),
        made_at=row.made_at,
        done_at=row.done_at,
        telling_from=row.telling_from,
        published_at=row.published_at,
    )


def _voice(row: Voice) -> VoiceRow:
    return VoiceRow(
        pk=row.pk,
        key=row.customer_id,
        case=row.case_id,
        source=row.source,
        interaction_id=row.interaction_id,
        said_at=row.said_at,
        state=row.state,
        why=row.why,
        channel=row.channel,
        told_at=row.told_at,
    )
