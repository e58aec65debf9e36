"""The demonstration's surveys are alive: decided by the rules of every day, answered, gamed by some, and taken out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence import interactions
from valence.demo import crowd, simulator, world
from valence.flows.ask import living, results
from valence.flows.gather import imports
from valence.surveys import queries, queries_asking
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
END = 20_454.0
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = NOW - timedelta(days=180)


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("log", "uploads", "packs", "logs"):
        (tmp_path / "home" / name).mkdir(parents=True)


def lived(folder: Path) -> int:
    simulator.simulate(
        customers=150, months=7, seed=5, law=world.Law.ADDITIVE, end=END, out=folder, files="csv",
        report=lambda progress: None, asked_elsewhere=END - 365,
    )  # fmt: skip
    for name in ("customers", "interactions"):
        imports.run(kind="csv", path=folder / f"{name}.csv", by="demo", now=NOW)
    people = crowd.Crowd(voices=folder / "truth" / "voices.csv", seed=5)
    return living.come_alive(
        people=people, since=SINCE, now=NOW, by="demo", folder=folder, report=lambda progress: None
    )


def test_a_year_of_asking_is_lived_through_by_the_rules_of_every_day(tmp_path: Path) -> None:
    came = lived(tmp_path)
    decided = queries_asking.decisions()
    asked = [one for one in decided if one.invitation]
    assert 10 < came < len(asked) < len(decided)
    assert {"asked", "asked_before"} <= {one.why for one in decided}
    times: dict[int, list[datetime]] = {}
    for one in asked:
        assert one.at is not None
        times.setdefault(one.customer_key, []).append(one.at)
    rest = queries_asking.policy().rest_after_asking
    for several in times.values():
        assert all(later - first >= rest for first, later in zip(sorted(several), sorted(several)[1:], strict=False))

    rows = interactions.ask(question=lambda log: log.filter(log.attributes.contains('"survey":"after-')))
    assert len(rows) == came
    assert all(row["team_id"] and row["department"] and row["caused_by"] for row in rows)
    ended = Counter(one.end for one in queries_asking.asked(since=SINCE, until=NOW))
    assert ended["answered"] == came
    cells = results.cells(scope=EVERYTHING, meant=results.Meant(since=SINCE, until=NOW, question="after-a-visit"))
    assert {one.department for one in cells} == {"field"}

    living.end(by="demo")
    assert queries.all_surveys() == ()
    assert queries_asking.decisions() == ()
