"""Writes about states and the risks of single customers, between two scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

import numpy as np
from django.db import connection, transaction

from valence import terms
from valence.ledger import rows
from valence.ledger.actions import columns, promises
from valence.ledger.models import BondState, Loss, OpenPromise, Risk, Scoring

AT_ONCE = 500


def put(*, states: rows.States) -> None:
    """Write states over those that are there. Call it in the transaction that admits what was folded."""
    _put_over(states)


def drop(*, customers: Sequence[int], model: str, now: datetime) -> None:
    """Note that the states of some customers, new ones too, have to be worked out from their journeys."""
    keys = np.array(customers, np.int64)
    empty = rows.States(
        customer=keys, model=model, at=np.full(len(keys), terms.days(now)), sums=[b""] * len(keys), newer=True
    )
    _put_over(empty)


def mark_stale(*, since: datetime) -> None:
    """Note that interactions lie in store which the results do not show."""
    Scoring.objects.filter(pk=1, stale_since=None).update(stale_since=since)


@transaction.atomic
def refresh_figures(*, risks: rows.RiskFigures, seen: Mapping[int, bytes]) -> None:
    """Write new figures of customers whose reasons need not be told anew, where no more was folded in since."""
    keys = risks.customer.tolist()
    names = columns.names_of(kind=rows.RiskFigures)
    changes = ", ".join(f"{name} = %s" for name in names[1:])
    update = f"UPDATE {columns.table_of(kind=rows.RiskFigures)} SET {changes} WHERE {names[0]} = %s"
    with connection.cursor() as cursor:
        cursor.executemany(update, [(*values, key) for key, *values in columns.tuples(written=risks)])
    still = [key for key, sums in _sums(keys).items() if sums == seen.get(key)]
    for start in range(0, len(still), AT_ONCE):
        BondState.objects.filter(customer_id__in=still[start : start + AT_ONCE]).update(newer=False)


@transaction.atomic
def refresh(*, risks: rows.Risks, states: rows.States, seen: Mapping[int, bytes], customers: Sequence[int]) -> None:
    """Replace risks and states of some customers; whoever is no customer any more has neither.

    `seen`: the sums as they were when this was begun. Where more was folded in since, the state stays, to be worked
    out again.
    """
    now = _sums(customers)
    still = [key for key in customers if now.get(key) == seen.get(key)]
    for start in range(0, len(customers), AT_ONCE):
        Risk.objects.filter(customer_id__in=customers[start : start + AT_ONCE]).delete()
    for start in range(0, len(still), AT_ONCE):
        BondState.objects.filter(customer_id__in=still[start : start + AT_ONCE]).delete()
    _put_over(risks)
    _put_over(_only(states, set(still)))


@transaction.atomic
def replace_all(*, written: Sequence[rows.Rows], customers: Sequence[int]) -> None:
    """Let what was worked out take the place of everything that is stored of some customers.

    written: risks, losses, shares, promises and states, parents first.
    """
    for start in range(0, len(customers), AT_ONCE):
        for table in (Risk, BondState, Loss, OpenPromise):
            table.objects.filter(customer_id__in=customers[start : start + AT_ONCE]).delete()
    with connection.cursor() as cursor:
        for part in written:
            names = columns.names_of(kind=type(part))
            marks = ", ".join(["%s"] * len(names))
            insert = f"INSERT INTO {columns.table_of(kind=type(part))} ({', '.join(names)}) VALUES ({marks})"
            cursor.executemany(insert, list(columns.tuples(written=part)))
    promises.mark_unsaid()


@transaction.atomic
def forget_scores(*, customers: Sequence[int]) -> None:
    """Delete how some customers stand and what it would be worked out from; what was recorded of them stays."""
    for start in range(0, len(customers), AT_ONCE):
        for table in (Risk, BondState):
            table.objects.filter(customer_id__in=customers[start : start + AT_ONCE]).delete()


def _sums(customers: Sequence[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for start in range(0, len(customers), AT_ONCE):
        part = BondState.objects.filter(customer_id__in=customers[start : start + AT_ONCE])
        found |= {key: bytes(sums) for key, sums in part.values_list("customer_id", "sums")}
    return found


def _only(states: rows.States, keys: Set[int]) -> rows.States:
    kept = [place for place, key in enumerate(states.customer.tolist()) if key in keys]
    return replace(
        states,
        customer=states.customer[kept],
        at=states.at[kept],
        sums=[states.sums[place] for place in kept],
    )


def _put_over(written: rows.Risks | rows.States) -> None:
    kind = type(written)
    names = columns.names_of(kind=kind)
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    insert = (
        f"INSERT INTO {columns.table_of(kind=kind)} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))}) "
        f"ON CONFLICT ({names[0]}) DO UPDATE SET {changes}"
    )
    with connection.cursor() as cursor:
        cursor.executemany(insert, list(columns.tuples(written=written)))
