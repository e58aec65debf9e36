"""Promises of how story pages look: charts are drawn, axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from valence.web.tests import cast as the_cast
from valence.web.tests import looking
from valence.web.tests.cast import Cast

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "theme"), [("wide", "dark"), ("phone", "light")])
def test_story_pages_are_drawn_and_can_be_used_by_everybody(
    told: Cast, sign_in: Callable[..., Page], width: str, theme: str
) -> None:
    the_cast.theme("alice", theme)
    page = sign_in("alice", width=width)
    for path in (
        f"/customers/{told.present[0]}/",
        f"/losses/{told.gone[0]}/?days=365",
        "/handoffs/?days=365",
        "/losses/?days=365",
        "/interactions/",
        f"/customers/{told.present[0]}/interaction/?source=crm&id=ines-i-0",
        "/data/",
        "/import/",
        "/search/?q=ines-order",
    ):
        assert looking.wrong(page, path) == [], path


def test_a_chart_can_be_read_as_a_table_without_script(told: Cast, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice", script=False)
    page.goto(f"/customers/{told.present[0]}/")
    assert page.is_visible("text=Bond after")
    assert not page.is_visible("[data-chart]")


def test_the_table_behind_a_chart_is_one_press_away(told: Cast, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    page.goto(f"/customers/{told.present[0]}/")
    assert not page.is_visible("text=Bond after")
    page.click("section:has(#bondh) button:has-text('Table')")
    assert page.is_visible("text=Bond after")


def test_an_item_of_the_journey_opens_its_interaction(told: Cast, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    page.goto(f"/customers/{told.present[0]}/")
    page.click("#journey .what a.who")
    page.wait_for_url("**/interaction/**")
    assert page.is_visible("text=What was sent")
