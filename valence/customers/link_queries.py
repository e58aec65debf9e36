"""Reads about links between ids, through a scope: both customers must be seen by whoever looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery

from valence import sums
from valence.customers import identities, sealing
from valence.customers.links import UnknownLink
from valence.customers.models import Customer, IdSystem, Link, LinkChange, Said
from valence.customers.rules_links import Relation, State
from valence.terms import Scope

STEP = 2_000


@dataclass(frozen=True)
class LinkRow:
    """One link. `a` and `b` are keys as written; `evidence` names what they share, never the values."""

    number: int
    a: int
    b: int
    relation: Relation
    state: State
    evidence: tuple[str, ...]
    reason: str
    confidence: float
    suggested_by: str
    suggested_at: datetime
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True)
class Who:
    """Who is known under one key, for somebody who compares two: e-mail and phone only so far that equal ones show."""

    key: int
    customer_id: str
    name: str
    email: str
    phone: str
    system: str
    region: str
    plan: str
    monthly_value: float | None
    joined_at: datetime | None
    left_at: datetime | None

    @property
    def said(self) -> str:
        """The name to show."""
        return self.name or self.customer_id


@dataclass(frozen=True)
class Step:
    """One step of a link's history."""

    at: datetime
    who: str
    state: State
    relation: Relation
    why: str


@dataclass(frozen=True)
class Totals:
    """How many links stand how, of those whom one may see."""

    suggested: int
    confirmed: int
    refused: int
    undone: int


@dataclass(frozen=True)
class KnownBy:
    """One key by which a customer is known: which system knows it, and the confirmed links that tie it."""

    key: int
    system: str
    links: tuple[LinkRow, ...]


def rows(
    *, scope: Scope, state: State, relation: Relation | None = None, offset: int = 0, limit: int = 50
) -> tuple[LinkRow, ...]:
    """Return links in a state: suggestions surest first, decided ones latest first."""
    found = _seen(scope).filter(state=state)
    found = found.filter(relation=relation) if relation else found
    order = ("-confidence", "pk") if state is State.SUGGESTED else ("-decided_at", "-pk")
    return tuple(_row(link) for link in found.order_by(*order)[offset : offset + limit])


def totals(*, scope: Scope) -> Totals:
    """Return how many links stand how."""
    counted = dict(_seen(scope).order_by().values_list("state").annotate(n=Count("pk")))
    return Totals(**{state.value: counted.get(state.value, 0) for state in State})


def one(*, scope: Scope, number: int) -> LinkRow:
    """Return one link. Raises UnknownLink also where one of the two may not be seen."""
    link = _seen(scope).filter(pk=number).first()
    if link is None:
        raise UnknownLink(str(number))
    return _row(link)


def steps(*, scope: Scope, number: int) -> tuple[Step, ...]:
    """Return what became of a link, in order. Raises UnknownLink."""
    one(scope=scope, number=number)
    found = LinkChange.objects.filter(link_id=number).order_by("at", "pk")
    return tuple(Step(row.at, row.who, State(row.state), Relation(row.relation), row.why) for row in found)


def who(*, scope: Scope, keys: Sequence[int]) -> dict[int, Who]:
    """Return who is known under each of some keys; those out of scope are absent."""
    rows = Customer.objects.filter(identities.seen(scope=scope, path=""), key__in=keys).exclude(wrapped_key=None)
    there = {row.key: row for row in rows}
    records, ids = sealing.personal_of(there), sealing.customer_ids_of(there)
    systems = dict(IdSystem.objects.filter(customer_id__in=keys).values_list("customer_id", "system"))
    return {
        key: Who(
            key=key,
            customer_id=ids.get(key, ""),
            name=records.get(key, {}).get("name", ""),
            email=_masked(records.get(key, {}).get("email", "")),
            phone=_masked(records.get(key, {}).get("phone", "")),
            system=systems.get(key, ""),
            region=row.region,
            plan=row.plan,
            monthly_value=row.monthly_value,
            joined_at=row.joined_at,
            left_at=row.left_at,
        )
        for key, row in there.items()
    }


def prospects(*, scope: Scope, offset: int = 0, limit: int = 50) -> tuple[Who, ...]:
    """Return whom we met but who has no contract (yet): known from interactions or by an id only, the newest first."""
    found = _prospects(scope).order_by("-updated_at", "key")
    keys = list(found.values_list("key", flat=True)[offset : offset + limit])
    people = who(scope=scope, keys=keys)
    return tuple(people[key] for key in keys if key in people)


@sums.kept
def prospects_total(*, scope: Scope) -> int:
    """Return how many prospects there are."""
    return _prospects(scope).count()


def _prospects(scope: Scope) -> QuerySet[Customer]:
    """Return them by the key they are read by: where no line joined, the first one did not either."""
    rows = Customer.objects.filter(identities.seen(scope=scope, path=""), joined_at=None).exclude(wrapped_key=None)
    return rows.exclude(key__in=identities.other_keys()) if len(identities.merged()) else rows


def first_named(*, scope: Scope, batch: int, limit: int = 50) -> tuple[Who, ...]:
    """Return the customers of whom an import spoke first, the last that it named first: at the cost of those shown."""
    spoken = Said.objects.filter(batch=batch, whole=True).order_by("-pk").values_list("pk", "customer_id")
    keys: dict[int, None] = {}
    below, step = None, 2 * limit
    while len(keys) < limit:
        part = list((spoken if below is None else spoken.filter(pk__lt=below))[:step])
        keys |= dict.fromkeys(_named_first([key for _, key in part], scope, batch))
        if len(part) < step:
            break
        below, step = part[-1][0], min(4 * step, STEP)
    shown = list(keys)[:limit]
    people = who(scope=scope, keys=shown)
    return tuple(people[key] for key in shown if key in people)


def _named_first(keys: Sequence[int], scope: Scope, batch: int) -> list[int]:
    """Return those of some customers of whom an import spoke first and whom one may see, in the same order."""
    begun = Said.objects.filter(whole=True, customer__in=keys).values("customer_id").annotate(first=Min("pk"))
    first = Said.objects.filter(pk__in=[row["first"] for row in begun], batch=batch).values("customer_id")
    rows = Customer.objects.filter(identities.seen(scope=scope, path=""), key__in=first).exclude(wrapped_key=None)
    there = set(rows.values_list("key", flat=True))
    return [key for key in keys if key in there]


@sums.kept
def first_named_total(*, scope: Scope, batch: int) -> int:
    """Return of how many customers an import spoke first."""
    said = Said.objects.filter(whole=True, customer=OuterRef("key")).order_by("pk").values("batch")[:1]
    rows = Customer.objects.filter(identities.seen(scope=scope, path="")).exclude(wrapped_key=None)
    # The first word is looked up only of those of whom it spoke at all.
    spoken = Said.objects.filter(batch=batch, whole=True).values("customer_id")
    return rows.filter(key__in=spoken).annotate(first=Subquery(said)).filter(first=batch).count()


def _masked(text: str) -> str:
    """Return an e-mail or a phone with its middle hidden: `a•••@m•••.org`, `•••123`."""
    before, at, domain = text.partition("@")
    if at:
        return f"{before[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"
    return f"•••{text.strip()[-3:]}" if text.strip() else ""


def known_by(*, scope: Scope, key: int) -> tuple[KnownBy, ...]:
    """Return the keys by which a customer is known, the one they are read by first, with the links that tie them."""
    read = identities.canonical(key=key)
    keys = identities.keys_of(key=key)
    if len(keys) < 2:
        return ()
    sure = _seen(scope).filter(relation=Relation.SAME, state=State.CONFIRMED, a_id__in=keys, b_id__in=keys)
    tied = [_row(link) for link in sure.order_by("pk")]
    systems = dict(IdSystem.objects.filter(customer_id__in=keys).values_list("customer_id", "system"))
    return tuple(
        KnownBy(one, systems.get(one, ""), tuple(link for link in tied if one in (link.a, link.b)))
        for one in sorted(keys, key=lambda one: (one != read, one))
    )


def _seen(scope: Scope) -> QuerySet[Link]:
    found = Link.objects.exclude(a__wrapped_key=None).exclude(b__wrapped_key=None)
    if scope.regions is None:
        return found
    return found.filter(identities.seen(scope=scope, path="a"), identities.seen(scope=scope, path="b"))


def _row(link: Link) -> LinkRow:
    return LinkRow(
        number=link.pk,
        a=link.a_id,
        b=link.b_id,
        relation=Relation(link.relation),
        state=State(link.state),
        evidence=tuple(filter(None, link.evidence.split("|"))),
        reason=link.reason,
        confidence=link.confidence,
        suggested_by=link.suggested_by,
        suggested_at=link.suggested_at,
        decided_by=link.decided_by,
        decided_at=link.decided_at,
    )
