"""Log and inbox together are what was admitted, whatever happened in between."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as some

from valence import interactions
from valence.interactions import inbox, log
from valence.interactions.tests.conftest import NOW
from valence.terms import Interaction, Verdict

KEYS = [3, 67, 4, 10**12]
Sent = tuple[int, int, int, int]

sent = some.tuples(some.integers(0, 5), some.integers(0, 3), some.integers(0, 3), some.integers(0, 1))
steps = some.lists(
    some.one_of(
        some.tuples(some.just("admit"), some.lists(sent, min_size=1, max_size=6)),
        some.tuples(some.just("flush"), some.integers(1, 4)),
        some.tuples(some.just("compact"), some.none()),
        some.tuples(some.just("erase"), some.sampled_from(KEYS)),
    ),
    max_size=14,
)


class Model:
    """What the store promises, in the plainest way: every revision that was let in, and the latest of each."""

    def __init__(self) -> None:
        self.let_in: dict[str, list[Interaction]] = {}
        self.erased: set[str] = set()

    def admit(self, row: Interaction) -> Verdict:
        before = self.let_in.setdefault(row.interaction_id, [])
        if row in before:
            return Verdict.DUPLICATE
        if before and row.revision <= before[-1].revision:
            return Verdict.CONFLICT
        before.append(row)
        return Verdict.REVISED if len(before) > 1 else Verdict.CREATED

    def erase(self, key: int) -> None:
        self.erased |= {str(id(row)) for rows in self.let_in.values() for row in rows if row.customer_key == key}

    def stored(self) -> set[Interaction]:
        latest = [rows[-1] for rows in self.let_in.values() if rows]
        return {row for row in latest if str(id(row)) not in self.erased}


def made(given: Sent) -> Interaction:
    name, place, revision, words = given
    at = NOW + timedelta(hours=name)
    return Interaction(
        source="crm", interaction_id=f"i{name}", customer_key=KEYS[place], occurred_at=at, recorded_at=at,
        kind="contact", revision=revision, reason=f"r{words}",
    )  # fmt: skip


@pytest.mark.django_db
@effort(max_examples=40, deadline=None)
@given(steps)
def test_log_and_inbox_are_what_was_admitted(steps: list[tuple[str, object]]) -> None:
    home = settings.HOME
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        settings.HOME = replace(home, folder=Path(folder))
        try:
            _play(steps)
        finally:
            settings.HOME = home
            transaction.set_rollback(True)


def _play(steps: list[tuple[str, object]]) -> None:
    model = Model()
    for step, about in steps:
        if step == "admit":
            rows = [made(one) for one in about]  # type: ignore[attr-defined]
            assert inbox.admit(interactions=rows, now=NOW) == [model.admit(row) for row in rows]
        elif step == "flush":
            log.flush(limit=about)  # type: ignore[arg-type]
        elif step == "compact":
            log.compact()
        else:
            log.erase(customer_key=about)  # type: ignore[arg-type]
            model.erase(about)  # type: ignore[arg-type]
        assert log.tally().whole
        assert log.verify() == []
        assert _journeys() == sorted((row.interaction_id, row.customer_key, row.reason) for row in model.stored())
    assert _asked() == sorted((row.interaction_id, row.customer_key, row.reason) for row in model.stored())


def _asked() -> list[tuple[str, int, str]]:
    rows = interactions.ask(question=lambda rows: rows.select("interaction_id", "customer_key", "reason"))
    return sorted((row["interaction_id"], row["customer_key"], row["reason"]) for row in rows)


def _journeys() -> list[tuple[str, int, str]]:
    journeys = interactions.journeys_of(keys=KEYS, columns=["interaction_id", "reason"])
    owners = journeys.keys[journeys.owners()].tolist()
    return sorted(zip(journeys.texts["interaction_id"], owners, journeys.words["reason"].said(), strict=True))
