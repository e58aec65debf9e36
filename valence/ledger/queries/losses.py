"""Who left by choice, whether that was ours, where it began and where it hurt. Read only through a scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from valence import sums
from valence.customers import identities
from valence.customers.models import Customer
from valence.ledger.models import Loss, Share
from valence.terms import LossVerdict, Scope


class NoSuchLossError(LookupError):
    """There is no loss under this key, or its customer may not be seen."""


@dataclass(frozen=True)
class Asked:
    """Which losses are asked for. Empty means any; customers left on days in [since, until), UTC.

    `handoffs` are pairs (where it began, where it hurt); `department` is either of the two. Both count only losses
    that were ours, because only those are counted at a hand-off.
    """

    verdict: str = ""
    department: str = ""
    began: str = ""
    hurt: str = ""
    handoffs: tuple[tuple[str, str], ...] = ()
    region: str = ""
    segment: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True)
class LossRow:
    """One loss. Shares are 0..1; money is per month; texts are "" where unknown."""

    key: int
    left_at: datetime
    joined_at: datetime | None
    verdict: LossVerdict
    attributable: float
    attributable_low: float
    attributable_high: float
    margin: float
    top_department: str
    top_source: str
    top_interaction_id: str
    root_department: str
    root_source: str
    root_interaction_id: str
    began_department: str
    hurt_department: str
    began_words: str
    hurt_words: str
    competitor_pressure: float | None
    model: str
    region: str
    segment: str
    plan: str
    monthly_value: float | None
    left_reason: str


@dataclass(frozen=True)
class ShareRow:
    """One interaction's share in a loss; `effect` on the log-hazard when the customer decided."""

    source: str
    interaction_id: str
    occurred_at: datetime
    kind: str
    department: str
    words: str
    effect: float
    effect_low: float
    effect_high: float
    p_would_have_stayed: float
    p_low: float
    p_high: float
    root_source: str
    root_interaction_id: str
    root_department: str


@dataclass(frozen=True)
class Totals:
    """How many left by choice and how that divides: `everyone = ours + not_ours + cannot_say`.

    `without_choosing` left for other reasons (non-payment, death, moving abroad) and are in none of these.
    """

    everyone: int
    ours: int
    not_ours: int
    cannot_say: int
    without_choosing: int


@dataclass(frozen=True)
class HandoffLosses:
    """The losses counted at one hand-off; `words` say what most often went wrong there."""

    began: str
    hurt: str
    losses: int
    monthly_value: float
    words: str


_OF_CUSTOMER = ("joined_at", "region", "segment", "plan", "monthly_value", "left_reason")
_PLAIN = tuple(field.name for field in fields(LossRow) if field.name not in (*_OF_CUSTOMER, "key"))
OWNER = "customer"


def rows(*, scope: Scope, asked: Asked, offset: int = 0, limit: int | None = 50) -> tuple[LossRow, ...]:
    """Return losses, the latest first."""
    found = _found(scope=scope, asked=asked).order_by("-left_at", "customer_id")
    end = None if limit is None else offset + limit
    return tuple(_row(values) for values in _values(found)[offset:end])


def one(*, scope: Scope, key: int) -> LossRow:
    """Return the loss of one customer. Raises NoSuchLossError also where it may not be seen."""
    read_as = identities.canonical(key=key)
    values = _values(_found(scope=scope, asked=Asked()).filter(customer_id=read_as)).first()
    if values is None:
        raise NoSuchLossError(str(key))
    return _row(values)


def verdicts(*, scope: Scope, keys: Sequence[int]) -> dict[int, LossVerdict]:
    """Return the verdicts on those of some customers who were lost and may be seen."""
    found = _found(scope=scope, asked=Asked()).filter(customer_id__in=keys)
    return {key: LossVerdict(word) for key, word in found.values_list("customer_id", "verdict")}


def shares(*, scope: Scope, key: int) -> tuple[ShareRow, ...]:
    """Return the shares of one loss, in the order in which the interactions happened."""
    whose = one(scope=scope, key=key)
    names = [field.name for field in fields(ShareRow)]
    found = Share.objects.filter(loss_id=whose.key).order_by("occurred_at", "pk").values(*names)
    return tuple(ShareRow(**values) for values in found)


@sums.kept
def totals(*, scope: Scope, asked: Asked) -> Totals:
    """Return how the losses that were asked for divide into verdicts."""
    found = _found(scope=scope, asked=asked)
    counted = dict(found.order_by().values_list("verdict").annotate(n=Count("pk")))
    return Totals(
        everyone=sum(counted.values()),
        ours=counted.get(LossVerdict.OURS, 0),
        not_ours=counted.get(LossVerdict.NOT_OURS, 0),
        cannot_say=counted.get(LossVerdict.CANNOT_SAY, 0),
        without_choosing=_without_choosing(scope=scope, asked=asked),
    )


@sums.kept
def handoffs(*, scope: Scope, asked: Asked) -> tuple[HandoffLosses, ...]:
    """Return the losses that were ours by hand-off, the most frequent first. They add up to `totals().ours`."""
    found = _found(scope=scope, asked=asked).filter(verdict=LossVerdict.OURS).order_by()
    counted = found.values("began_department", "hurt_department").annotate(
        losses=Count("pk"), value=Sum(identities.column(path=OWNER, name="monthly_value"))
    )
    words = _commonest_words(found)
    summed = [
        HandoffLosses(
            began=row["began_department"],
            hurt=row["hurt_department"],
            losses=row["losses"],
            monthly_value=row["value"] or 0.0,
            words=words.get((row["began_department"], row["hurt_department"]), ""),
        )
        for row in counted
    ]
    return tuple(sorted(summed, key=lambda handoff: (-handoff.losses, handoff.began, handoff.hurt)))


@sums.kept
def heavier_elsewhere(*, scope: Scope, asked: Asked) -> int:
    """Return of how many losses that were ours the one interaction that weighs most lies in another department than
    the one where what began there hurt: files name both, as `top_department` and by the hand-off.
    """
    found = _found(scope=scope, asked=asked).filter(verdict=LossVerdict.OURS)
    return found.exclude(top_department=F("hurt_department")).count()


@dataclass(frozen=True)
class Choices:
    """What losses can be filtered by: the values that occur among those one may see."""

    departments: tuple[str, ...]
    regions: tuple[str, ...]
    segments: tuple[str, ...]


@sums.kept
def choices(*, scope: Scope) -> Choices:
    """Return the departments, regions and segments that losses may be filtered by."""
    found = _found(scope=scope, asked=Asked()).order_by()
    began = found.exclude(began_department="").values_list("began_department", flat=True).distinct()
    hurt = found.exclude(hurt_department="").values_list("hurt_department", flat=True).distinct()
    region, segment = (identities.column(path=OWNER, name=name) for name in ("region", "segment"))
    return Choices(
        departments=tuple(sorted({*began, *hurt})),
        regions=tuple(sorted(set(found.values_list(region, flat=True).distinct()) - {""})),
        segments=tuple(sorted(set(found.values_list(segment, flat=True).distinct()) - {""})),
    )


@sums.kept
def span(*, scope: Scope) -> tuple[datetime, datetime] | None:
    """Return when the first and the last of the losses happened: before and after, nothing is known of losses."""
    found = _found(scope=scope, asked=Asked()).aggregate(first=Min("left_at"), last=Max("left_at"))
    return (found["first"], found["last"]) if found["first"] else None


def _found(*, scope: Scope, asked: Asked) -> QuerySet[Loss]:
    found = Loss.objects.filter(_seen(scope))
    found = found.filter(verdict=asked.verdict) if asked.verdict else found
    for name, value in (("region", asked.region), ("segment", asked.segment)):
        found = found.filter(identities.where(path=OWNER, **{name: value})) if value else found
    return found.filter(_at_handoff(asked), _left_in(asked))


def _seen(scope: Scope) -> Q:
    return identities.seen(scope=scope, path=OWNER)


def _at_handoff(asked: Asked) -> Q:
    found = Q()
    if asked.department:
        found &= Q(began_department=asked.department) | Q(hurt_department=asked.department)
    if asked.began:
        found &= Q(began_department=asked.began)
    if asked.hurt:
        found &= Q(hurt_department=asked.hurt)
    if asked.handoffs:
        found &= _any_of(asked.handoffs)
    return found & Q(verdict=LossVerdict.OURS) if found else found


def _any_of(handoffs: tuple[tuple[str, str], ...]) -> Q:
    found = Q(pk__in=())
    for began, hurt in handoffs:
        found |= Q(began_department=began, hurt_department=hurt)
    return found


def _left_in(asked: Asked) -> Q:
    return Q(**_left_within(asked))


def _left_within(asked: Asked) -> dict[str, datetime]:
    bounds = {"left_at__gte": asked.since, "left_at__lt": asked.until}
    return {name: _midnight(day) for name, day in bounds.items() if day}


def _midnight(day: dt.date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def _values(found: QuerySet[Loss]) -> QuerySet[Loss, dict[str, Any]]:
    joined = {name: identities.column(path=OWNER, name=name) for name in _OF_CUSTOMER}
    values: QuerySet[Loss, dict[str, Any]] = found.values(*_PLAIN, key=F("customer_id"), **joined)
    return values


def _row(values: dict[str, Any]) -> LossRow:
    return LossRow(**{**values, "verdict": LossVerdict(str(values["verdict"]))})


def _without_choosing(*, scope: Scope, asked: Asked) -> int:
    """Count those who left without choosing to; a customer whom several keys name once, by what all lines say."""
    found = Customer.objects.filter(identities.seen(scope=scope, path=""))
    found = found.filter(identities.where(path="", left_kind="involuntary"))
    found = found.filter(identities.where(path="", **_left_within(asked)))
    for name, value in (("region", asked.region), ("segment", asked.segment)):
        found = found.filter(identities.where(path="", **{name: value})) if value else found
    merged = identities.merged()
    return found.count() - found.filter(key__in=identities.other_keys()).count() if len(merged) else found.count()


def _commonest_words(found: QuerySet[Loss]) -> dict[tuple[str, str], str]:
    """Return for each hand-off what most often went wrong where it began and where it hurt."""
    counted = found.values("began_department", "hurt_department", "began_words", "hurt_words").annotate(n=Count("pk"))
    words: dict[tuple[str, str], str] = {}
    for row in counted.order_by("-n", "began_words", "hurt_words"):
        pair = (row["began_department"], row["hurt_department"])
        said = [part for part in (row["began_words"], row["hurt_words"]) if part]
        words.setdefault(pair, ", then ".join(dict.fromkeys(said)))
    return words
