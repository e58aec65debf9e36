"""Who is likely to leave, with what is at stake. Read only through a scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.expressions import OrderBy

from valence import sums
from valence.customers import identities
from valence.ledger.models import Risk
from valence.terms import Scope

SORTS: dict[str, tuple[str | OrderBy, ...]] = {
    "value": ("-value_at_risk", "customer_id"),
    "chance": ("-p_leave_60d", "customer_id"),
    "act_by": (F("act_by").asc(nulls_last=True), "customer_id"),
    "bond": ("bond", "customer_id"),
    "price": (F("money").desc(nulls_last=True), "customer_id"),
}
USUAL_SORT = "value"
OWNER = "customer"


@dataclass(frozen=True)
class Asked:
    """Which customers are asked for. Empty means any.

    `likely` keeps those who are likely to leave; `chance` is the least chance of leaving within 60 days (0..1);
    `over` the least monthly value; `department` is the one responsible for the reason or for its root;
    `act_before` keeps those to whom something has to be done before then; `became_since` those who became likely
    to leave since then.
    """

    likely: bool = False
    segment: str = ""
    chance: float | None = None
    over: float | None = None
    department: str = ""
    act_before: datetime | None = None
    became_since: datetime | None = None


@dataclass(frozen=True)
class RiskRow:
    """One present customer. Chances are 0..1 with their 95 % likely ranges; money is per month."""

    key: int
    region: str
    segment: str
    plan: str
    joined_at: datetime | None
    monthly_value: float | None
    as_of: datetime
    bond: float
    bond_low: float
    bond_high: float
    bond_30d_ago: float | None
    p_leave_30d: float
    p_leave_60d: float
    p_low_60d: float
    p_high_60d: float
    p_leave_90d: float
    p_clean_60d: float
    value_at_risk: float
    likely_to_leave: bool
    became_likely_at: datetime | None
    act_by: datetime | None
    why: str
    why_source: str
    why_interaction_id: str
    why_department: str
    root_department: str
    last_contact_at: datetime | None
    model: str


@dataclass(frozen=True)
class Totals:
    """How many customers were asked for, and their monthly money.

    `value_at_risk` is the money expected to leave within 60 days; low and high add up the customers' own likely
    ranges, as if all erred to the same side: wider than need be, never narrower.
    """

    customers: int
    monthly_value: float
    value_at_risk: float
    low: float
    high: float


@dataclass(frozen=True)
class Choices:
    """What the list can be filtered by: values that occur among those one may see."""

    segments: tuple[str, ...]
    departments: tuple[str, ...]


_OF_CUSTOMER = ("region", "segment", "plan", "joined_at", "monthly_value")
_PLAIN = tuple(field.name for field in fields(RiskRow) if field.name not in (*_OF_CUSTOMER, "key"))


def rows(*, scope: Scope, asked: Asked, sort: str = USUAL_SORT, limit: int = 50) -> tuple[RiskRow, ...]:
    """Return customers, most value at risk first unless sorted otherwise."""
    found = _found(scope=scope, asked=asked).order_by(*SORTS.get(sort, SORTS[USUAL_SORT]))
    return tuple(_row(values) for values in _values(found)[:limit])


def every(*, scope: Scope, asked: Asked, sort: str = USUAL_SORT) -> Iterator[RiskRow]:
    """Yield all customers that were asked for, a few thousand at a time."""
    found = _found(scope=scope, asked=asked).order_by(*SORTS.get(sort, SORTS[USUAL_SORT]))
    for values in _values(found).iterator(chunk_size=2_000):
        yield _row(values)


def to_call(*, scope: Scope, limit: int = 5) -> tuple[RiskRow, ...]:
    """Return whom to call today: of those with the most value at risk, the ones with the least time left first."""
    found = _found(scope=scope, asked=Asked(likely=True)).exclude(why="").order_by("-value_at_risk", "customer_id")
    best = [_row(values) for values in _values(found)[: 4 * limit]]
    return tuple(sorted(best, key=_urgency)[:limit])


@sums.kept
def totals(*, scope: Scope, asked: Asked) -> Totals:
    """Return how many customers were asked for and what is at stake."""
    money = F("money")
    summed = _found(scope=scope, asked=asked).aggregate(
        customers=Count("pk"),
        monthly_value=Sum(money),
        value_at_risk=Sum("value_at_risk"),
        low=Sum(F("p_low_60d") * money),
        high=Sum(F("p_high_60d") * money),
    )
    return Totals(**{name: value or 0 for name, value in summed.items()})


@sums.kept
def by_segment(*, scope: Scope) -> Mapping[str, int]:
    """Return how many customers are scored of each segment; "" where it is not known."""
    segment = identities.column(path=OWNER, name="segment")
    found = _found(scope=scope, asked=Asked()).order_by().annotate(named=segment)
    return dict(found.values_list("named").annotate(n=Count("pk")))


@sums.kept
def choices(*, scope: Scope) -> Choices:
    """Return the segments and departments that the list may be filtered by."""
    found = _found(scope=scope, asked=Asked()).order_by()
    segments = set(found.values_list(identities.column(path=OWNER, name="segment"), flat=True).distinct())
    departments = set(found.filter(likely_to_leave=True).values_list("why_department", flat=True).distinct())
    roots = set(found.filter(likely_to_leave=True).values_list("root_department", flat=True).distinct())
    return Choices(segments=tuple(sorted(segments - {""})), departments=tuple(sorted((departments | roots) - {""})))


def _urgency(row: RiskRow) -> tuple[int, float]:
    """Order by whole weeks left, then by value: of two who matter, the one with less time comes first."""
    left = row.act_by - row.as_of if row.act_by else timedelta(weeks=8)
    return max(0, left.days // 7), -row.value_at_risk


def _found(*, scope: Scope, asked: Asked) -> QuerySet[Risk]:
    found = Risk.objects.filter(identities.seen(scope=scope, path=OWNER))
    found = found.annotate(money=identities.column(path=OWNER, name="monthly_value"))
    if asked.segment:
        found = found.filter(identities.where(path=OWNER, segment=asked.segment))
    for name, value in (
        ("likely_to_leave", asked.likely or None),
        ("p_leave_60d__gte", asked.chance),
        ("money__gte", asked.over),
        ("act_by__lt", asked.act_before),
        ("became_likely_at__gte", asked.became_since),
    ):
        found = found if value is None else found.filter(**{name: value})
    if asked.department:
        found = found.filter(Q(why_department=asked.department) | Q(root_department=asked.department))
    return found


def _values(found: QuerySet[Risk]) -> QuerySet[Risk, dict[str, object]]:
    joined = {name: identities.column(path=OWNER, name=name) for name in _OF_CUSTOMER}
    values: QuerySet[Risk, dict[str, object]] = found.values(*_PLAIN, key=F("customer_id"), **joined)
    return values


def _row(values: dict[str, object]) -> RiskRow:
    return RiskRow(**values)  # type: ignore[arg-type]
