"""Promises of Getting started and Organisation: steps tick themselves off, money and times are said as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from valence import organisation
from valence.insights import say
from valence.organisation import Organisation
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast
from valence.web.tests.test_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    """A data folder of this test's own: what is said of the organisation lies there."""
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    yield tmp_path
    usual = Organisation()
    say.adopt(currency=usual.currency, zone=usual.zone)


def done_steps(client: Client) -> list[str]:
    page = client.get("/started/").content.decode()
    steps = re.findall(r"<li>(.*?)</li>", page, flags=re.DOTALL)
    return [re.search(r"<h2[^>]*>(.*?)</h2>", step)[1] for step in steps if "Done" in step]  # type: ignore[index]


def test_steps_tick_themselves_off(cast: Cast, own_home: Path) -> None:
    alice = signed_in("alice")
    before = done_steps(alice)
    assert "Bring in your customers" in before
    assert "Let it know who left" in before
    assert "Invite colleagues" in before
    assert "Say whose installation this is" not in before
    assert "Make a backup" not in before
    organisation.write(folder=own_home, organisation=Organisation(name="Tessaly"))
    assert set(done_steps(alice)) - set(before) == {"Say whose installation this is"}


def test_today_shows_the_next_step_to_those_who_bring_data_in_until_it_is_put_away(cast: Cast) -> None:
    shown = {name: b"Getting started" in signed_in(name).get("/").content for name in the_cast.STAFF}
    assert shown == {"alice": True, "anna": True, "mark": False, "carl": False, "vera": False}
    anna = signed_in("anna")
    assert anna.post("/started/").status_code == 302
    assert b"Getting started" not in anna.get("/").content
    anna.post("/started/", {"show": "yes"})
    assert b"Getting started" in anna.get("/").content
    assert signed_in("vera").post("/started/").status_code == 403


def test_a_step_beyond_a_role_names_the_administrator_and_opens_nothing(cast: Cast) -> None:
    page = signed_in("anna").get("/started/").content.decode()
    assert "your administrator" in page
    assert 'href="/settings/organisation/"' not in page
    assert signed_in("anna").get("/settings/organisation/").status_code == 403


def test_the_organisation_is_changed_on_its_page_and_said_everywhere(cast: Cast) -> None:
    alice = signed_in("alice")
    form = {
        "name": "Süd Netz",
        "currency": "CHF",
        "time_zone": "America/New_York",
        "regions": "Nord\nSüd",
        "address": "",
    }
    assert alice.post("/settings/organisation/", form).status_code == 302
    today = alice.get("/").content.decode()
    assert "Süd Netz" in today
    assert "CHF\u00a0" in today
    assert "€" not in today
    assert "EDT" in alice.get("/customers/").content.decode() + today
    account = alice.get("/settings/staff/new/").content.decode()
    assert "Nord" in account


def test_what_cannot_be_is_said_and_nothing_is_kept(cast: Cast, own_home: Path) -> None:
    answer = signed_in("alice").post("/settings/organisation/", {"name": "A", "currency": "EUR", "time_zone": "Berlin"})
    assert answer.status_code == 422
    assert b"is not a time zone" in answer.content
    assert not (own_home / organisation.FILE).exists()


def test_what_the_environment_says_cannot_be_changed_here(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALENCE_CURRENCY", "SEK")
    alice = signed_in("alice")
    alice.post("/settings/organisation/", {"name": "A", "currency": "CHF", "time_zone": "UTC"})
    page = alice.get("/settings/organisation/").content.decode()
    assert re.search(r'id="currency"[^>]*disabled', page)
    assert "<option selected>SEK</option>" in page
