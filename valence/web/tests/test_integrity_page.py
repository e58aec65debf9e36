"""Integrity on screen: simulated teams are brought in as files, judged, shown to those who may see it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from valence import terms
from valence.demo.tricks import files
from valence.flows.ask import integrity
from valence.flows.gather import imports
from valence.insights.integrity.judging import Verdict
from valence.people import actions as people
from valence.web.tests import cast as the_cast

pytestmark = pytest.mark.django_db

PLANTED, HONEST = (("filling_in", 0.33), ("inviting", 0.33)), (4, 4)


@pytest.fixture
def now() -> datetime:
    return datetime.now(tz=UTC).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Path:
    monkeypatch.setattr(files, "LEAST", 70)
    monkeypatch.setattr(files, "MOST", 90)
    end = float(int(terms.days(now)))
    files.write(seed=22, tricks=PLANTED, honest=HONEST, end=end, out=tmp_path, report=lambda done: None)
    for name in ("customers", "interactions"):
        imports.run(kind="csv", path=tmp_path / f"{name}.csv", by="test", now=now)
    for name, (role, regions) in the_cast.STAFF.items():
        people.create_person(
            name=name, password=the_cast.PASSWORD, role=role, regions=regions, full_name=name, by="test", now=now
        )
    return tmp_path


def _client(name: str) -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return client


def _looked(now: datetime, scope: terms.Scope = terms.EVERYTHING) -> integrity.Looked:
    until = now + timedelta(hours=1)
    since = until - timedelta(days=365)
    scale = next(iter(integrity.scales(scope=scope, since=since, until=until) or ()))
    looked = integrity.look(scope=scope, since=since, until=until, scale=scale)
    assert looked is not None
    return looked


def test_files_of_teams_are_judged_as_the_truth_has_it_and_shown_only_to_those_who_may(
    world: Path, now: datetime
) -> None:
    looked = _looked(now)
    truth = {row["team_id"]: row for row in csv.DictReader((world / "truth" / "teams.csv").open())}
    said = {one.team: one for one in looked.judged}
    assert {said["team-001"].verdict, said["team-002"].verdict} <= {Verdict.SIGNS, Verdict.STRONG}
    excellent = [said[team] for team, row in truth.items() if row["trick"] == "excellent"]
    assert sum(one.verdict not in (Verdict.NOTHING, Verdict.CANNOT_SAY) for one in excellent) == 0
    for team in ("team-001", "team-002"):
        found, true = looked.score_of(team), float(truth[team]["true_score"])
        assert abs(found.corrected - true) < abs(found.raw - true)
    left = integrity.left_out(evidence=looked.evidence, team="team-002") if looked.evidence else None
    assert left is not None
    assert sum(left.withheld.values()) > 0.1 * left.due
    _shown(said["team-001"].reasons[0].kind)


def _shown(kind: str) -> None:
    """Check the pages: for each role what it may see, and a team's reasons with their rows."""
    page = _client("anna").get("/integrity/?days=365").content.decode()
    assert "team-001" in page
    assert "Answers may have been filled in by somebody else" in page
    team = _client("alice").get(f"/integrity/team-001/?days=365&kind={kind}")
    assert team.status_code == 200
    assert "/interactions/?" in team.content.decode()
    assert _client("alice").get("/integrity/nobody/?days=365").status_code == 404
    for who in ("vera", "carl"):
        assert _client(who).get("/integrity/").status_code == 403
        assert _client(who).get("/integrity/team-001/").status_code == 403
    assert _client("mark").get("/integrity/?days=365").status_code == 200


@pytest.mark.usefixtures("cast")
def test_without_answers_the_page_says_what_it_takes() -> None:
    page = _client("anna").get("/integrity/")
    assert page.status_code == 200
    assert "Nothing to look at" in page.content.decode()


@pytest.mark.usefixtures("cast")
def test_while_it_is_worked_out_nobody_waits_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "scales", lambda **said: {"nps": 5_000})
    monkeypatch.setattr(integrity, "look", lambda **said: None)
    page = _client("anna").get("/integrity/")
    assert page.status_code == 200
    assert "Being worked out" in page.content.decode()
    team = _client("anna").get("/integrity/team-001/?scale=nps")
    assert (team.status_code, team.headers["Location"]) == (302, "/integrity/?scale=nps")
