"""The ledger of promises as it is kept: who has to be worked out, what takes the place of what, what comes due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Q

from valence.ledger import rows, rules
from valence.ledger.actions import columns
from valence.ledger.models import OpenPromise, PromiseMark

AT_ONCE = 500


def mark(*, customers: Sequence[int], now: datetime) -> None:
    """Note that the promises of some customers have to be worked out. Call it in the transaction of what arrived."""
    there = sorted(columns.alive(keys=customers))
    PromiseMark.objects.bulk_create(
        [PromiseMark(customer_id=key, at=now, done_at=None) for key in there],
        update_conflicts=True,
        unique_fields=["customer_id"],
        update_fields=["at", "done_at"],
    )


@transaction.atomic
def replace(*, written: rows.Promises, customers: Sequence[int], began: datetime, now: datetime, again: bool) -> None:
    """Let what was worked out take the place of the promises of some customers.

    Whoever was marked again since `began` stays marked. `again`: a score is being made, whose rows will take the place
    of these: they have to be worked out once more after it.
    """
    for start in range(0, len(customers), AT_ONCE):
        part = list(customers[start : start + AT_ONCE])
        OpenPromise.objects.filter(customer_id__in=part).delete()
        done = PromiseMark.objects.filter(customer_id__in=part, at__lte=began)
        if again:
            done.update(done_at=now)
        else:
            done.delete()
    _put(written)
    _keep_unsaid(customers)


def after_score(*, began: datetime) -> None:
    """Have worked out again what was worked out while a score was made; what lay there before it, the score told.

    Call it in the transaction that lets the score take the place of the one before.
    """
    PromiseMark.objects.filter(at__lt=began).delete()
    PromiseMark.objects.exclude(done_at=None).update(done_at=None)


def pass_due(*, now: datetime) -> int:
    """Call overdue what was open and has passed its day; return how many promises."""
    grace, undated = timedelta(days=rules.GRACE_DAYS), timedelta(days=rules.DUE_AFTER_DAYS)
    late = Q(due_at__lt=now - grace) | Q(due_at=None, made_at__lt=now - undated - grace)
    passed = OpenPromise.objects.filter(late, state="open").update(state="overdue")
    if passed:
        mark_unsaid()
    return passed


def mark_unsaid() -> None:
    """Mark what is overdue only because no source says what became of such promises, or take the mark off again.

    Call it in the transaction that writes promises.
    """
    counted: dict[tuple[str, str], Counter[str]] = {}
    rows = OpenPromise.objects.order_by().values_list("source", "words", "state").annotate(n=Count("pk"))
    for source, words, state, count in rows:
        counted.setdefault((source, words), Counter())[state] += count
    unsaid = rules.unsaid(promises=counted)
    for (source, words), states in counted.items():
        before, now = ("overdue", "unsaid") if (source, words) in unsaid else ("unsaid", "overdue")
        if states[before]:
            OpenPromise.objects.filter(source=source, words=words, state=before).update(state=now)


def _put(written: rows.Promises) -> None:
    names = columns.names_of(kind=rows.Promises)
    marks = ", ".join(["%s"] * len(names))
    insert = f"INSERT INTO {columns.table_of(kind=rows.Promises)} ({', '.join(names)}) VALUES ({marks})"
    with connection.cursor() as cursor:
        cursor.executemany(insert, list(columns.tuples(written=written)))


def _keep_unsaid(customers: Sequence[int]) -> None:
    """Say of new rows what is known of their kind: that nobody notes what becomes of such promises."""
    late = OpenPromise.objects.filter(customer_id__in=list(customers)[:AT_ONCE], state="overdue")
    kinds = set(late.values_list("source", "words"))
    for source, words in kinds:
        if OpenPromise.objects.filter(source=source, words=words, state="unsaid").exists():
            late.filter(source=source, words=words).update(state="unsaid")
