"""Promises of pages that are made beforehand: their sums are at hand for all regions, and nobody is held up."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from valence import sums
from valence.people.models import Person
from valence.people.queries import Card
from valence.terms import Scope
from valence.web import listing, view, warming

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def slow(settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every sum take so long that it is kept."""
    settings.SUM_MINUTES = 15
    monkeypatch.setattr(sums, "_kept", type(sums._kept)())
    monkeypatch.setattr(sums, "LONG_SECONDS", -1.0)
    for name in ("FRESH_FOR", "OLD_AFTER"):
        monkeypatch.setattr(sums, name, 1e12)
    monkeypatch.setattr(sums, "PATIENCE", 0.0)
    monkeypatch.setattr(sums, "_count_beside", _counted_at_once)


def _counted_at_once(question: sums._Question, *, anew: bool = True) -> Future[Any]:
    made: Future[Any] = Future()
    made.set_result(sums._counted(question).value)
    return made


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("name", ["alice", "mark"])
def test_who_comes_finds_the_sums_counted(name: str, slow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now().replace(minute=30)
    monkeypatch.setattr(timezone, "now", lambda: now)
    warming.warm(stop=threading.Event(), now=now)
    before = len(sums._kept)
    client = Client()
    client.force_login(Person.objects.get(name=name))
    for page in warming.PAGES:
        assert client.get(reverse(page)).status_code in (200, 403)
    assert len(sums._kept) == before > 0


@pytest.mark.usefixtures("told")
def test_where_nothing_takes_long_nothing_is_kept_and_only_those_who_see_all_are_thought_of(
    settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SUM_MINUTES = 15
    monkeypatch.setattr(sums, "_kept", type(sums._kept)())
    monkeypatch.setattr(sums, "LONG_SECONDS", 1e9)
    made: list[Scope] = []
    monkeypatch.setattr(view, "make", lambda *, name, person, own, now: made.append(own))
    warming.warm(stop=threading.Event(), now=timezone.now())
    assert len(made) == len(warming.PAGES)
    assert {own.regions for own in made} == {None}


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("path", ["/interactions/", "/answers/?days=730"])
def test_a_list_is_shown_while_its_rows_are_still_being_counted(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums.Kept, "soon", lambda self, **said: None)
    monkeypatch.setattr(listing, "STEP", 1)
    client = Client()
    client.force_login(Person.objects.get(name="alice"))
    page = client.get(path).content.decode()
    assert "is being counted" in page
    assert "1 shown" in page
    assert "Show more" in page
    assert "data-total" not in page


@pytest.mark.usefixtures("told")
def test_a_page_that_fails_and_a_server_that_ends_hold_up_nobody(monkeypatch: pytest.MonkeyPatch, slow: None) -> None:
    stop, made = threading.Event(), []

    def fails(*, name: str, person: Card, own: Scope, now: datetime) -> None:
        made.append(name)
        if len(made) == 3:
            stop.set()
        raise RuntimeError("the page is broken")

    monkeypatch.setattr(view, "make", fails)
    warming.run(stop=stop)
    assert made == list(warming.PAGES[:3])
