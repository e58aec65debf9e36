"""What browser tests need: the cast in the database, a live server, a signed-in page. Without Chromium they skip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from valence import home
from valence.customers import queries as customers
from valence.people.models import Person
from valence.web.tests import cast as the_cast
from valence.web.tests import cast_journeys

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.fixtures import SettingsWrapper
    from pytest_django.live_server_helper import LiveServer

WIDTHS = {"wide": (1280, 900), "phone": (390, 844)}


@pytest.fixture(autouse=True)
def quick_passwords(settings: SettingsWrapper) -> None:
    """Passwords are hashed quickly in tests: the cast is made anew for each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cast(db: None) -> the_cast.Cast:
    """The cast, in the database of this test."""
    return the_cast.make()


@pytest.fixture
def told(
    cast: the_cast.Cast, monkeypatch: pytest.MonkeyPatch, settings: SettingsWrapper, tmp_path: Path
) -> the_cast.Cast:
    """The cast with its journeys, in a log of their own. What the process remembers of other tests is forgotten."""
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    for name in home.FOLDERS:
        (tmp_path / name).mkdir()
    monkeypatch.setattr(customers, "_whole", None)
    cast_journeys.tell(cast)
    return cast


@pytest.fixture
def sign_in(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody of the cast: `sign_in("mark", width="phone")`."""
    contexts = []

    def enter(name: str = "alice", *, width: str = "wide", script: bool = True) -> Page:
        wide, high = WIDTHS[width]
        context = browser.new_context(
            viewport={"width": wide, "height": high},
            base_url=live_server.url,
            java_script_enabled=script,
            reduced_motion="reduce",  # a colour that is on its way is nobody's promise
        )
        contexts.append(context)
        known = Client()
        known.force_login(Person.objects.get(name=name))
        cookie = known.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.goto("/")
        return page

    yield enter
    for context in contexts:
        context.close()
