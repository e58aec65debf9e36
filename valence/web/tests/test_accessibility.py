"""Promises of access: axe finds nothing, nothing scrolls sideways, keys reach everything, script is no must."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from valence.ledger.models import UnknownWord
from valence.sources.models import SourceDay
from valence.web.tests import cast as the_cast
from valence.web.tests import looking
from valence.web.tests.cast import Cast
from valence.web.tests.looking import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/",
    "/customers/",
    "/customers/?likely=1&sort=act_by",
    "/customers/?segment=Nobody",
    "/losses/",
    "/losses/winback/",
    "/handoffs/",
    "/integrity/",
    "/comments/",
    "/comments/?theme=bill&tone=negative&q=bill",
    "/themes/",
    "/growing/?days=365",
    "/digest/?days=365",
    "/themes/edit/",
    "/themes/training/",
    "/plans/",
    "/plans/new/",
    "/plans/order_to_service/change/",
    "/promises/",
    "/expectations/",
    "/expectations/rows/?about=bill",
    "/losses/fit/",
    "/losses/fit/customers/?field=plan&word=Flex",
    "/model/",
    "/model/pack/",
    "/data/",
    "/data/words/",
    "/data/feeds/",
    "/data/feeds/new/sql/",
    "/data/quality/",
    "/data/quality/crm/",
    "/cases/",
    "/cases/places/",
    "/cases/encounters/",
    "/cases/encounters/?followed=any&by=why",
    "/cases/standards/",
    "/cases/rules/",
    "/cases/rules/new/",
    "/cases/people/",
    "/cases/playbooks/",
    "/cases/digest/",
    "/cases/initiatives/",
    "/cases/initiatives/new/",
    "/settings/receivers/",
    "/readiness/",
    "/identities/",
    "/identities/import/",
    "/customers/prospects/",
    "/import/",
    "/search/?q=ines",
    "/search/",
    "/settings/",
    "/settings/staff/new/",
    "/settings/keys/",
    "/settings/limits/",
    "/settings/audit/?examine=1",
    "/settings/organisation/",
    "/started/",
    "/account/",
)


def every_page() -> tuple[str, ...]:
    """Return every page, also the one whose address has the day on which the cast's records came."""
    day = SourceDay.objects.filter(source="crm").latest("day").day
    return (*PAGES, f"/data/arrivals/{day.isoformat()}/crm/")


@pytest.mark.parametrize(("width", "theme"), [("wide", "light"), ("phone", "dark")])
def test_every_page_can_be_used_by_everybody(cast: Cast, sign_in: Callable[..., Page], width: str, theme: str) -> None:
    the_cast.theme("alice", theme)
    UnknownWord.objects.create(column="facts", word="wrong_meter", interactions=9, customers=7)
    page = sign_in("alice", width=width)
    found = {path: looking.wrong(page, path) for path in every_page()}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_a_page_that_is_not_there_can_be_used_by_everybody(
    cast: Cast, sign_in: Callable[..., Page], width: str
) -> None:
    page = sign_in("alice", width=width)
    assert [one for one in looking.wrong(page, "/nowhere/") if "404" not in one] == []


def test_axe_finds_nothing_on_the_way_in(cast: Cast, browser: Browser, live_server: LiveServer) -> None:
    page = browser.new_page(base_url=live_server.url)
    page.goto("/signin/")
    assert violations(page) == []
    page.fill("#username", "alice")
    page.fill("#password", "wrong")
    page.click("button:has-text('Sign in')")
    assert page.input_value("#username") == "alice"
    assert violations(page) == []
    page.fill("#password", the_cast.PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_url("**/")
    assert page.title() == "Today · Valence"
    page.close()


def test_axe_finds_nothing_in_open_menus(cast: Cast, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    page.goto("/customers/?likely=1")
    for menu in page.locator("details.menu").all():
        if menu.is_visible():
            menu.locator("summary").click()
            assert violations(page, "details.menu[open]") == []
            page.keyboard.press("Escape")


def test_keys_lead_to_search_rows_and_pages(cast: Cast, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    page.goto("/customers/?likely=1")
    page.keyboard.press("/")
    assert page.evaluate("() => document.activeElement.id") == "q"
    page.keyboard.type("g")
    assert page.url.endswith("/customers/?likely=1")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "Tomas Brandl" in page.evaluate("() => document.activeElement.textContent")
    page.keyboard.press("?")
    assert page.locator("dialog.help").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_function("() => document.title === 'Today · Valence'")


def test_a_filter_swaps_the_content_and_says_the_new_count(cast: Cast, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    page.goto("/customers/?likely=1")
    page.click("a[aria-label='Remove filter: likely to leave']")
    page.wait_for_function("() => document.getElementById('live').textContent === '40 customers'")
    assert page.url.endswith("/customers/")
    assert page.title() == "Customers · Valence"


def test_chart_and_table_change_places(cast: Cast, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    page.wait_for_selector("[data-chart='chart-ours'] svg")
    table = page.locator("[data-card] [data-pane=table]").first
    assert not table.is_visible()
    page.click("button[data-view=table]")
    assert table.is_visible()


def test_without_script_the_table_is_there_and_links_work(cast: Cast, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice", script=False)
    page.goto("/")
    assert page.locator("[data-pane=table] table").first.is_visible()
    page.goto("/customers/?likely=1")
    page.click("a[aria-label='Remove filter: likely to leave']")
    assert page.locator("[data-total='40']").count() == 1


def test_the_theme_is_changed_at_once_and_kept(cast: Cast, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    with page.expect_response("**/account/theme/"):
        page.click("button[aria-label='Switch light and dark']")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.goto("/customers/")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
