"""The widget on somebody else's page, of another origin and under a strict policy: seen, heard, used by keys, once."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from msgspec.structs import replace as replace_struct

from valence import home, interactions
from valence.channels import places, signing
from valence.customers import actions as customer_actions
from valence.customers import consent
from valence.surveys import actions, templates
from valence.surveys.models import Invitation
from valence.surveys.survey import Survey
from valence.web.tests.looking import violations
from valence.web.tests.test_survey_page import EVERY_KIND

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.fixtures import SettingsWrapper
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)
ORIGIN = "https://shop.example"
LARGEST = 12_000
ONE_QUESTION = replace_struct(EVERY_KIND, questions=EVERY_KIND.questions[:1])
BUILT = Path(__file__).parents[1] / "static" / "built" / "widget.js"


@pytest.fixture(autouse=True)
def own_home(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in home.FOLDERS:
        (tmp_path / "home" / name).mkdir(parents=True)


def placed(origins: str = ORIGIN, survey: Survey | None = None) -> places.Site:
    actions.put_draft(slug="one", survey=survey or templates.load(name="nps"), by="test", now=NOW)
    actions.launch(slug="one", by="test", now=NOW)
    return places.add_site(survey="one", name="Shop", origins=origins, by="test", now=NOW)


def call(site: places.Site, act: str, *, origin: str = ORIGIN, **said: object) -> tuple[int, Any]:
    response = Client().post(
        f"/api/v1/widget/{site.key}/{act}", json.dumps(said), content_type="text/plain", headers={"Origin": origin}
    )
    return response.status_code, json.loads(response.content)


def answers() -> list[dict[str, object]]:
    return interactions.ask(question=lambda log: log.filter(log.kind == "feedback"))


@contextmanager
def host_page(html: str, policy: str) -> Iterator[str]:
    """Serve a page of a company as another origin, and give its address."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def shop(
    browser: Browser, live: LiveServer, *, language: str = "en", survey: Survey | None = None, **context: Any
) -> Iterator[Page]:
    """Open a company's page that shows the widget."""
    policy = f"default-src 'none'; script-src {live.url}; connect-src {live.url}"
    site = placed("http://placeholder.example", survey)
    html = (
        f'<!doctype html><html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">'
        "<head><title>Shop</title><meta name='viewport' content='width=device-width, initial-scale=1'></head>"
        "<body><main><h1>Shop</h1><p>Things to buy. <a href='#x' id='x'>A link</a></p></main>"
        f'<script src="{live.url}/static/built/widget.js" data-site="{site.key}" async></script></body></html>'
    )
    Client().get("/s/")  # the first request reads in the whole product: it is not what is measured
    with host_page(html, policy) as address:
        from valence.channels.models import Site

        Site.objects.filter(key=site.key).update(origins=[address])
        opened = browser.new_context(**{"viewport": {"width": 390, "height": 844}, **context})
        page = opened.new_page()
        page.set_default_timeout(60_000)
        page.errors = []  # type: ignore[attr-defined]
        page.on("console", lambda said: said.type == "error" and page.errors.append(said.text))  # type: ignore[attr-defined]
        page.goto(address)
        yield page
        opened.close()


def test_it_is_smaller_than_twelve_kilobytes() -> None:
    if not BUILT.exists():
        pytest.skip("the page assets are not built: run `npm ci && npm run build`")
    assert len(gzip.compress(BUILT.read_bytes(), 9)) < LARGEST


def test_only_origins_that_may_show_it_are_answered() -> None:
    site = placed()
    assert call(site, "open")[0] == 200
    assert call(site, "open", origin="https://other.example")[0] == 403
    assert call(site, "open", origin="")[0] == 403
    preflight = Client().options(f"/api/v1/widget/{site.key}/open", headers={"Origin": ORIGIN})
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    refused = Client().options(f"/api/v1/widget/{site.key}/open", headers={"Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_opening_it_asks_nobody() -> None:
    site = placed()
    for _ in range(3):
        status, said = call(site, "open", language="de-AT")
        assert (status, said["ask"], said["language"]) == (200, True, "de")
        Client().get(f"/api/v1/widget/{site.key}/open", headers={"Origin": ORIGIN})
    assert not Invitation.objects.exists()
    assert places.counted(since=NOW.date())[site.key] == {"shown": 3}


def test_answers_follow_the_logic_and_become_an_interaction() -> None:
    site = placed()
    _, first = call(site, "answers", answers={"recommend": {"": ["2"]}})
    assert "What went wrong" in first["questions"][1]["text"]
    assert answers() == []
    said = {"recommend": {"": ["2"]}, "why": {"": ["the queue"]}}
    status, last = call(site, "answers", token=first["token"], answers=said, send=True)
    assert (status, last["sent"]) == (200, True)
    [answer] = answers()
    assert (answer["score"], answer["text"], answer["channel"]) == (2, "the queue", "widget")
    assert call(site, "answers", token=first["token"], answers=said, send=True)[0] == 404
    assert len(answers()) == 1


def test_who_is_signed_in_must_be_proven_and_is_asked_rarely() -> None:
    site = placed()
    [key] = customer_actions.identify(customer_ids=["C1"], now=NOW)
    assert isinstance(key, int)
    proof = signing.proof(secret=places.secret(site), customer_id="C1")
    assert call(site, "open", customer="C1", proof="f" * 64)[0] == 403
    assert call(site, "open", customer="C1", proof=proof)[1]["ask"] is True
    said = {"recommend": {"": ["9"]}, "why": {"": [""]}}
    call(site, "answers", customer="C1", proof=proof, answers=said, send=True)
    [answer] = answers()
    assert answer["customer_key"] == key
    assert call(site, "open", customer="C1", proof=proof)[1] == {"ask": False}


def test_who_objected_is_not_asked() -> None:
    site = placed()
    [key] = customer_actions.identify(customer_ids=["C1"], now=NOW)
    assert isinstance(key, int)
    consent.withdraw(customer_key=key, purpose="feedback", channel="app", source="test", now=NOW - timedelta(days=1))
    proof = signing.proof(secret=places.secret(site), customer_id="C1")
    assert call(site, "open", customer="C1", proof=proof)[1] == {"ask": False}


def test_declining_is_kept() -> None:
    site = placed()
    customer_actions.identify(customer_ids=["C1"], now=NOW)
    proof = signing.proof(secret=places.secret(site), customer_id="C1")
    assert call(site, "declined", customer="C1", proof=proof)[0] == 200
    assert Invitation.objects.get().end == "declined"
    assert places.counted(since=NOW.date())[site.key]["declined"] == 1


@pytest.mark.parametrize("body", ["[", "[]", '{"answers": 7}', '{"answers": {"recommend": {"": [7]}}}', "\x00"])
def test_nonsense_is_refused(body: str) -> None:
    site = placed()
    response = Client().post(
        f"/api/v1/widget/{site.key}/answers", body, content_type="text/plain", headers={"Origin": ORIGIN}
    )
    assert response.status_code == 400


@pytest.mark.browser
def test_it_is_answered_with_the_keyboard_alone_and_asked_once(browser: Browser, live_server: LiveServer) -> None:
    with shop(browser, live_server) as page:
        panel = page.get_by_role("dialog")
        panel.wait_for()
        assert page.evaluate("document.activeElement.tagName") == "BODY"  # it takes the focus from nobody
        page.keyboard.press("Tab")  # the page's own link
        page.keyboard.press("Tab")  # Close
        page.keyboard.press("Tab")  # the scale
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        field = panel.get_by_role("textbox")
        field.wait_for()
        page.keyboard.type("Nobody called back")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        panel.get_by_text("Thank you. Your answer has arrived.").wait_for()
        [answer] = answers()
        assert (answer["score"], answer["text"]) == (4, "Nobody called back")
        page.keyboard.press("Escape")
        assert panel.count() == 0
        page.reload()
        page.wait_for_timeout(300)
        assert panel.count() == 0
        assert page.errors == []  # type: ignore[attr-defined]


@pytest.mark.browser
def test_escape_declines_and_gives_the_focus_back(browser: Browser, live_server: LiveServer) -> None:
    with shop(browser, live_server) as page:
        panel = page.get_by_role("dialog")
        panel.wait_for()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        with page.expect_response("**/declined"):
            page.keyboard.press("Escape")
        assert panel.count() == 0
        assert page.evaluate("document.activeElement.id") == "x"
    [site] = places.sites()
    assert places.counted(since=NOW.date())[site.key]["declined"] == 1


@pytest.mark.browser
def test_pressed_twice_it_is_sent_once_and_nobody_is_told_that_it_failed(
    browser: Browser, live_server: LiveServer
) -> None:
    with shop(browser, live_server, survey=ONE_QUESTION) as page:
        panel = page.get_by_role("dialog")
        panel.get_by_role("radio").first.check()
        page.route("**/answers", lambda route: (page.wait_for_timeout(200), route.continue_()))
        panel.locator("button.main").dblclick()
        panel.locator(".thanks").wait_for()
        page.wait_for_timeout(500)
        assert panel.get_by_role("alert").count() == 0
        assert page.errors == []  # type: ignore[attr-defined]
    assert len(answers()) == 1


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_every_kind_of_question_can_be_used_by_everybody(
    browser: Browser, live_server: LiveServer, language: str, scheme: str
) -> None:
    with shop(browser, live_server, language=language, survey=EVERY_KIND, color_scheme=scheme, bypass_csp=True) as page:
        panel = page.get_by_role("dialog")
        panel.wait_for()
        seen = 0
        for question in EVERY_KIND.questions:
            panel.get_by_text(question.text[language]).first.wait_for()
            assert [one for one in violations(page) if not one.startswith("region")] == []
            if question.must:
                panel.get_by_role("radio").first.check()
            box = panel.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
            seen += 1
            panel.locator("button.main").click()
        assert seen == len(EVERY_KIND.questions)
        panel.locator(".thanks").wait_for()
