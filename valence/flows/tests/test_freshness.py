"""Sources against their habits, over the real intake; alarms reach health and doctor, and hold no history up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence.flows.gather import ingest
from valence.flows.run import doctor, freshness, health
from valence.sources import actions, days, details
from valence.sources.models import SourceDay, SourceDetail
from valence.sources.rules import Level
from valence.terms import RawRecords

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("log", "uploads", "logs"):
        (tmp_path / "home" / name).mkdir(parents=True)
    freshness._Remembered.at = None
    return tmp_path / "home"


def came(source: str, at: datetime, *ids: str, kind: str = "contact", batch: int | None = None) -> None:
    count = len(ids)
    records = RawRecords(
        numbers=range(1, count + 1),
        columns={
            "interaction_id": list(ids),
            "source": [source] * count,
            "customer_id": ["C-1"] * count,
            "occurred_at": [(at - timedelta(hours=3)).isoformat()] * count,
            "kind": [kind] * count,
        },
    )
    ingest.take_interactions(records=records, desk=ingest.Desk(), now=at, batch=batch)


def habit(source: str, *, hours: int, until: datetime) -> None:
    """Let a source have brought something every few hours for eight weeks, as its days' sums say it."""
    at = until - timedelta(weeks=8)
    while at <= until:
        sums = details.looked_at(fresh=(), reasons={}, now=at)
        actions.note_details(came={source: actions.Came(verdicts={}, sums=sums)}, now=at)
        actions.count_received(received={source: actions.Received(records=50, refused=0, last_occurred_at=at)}, now=at)
        at += timedelta(hours=hours)


def test_intake_counts_what_became_of_records_and_how_they_look() -> None:
    came("crm", NOW, "a", "b", "c")
    came("crm", NOW, "c", "d", "", kind="visit")
    [day] = days.counted(since=NOW.date(), until=NOW.date() + timedelta(days=1))
    assert (day.created, day.duplicate, day.refused) == (4, 0, 2)
    [sums] = days.sums(since=NOW.date(), until=NOW.date() + timedelta(days=1)).values()
    assert sums.reasons == {"conflict": 1, "missing_field": 1}
    assert sums.words["kind"] == {"contact": 3, "visit": 1}
    assert (sums.delays[2], sums.empty["department"]) == (4, 4)
    assert days.arrivals(since=NOW.date()) == {"crm": [NOW]}


def test_a_source_that_went_quiet_is_an_alarm_everywhere(settings: LazySettings) -> None:
    habit("crm", hours=1, until=NOW - timedelta(hours=8))
    habit("billing", hours=1, until=NOW)
    quiet, good = freshness.read(now=NOW)
    assert (quiet.source, quiet.level, good.level) == ("crm", Level.QUIET, Level.GOOD)
    assert quiet.habit == "usually every 60 min, silent for 8 h"
    assert health.check(now=NOW).degraded == ("the source crm is quiet: usually every 60 min, silent for 8 h",)
    found = doctor.examine(home=settings.HOME, now=NOW)
    assert [one.health for one in found if one.check == "sources"] == [doctor.Health.WARNING]


def test_one_file_a_year_ago_is_no_alarm() -> None:
    came("import", NOW - timedelta(days=300), "a", "b")
    [state] = freshness.read(now=NOW)
    assert (state.level, state.habit, state.is_alarm) == (Level.UNKNOWN, "nothing yet", False)
    assert freshness.alarms(now=NOW) == []


def test_the_parts_of_old_days_are_put_together_and_nothing_changes() -> None:
    old = NOW - timedelta(days=70)
    for number in range(12):
        came("crm", old + timedelta(minutes=number * 5), f"r{number}", batch=number + 1)
    window = {"since": old.date(), "until": old.date() + timedelta(days=1)}
    before = days.counted(**window), days.sums(**window), days.arrivals(since=old.date()), days.latest()
    assert actions.join_days(now=NOW) == 22
    assert (SourceDay.objects.count(), SourceDetail.objects.count()) == (1, 1)
    assert (days.counted(**window), days.sums(**window), days.arrivals(since=old.date()), days.latest()) == before
