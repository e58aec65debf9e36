"""The page customers see: looking never answers, one answer a token, whole without script, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from msgspec.structs import replace as replace_struct

from valence import home, interactions
from valence.customers import actions as customer_actions
from valence.flows.ask import answering
from valence.flows.protect import erase
from valence.surveys import actions, queries, templates
from valence.surveys.models import Begun
from valence.surveys.survey import Brand, Option, Purpose, Question, Survey
from valence.surveys.values import End, Invitee
from valence.terms import EVERYTHING
from valence.web.tests.looking import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route
    from pytest_django.fixtures import SettingsWrapper
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)
ABOUT = {"ref": "field:v-9", "kind": "visit", "occurred_at": "2026-03-20T10:00:00+00:00", "department": "field"}


def words(said: str) -> dict[str, str]:
    return {"en": said, "de": f"{said} (de)", "ar": f"سؤال: {said}"}


def option(word: str) -> Option:
    return Option(id=word, text=words(word))


EVERY_KIND = Survey(
    name="Every kind",
    purpose=Purpose.CONTACT,
    languages=("en", "de", "ar"),
    intro=words("About everything"),
    questions=(
        Question(
            id="nps", kind="scale", text=words("Nps?"), scale="nps", low=words("no"), high=words("yes"), role="score"
        ),
        Question(id="csat", kind="scale", text=words("Csat?"), scale="csat", low=words("no"), high=words("yes")),
        Question(id="ces", kind="scale", text=words("Ces?"), scale="ces", low=words("no"), high=words("yes")),
        Question(id="one", kind="choice", text=words("One?"), options=(option("a"), option("b")), must=True),
        Question(id="some", kind="choices", text=words("Some?"), options=(option("a"), option("b")), most=1),
        Question(id="order", kind="ranking", text=words("Order?"), options=(option("a"), option("b"))),
        Question(id="grid", kind="grid", text=words("Grid?"), options=(option("a"), option("b")), rows=(option("x"),)),
        Question(id="line", kind="short", text=words("Line?"), help=words("Shortly")),
        Question(id="story", kind="long", text=words("Story?"), role="words"),
    ),
    call_back=True,
    brand=Brand(colour="#ffcc00"),
)


@pytest.fixture(autouse=True)
def own_home(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in home.FOLDERS:
        (tmp_path / "home" / name).mkdir(parents=True)


def invited(survey: Survey | None = None, *, language: str = "en", customer: str = "C1", days: float = 14) -> str:
    actions.put_draft(slug="one", survey=survey or templates.load(name="nps"), by="test", now=NOW)
    actions.launch(slug="one", by="test", now=NOW)
    [key] = customer_actions.identify(customer_ids=[customer], now=NOW)
    assert isinstance(key, int)
    person = Invitee(key, "email", language, ABOUT, {}, NOW + timedelta(days=days))
    return actions.invite(slug="one", people=[person], now=NOW)[0].token


def answers() -> list[dict[str, object]]:
    return interactions.ask(question=lambda log: log.filter(log.kind == "feedback"))


def post(token: str, **fields: object) -> int:
    present = [name.split(".")[0] for name in fields if not name.startswith("_")]
    response = Client().post(f"/s/{token}/", {"_q": present, **fields})
    return response.status_code


def test_an_answer_becomes_an_interaction_of_her_journey() -> None:
    token = invited()
    assert post(token, recommend="3", why="Nobody told me about the fee", _do="send", _call_me="yes") == 200
    (answer,) = answers()
    assert answer["score"] == 3
    assert answer["scale"] == "nps"
    assert answer["text"] == "Nobody told me about the fee"
    assert answer["department"] == "field"
    assert answer["caused_by"] == "field:v-9"
    assert '"call_back":true' in str(answer["attributes"])


def test_looking_at_it_in_whatever_way_never_answers() -> None:
    token = invited()
    for _ in range(3):
        assert Client().get(f"/s/{token}/?recommend=9").status_code == 200
        assert Client().head(f"/s/{token}/?recommend=9").status_code == 200
        assert Client().get(f"/s/{token}/decline/").status_code == 200
        assert Client().options(f"/s/{token}/").status_code == 405
    assert answers() == []
    assert not Begun.objects.exists()


def test_a_score_in_a_mails_address_is_proposed_not_taken() -> None:
    page = Client().get(f"/s/{invited()}/?recommend=9").content.decode()
    assert re.search(r'value="9"[^>]* checked', page)
    assert "What did we do best?" in page
    assert not Begun.objects.exists()


def test_each_answer_is_kept_as_it_is_given() -> None:
    token = invited()
    post(token, recommend="4", _do="save")
    assert answers() == []
    page = Client().get(f"/s/{token}/").content.decode()
    assert re.search(r'value="4"[^>]* checked', page)
    assert "What went wrong" in page


def test_what_was_given_and_left_becomes_an_interaction_after_a_day() -> None:
    post(invited(), recommend="4", _do="save")
    assert answering.send_left(now=NOW + timedelta(hours=20)) == 0
    assert answering.send_left(now=NOW + timedelta(hours=30)) == 1
    (answer,) = answers()
    assert answer["score"] == 4
    assert not Begun.objects.exists()


@pytest.mark.parametrize(("score", "led"), [("10", True), ("9", True), ("8", False), ("0", False)])
def test_promoters_are_shown_where_to_say_it_and_whom_to_tell(score: str, led: bool) -> None:
    ways = replace_struct(templates.load(name="nps"), review="https://r.example/", refer="https://us.example/tell")
    fields = {"_q": ["recommend", "why"], "recommend": score, "why": "", "_do": "send"}
    page = Client().post(f"/s/{invited(ways)}/", fields).content.decode()
    assert ("https://r.example/" in page) is ("Tell somebody about us" in page) is led


def test_a_question_that_an_answer_calls_for_is_asked_before_it_is_sent() -> None:
    token = invited(templates.load(name="bill"))
    page = Client().post(f"/s/{token}/", {"_q": ["clear", "why"], "clear": "2", "why": "", "_do": "send"})
    assert "A fee nobody mentioned" in page.content.decode()
    assert answers() == []
    post(token, clear="2", why="", surprise=["fee"], _do="send")
    (answer,) = answers()
    assert '"surprise":["fee"]' in str(answer["attributes"])


def test_an_answer_that_cannot_be_taken_says_so_beside_it_and_sends_nothing() -> None:
    token = invited(EVERY_KIND)
    fields = {"nps": "3", "csat": "", "ces": "", "one": "", "some": ["a", "b"], "order.a": "1", "order.b": "1"}
    more = {"grid.x": "z", "line": "", "story": "x" * 4001, "_do": "send"}
    assert post(token, **fields, **more) == 422
    page = Client().get(f"/s/{token}/").content.decode()
    assert re.search(r'value="3"[^>]* checked', page)
    assert answers() == []


def test_a_token_is_used_once_and_says_so() -> None:
    token = invited()
    assert post(token, recommend="9", why="", _do="send") == 200
    assert post(token, recommend="1", why="", _do="send") == 200
    (answer,) = answers()
    assert answer["score"] == 9
    assert "Your answer has arrived" in Client().get(f"/s/{token}/").content.decode()


def test_an_unknown_token_tells_nothing() -> None:
    for token in ("x", "a" * 22, "%00", "x" * 500):
        response = Client().get(f"/s/{token}/")
        assert response.status_code == 404
        assert "There is nothing to answer here" in response.content.decode()
    assert post("a" * 22, recommend="3", _do="send") == 404


def test_what_has_ended_is_not_answered() -> None:
    token = invited(days=-1)
    assert post(token, recommend="3", _do="send") == 410
    assert answers() == []


def test_whoever_declines_is_left_alone_and_what_was_begun_is_forgotten() -> None:
    token = invited()
    post(token, recommend="3", _do="save")
    assert Client().post(f"/s/{token}/decline/").status_code == 200
    invitation = queries.invitation(token=token)
    assert invitation is not None
    assert invitation.end is End.DECLINED
    assert not Begun.objects.exists()
    assert answers() == []


def test_nobody_saves_without_end() -> None:
    token = invited()
    post(token, recommend="3", _do="save")
    Begun.objects.update(saves=actions.MOST_SAVES)
    assert post(token, recommend="3", _do="save") == 429


def test_an_erased_customer_leaves_no_invitation_and_nothing_begun() -> None:
    token = invited()
    post(token, recommend="3", why="I am Mary", _do="save")
    erase.run(customer_id="C1", why="asked", who="test", scope=EVERYTHING, now=NOW)
    assert Client().get(f"/s/{token}/").status_code == 404
    assert not Begun.objects.exists()


def test_what_was_begun_lies_encrypted() -> None:
    post(invited(), recommend="3", why="My name is Mary", _do="save")
    assert b"Mary" not in bytes(Begun.objects.get().sealed)


def test_the_address_is_told_to_nobody_and_no_cookie_is_set() -> None:
    response = Client().get(f"/s/{invited()}/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not response.cookies


def test_a_script_in_an_answer_is_shown_literally() -> None:
    token = invited()
    post(token, recommend="3", why="</textarea><script>alert(1)</script>", _do="save")
    assert "<script>alert" not in Client().get(f"/s/{token}/").content.decode()


@pytest.mark.parametrize("name", templates.names())
def test_no_page_is_larger_than_twenty_kilobytes(name: str) -> None:
    for language in ("en", "ar"):
        page = Client().get(f"/s/{invited(templates.load(name=name), language=language)}/").content
        assert len(page) < 20_000


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Callable[..., Page]:
    Client().get("/s/")  # the first request reads in the whole product: it is not what the browser waits for

    def enter(path: str, *, width: int = 390, script: bool = True, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            base_url=live_server.url,
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
        )
        page = context.new_page()
        page.goto(path)
        return page

    return enter


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_axe_finds_nothing_on_any_kind_of_question_or_end(visit: Callable[..., Page], language: str) -> None:
    token = invited(EVERY_KIND, language=language)
    for path in (f"/s/{token}/", f"/s/{token}/decline/", f"/s/{token}/privacy/", f"/s/nothing/?lang={language}"):
        for dark in (False, True):
            page = visit(path, width=320, dark=dark)
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.browser
def test_the_whole_survey_is_answered_by_keyboard_alone(visit: Callable[..., Page]) -> None:
    page = visit(f"/s/{invited()}/", width=1280)
    page.locator("input[name=recommend]").first.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.wait_for_selector("text=Saved")
    page.wait_for_selector("text=What did we do best?")
    page.keyboard.press("Tab")
    page.keyboard.type("The technician explained everything")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Your answer has arrived")
    assert "We pass this on" in page.inner_text("main")
    (answer,) = answers()
    assert (answer["score"], answer["text"]) == (10, "The technician explained everything")


KEYS = {"radio": "Space", "checkbox": "Space", "select-one": "ArrowDown", "text": "w", "textarea": "w"}
FOCUSED = "() => [document.activeElement.type || '', document.activeElement.name || '']"


@pytest.mark.browser
@pytest.mark.parametrize(("script", "language"), [(True, "en"), (False, "ar")])
def test_every_kind_of_question_is_answered_by_keys_alone_with_script_and_without(
    visit: Callable[..., Page], script: bool, language: str
) -> None:
    """Tab goes from question to question; arrows, space and letters answer; Enter on the button sends."""
    page = visit(f"/s/{invited(EVERY_KIND, language=language)}/", script=script)
    answered: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        kind, name = page.evaluate(FOCUSED)
        if name == "_do":
            break
        if kind not in KEYS or name in answered or name.startswith("_"):  # the second box of `some` is one too many
            continue
        answered.append(name)
        for _ in range(sum(one.startswith("order.") for one in answered) if kind == "select-one" else 1):
            page.keyboard.press(KEYS[kind])
    if script:
        page.wait_for_selector("text=Saved")
    page.keyboard.press("Enter")
    page.wait_for_selector("form[novalidate]", state="detached")
    assert {name.split(".")[0] for name in answered} == {one.id for one in EVERY_KIND.questions}
    [answer] = answers()
    assert (answer["score"], answer["language"], answer["text"]) == (0, language, "w")


@pytest.mark.browser
def test_what_is_answered_while_an_earlier_answer_is_on_its_way_stays(visit: Callable[..., Page]) -> None:
    page = visit(f"/s/{invited(EVERY_KIND)}/")
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    held: list[Route] = []
    page.route("**/s/*/", lambda route: route.continue_() if held else held.append(route))
    page.locator("input[name=nps][value='3']").check(force=True)
    page.clock.run_for(300)
    while not held:
        page.wait_for_timeout(20)
    page.locator("input[name=one][value=b]").check(force=True)
    page.locator("input[name=some][value=a]").check(force=True)
    page.locator("select[name='order.b']").select_option("1")
    page.locator("textarea").focus()
    held[0].continue_()  # comes back saying nothing of the later answers
    page.wait_for_selector("text=Saved")
    for chosen in ("input[name=nps][value='3']", "input[name=one][value=b]", "input[name=some][value=a]"):
        assert page.locator(chosen).is_checked()
    assert page.locator("select[name='order.b']").input_value() == "1"


@pytest.mark.browser
def test_the_whole_survey_is_answered_without_script_in_arabic(visit: Callable[..., Page]) -> None:
    page = visit(f"/s/{invited(templates.load(name='bill'), language='ar')}/", script=False)
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.locator("input[name=clear][value='2']").check(force=True)
    page.click("button[name=_do]")
    page.locator("input[name=surprise][value=fee]").check()
    page.fill("textarea", "لم يخبرني أحد")
    page.click("button[name=_do]")
    page.wait_for_selector("text=وصلت إجابتك")
    (answer,) = answers()
    assert (answer["score"], answer["language"], answer["text"]) == (2, "ar", "لم يخبرني أحد")


@pytest.mark.browser
def test_an_idle_browser_answers_nothing(visit: Callable[..., Page]) -> None:
    token = invited()
    page = visit(f"/s/{token}/?recommend=9")
    page.evaluate("document.querySelector('form').dispatchEvent(new Event('change', {bubbles: true}))")
    page.wait_for_timeout(600)
    assert answers() == []
    assert not Begun.objects.exists()
