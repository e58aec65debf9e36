"""Reads of cases, as values: seen by their owner, and by whoever else may see the customer by role and region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from valence.cases import playbook as playbooks
from valence.cases import rules
from valence.cases.models import Case, CaseAlert, CasePromise, Happening, Playbook, Task
from valence.customers import envelopes, identities, vault
from valence.customers.queries import UnknownCustomer
from valence.terms import Role, Scope

PREFIX = "C-"


class NoSuchCase(LookupError):  # noqa: N818  named as people say it
    """There is no such case, or it may not be seen: the two cannot be told apart."""


@dataclass(frozen=True)
class Seer:
    """Who looks: their number, and whose customers they may see. A case owner sees what is theirs, others by region."""

    pk: int
    scope: Scope


@dataclass(frozen=True)
class Asked:
    """Which cases are asked for. Empty means any. `late`: nobody acted in time; `awake`: not snoozed at a moment."""

    owner: int | None = None
    states: tuple[str, ...] = ()
    recovery: str = ""
    department: str = ""
    playbook: str = ""
    severity: int = 0
    late_at: datetime | None = None
    awake_at: datetime | None = None
    asks_grant: bool = False
    above: int = 0


@dataclass(frozen=True)
class CaseRow:
    """A case in a list. `key`: the customer's; `why`: what makes it urgent, in words."""

    pk: int
    key: int
    owner: int
    owner_name: str
    title: str
    state: rules.State
    severity: int
    department: str
    playbook: str
    opened_at: datetime
    due_at: datetime
    first_act_at: datetime | None
    level: int
    snoozed_until: datetime | None
    closed_at: datetime | None
    why: tuple[str, ...]
    recovery: str
    told_at: datetime | None

    @property
    def number(self) -> str:
        """How people call it."""
        return f"{PREFIX}{self.pk}"


@dataclass(frozen=True)
class TaskRow:
    """A step of a case."""

    place: int
    words: str
    detail: str
    act: str
    done_at: datetime | None
    done_by: str


@dataclass(frozen=True)
class Line:
    """One line of a timeline; `text`: a note or reply as it was written, "" where there is none."""

    at: datetime
    who: str
    what: str
    words: str
    text: str = ""


@dataclass(frozen=True)
class PromiseRow:
    """What a reply promised."""

    pk: int
    words: str
    interaction_id: str
    due_at: datetime
    kept_at: datetime | None
    broken_at: datetime | None


@dataclass(frozen=True)
class Whole:
    """A case with everything in it."""

    row: CaseRow
    playbook: playbooks.Playbook | None
    tasks: tuple[TaskRow, ...]
    lines: tuple[Line, ...]
    alerts: tuple[int, ...]
    promises: tuple[PromiseRow, ...]
    reason: str
    occurred_at: datetime
    granted: float
    asked_grant: float | None
    bond_before: float | None
    evidence: tuple[tuple[str, str], ...]
    checked_at: datetime | None
    closed_why: str
    draft: str


def rows(*, seer: Seer, asked: Asked, offset: int = 0, limit: int = 50) -> tuple[CaseRow, ...]:
    """Return cases, the most urgent first; closed ones, the latest first."""
    order = ("-closed_at", "-pk") if asked.states == (rules.State.CLOSED,) else ("-priority", "pk")
    pks = _first(seer, asked, order, offset + limit)[offset:]
    # In two steps: joined to their owners, SQLite would sort all cases before it takes the first.
    found = Case.objects.filter(pk__in=pks).select_related("owner", "playbook").defer("draft", "evidence")
    rows_ = {one.pk: _row(one) for one in found}
    return tuple(rows_[pk] for pk in pks if pk in rows_)


def _first(seer: Seer, asked: Asked, order: tuple[str, ...], limit: int) -> list[int]:
    """Return the numbers of the first cases in order.

    Each state by itself walks the index of its priorities and stops; several at once would sort all cases there are.
    """
    if order[0] != "-priority" or not asked.states[1:]:
        return list(_found(seer, asked).order_by(*order).values_list("pk", flat=True)[:limit])
    each = (
        _found(seer, replace(asked, states=(state,))).order_by(*order).values_list("priority", "pk")[:limit]
        for state in asked.states
    )
    return [pk for _, pk in sorted((-priority, pk) for rows_ in each for priority, pk in rows_)[:limit]]


def total(*, seer: Seer, asked: Asked) -> int:
    """Return how many cases were asked for."""
    return sum(part.count() for part in _apart(seer, asked))


def newest() -> int:
    """Return the highest number that any case has; 0 before the first. What comes later has a higher one."""
    return Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def needs(*, seer: Seer, now: datetime) -> int:
    """Return how many cases need somebody: theirs, open, not asleep and not waiting for the customer."""
    mine = Asked(owner=seer.pk, states=(rules.State.NEW, rules.State.ACTIVE), awake_at=now)
    return _found(seer, mine).count()


def whole(*, seer: Seer, pk: int) -> Whole:
    """Return one case with everything in it. Raises NoSuchCase."""
    one = _found(seer, Asked()).filter(pk=pk).select_related("owner", "playbook").first()
    if one is None:
        raise NoSuchCase(pk)
    tasks = Task.objects.filter(case=one).order_by("place")
    lines = Happening.objects.filter(case=one).order_by("-at", "-pk")
    return Whole(
        row=_row(one),
        playbook=None if one.playbook is None else _playbook(one.playbook),
        tasks=tuple(
            TaskRow(each.place, each.words, each.detail, each.act, each.done_at, each.done_by) for each in tasks
        ),
        lines=tuple(
            Line(each.at, each.who, each.what, each.words, opened(key=one.customer_id, sealed=each.sealed, case=pk))
            for each in lines
        ),
        alerts=tuple(CaseAlert.objects.filter(case=one).order_by("pk").values_list("alert_id", flat=True)),
        promises=promises_of(case=pk),
        reason=one.reason,
        occurred_at=one.occurred_at,
        granted=one.granted,
        asked_grant=one.asked_grant,
        bond_before=one.bond_before,
        evidence=tuple((sign, words) for sign, words in one.evidence),
        checked_at=one.checked_at,
        closed_why=one.closed_why,
        draft=opened(key=one.customer_id, sealed=one.draft, case=pk),
    )


def promises_of(*, case: int) -> tuple[PromiseRow, ...]:
    """Return what the replies of a case promised, those due first on top."""
    found = CasePromise.objects.filter(case_id=case).order_by("due_at", "pk")
    return tuple(
        PromiseRow(each.pk, each.words, each.interaction_id, each.due_at, each.kept_at, each.broken_at)
        for each in found
    )


def opened(*, key: int, sealed: bytes | memoryview, case: int) -> str:
    """Return what was sealed with a customer's key; "" where there is nothing, or nobody may open it any more."""
    if not sealed:
        return ""
    try:
        plain = envelopes.unseal(customer_key=key, sealed=bytes(sealed), bound_to=about(case=case))
    except (UnknownCustomer, vault.Unreadable):
        return ""
    return plain.decode()


def about(*, case: int) -> bytes:
    """Return what the sealed texts of a case are bound to."""
    return f"case {case}".encode()


def open_of(*, keys: Collection[int]) -> dict[int, int]:
    """Return the open case of each of some customers, by key; who has none is left out."""
    found = Case.objects.filter(customer_id__in=list(keys)).exclude(state=rules.State.CLOSED)
    return dict(found.values_list("customer_id", "pk"))


def of_customer(*, seer: Seer, key: int, limit: int = 10) -> tuple[CaseRow, ...]:
    """Return a customer's cases, the latest first."""
    found = _found(seer, Asked()).filter(customer_id__in=identities.keys_of(key=key)).order_by("-pk")[:limit]
    return tuple(_row(one) for one in found.select_related("owner", "playbook"))


def loads(*, since: datetime) -> tuple[dict[int, int], dict[int, int]]:
    """Return how many cases each owner was given since a moment, and how many are open, by owner."""
    given = Case.objects.filter(opened_at__gte=since).order_by().values_list("owner").annotate(n=Count("pk"))
    open_ = Case.objects.exclude(state=rules.State.CLOSED).order_by().values_list("owner").annotate(n=Count("pk"))
    return dict(given), dict(open_)


def late(*, now: datetime, limit: int) -> tuple[CaseRow, ...]:
    """Return cases in which nobody acted in time, for the one who sends them up the ladder."""
    found = Case.objects.filter(state=rules.State.NEW, due_at__lt=now, level__lt=2)
    found = found.exclude(snoozed_until__gt=now).order_by("due_at")[:limit]
    return tuple(_row(one) for one in found.select_related("owner", "playbook"))


def to_verify(*, before: datetime, limit: int) -> tuple[int, ...]:
    """Return closed cases of which nothing certain is known yet and that were not looked at since a moment."""
    found = Case.objects.filter(state=rules.State.CLOSED, recovery="waiting")
    found = found.filter(Q(checked_at=None) | Q(checked_at__lt=before)).order_by("checked_at", "pk")
    return tuple(found.values_list("pk", flat=True)[:limit])


def recovered(*, seer: Seer, playbook: str = "") -> Mapping[str, int]:
    """Return how many closed cases were put right and how many not, by what is known."""
    counts: Counter[str] = Counter()
    for part in _apart(seer, Asked(states=(rules.State.CLOSED,), playbook=playbook)):
        counts.update(dict(part.order_by().values_list("recovery").annotate(n=Count("pk"))))
    return counts


def playbook_in_force(*, name: str) -> tuple[int, playbooks.Playbook] | None:
    """Return the number of a playbook's row and the playbook as it stands; None where there is none of this name."""
    row = Playbook.objects.filter(name=name).order_by("-number").first()
    return None if row is None else (row.pk, _playbook(row))


@dataclass(frozen=True)
class BookVersion:
    """A version of a playbook: who wrote it and when, and how cases that were opened with it ended."""

    pk: int
    number: int
    title: str
    by: str
    made_at: datetime
    cases: int
    recovered: int
    not_recovered: int


def playbook_versions(*, name: str) -> tuple[BookVersion, ...]:
    """Return the versions of a playbook, the latest first."""
    counted = Case.objects.filter(playbook__name=name).order_by().values_list("playbook", "state", "recovery")
    counts: dict[tuple[int, str], int] = {}
    for pk, state, recovery, n in counted.annotate(n=Count("pk")):
        for word in ("", recovery if state == rules.State.CLOSED else "open"):
            counts[pk or 0, word] = counts.get((pk or 0, word), 0) + n
    return tuple(
        BookVersion(
            pk=row.pk,
            number=row.number,
            title=str(row.said.get("title", "")),
            by=row.by,
            made_at=row.made_at,
            cases=counts.get((row.pk, ""), 0),
            recovered=counts.get((row.pk, "recovered"), 0),
            not_recovered=counts.get((row.pk, "not_recovered"), 0),
        )
        for row in Playbook.objects.filter(name=name).order_by("-number")
    )


def playbooks_in_force() -> tuple[playbooks.Playbook, ...]:
    """Return every playbook as it stands, by title."""
    latest: dict[str, int] = dict(Playbook.objects.order_by("number").values_list("name", "pk"))
    rows = Playbook.objects.filter(pk__in=latest.values())
    return tuple(sorted((_playbook(row) for row in rows), key=lambda one: (one.title, one.name)))


def first_alert(*, case: int) -> tuple[str, str] | None:
    """Return the interaction (source, id) that the first alert of a case is about; None where it is about none."""
    found = CaseAlert.objects.filter(case_id=case).exclude(alert__interaction_id="").order_by("pk")
    return found.values_list("alert__source", "alert__interaction_id").first()


def found(*, seer: Seer, asked: Asked) -> QuerySet[Case]:
    """Return the cases that are asked for and may be seen, to be counted in this folder."""
    return _found(seer, asked)


def _apart(seer: Seer, asked: Asked) -> tuple[QuerySet[Case], ...]:
    """Return the same cases as _found in parts that share none: counted together, every case would be looked at."""
    if seer.scope.role is Role.CASE_OWNER or seer.scope.regions is None:
        return (_found(seer, asked),)
    theirs = identities.seen(scope=seer.scope, path="customer")
    elsewhere = Case.objects.filter(owner_id=seer.pk).exclude(theirs)
    return _narrowed(Case.objects.filter(theirs), asked), _narrowed(elsewhere, asked)


def _found(seer: Seer, asked: Asked) -> QuerySet[Case]:
    found = Case.objects.all()
    if seer.scope.role is Role.CASE_OWNER:
        found = found.filter(owner_id=seer.pk)
    elif seer.scope.regions is not None:
        found = found.filter(Q(owner_id=seer.pk) | identities.seen(scope=seer.scope, path="customer"))
    return _narrowed(found, asked)


def _narrowed(found: QuerySet[Case], asked: Asked) -> QuerySet[Case]:
    found = found.filter(state__in=asked.states) if asked.states else found
    for name, value in (
        ("owner_id", asked.owner),
        ("recovery", asked.recovery or None),
        ("department", asked.department or None),
        ("playbook__name", asked.playbook or None),
        ("severity", asked.severity or None),
        ("asked_grant__isnull", False if asked.asks_grant else None),
        ("pk__gt", asked.above or None),
    ):
        found = found if value is None else found.filter(**{name: value})
    if asked.late_at:  # excluded what is not: asked for by a bound, all that are late would be sorted for the first few
        found = found.filter(state=rules.State.NEW).exclude(due_at__gte=asked.late_at)
    return found if asked.awake_at is None else found.exclude(snoozed_until__gt=asked.awake_at)


def _row(one: Case) -> CaseRow:
    return CaseRow(
        pk=one.pk,
        key=one.customer_id,
        owner=one.owner_id,
        owner_name=one.owner.full_name or one.owner.name,
        title=one.title,
        state=rules.State(one.state),
        severity=one.severity,
        department=one.department,
        playbook=one.playbook.name if one.playbook else "",
        opened_at=one.opened_at,
        due_at=one.due_at,
        first_act_at=one.first_act_at,
        level=one.level,
        snoozed_until=one.snoozed_until,
        closed_at=one.closed_at,
        why=tuple(one.why),
        recovery=one.recovery,
        told_at=one.told_at,
    )


def _playbook(row: Playbook) -> playbooks.Playbook:
    return playbooks.made(table=row.said, number=row.number)


def api_rows(*, seer: Seer, state: str, after: int, limit: int) -> Sequence[CaseRow]:
    """Return cases in order of their numbers, above one."""
    found = _found(seer, Asked(states=(state,) if state else (), above=after)).order_by(F("pk"))[:limit]
    return [_row(one) for one in found.select_related("owner", "playbook")]
