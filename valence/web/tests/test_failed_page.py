"""A page that cannot be made says so calmly, and leaves a trace under the reference that it names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from valence.flows.gather import quality
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
SECRET = "Ines Caldera"


@pytest.fixture
def failing(cast: Cast, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    (tmp_path / "logs").mkdir()

    def breaks(**asked: object) -> None:
        raise ZeroDivisionError("nothing to share by")

    monkeypatch.setattr(quality, "read", breaks)
    client = Client(raise_request_exception=False)
    client.post("/signin/", {"username": "alice", "password": the_cast.PASSWORD})
    return client


def test_a_page_that_fails_names_the_trace_that_it_left(failing: Client, tmp_path: Path) -> None:
    answer = failing.get("/data/quality/", {"q": SECRET})
    page = answer.content.decode()
    named = re.search(r"give your administrator the reference ([0-9a-f-]+)\.", page)
    assert answer.status_code == 500
    assert named, page[-800:]
    trace = (tmp_path / "logs" / f"{named[1]}.log").read_text()
    assert "page quality" in trace
    assert "ZeroDivisionError: nothing to share by" in trace
    assert SECRET not in trace


def test_each_failure_has_a_trace_of_its_own(failing: Client, tmp_path: Path) -> None:
    for _ in range(2):
        failing.get("/data/quality/")
    assert len(list((tmp_path / "logs").glob("*.log"))) == 2


def test_what_is_only_not_there_leaves_no_trace(failing: Client, tmp_path: Path) -> None:
    assert failing.get("/data/imports/99/").status_code == 404
    assert not list((tmp_path / "logs").iterdir())
