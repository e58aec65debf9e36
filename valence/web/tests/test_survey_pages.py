"""Surveys as staff work on them: made, changed, launched, asked; answers and scores; for whom each is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from valence import web
from valence.customers import lookup
from valence.flows.ask import asking
from valence.flows.gather import ingest
from valence.intake import interactions as interaction_intake
from valence.intake import objects
from valence.surveys import actions_asking, queries, queries_asking
from valence.surveys.asking import Channel, OtherWay, Trigger
from valence.terms import RawRecords
from valence.web.tests import looking
from valence.web.tests.cast import Cast

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("logs", "uploads", "packs", "log"):
        (tmp_path / "home" / name).mkdir(parents=True)


def signed_in(name: str) -> Client:
    client = Client()
    assert client.post("/signin/", {"username": name, "password": "correct horse battery"}).status_code == 302
    return client


def arrive(*sent: dict[str, object]) -> None:
    records: RawRecords = objects.side_by_side(
        objects=list(sent), known=interaction_intake.KNOWN, numbers=range(1, len(sent) + 1)
    )
    ingest.take_interactions(records=records, desk=ingest.Desk(source="crm"), now=timezone.now())


def scored(number: int, customer: str, score: int, **more: object) -> dict[str, object]:
    return {
        "interaction_id": f"s{number}", "customer_id": customer, "kind": "feedback", "channel": "email",
        "occurred_at": (timezone.now() - timedelta(days=2)).isoformat(), "score": score, "scale": "nps",
        "department": "care", "text": "It went well", **more,
    }  # fmt: skip


def calls(slug: str) -> Trigger:
    return Trigger(survey_id=slug, slug="calls", name="Calls", when={"kind": frozenset({"contact"})})


def make_survey(client: Client, template: str = "csat") -> str:
    sent = client.post("/surveys/", {"do": "template", "template": template, "name": "After a call"})
    assert sent.status_code == 302
    return str(sent["Location"]).strip("/").split("/")[-1]


def test_a_survey_goes_from_a_template_to_a_version_that_never_changes(cast: Cast) -> None:
    client = signed_in("anna")
    slug = make_survey(client)
    client.post(f"/surveys/{slug}/", {"do": "launch"})
    asked_then = queries.asked_now(slug=slug)
    client.post(f"/surveys/{slug}/", {"do": "add", "kind": "choice"})
    assert queries.asked_now(slug=slug) == asked_then
    assert len(queries.one(slug=slug).survey.questions) == len(asked_then.questions) + 1  # type: ignore[union-attr]
    page = client.get(f"/surveys/{slug}/").content.decode()
    assert "What stands here is a draft" in page
    assert "texts are not translated yet" in page
    refused = client.post(f"/surveys/{slug}/", {"do": "launch"})
    assert refused.status_code == 422
    assert queries.one(slug=slug).version == 1


def test_a_question_is_changed_with_its_logic_and_moved(cast: Cast) -> None:
    client = signed_in("anna")
    slug = make_survey(client)
    ids = [one.id for one in queries.one(slug=slug).survey.questions]
    changed = {
        "text": "Why {answer:satisfied}?", "about1": f"answer:{ids[0]}", "sign1": "most", "value1": "2",
        "about2": "known:segment", "sign2": "among", "value2": "business, family",
    }  # fmt: skip
    assert client.post(f"/surveys/{slug}/questions/why/", changed).status_code == 302
    why = next(one for one in queries.one(slug=slug).survey.questions if one.id == "why")
    assert why.text["en"] == "Why {answer:satisfied}?"
    assert why.text["de"]
    assert [(one.answer, one.known, one.most, one.among) for one in why.when] == [
        (ids[0], "", 2.0, ()),
        ("", "segment", None, ("business", "family")),
    ]
    client.post(f"/surveys/{slug}/", {"do": "move", "question": ids[1], "by": "up"})
    assert queries.one(slug=slug).survey.questions[0].id == ids[1]


def test_no_control_bears_a_class_by_which_a_chart_shows_only_on_phones_or_only_on_wide_screens() -> None:
    controls = re.compile(r'<(?:input|select|textarea|button)[^>]*class="([^"]*)"')
    hidden = [
        (path.name, classes)
        for path in sorted((Path(web.__file__).parent / "templates").rglob("*.html"))
        for classes in controls.findall(path.read_text())
        if {"narrow", "wide"} & set(classes.split())
    ]
    assert hidden == []


def test_what_is_wrong_with_a_question_is_said_and_nothing_typed_is_lost(cast: Cast) -> None:
    client = signed_in("anna")
    slug = make_survey(client)
    sent = client.post(f"/surveys/{slug}/questions/satisfied/", {"text": "", "help": "Typed"})
    page = sent.content.decode()
    assert "has no words in en" in page
    assert "Typed" in page


def test_the_preview_shows_the_real_page_and_keeps_nothing(cast: Cast) -> None:
    client = signed_in("anna")
    slug = make_survey(client)
    page = client.get(f"/surveys/{slug}/preview/?lang=ar")
    assert 'dir="rtl"' in page.content.decode()
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    filled = client.post(f"/surveys/{slug}/preview/", {"_q": "satisfied", "satisfied": "1"})
    assert filled.status_code == 200
    assert queries_asking.asked(since=timezone.now() - timedelta(days=1), until=timezone.now()) == ()


def test_texts_are_kept_by_language(cast: Cast) -> None:
    client = signed_in("anna")
    slug = make_survey(client)
    client.post(f"/surveys/{slug}/texts/de/", {"intro": "Zwei Fragen", "questions.0.text": "Und?"})
    one = queries.one(slug=slug).survey
    assert (one.intro["de"], one.questions[0].text["de"]) == ("Zwei Fragen", "Und?")
    assert one.intro["en"]


def test_a_logo_and_the_ways_on_of_promoters_are_set_and_wrong_ones_refused(cast: Cast) -> None:
    client = signed_in("anna")
    slug = make_survey(client)
    png = SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n" + bytes(40), "text/html")
    form = {"do": "save", "review": "https://reviews.example/us", "refer": "https://us.example/refer", "logo": png}
    assert client.post(f"/surveys/{slug}/", form).status_code == 302
    kept = queries.one(slug=slug).survey
    assert kept.brand.logo.startswith("data:image/png;base64,")
    assert (kept.review, kept.refer) == ("https://reviews.example/us", "https://us.example/refer")
    assert kept.brand.logo in client.get(f"/surveys/{slug}/preview/").content.decode()
    for wrong in (
        {"refer": "javascript:alert(1)"},
        {"review": "http://reviews.example"},
        {"logo": SimpleUploadedFile("x.png", b"<svg onload=alert(1)>")},
        {"logo": SimpleUploadedFile("x.png", b"\x89PNG\r\n\x1a\n" + bytes(20_000))},
    ):
        page = client.post(f"/surveys/{slug}/", {"do": "save", **wrong})
        assert page.status_code != 302, wrong
        assert queries.one(slug=slug).survey == kept
    client.post(f"/surveys/{slug}/", {"do": "save", "no_logo": "yes"})
    assert queries.one(slug=slug).survey.brand.logo == ""


@pytest.mark.parametrize("name", ["mark", "vera", "carl"])
def test_who_may_not_change_surveys_changes_none(cast: Cast, name: str) -> None:
    slug = make_survey(signed_in("anna"))
    client = signed_in(name)
    for path, form in (
        ("/surveys/", {"do": "template", "template": "nps"}),
        (f"/surveys/{slug}/", {"do": "launch"}),
        (f"/surveys/{slug}/texts/de/", {"intro": "x"}),
        (f"/surveys/{slug}/questions/satisfied/", {"text": "x"}),
        ("/surveys/asking/", {"most": "9"}),
        ("/surveys/asking/new/", {"name": "x", "survey": slug}),
        ("/surveys/asking/calls/trial/", {"do": "try", "after": "30", "first": "sms"}),
    ):
        assert client.post(path, form).status_code == 403, path
    assert queries.one(slug=slug).version == 0


def test_a_trigger_is_tried_out_and_then_asks_and_says_why_not(cast: Cast) -> None:
    client = signed_in("anna")
    slug = make_survey(client)
    client.post(f"/surveys/{slug}/", {"do": "launch"})
    form = {"name": "Calls", "survey": slug, "kind": "contact", "after": "0", "channels": ["email", "sms"]}
    tried = client.post("/surveys/asking/new/", form, follow=True).content.decode()
    assert "would have been asked" in tried
    assert not queries_asking.trigger(slug="calls").active
    client.post("/surveys/asking/calls/", {"do": "on"})
    happened = {"interaction_id": "i1", "customer_id": "T-300000", "kind": "contact", "team_id": "blue"}
    arrive({**happened, "occurred_at": timezone.now().isoformat()})
    asking.ask_due(now=timezone.now())
    overview = client.get("/surveys/asking/").content.decode()
    assert "asked of 1 moment" in overview
    rows = client.get("/surveys/asking/decisions/").content.decode()
    assert 'data-total="1"' in rows


def test_another_way_of_asking_is_tried_looked_at_and_kept(cast: Cast) -> None:
    client = signed_in("anna")
    slug = make_survey(client)
    client.post(f"/surveys/{slug}/", {"do": "launch"})
    actions_asking.put_trigger(trigger=calls(slug), by="test", now=timezone.now())
    path = "/surveys/asking/calls/"
    assert "Try another way of asking" in client.get(path).content.decode()
    for wrong in ({"after": "x"}, {"after": "-3"}, {"after": "2", "first": "email"}):
        client.post(f"{path}trial/", {"do": "try", "first": "sms", **wrong})
        assert queries_asking.trigger(slug="calls").trigger.other is None
    client.post(f"{path}trial/", {"do": "try", "after": "26", "first": "sms"})
    other = queries_asking.trigger(slug="calls").trigger.other
    assert other is not None
    assert [each.value for each in other.channels] == ["sms", "email"]
    page = client.get(path).content.decode()
    assert "Too early to tell" in page
    assert "26 hours after, by text message or e-mail" in page
    assert 'data-total="0"' in client.get("/surveys/asking/decisions/?trigger=calls&way=other").content.decode()
    client.post(f"{path}trial/", {"do": "keep"})
    kept = queries_asking.trigger(slug="calls").trigger
    assert (kept.other, kept.after, kept.channels) == (None, other.after, other.channels)
    assert client.post("/surveys/asking/none/trial/", {"do": "keep"}).status_code == 404


def test_rules_for_all_surveys_are_kept_whole_or_not_at_all(cast: Cast) -> None:
    client = signed_in("anna")
    form = {
        "most": "2", "window": "180", "rest_after_asking": "20", "rest_after_answering": "60",
        "rest_after_declining": "365", "quiet_from": "21:30", "quiet_until": "08:00",
    }  # fmt: skip
    client.post("/surveys/asking/", form)
    assert queries_asking.policy().most == 2
    assert f"{queries_asking.policy().quiet_from:%H:%M}" == "21:30"
    client.post("/surveys/asking/", {**form, "most": "-1"})
    assert queries_asking.policy().most == 2


def test_every_number_of_scores_opens_as_many_answers(cast: Cast) -> None:
    arrive(*(scored(number, "T-300000", score) for number, score in enumerate([10, 10, 9, 7, 3, 0, 2])))
    client = signed_in("alice")
    page = client.get("/scores/").content.decode()
    assert "Recommendation score" in page
    found = re.findall(r'data-count="(\d+)" href="(/answers/[^"]+)"|href="(/answers/[^"]+)" data-count="(\d+)"', page)
    assert len(found) > 8
    for number, href, other, count in found:
        rows = client.get((href or other).replace("&amp;", "&")).content.decode()
        assert f'data-total="{number or count}"' in rows


def test_an_answer_says_what_speaks_against_its_care_and_counts_all_the_same(cast: Cast) -> None:
    arrive({**scored(1, "T-300000", 9), "attributes": {"seconds": 1.2, "straight": True}})
    client = signed_in("alice")
    page = client.get("/answers/").content.decode()
    assert "Given within two seconds" in page
    assert "the same answer in every row; it counts all the same" in page
    assert 'data-total="1"' in page
    assert client.get("/answers/?question=%00&least=-9&most=x&department=%00").status_code == 200


def test_all_answers_of_one_person_stand_together(cast: Cast) -> None:
    arrive(scored(1, "T-300000", 9), scored(2, "T-300000", 3), scored(3, "T-300001", 7))
    client = signed_in("alice")
    key = lookup.keys_of(customer_ids=["T-300000"])["T-300000"]
    page = client.get(f"/answers/?customer={key}").content.decode()
    assert 'data-total="2"' in page
    assert "Remove filter: Customer" in page or "Customer" in page
    assert f"/answers/?customer={key}" in client.get(f"/customers/{key}/").content.decode()
    for nobody in ("0", "9" * 18, "9" * 40, "-1", "x"):
        assert client.get(f"/answers/?customer={nobody}").status_code == 200


def test_nobody_sees_answers_of_other_regions_and_no_figure_speaks_of_under_five(cast: Cast) -> None:
    arrive(*(scored(number, "T-300000", 9) for number in range(4)))
    client = signed_in("alice")
    assert "figures are shown from 5" in client.get("/scores/").content.decode()
    seen = {name: 'data-total="4"' in signed_in(name).get("/answers/").content.decode() for name in ("mark", "carl")}
    assert sorted(seen.values()) == [False, True] or not any(seen.values())


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", ["wide", "phone"])
def test_axe_finds_nothing_on_the_pages_of_surveys(cast: Cast, sign_in: Callable[..., Page], width: str) -> None:
    slug = make_survey(signed_in("anna"))
    actions_asking.put_trigger(trigger=calls(slug), by="test", now=timezone.now())
    tried = replace(calls(slug), slug="tried", other=OtherWay(timedelta(days=1), (Channel.SMS,), timezone.now(), 1_000))
    actions_asking.put_trigger(trigger=tried, by="test", now=timezone.now())
    arrive(*(scored(number, "T-300000", score) for number, score in enumerate([10, 10, 9, 7, 3, 0, 2])))
    page = sign_in("alice", width=width)
    wrong: dict[str, list[str]] = {}
    for path in (
        "/answers/", "/scores/", "/surveys/", f"/surveys/{slug}/", f"/surveys/{slug}/questions/why/",
        f"/surveys/{slug}/texts/ar/", "/surveys/asking/", "/surveys/asking/calls/?try=1", "/surveys/asking/decisions/",
        "/surveys/asking/tried/",
    ):  # fmt: skip
        if found := looking.wrong(page, path):
            wrong[path] = found
    assert wrong == {}
