"""Promises of the pages about texts: words one click away, one key corrects, nobody sees what is not theirs."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from valence.flows.read import heads, reading, teaching, theme_drafts
from valence.flows.run import jobs
from valence.flows.tests import readers
from valence.ledger import annotated
from valence.ledger.actions import annotations as keeping
from valence.ledger.models import Annotation, Correction
from valence.people import keys
from valence.terms import Interaction
from valence.web.tests import cast as the_cast
from valence.web.tests import cast_texts, looking
from valence.web.tests.cast import NOON, Cast

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(told: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast with its journeys and what it wrote, as of the present; what reads does so without an encoder."""
    monkeypatch.setattr(reading, "reader", readers.telco)
    cast_texts.tell(told, now=timezone.now())
    return told


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return client


def page(name: str, path: str) -> str:
    answer = signed_in(name).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.content.decode())


def total(html: str) -> int:
    found = re.search(r'data-total="(\d+)"', html)
    assert found
    return int(found[1])


def test_comments_are_filtered_by_what_was_read_and_the_count_is_that_of_the_rows(told: Cast):
    assert total(page("alice", "/comments/")) == 52
    assert total(page("alice", "/comments/?theme=bill&tone=negative")) == 29
    assert total(page("alice", "/comments/?theme=visit&tone=negative")) == 0
    assert total(page("alice", "/comments/?intent=leaving&days=30")) == 20
    assert total(page("alice", "/comments/?scale=nps&end=high")) == 12
    assert total(page("alice", "/comments/?q=television+nothing")) == 3
    html = page("alice", "/comments/?theme=bill")
    assert re.search(r'<mark class="negative rests" title="[^"]+">bill</mark>', html)


def test_regions_are_obeyed_by_rows_counts_and_single_comments(told: Cast):
    coast = total(page("mark", "/comments/"))
    assert 0 < coast < 52
    other = Annotation.objects.exclude(customer__region="Coast").values_list("pk", flat=True)[0]
    assert signed_in("mark").get(f"/comments/{other}/").status_code == 404
    assert "20 people" not in page("mark", "/themes/")


def test_one_key_corrects_and_the_row_comes_back_put_right(told: Cast):
    number = Annotation.objects.filter(tone="negative").values_list("pk", flat=True)[0]
    said = {"number": number, "part": "tone", "said": "positive"}
    assert signed_in("vera").post("/comments/", said).status_code == 403
    answer = signed_in("anna").post("/comments/", said, headers={"HX-Request": "true"})
    assert b"Put right" in answer.content
    assert b"<html" not in answer.content
    assert Correction.objects.get().by == "anna"
    assert signed_in("anna").post("/comments/", {**said, "said": "furious"}).status_code == 404


def test_one_comment_shows_what_was_read_from_which_words_and_by_what(told: Cast):
    number = Annotation.objects.filter(tone="negative").values_list("pk", flat=True)[0]
    html = page("vera", f"/comments/{number}/") if _seen_by_vera(number) else page("alice", f"/comments/{number}/")
    assert "words and examples, telco 1" in html
    assert "“bill”" in html
    assert "80 %" in html


def _seen_by_vera(number: int) -> bool:
    return Annotation.objects.filter(pk=number, customer__region__in=("Coast", "Valley")).exists()


def test_themes_say_volume_tone_effect_and_leaving_with_ranges_and_hide_what_few_said(told: Cast):
    html = page("alice", "/themes/")
    assert "Correlation, not cause" in html or "A correlation" in html
    assert "What people talk about before they leave" in html
    row = re.search(r"<tr><th scope=\"row\"><a[^>]*>Television</a>.*?</tr>", html, re.S)
    assert row
    assert "under 5 people" in row[0]
    assert "100 %" not in row[0]


def test_training_asks_for_enough_corrections_and_teaches_in_the_background(told: Cast):
    html = page("anna", "/themes/training/")
    assert "10 more corrections" in html
    signed_in("anna").post("/themes/training/", {"task": "themes", "act": "teach"})
    assert jobs.is_waiting(name="teach", arguments={"task": "themes"})
    assert signed_in("mark").get("/themes/training/").status_code == 403


def test_a_version_says_of_how_many_texts_it_learned_each_label(told: Cast, monkeypatch: pytest.MonkeyPatch):
    labels = {"negative": {"n": 48, "told": 49, "f1": 0.68}}
    card = {
        "learned_from": "tone.csv",
        "held_out": {"macro_f1": {"value": 0.7, "low": 0.6, "high": 0.8}, "labels": labels},
    }
    kept = teaching.Version(heads.Kept(subject="tone", version=1, in_use=False, card=card), None)
    monkeypatch.setattr(teaching, "versions", lambda *, task: [kept] if task == "tone" else [])
    html = page("anna", "/themes/training/")
    assert re.search(r"Negative</th><td class=\"r\">48</td><td class=\"r\">0.68</td>", html)


def test_a_label_that_is_put_right_as_it_was_is_called_confirmed(told: Cast):
    number = Annotation.objects.filter(tone="negative").values_list("pk", flat=True)[0]
    keeping.correct(number=number, said=annotated.Said("tone", "negative"), by="anna", now=timezone.now())
    assert "<b>Negative</b>, confirmed" in page("anna", "/themes/training/")


def test_a_drafted_theme_is_tried_at_once_and_changes_nothing_until_it_is_switched_on(told: Cast):
    drafted = {"act": "look", "name": "hold_music", "label": "Hold music", "keywords-en": "technician"}
    answer = signed_in("anna").post("/themes/edit/", drafted)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Hold music" in html
    assert "would be read otherwise" in html
    assert "hold_music" not in {theme.name for theme in reading.taxonomy_in_use().themes}
    signed_in("anna").post("/themes/edit/", {"act": "use"})
    assert "hold_music" in {theme.name for theme in reading.taxonomy_in_use().themes}
    assert jobs.is_waiting(name="read_texts")
    wrong = signed_in("anna").post("/themes/edit/", {"act": "look", "name": "Bad Name", "label": "x"})
    assert wrong.status_code == 422
    assert not theme_drafts.read().differs


def test_a_proposal_becomes_a_theme_with_its_words_and_quotes_filled_in(told: Cast):
    numbers = list(Annotation.objects.filter(text=cast_texts.BILL).values_list("pk", flat=True)[:2])
    asked = f"theme=new&words=bill,cancel&quotes={numbers[0]},{numbers[1]},999999,x"
    html = page("anna", f"/themes/edit/?{asked}")
    assert 'value="bill_cancel"' in html
    assert re.search(r'name="hints-en"[^>]*>bill\ncancel</textarea>', html)
    assert re.search(rf'name="examples-en"[^>]*>{re.escape(cast_texts.BILL)}</textarea>', html)
    assert "A new theme" in html
    assert theme_drafts.read().differs is False
    assert 'value="" pattern' in page("anna", "/themes/edit/?theme=new")


def test_who_appears_in_a_story_is_shown_counted_and_a_filter_away(told: Cast):
    number = Annotation.objects.filter(text=cast_texts.VISIT).values_list("pk", flat=True)[0]
    html = page("alice", f"/comments/{number}/")
    assert "Who appears in it" in html
    assert "Technician or installer" in html
    assert total(page("alice", "/comments/?person=technician")) == 20
    assert total(page("alice", "/comments/?person=billing_clerk")) == 0


def test_who_comes_off_better_beside_a_competitor_is_counted_and_opens_those_comments(told: Cast):
    now = timezone.now()
    sent = [
        Interaction(
            source="survey", interaction_id=f"v{at}", customer_key=key, occurred_at=now - timedelta(days=1),
            recorded_at=now, kind="feedback",
            text="Verizon is cheaper than you" if at < 6 else "I left Verizon for you",
        )
        for at, key in enumerate(told.present[:10])
    ]  # fmt: skip
    read = reading.of(sent=[(f"v{at}".encode().rjust(16), one) for at, one in enumerate(sent)], now=now)
    reading.store(read=read, now=now)
    shown = page("alice", "/growing/")
    assert "1 competitor named in 10 comments. Of 10 that say who is better, <b>40" in shown
    for side, number in (("ours", 4), ("theirs", 6)):
        assert f"competitor=Verizon&amp;beside={side}" in shown
        assert total(page("alice", f"/comments/?competitor=Verizon&beside={side}")) == number
    assert total(page("alice", "/comments/?competitor=Verizon")) == 10
    assert "we come off better" in page("alice", "/comments/?competitor=Verizon&beside=ours")
    number = Annotation.objects.get(interaction_id="v0").pk
    assert "Verizon: they come off better" in page("alice", f"/comments/{number}/")
    assert total(page("alice", "/comments/?competitor=Verizon&beside=nonsense")) == 10


def test_comments_are_filtered_by_plan_and_segment(told: Cast):
    assert total(page("alice", "/comments/?plan=no+such+plan")) == 0
    assert total(page("alice", "/comments/?segment=no+such+segment")) == 0


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> the bill & more",
        "=HYPERLINK(1) the bill",
        "食べ物 food еда طعام bill",
        "😀" * 100_000,
        "the bill " * 120_000,
    ],
    ids=["html", "formula", "scripts", "emoji", "a megabyte"],
)
def test_whatever_was_written_is_kept_and_shown_literally(told: Cast, text: str):
    sent = Interaction(
        source="survey", interaction_id="wild", customer_key=told.present[0], occurred_at=NOON, recorded_at=NOON,
        kind="feedback", text=text,
    )  # fmt: skip
    reading.store(read=reading.of(sent=[(b"w" * 16, sent)], now=NOON), now=NOON)
    number = Annotation.objects.get(interaction_id="wild").pk
    shown = page("alice", f"/comments/{number}/")
    whole = re.search(r'<blockquote class="whole".*?</blockquote>', shown, re.S)
    assert whole
    assert html.unescape(re.sub(r"<[^>]+>", "", whole[0])).strip()[:40].strip() == text[:40].strip()
    assert "<script>alert" not in shown


def test_machines_read_comments_in_order_with_a_key_that_may_read(told: Cast):
    token = keys.create(name="reads", scopes=("read",), by="test", now=NOON)
    asked: dict[str, Any] = {"headers": {"authorization": f"Bearer {token}"}}
    first = Client().get("/api/v1/comments?limit=2", **asked).json()
    assert [one["themes"][0]["theme"] for one in first] == ["bill", "bill"]
    assert first[0]["intents"][0]["intent"] == "leaving"
    after = Client().get(f"/api/v1/comments?after={first[-1]['id']}", **asked).json()
    assert len(after) == 50
    assert Client().get("/api/v1/comments").status_code == 401


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", ["wide", "phone"])
def test_pages_about_texts_hold_nothing_that_axe_finds_and_one_key_corrects(
    told: Cast, sign_in: Callable[..., Page], width: str
) -> None:
    browser = sign_in("alice", width=width)
    number = Annotation.objects.filter(tone="negative").values_list("pk", flat=True)[0]
    wrong = {}
    for path in ("/comments/", f"/comments/{number}/", "/themes/?days=365", "/themes/edit/", "/themes/training/"):
        if found := looking.wrong(browser, path):
            wrong[path] = found
    assert wrong == {}
    if width == "wide":
        browser.goto("/comments/?theme=bill&tone=negative&days=30")
        browser.keyboard.press("j")
        browser.keyboard.press("p")
        browser.wait_for_selector("text=Put right >> visible=true")
        browser.wait_for_function("() => document.querySelector('.comment .badge.a')")
        assert browser.evaluate("() => document.activeElement.classList.contains('said')")
        browser.locator("summary", has_text="Department").focus()
        for key in ("Enter", "Tab", "Enter"):
            browser.keyboard.press(key)
        browser.wait_for_url("**department=*")
        browser.wait_for_function("() => document.activeElement.ariaLabel?.startsWith('Remove filter: department')")
    assert settings.HOME.folder.exists()
