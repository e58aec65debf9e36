"""Pages of feeds and of quality: who may do what, numbers that open their rows, words without secrets."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from valence.flows.gather import ingest
from valence.ledger.models import Job
from valence.people.models import AuditEntry
from valence.sources.feeds import queries, setup
from valence.terms import RawRecords
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("log", "uploads", "logs", "drop"):
        (tmp_path / "home" / name).mkdir(parents=True)
    return tmp_path / "home"


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return client


@pytest.fixture
def admin(cast: Cast) -> Client:
    return signed_in("alice")


FORM = {"name": "crm", "path": "/srv/drop", "every": "15 min", "records": "interactions"}


def test_an_administrator_sets_a_feed_up_and_it_is_asked_to_run(admin: Client, home: Path) -> None:
    assert "No feed yet" in admin.get("/data/feeds/").content.decode()
    answer = admin.post("/data/feeds/new/folder/", FORM)
    assert (answer.status_code, answer["Location"]) == (302, "/data/feeds/crm/")
    assert setup.load(name="crm").said["path"] == "/srv/drop"
    assert list(Job.objects.values_list("name", "arguments")) == [("feed", {"name": "crm"})]
    assert "Every 15 minutes" in admin.get("/data/feeds/").content.decode()
    assert AuditEntry.objects.filter(what="feed add", about="crm").exists()


def test_a_wrong_setting_is_said_and_a_password_is_never_sent_back(admin: Client, home: Path) -> None:
    form = {"name": "crm", "url": "nonsense", "query": "SELECT 1", "password": "hush-hush-1", "every": "15 min"}
    answer = admin.post("/data/feeds/new/sql/", form)
    assert answer.status_code == 422
    assert "url: is not an address" in answer.content.decode()
    assert "hush-hush-1" not in answer.content.decode()
    assert admin.post("/data/feeds/new/sql/", {**form, "url": "sqlite://"}).status_code == 302
    assert "hush-hush-1" not in (home / "feeds" / "crm.toml").read_text()
    assert "hush-hush-1" not in admin.get("/data/feeds/crm/").content.decode()


def test_an_analyst_may_run_and_pause_and_only_an_administrator_may_set_up_or_remove(admin: Client) -> None:
    admin.post("/data/feeds/new/folder/", FORM)
    analyst = signed_in(_who("analyst"))
    assert analyst.post("/data/feeds/crm/act/", {"act": "pause"}).status_code == 302
    assert queries.one(name="crm").paused  # type: ignore[union-attr]
    assert analyst.post("/data/feeds/crm/act/", {"act": "resume"}).status_code == 302
    assert analyst.get("/data/feeds/new/folder/").status_code == 403
    assert analyst.post("/data/feeds/crm/act/", {"act": "remove"}).status_code == 403
    assert admin.post("/data/feeds/crm/act/", {"act": "remove"}).status_code == 302
    assert setup.found() == []
    assert admin.get("/data/feeds/crm/").status_code == 404


def test_a_feed_whose_file_is_wrong_is_shown_with_the_reason(admin: Client, home: Path) -> None:
    setup.folder()
    (home / "feeds" / "crm.toml").write_text('kind = "ftp"\n')
    text = admin.get("/data/feeds/").content.decode()
    assert "Cannot run" in text
    assert "folder, sql, bucket" in text
    assert admin.get("/data/feeds/crm/").status_code == 200


def test_quality_counts_and_refused_numbers_open_their_rows(admin: Client) -> None:
    now = datetime.now(UTC)
    for back in (0, 1, 2):
        at = now - timedelta(days=back)
        _came("shop", at, 12, refused=3 if back == 1 else 0)
    text = admin.get("/data/quality/shop/").content.decode()
    assert "36 records" in text
    assert "Not a time" in text
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*data-count="(\d+)"|<a data-count="(\d+)" href="([^"]+)"', text)
    counted = [
        (href or other, int(count or count2)) for href, count, count2, other in links if "refused" in href + other
    ]
    assert len(counted) == 2
    for href, count in counted:
        behind = admin.get(href.replace("&amp;", "&")).content.decode()
        assert f'data-total="{count}"' in behind
    assert "shop" in admin.get("/data/quality/").content.decode()
    assert admin.get("/data/quality/nobody/").status_code == 404


def test_the_records_of_a_day_open_what_brought_them(admin: Client) -> None:
    now = datetime.now(UTC)
    _came("shop", now, 12, refused=2)
    text = admin.get("/data/quality/shop/").content.decode()
    [href, new] = sorted(set(re.findall(r'href="(/data/arrivals/[^"]+)"', text)), key=len)
    assert "became=created" in new
    behind = admin.get(href.replace("&amp;", "&")).content.decode()
    assert 'data-total="12"' in behind
    assert "10 new" in behind
    assert "2 refused" in behind
    assert "Sent over HTTP" in behind
    for wrong in ("yesterday", "2026-02-30", "1999-01-01"):
        assert admin.get(f"/data/arrivals/{wrong}/shop/").status_code == 404


def test_a_manager_sees_quality_and_no_refused_records(cast: Cast) -> None:
    _came("shop", datetime.now(UTC), 10, refused=2)
    manager = signed_in(_who("manager"))
    assert manager.get("/data/feeds/").status_code == 403
    text = manager.get("/data/quality/shop/").content.decode()
    assert "10 records" in text
    assert "/data/refused/" not in text


def _who(role: str) -> str:
    from valence.people.models import Person

    return Person.objects.filter(role=role).values_list("name", flat=True)[0]


def _came(source: str, at: datetime, count: int, *, refused: int) -> None:
    ids = [f"{source}-{at:%d}-{n}" for n in range(count)]
    columns = {
        "interaction_id": ids,
        "source": [source] * count,
        "customer_id": ["T-300001"] * count,
        "occurred_at": ["soon" if n < refused else at.isoformat() for n in range(count)],
        "kind": ["contact"] * count,
    }
    records = RawRecords(numbers=range(1, count + 1), columns=columns)
    ingest.take_interactions(records=records, desk=ingest.Desk(), now=at)
