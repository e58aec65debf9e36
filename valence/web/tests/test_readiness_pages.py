"""Readiness and one import's own page: who sees what, every figure opens its rows, taking back is asked for once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from valence.flows.gather import imports, readiness
from valence.ledger.models import Job
from valence.people.models import AuditEntry
from valence.sources.models import Import
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("log", "uploads", "logs"):
        (tmp_path / "home" / name).mkdir(parents=True)
    return tmp_path


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return client


def brought(folder: Path) -> int:
    path = folder / "calls.csv"
    lines = [f"{n},ivr,C-{n % 7},2026-01-0{n % 9 + 1}T10:00:00Z,contact,late" for n in range(60)]
    path.write_text("\n".join(["interaction_id,source,customer_id,occurred_at,kind,facts", *lines]))
    return imports.run(kind="csv", path=path, by="alice", now=NOW).number


MAPPED = {
    "kind": "interactions",
    "only": True,
    "columns": {
        "interaction_id": "Nr",
        "customer_id": "Kunde",
        "occurred_at": "Am",
        "kind": "Art",
        "reason": "Anliegen",
    },
    "empties": ["k.A."],
    "sets": {"Ergebnis": {"gelöst": {"facts": "resolved"}}},
}


def test_an_import_says_what_of_its_file_was_not_used(cast: Cast, home: Path) -> None:
    path = home / "crm.csv"
    rows = ["a,1,2026-01-01T10:00:00Z,contact,k.A.,gelöst,gelb", "b,1,2026-01-02T10:00:00Z,contact,fault,vertagt,rot"]
    path.write_text("\n".join(["Nr,Kunde,Am,Art,Anliegen,Ergebnis,Farbe", *rows]))
    number = imports.run(kind="csv", path=path, by="alice", now=NOW, mapped=MAPPED).number
    page = signed_in("alice").get(f"/data/imports/{number}/").content.decode()
    assert "<b>1 of 7 columns</b> says nothing that Valence has a place for" in page
    assert "because the mapping calls them empty: 1." in page
    assert "Values of “Ergebnis” whose word the mapping gives no meaning, and which stay an attribute: 1." in page
    assert re.search(r'<th scope="row">Farbe</th><td><span class="badge o">Not used', page)


def test_before_anything_was_counted_it_says_so(cast: Cast) -> None:
    assert "Nothing was counted yet" in signed_in("alice").get("/readiness/").content.decode()


def test_every_figure_leads_to_a_page_that_is_there(cast: Cast, home: Path) -> None:
    brought(home)
    readiness.look(now=NOW)
    alice = signed_in("alice")
    text = alice.get("/readiness/").content.decode()
    assert "What it answers, and how surely" in text
    assert "What one more column would open" in text
    hrefs = {href.replace("&amp;", "&") for href in re.findall(r'<td class="r">.*?href="([^"]+)"', text)}
    assert hrefs
    assert {href: alice.get(href).status_code for href in hrefs} == dict.fromkeys(hrefs, 200)


def test_interactions_of_customers_nobody_told_of_are_said_and_opened(cast: Cast, home: Path) -> None:
    brought(home)
    [odd] = [one for one in readiness.look(now=NOW).odd if one.rows.query.get("odd") == "strangers"]
    assert (odd.count, odd.rows.query["source"]) == (60, "ivr")
    alice = signed_in("alice")
    page = alice.get("/readiness/").content.decode()
    [href] = set(re.findall(r'href="([^"]*odd=strangers[^"]*)"', page))
    listed = alice.get(href.replace("&amp;", "&")).content.decode()
    assert "of customers known by an id only" in listed
    assert re.search(r"\b60\b", listed)


def test_an_administrator_has_it_counted_again(cast: Cast) -> None:
    assert signed_in("alice").post("/readiness/").status_code == 302
    assert Job.objects.get().name == "readiness"


def test_an_import_says_what_became_of_it_and_is_taken_back_once(cast: Cast, home: Path) -> None:
    number = brought(home)
    alice = signed_in("alice")
    assert "Undo this import" in alice.get(f"/data/imports/{number}/").content.decode()
    for _ in range(2):
        alice.post(f"/data/imports/{number}/")
    job = Job.objects.get(name="undo")
    assert job.arguments["number"] == number
    assert AuditEntry.objects.filter(what="undo asked for").exists()
    Import.objects.filter(pk=number).update(state="undone", undone_at=NOW, undone={"interactions": 60})
    text = alice.get(f"/data/imports/{number}/").content.decode()
    assert "60</b> interactions went" in text
    assert "Undo this import" not in text


def test_who_may_not_import_may_not_take_back(cast: Cast, home: Path) -> None:
    number = brought(home)
    for name, (role, _) in the_cast.STAFF.items():
        answer = signed_in(name).post(f"/data/imports/{number}/")
        assert (answer.status_code == 302) == (role.value in {"administrator", "analyst"}), name


def test_a_sandbox_says_so_on_every_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = signed_in("alice")
    assert "Sandbox." not in alice.get("/readiness/").content.decode()
    monkeypatch.setenv("VALENCE_ORGANISATION", "Northline (sandbox)")
    assert "Sandbox." in alice.get("/readiness/").content.decode()
