"""Runs of plans as they are kept: how many slipped where, and what came of it; read only through a scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Max, Q, QuerySet

from valence import sums
from valence.alerts.models import PlanRun
from valence.customers import identities
from valence.terms import Scope

AT_ONCE = 2_000
BAR = "|"
NOT_KNOWN = "-"


@dataclass(frozen=True)
class Run:
    """One run of a plan. slips: (step, how it slipped), none where it went as planned. Other fields as in the table."""

    key: int
    plan: str
    source: str
    interaction_id: str
    begun_at: datetime
    department: str
    place: str
    slips: tuple[tuple[str, str], ...]
    is_open: bool
    left_after: bool | None


Part = tuple[Sequence[int], Sequence[Run]]
"""Customers, and every run of theirs."""


@dataclass(frozen=True)
class Asked:
    """Which runs of a plan are asked for; they began in [since, until). Empty and None mean any.

    slip: `step:how`. slipped: something went otherwise than planned. Runs that are open and slipped nowhere yet
    count as neither; is_open: only these; is_settled: all others. department and place may be NOT_KNOWN.
    """

    plan: str
    since: datetime | None = None
    until: datetime | None = None
    slip: str = ""
    slipped: bool | None = None
    department: str = ""
    place: str = ""
    left_after: bool | None = None
    is_open: bool = False
    is_settled: bool = False


@dataclass(frozen=True)
class Totals:
    """Runs whose end is known, those that slipped, those that are open; of runs with a known end, who left after.

    slips: by `step:how`, in how many runs. left_slipped and left_fine: (left, of how many) by 60 days later.
    """

    settled: int
    slipped: int
    open: int
    slips: dict[str, int]
    left_slipped: tuple[int, int]
    left_fine: tuple[int, int]
    name: str = ""

    @property
    def fine(self) -> int:
        """Runs that went as planned."""
        return self.settled - self.slipped


def put(*, parts: Iterable[Part]) -> int:
    """Let runs take the place of all that are kept, part by part; return how many.

    Never more than a part is held or waited for, however many there are in all.
    """
    last = PlanRun.objects.aggregate(last=Max("pk"))["last"] or 0
    number = sum(_replaced(keys, runs) for keys, runs in parts)
    PlanRun.objects.filter(pk__lte=last).delete()  # of who has no journey any more
    return number


@transaction.atomic
def _replaced(keys: Sequence[int], runs: Sequence[Run]) -> int:
    for start in range(0, len(keys), AT_ONCE):
        PlanRun.objects.filter(customer_id__in=keys[start : start + AT_ONCE]).delete()
    names = ["customer_id", *(field.name for field in fields(Run) if field.name != "key")]
    marks = ", ".join(["%s"] * len(names))
    at = connection.ops.adapt_datetimefield_value
    rows = [
        (one.key, one.plan, one.source, one.interaction_id, at(one.begun_at), one.department, one.place,
         _written(one.slips), one.is_open, one.left_after)
        for one in runs
    ]  # fmt: skip
    with connection.cursor() as cursor:  # row by row through the models it takes five times as long
        cursor.executemany(f"INSERT INTO {PlanRun._meta.db_table} ({', '.join(names)}) VALUES ({marks})", rows)
    return len(runs)


def rows(*, scope: Scope, asked: Asked, limit: int = 50) -> tuple[Run, ...]:
    """Return runs, the latest first."""
    names = [field.name for field in fields(Run) if field.name not in ("key", "slips")]
    found = _found(scope, asked).order_by("-begun_at", "pk")[:limit]
    return tuple(Run(one.customer_id, slips=_read(one.slips), **{n: getattr(one, n) for n in names}) for one in found)


@sums.kept
def total(*, scope: Scope, asked: Asked) -> int:
    """Return how many runs are asked for."""
    return _found(scope, asked).count()


def together(*, parts: Sequence[Totals]) -> Totals:
    """Return how the runs of all parts went."""
    slips: Counter[str] = Counter()
    for one in parts:
        slips.update(one.slips)
    return Totals(
        settled=sum(one.settled for one in parts),
        slipped=sum(one.slipped for one in parts),
        open=sum(one.open for one in parts),
        slips=dict(slips),
        left_slipped=_added([one.left_slipped for one in parts]),
        left_fine=_added([one.left_fine for one in parts]),
    )


def _added(pairs: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(left for left, _ in pairs), sum(of for _, of in pairs)


@sums.kept
def parts(*, scope: Scope, asked: Asked, by: str) -> tuple[Totals, ...]:
    """Return how runs went by `department`, `place` or `region` where they began, the most runs first."""
    column = identities.column(path="customer", name="region") if by == "region" else F(by)
    return tuple(sorted(_summed(scope, asked, column), key=lambda one: (-one.settled, one.name)))


def _summed(scope: Scope, asked: Asked, column: Any) -> list[Totals]:
    """Count runs by part, what slipped and what came after: a few rows, however many runs there are."""
    found = _found(scope, asked).order_by().annotate(part=column)
    counted = found.values_list("part", "slips", "is_open", "left_after").annotate(n=Count("pk"))
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for name, *row in counted:
        groups.setdefault(name or "", []).append(tuple(row))
    return [_totals(name, each) for name, each in groups.items()]


def _totals(name: str, rows_: Sequence[tuple[Any, ...]]) -> Totals:
    slips: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for written, is_open, left, n in rows_:
        for step, how in _read(written):
            slips[f"{step}:{how}"] += n
        side = "slipped" if written else "open" if is_open else "fine"
        sums[side] += n
        if left is not None:
            sums[f"{side} known"] += n
            sums[f"{side} left"] += n if left else 0
    return Totals(
        settled=sums["slipped"] + sums["fine"],
        slipped=sums["slipped"],
        open=sums["open"],
        slips=dict(slips),
        left_slipped=(sums["slipped left"], sums["slipped known"]),
        left_fine=(sums["fine left"], sums["fine known"]),
        name=name,
    )


def _found(scope: Scope, asked: Asked) -> QuerySet[PlanRun]:
    found = PlanRun.objects.filter(identities.seen(scope=scope, path="customer"), plan=asked.plan)
    if asked.slip:
        found = found.filter(slips__contains=f"{BAR}{asked.slip}{BAR}")
    if asked.slipped is not None:
        found = found.filter(~Q(slips="") if asked.slipped else Q(slips="", is_open=False))
    if asked.is_open:
        found = found.filter(slips="", is_open=True)
    if asked.is_settled:
        found = found.exclude(slips="", is_open=True)
    if asked.left_after is not None:
        found = found.filter(left_after=asked.left_after)
    for name, value in (
        ("begun_at__gte", asked.since),
        ("begun_at__lt", asked.until),
        ("department", asked.department),
        ("place", asked.place),
    ):
        found = found.filter(**{name: "" if value == NOT_KNOWN else value}) if value else found
    return found


def _written(slips: Sequence[tuple[str, str]]) -> str:
    return "".join(f"{BAR}{step}:{how}" for step, how in slips) + BAR if slips else ""


def _read(written: str) -> tuple[tuple[str, str], ...]:
    each = (one.partition(":") for one in written.split(BAR) if one)
    return tuple((step, how) for step, _, how in each)
