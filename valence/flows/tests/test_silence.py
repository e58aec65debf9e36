"""Who left without a word: worked out from interactions, brought in like a file, known from the day it was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence.customers import queries as customers
from valence.flows.gather import imports, silence
from valence.sources.files import WrongFile
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 2, 1, tzinfo=UTC)
ROWS = (("a", "2025-01-01"), ("a", "2025-02-01"), ("b", "2025-01-05"), ("b", "2025-12-20"), ("c", "2025-12-31"))


@pytest.fixture(autouse=True)
def brought(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home" / "uploads").mkdir(parents=True)
    lines = [f"i{n},{who},{day}T00:00:00Z,order" for n, (who, day) in enumerate(ROWS)]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(["interaction_id,customer_id,occurred_at,kind", *lines]))
    imports.run(kind="csv", path=path, by="alice", now=NOW)
    return settings.HOME.folder


def who(customer: str) -> customers.Profile:
    return customers.profile(scope=EVERYTHING, key=customers.key_of(scope=EVERYTHING, customer_id=customer))


def test_who_was_silent_for_long_enough_left_on_that_day_and_joined_with_the_first_interaction(brought: Path) -> None:
    done = silence.bring(days=90, by="alice", now=NOW)
    assert (done.created, done.refused) == (3, 0)
    gone = who("a")
    assert (gone.joined_at, gone.left_at, gone.left_kind, gone.left_reason) == (
        datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 5, 2, tzinfo=UTC), "voluntary", "silence",
    )  # fmt: skip
    assert [who(name).left_at for name in "bc"] == [None, None]
    assert list((brought / "uploads").iterdir()) == []


def test_that_somebody_left_by_silence_was_not_known_before_the_silence_was_long(brought: Path) -> None:
    silence.bring(days=90, by="alice", now=NOW)
    before = customers.relationships(as_of=datetime(2025, 4, 1, tzinfo=UTC))
    assert not (before.left == before.left).any()


def test_silence_is_counted_to_the_end_of_the_data_and_not_to_today(brought: Path) -> None:
    silence.bring(days=30, by="alice", now=datetime(2027, 1, 1, tzinfo=UTC))
    assert [who(name).left_at for name in "bc"] == [None, None]


def test_where_nobody_is_concerned_that_is_said_and_nothing_is_changed(brought: Path) -> None:
    silence.bring(days=90, by="alice", now=NOW)
    with pytest.raises(WrongFile, match="Nobody was silent"):
        silence.bring(days=3000, by="alice", now=NOW)
    assert list((brought / "uploads").iterdir()) == []
