"""Bad encounters as they are kept, and which of them were followed up: read only through a scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, QuerySet, Value, When

from valence import sums
from valence.alerts.models import Alert
from valence.cases import rules
from valence.cases.models import BadEncounter
from valence.cases.models import Case as CaseTable
from valence.customers import identities
from valence.terms import Scope

AT_ONCE = 2_000
WHYS = ("weakened", "lowest_score", "bad_comment", "broken_promise")
CASE, ALERT, REACHED, NOTHING = "case", "alert", "reached", ""


@dataclass(frozen=True)
class Encounter:
    """A bad encounter as it is stored. Fields as in the table."""

    key: int
    source: str
    interaction_id: str
    occurred_at: datetime
    kind: str
    department: str
    facts: str
    scale: str
    score: float | None
    weakened: bool
    lowest_score: bool
    bad_comment: bool
    broken_promise: bool
    times: float | None
    reached_at: datetime | None
    rule: str
    offered: str

    @property
    def whys(self) -> tuple[str, ...]:
        """What makes it a bad one, by name."""
        return tuple(why for why in WHYS if getattr(self, why))


@dataclass(frozen=True)
class Row:
    """A bad encounter in a list. `followed`: case, alert, reached, or "" where nothing followed."""

    pk: int
    encounter: Encounter
    region: str
    followed: str
    covered: bool
    has_left: bool


Part = tuple[Sequence[int], Sequence[Encounter]]
"""Customers, and every bad encounter that was found of them."""


@dataclass(frozen=True)
class Asked:
    """Which bad encounters are asked for. Empty and None mean any; they happened in [since, until)."""

    since: datetime | None = None
    until: datetime | None = None
    why: str = ""
    kind: str = ""
    department: str = ""
    followed: bool | None = None
    covered: bool | None = None


@dataclass(frozen=True)
class Totals:
    """How many bad encounters there were; how many were followed up, and are said by a rule that is on."""

    everyone: int
    followed: int
    covered: int
    name: str = ""


def put(*, parts: Iterable[Part]) -> int:
    """Let what was found take the place of everything that is kept, part by part; return how many."""
    last = BadEncounter.objects.aggregate(last=Max("pk"))["last"] or 0
    number = sum(_replaced(keys, found) for keys, found in parts)
    BadEncounter.objects.filter(pk__lte=last).delete()  # of who has no journey any more
    return number


@transaction.atomic
def _replaced(keys: Sequence[int], found: Sequence[Encounter]) -> int:
    for start in range(0, len(keys), AT_ONCE):
        BadEncounter.objects.filter(customer_id__in=keys[start : start + AT_ONCE]).delete()
    names = [field.name for field in fields(Encounter) if field.name != "key"]
    rows = (BadEncounter(customer_id=one.key, **{name: getattr(one, name) for name in names}) for one in found)
    BadEncounter.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    return len(found)


@transaction.atomic
def withdraw(*, ids: Sequence[tuple[str, str]]) -> None:
    """Forget encounters whose interactions are gone."""
    gone = set(ids)
    rows = BadEncounter.objects.filter(source__in={source for source, _ in gone})
    mine = [pk for pk, *name in rows.values_list("pk", "source", "interaction_id") if tuple(name) in gone]
    BadEncounter.objects.filter(pk__in=mine).delete()


def rows(*, scope: Scope, asked: Asked, offset: int = 0, limit: int = 50) -> tuple[Row, ...]:
    """Return bad encounters, those that weakened the bond most first, then the latest."""
    found = _found(scope, asked).order_by(F("times").desc(nulls_last=True), "-occurred_at", "pk")
    found = found.annotate(region=identities.column(path="customer", name="region"))
    return tuple(_row(one) for one in found[offset : offset + limit])


def some(*, scope: Scope, pks: Sequence[int]) -> tuple[Row, ...]:
    """Return some bad encounters by their numbers, of customers one may see."""
    found = _found(scope, Asked()).filter(pk__in=list(pks)).order_by("pk")
    return tuple(_row(one) for one in found.annotate(region=identities.column(path="customer", name="region")))


@sums.kept
def totals(*, scope: Scope, asked: Asked) -> Totals:
    """Return how many there were, and how many of them were followed up and are covered."""
    return Totals(**_found(scope, asked).order_by().aggregate(**_COUNTED))


@sums.kept
def parts(*, scope: Scope, asked: Asked, by: str) -> tuple[Totals, ...]:
    """Return the same by `department`, `region`, `kind` or `why`, the most first. One counts under each of its whys."""
    if by == "why":
        each = ((why, _found(scope, asked).filter(**{why: True})) for why in WHYS)
        told = (Totals(name=why, **found.order_by().aggregate(**_COUNTED)) for why, found in each)
        return tuple(sorted((one for one in told if one.everyone), key=lambda one: -one.everyone))
    column = identities.column(path="customer", name="region") if by == "region" else F(by)
    grouped: Any = _found(scope, asked).order_by().values(part=column).annotate(**_COUNTED)
    named = (Totals(one["everyone"], one["followed"], one["covered"], one["part"] or "") for one in grouped)
    return tuple(sorted(named, key=lambda one: (-one.everyone, one.name)))


_COUNTED = {
    "everyone": Count("pk"),
    "followed": Count("pk", filter=~Q(follow=NOTHING)),
    "covered": Count("pk", filter=Q(is_covered=True)),
}


def _found(scope: Scope, asked: Asked) -> QuerySet[BadEncounter]:
    found = _followed(BadEncounter.objects.filter(identities.seen(scope=scope, path="customer")))
    if asked.why in WHYS:
        found = found.filter(**{asked.why: True})
    if asked.followed is not None:
        nothing = Q(follow=NOTHING)
        found = found.filter(~nothing if asked.followed else nothing)
    if asked.covered is not None:
        found = found.filter(Q(is_covered=asked.covered))
    for name, value in (
        ("occurred_at__gte", asked.since),
        ("occurred_at__lt", asked.until),
        ("kind", asked.kind),
        ("department", asked.department),
    ):
        found = found.filter(**{name: value}) if value else found
    return found


def _followed(found: QuerySet[BadEncounter]) -> QuerySet[BadEncounter]:
    """Return the encounters with what followed: a case since or open then, an alert that was acted on, a word of ours.

    An alert that nobody acted on is none; that a rule saw it counts as covered.
    """
    mine = Q(customer_id=OuterRef("customer_id"))
    cases = CaseTable.objects.filter(mine & (Q(opened_at__gte=OuterRef("occurred_at")) | _open_at()))
    alerts = Alert.objects.filter(
        mine & Q(source=OuterRef("source"), interaction_id=OuterRef("interaction_id")) & ~Q(interaction_id="")
    )
    here = identities.where(path="customer", left_at__isnull=True)
    return found.annotate(
        is_covered=Case(When(~Q(rule="") | Exists(alerts), then=Value(True)), default=Value(False)),
        follow=Case(
            When(Exists(cases), then=Value(CASE)),
            When(Exists(alerts.filter(acted_at__isnull=False)), then=Value(ALERT)),
            When(reached_at__isnull=False, then=Value(REACHED)),
            default=Value(NOTHING),
        ),
        gone=Case(When(here, then=Value(False)), default=Value(True)),
    )


def _open_at() -> Q:
    """Say that a case was open when the encounter hurt, or is open now: whoever has it hears of it there."""
    return ~Q(state=rules.State.CLOSED) | Q(
        closed_at__gte=OuterRef("occurred_at"), opened_at__lt=OuterRef("occurred_at")
    )


def _row(one: BadEncounter) -> Row:
    names = [field.name for field in fields(Encounter) if field.name != "key"]
    encounter = Encounter(key=one.customer_id, **{name: getattr(one, name) for name in names})
    told = {name: getattr(one, name) for name in ("region", "follow", "is_covered", "gone")}
    return Row(one.pk, encounter, told["region"] or "", told["follow"], told["is_covered"], told["gone"])
