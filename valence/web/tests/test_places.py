"""Staff make places where people answer, and see what left and what did not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from valence import home
from valence.channels import actions as channel_actions
from valence.channels import places
from valence.channels.values import Kind, Purpose, ToSend
from valence.flows.ask import sending
from valence.surveys import actions, templates
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast
from valence.web.tests.looking import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def own_home(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in home.FOLDERS:
        (tmp_path / "home" / name).mkdir(parents=True)


def launched() -> None:
    actions.put_draft(slug="one", survey=templates.load(name="nps"), by="test", now=NOW)
    actions.launch(slug="one", by="test", now=NOW)


def test_a_poster_and_a_place_for_the_widget_are_made(cast: Cast, sign_in: Callable[..., Page]) -> None:
    launched()
    page = sign_in("alice")
    page.goto("/surveys/places/")
    page.fill("#poster-name", "Door of the shop")
    page.fill("#location", "S7")
    page.click("text=Make poster")
    page.fill("#site-name", "Web shop")
    page.fill("#origins", "shop.example")
    page.click("text=Make place")
    assert "is not an origin" in page.inner_text("[role=alert]")
    page.fill("#origins", "https://shop.example")
    page.click("text=Make place")
    assert 'data-site="' in page.inner_text("pre.key >> nth=0")
    [poster], [site] = places.posters(), places.sites()
    assert poster.about["location_id"] == "S7"
    assert site.origins == ("https://shop.example",)
    assert violations(page) == []
    page.click("text=Door of the shop")
    assert page.locator("svg[role=img]").count() == 1
    assert violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "phone"])
def test_what_did_not_arrive_is_said_with_its_reason(
    cast: Cast, sign_in: Callable[..., Page], width: str, theme: str
) -> None:
    launched()
    places.put_up(survey="one", name="Door", about={"location_id": "S7"}, by="test", now=NOW)
    places.add_site(survey="one", name="Shop", origins="https://shop.example", by="test", now=NOW)
    to = ToSend(Kind.EMAIL, Purpose.DIGEST, "d1", {"subject": "Hello", "text": "Hello"}, to="alice@example.org")
    channel_actions.queue(messages=[to, replace(to, reference="d2", until=NOW)], now=NOW)
    sending.send_due(now=NOW)
    the_cast.theme("alice", theme)
    page = sign_in("alice", width=width)
    page.goto("/surveys/sending/")
    assert "EMAIL_URL is not set" in page.inner_text("main")
    assert "Its time passed before it left" in page.inner_text("main")
    for path in ("/surveys/sending/", "/surveys/places/", "/surveys/sending/?kind=email&state=sent"):
        page.goto(path)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
