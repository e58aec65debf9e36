"""A whole score takes the place of the one before: nothing of the tables changes but their rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.db import connection

from valence.customers import actions as customer_actions
from valence.customers.models import Customer
from valence.flows.tests.conftest import NOW, Operator
from valence.flows.weigh import score
from valence.ledger import rows
from valence.ledger.actions import columns, scores
from valence.ledger.actions.taking_place import names
from valence.ledger.models import BondState, HandoffCount, Loss, Share

pytestmark = pytest.mark.django_db
TABLES = [columns.table_of(kind=kind) for kind in names.ORDER]


def made() -> dict[str, dict[str, Any]]:
    """Return every index, key and constraint of the tables that a score fills."""
    with connection.cursor() as cursor:
        return {table: connection.introspection.get_constraints(cursor, table) for table in TABLES}


def states(*keys: int) -> rows.States:
    return rows.States(
        np.array(keys), model="one", at=np.full(len(keys), 20_000.0), sums=[b""] * len(keys), newer=False
    )


def begun(*keys: int) -> None:
    """Begin a score that found states for some customers."""
    scores.begin()
    scores.add(written=[states(*keys)])


def taken() -> set[int]:
    """Let the score take its place; return whom it knows."""
    scores.finish(as_of=NOW, model="one", now=NOW, customers=0)
    return set(BondState.objects.values_list("customer_id", flat=True))


def some(number: int) -> list[int]:
    return sorted(BondState.objects.order_by("pk").values_list("customer_id", flat=True)[:number])


def test_a_score_leaves_indexes_keys_and_what_they_mean_as_they_were(operator: Operator) -> None:
    before, losses, shares = made(), Loss.objects.count(), Share.objects.count()
    assert losses
    assert shares
    assert any(one["index"] for one in before["valence_openpromise"].values())
    for _ in range(2):
        score.score(now=NOW)
    assert made() == before
    assert (Loss.objects.count(), Share.objects.count()) == (losses, shares)
    connection.check_constraints()
    with connection.cursor() as cursor:
        assert not [name for name in connection.introspection.table_names(cursor) if name.endswith(("_next", "_old"))]


def test_a_number_of_a_row_is_never_given_again(operator: Operator) -> None:
    last = HandoffCount.objects.latest("pk").pk
    score.score(now=NOW)
    assert HandoffCount.objects.earliest("pk").pk > last


def test_who_was_erased_before_their_rows_came_is_not_in_the_score(operator: Operator) -> None:
    gone, stays = some(2)
    scores.begin()
    Customer.objects.filter(key=gone).update(wrapped_key=None)
    scores.add(written=[states(gone, stays)])
    assert taken() == {stays}


def test_who_is_erased_while_their_rows_wait_goes_from_there_too(operator: Operator) -> None:
    gone, stays = some(2)
    begun(gone, stays)
    scores.forget(customers=[gone])
    customer_actions.forget(keys=[gone])
    connection.check_constraints()
    assert taken() == {stays}
    connection.check_constraints()


def test_who_is_erased_while_old_rows_are_swept_away_goes_from_there_too(operator: Operator) -> None:
    gone, stays = some(2)
    begun(stays)
    assert taken() == {stays}
    scores.forget(customers=[gone])
    customer_actions.forget(keys=[gone])
    connection.check_constraints()
    scores.tidy()
    assert taken_tables() == set()


def taken_tables() -> set[str]:
    beside = {name for table in TABLES for name in (names.waiting(table=table), names.old(table=table))}
    return beside & set(connection.introspection.table_names())
