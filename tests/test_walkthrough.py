"""A newcomer's first minutes, in a real browser: whom to call, what lost a customer, which hand-off leaks most."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, product: Product) -> Iterator[Page]:
    context = browser.new_context(base_url=product.address, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.goto("/")
    opened.fill("[name=username]", product.name)
    opened.fill("[name=password]", product.password)
    opened.press("[name=password]", "Enter")
    opened.wait_for_selector("h1")
    yield opened
    context.close()


def test_whom_to_call_today_and_why_stands_on_the_first_page(page: Page):
    rows = page.locator("table:has(th:has-text('Why')) tbody tr")
    assert rows.count() >= 1
    name = rows.first.locator("th a").inner_text()
    assert rows.first.locator("td").first.inner_text().strip()
    rows.first.locator("th a").click()
    expect(page.locator("h1")).to_contain_text(name)
    expect(page.get_by_role("heading", name="Before the next contact")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("heading", name="Chance of leaving")).to_be_visible(timeout=20_000)


def test_a_lost_customer_is_found_and_her_page_says_what_did_it(page: Page):
    page.goto("/losses/?verdict=ours&days=365")
    row = page.locator("main table tbody th").first
    name = row.locator("a").inner_text()
    known_as = re.search(r"T-\d+", row.inner_text())
    assert known_as
    page.locator("[role=search] input").fill(known_as[0])
    page.keyboard.press("Enter")
    page.locator(f"main a:has-text('{name}')").first.click()
    expect(page.locator("h1")).to_contain_text(name)
    if "/losses/" not in page.url:
        page.locator("main a[href*='/losses/']").first.click()
    expect(page.locator("main")).to_contain_text("Ours")
    expect(page.get_by_role("heading", name="Share of responsibility")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("heading", name="What we cannot say")).to_be_visible(timeout=20_000)


def test_the_hand_off_that_leaks_most_is_named_in_words_and_first_in_the_table(page: Page):
    page.goto("/handoffs/?days=365")
    first = page.locator("main table tbody th a").first.inner_text()
    assert first.strip()
    expect(page.locator("main [data-chart] svg").first).to_be_visible(timeout=20_000)


def test_the_bond_is_drawn_and_its_table_is_one_key_away(page: Page):
    page.locator("table:has(th:has-text('Why')) tbody th a").first.click()
    card = page.locator("[data-card]").filter(has=page.get_by_role("heading", name="Bond", exact=True))
    card.locator("svg").first.wait_for()
    card.get_by_role("button", name="Table").focus()
    page.keyboard.press("Enter")
    expect(card.locator("table")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize(
    "path", ["/", "/customers/", "/losses/", "/handoffs/", "/model/", "/data/", "/import/", "/settings/"]
)
def test_nothing_scrolls_sideways_on_the_smallest_phone(page: Page, path: str):
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_no_page_complains_in_the_console(page: Page):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda problem: said.append(str(problem)))
    for path in ("/", "/customers/", "/losses/", "/handoffs/", "/model/", "/data/", "/import/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    assert said == []
