"""Mails, text messages and paper, from invitation to answer: looking never answers, stopping is one press."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from valence import home, interactions
from valence.channels import actions as channel_actions
from valence.channels import codes, places, signing
from valence.channels.letters import writing
from valence.channels.tests.servers import Provider
from valence.channels.values import Kind, Purpose, ToSend
from valence.customers import actions as customer_actions
from valence.customers import consent
from valence.customers.rules import CustomerRecord
from valence.flows.ask import paper, sending
from valence.surveys import actions, templates
from valence.surveys.models import Begun
from valence.surveys.survey import Brand
from valence.surveys.values import Invitee
from valence.web.tests.looking import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.fixtures import SettingsWrapper
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)
PHONE = "+491701234567"
ABOUT = {"ref": "field:v-9", "kind": "visit", "occurred_at": "2026-03-20T10:00:00+00:00", "department": "field"}


@pytest.fixture(autouse=True)
def own_home(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in home.FOLDERS:
        (tmp_path / "home" / name).mkdir(parents=True)
    settings.SMS_FROM = "+15550001111"


@pytest.fixture
def provider(settings: SettingsWrapper) -> Iterator[Provider]:
    with Provider() as server:
        settings.SMS_URL = server.url
        yield server


def launched(template: str = "nps", brand: Brand | None = None) -> None:
    survey = templates.load(name=template)
    if brand:
        survey = type(survey)(**{**{f: getattr(survey, f) for f in survey.__struct_fields__}, "brand": brand})
    actions.put_draft(slug="one", survey=survey, by="test", now=NOW)
    actions.launch(slug="one", by="test", now=NOW)


def anna() -> int:
    said = {"email": "anna@example.org", "phone": PHONE, "name": "Anna"}
    customer_actions.put(records=[CustomerRecord(customer_id="C1", joined_at=NOW, personal=said)], now=NOW)
    [key] = customer_actions.identify(customer_ids=["C1"], now=NOW)
    assert isinstance(key, int)
    return key


def asked(kind: Kind = Kind.EMAIL, *, language: str = "en") -> str:
    """Invite Anna, send, and return the token."""
    key = anna()
    [one] = actions.invite(
        slug="one", people=[Invitee(key, kind.value, language, ABOUT, {}, NOW + timedelta(days=14))], now=NOW
    )
    message = ToSend(kind, Purpose.INVITATION, one.number, {"token": one.token}, customer_key=key)
    channel_actions.queue(messages=[message], now=NOW)
    sending.send_due(now=NOW)
    return one.token


def mail(settings: SettingsWrapper) -> EmailMessage:
    [path] = (settings.HOME.folder / "mail").glob("*.eml")
    read = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body(preferencelist=(kind,))
    assert found is not None
    return str(found.get_content())


def answers() -> list[dict[str, object]]:
    return interactions.ask(question=lambda log: log.filter(log.kind == "feedback"))


def text_in(text: str, *, sid: str = "SM1", sender: str = PHONE, token: str = "secret") -> tuple[int, str]:
    form = {"MessageSid": sid, "From": sender, "To": "+15550001111", "Body": text}
    address = "http://testserver/sms/inbound"
    signature = signing.of_request(token=token, address=address, form={name: [said] for name, said in form.items()})
    response = Client().post("/sms/inbound", form, headers={"X-Twilio-Signature": signature})
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar"])
def test_a_mail_speaks_the_customers_language(settings: SettingsWrapper, language: str) -> None:
    launched()
    token = asked(language=language)
    sent = mail(settings)
    html, text = part(sent, "html"), part(sent, "plain")
    assert f'lang="{language}"' in html
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in html
    links = re.findall(r'href="[^"]*/s/[^"]*\?recommend=(\d+)"', html)
    assert links == [str(point) for point in range(11)]
    assert len(re.findall(rf"/s/{token}/\?recommend=\d+", text)) == 11
    survey = templates.load(name="nps")
    assert survey.questions[0].text[language] in text


def test_a_mail_fetches_nothing_and_leads_nowhere_else(settings: SettingsWrapper) -> None:
    launched()
    asked()
    html = part(mail(settings), "html")
    named = set(re.findall(r"(?:href|src|url)[=(][\"']?(https?://[^/\"')]+)", html))
    assert named == {"http://localhost:8000"}
    assert "@import" not in html


def test_a_mail_can_be_stopped_with_one_click_by_the_mail_program(settings: SettingsWrapper) -> None:
    launched()
    asked()
    sent = mail(settings)
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.sub(r"^<https?://[^/]+|>$", "", sent["List-Unsubscribe"].strip())
    for _ in range(3):
        assert Client().get(path).status_code == 200
        assert Client().head(path).status_code == 200
    key = anna()
    assert consent.may(customer_key=key, purpose="feedback", channel="email").allowed
    done = Client().post(path, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert not consent.may(customer_key=key, purpose="feedback", channel="email").allowed
    assert consent.may(customer_key=key, purpose="feedback", channel="sms").allowed
    assert consent.may(customer_key=key, purpose="service", channel="email").allowed


def test_a_stop_link_that_is_not_ours_stops_nobody() -> None:
    assert Client().post("/u/m00000000000.AAAAAAAAAAAAAAAAAAAAAA").status_code == 404


def test_a_brands_colour_is_made_readable_in_the_mail(settings: SettingsWrapper) -> None:
    launched(brand=Brand(colour="#ffcc00"))
    asked()
    html = part(mail(settings), "html")
    assert "#ffcc00" not in html
    assert "background:#" in html


def test_a_logo_is_enclosed(settings: SettingsWrapper) -> None:
    launched(brand=Brand(logo="data:image/png;base64,iVBORw0KGgo="))
    asked()
    sent = mail(settings)
    assert 'src="cid:logo"' in part(sent, "html")
    [image] = [one for one in sent.walk() if one.get_content_type() == "image/png"]
    assert image["Content-ID"] == "<logo>"


def test_an_invitation_that_ended_meanwhile_is_not_sent(settings: SettingsWrapper) -> None:
    launched()
    key = anna()
    [one] = actions.invite(slug="one", people=[Invitee(key, "email", "en", {}, {}, NOW + timedelta(days=1))], now=NOW)
    message = ToSend(Kind.EMAIL, Purpose.INVITATION, one.number, {"token": one.token}, customer_key=key)
    channel_actions.queue(messages=[message], now=NOW)
    sending.send_due(now=NOW + timedelta(days=2))
    assert not (settings.HOME.folder / "mail").exists()


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("en", 320), ("de", 1280), ("ar", 390)])
def test_mails_can_be_read_by_everybody(browser: Browser, settings: SettingsWrapper, language: str, width: int) -> None:
    launched(brand=Brand(colour="#ffcc00"))
    asked(language=language)
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(part(mail(settings), "html"))
    assert [one for one in violations(page) if not one.startswith(("landmark-one-main", "region"))] == []  # no page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_pages_around_messages_can_be_used_by_everybody(
    browser: Browser, live_server: LiveServer, language: str, scheme: str
) -> None:
    launched()
    poster = places.put_up(survey="one", name="Door", about={}, by="test", now=NOW)
    asked(language=language)
    from valence.channels.models import Outgoing

    stop = signing.stop_token(home=_home(), number=Outgoing.objects.get().number)
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme=scheme, locale=language)
    page = context.new_page()
    for path in ("/s/", f"/p/{poster.code}/", f"/u/{stop}", "/p/none/"):
        page.goto(f"{live_server.url}{path}?lang={language}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.get_attribute("html", "lang") == language
    context.close()


def _home() -> home.Home:
    from django.conf import settings as now_set

    return now_set.HOME


def test_a_text_message_asks_with_number_or_link(provider: Provider) -> None:
    launched()
    token = asked(Kind.SMS)
    [sent] = provider.received
    assert f"/s/{token}/" in sent.form["Body"]
    assert "0 (" in sent.form["Body"]
    assert "STOP" in sent.form["Body"]
    assert sent.form["StatusCallback"].endswith("/sms/status")


def test_a_number_and_why_that_are_written_back_are_an_answer(provider: Provider) -> None:
    launched()
    asked(Kind.SMS)
    status, said = text_in("7 it was slow")
    assert status == 200
    assert "Thank you. Your answer has arrived." in said
    [answer] = answers()
    assert answer["score"] == 7
    assert answer["text"] == "it was slow"
    assert answer["channel"] == "sms"
    assert answer["caused_by"] == "field:v-9"


def test_arabic_digits_are_an_answer_too(provider: Provider) -> None:
    launched()
    asked(Kind.SMS, language="ar")
    _, said = text_in("٣ لم يأت الفني")
    assert "وصلت إجابتك" in said
    [answer] = answers()
    assert answer["score"] == 3


def test_a_number_alone_is_asked_why_and_counts_without(provider: Provider) -> None:
    launched()
    asked(Kind.SMS)
    _, said = text_in("4")
    assert "What went wrong" in said
    assert answers() == []
    text_in("nobody called back", sid="SM2")
    [answer] = answers()
    assert (answer["score"], answer["text"]) == (4, "nobody called back")


def test_a_number_alone_counts_after_an_hour(provider: Provider) -> None:
    from valence.flows.ask import answering

    launched()
    asked(Kind.SMS)
    text_in("4")
    answering.send_left(now=datetime.now(UTC) + timedelta(minutes=61))
    [answer] = answers()
    assert answer["score"] == 4


def test_the_same_message_twice_answers_once(provider: Provider) -> None:
    launched()
    asked(Kind.SMS)
    first, again = text_in("7 slow"), text_in("7 slow")
    assert "<Message>" in first[1]
    assert "<Message>" not in again[1]
    assert len(answers()) == 1
    text_in("9 changed my mind", sid="SM3")
    assert len(answers()) == 1


def test_a_message_that_the_provider_did_not_sign_is_refused(provider: Provider) -> None:
    launched()
    asked(Kind.SMS)
    assert text_in("7 slow", token="guessed")[0] == 403
    assert answers() == []


def test_without_a_provider_nothing_that_comes_in_is_believed() -> None:
    assert text_in("7", token="")[0] == 403


def test_stop_and_start_are_heeded(provider: Provider) -> None:
    launched()
    asked(Kind.SMS)
    key = anna()
    text_in("STOP")
    assert not consent.may(customer_key=key, purpose="feedback", channel="sms").allowed
    assert consent.may(customer_key=key, purpose="feedback", channel="email").allowed
    text_in("START", sid="SM2")
    assert consent.may(customer_key=key, purpose="feedback", channel="sms").allowed


def test_what_did_not_arrive_is_kept_as_such(provider: Provider) -> None:
    from valence.channels import queries

    launched()
    asked(Kind.SMS)
    form: Mapping[str, str] = {"MessageSid": "SM" + "1".zfill(32), "MessageStatus": "undelivered", "ErrorCode": "30005"}
    signature = signing.of_request(
        token="secret", address="http://testserver/sms/status", form={name: [said] for name, said in form.items()}
    )
    assert Client().post("/sms/status", form, headers={"X-Twilio-Signature": signature}).status_code == 204
    assert queries.unreachable(customer_keys=[anna()]) == {anna(): frozenset({"sms"})}


def test_a_code_on_paper_leads_to_its_questions_once() -> None:
    launched()
    anna()
    [made, unknown] = paper.for_customers(slug="one", customer_ids=["C1", "nobody"], now=NOW)
    assert unknown.code == ""
    typed = made.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert Client().get("/s/").status_code == 200
    led = Client().post("/s/", {"code": typed})
    assert led.status_code == 303
    assert Client().get(led["Location"]).status_code == 200
    assert answers() == []
    Client().post(led["Location"], {"_q": ["recommend", "why"], "recommend": "9", "why": "", "_do": "send"})
    [answer] = answers()
    assert (answer["score"], answer["channel"]) == (9, "paper")


def test_a_mistyped_code_is_seen_before_anything_is_looked_up() -> None:
    code = codes.new()
    for place in range(len(code)):
        other = "A" if code[place] != "A" else "B"
        assert codes.read(code[:place] + other + code[place + 1 :]) is None
    assert codes.read(codes.written(code)) == code
    assert "mistyped" in Client().post("/s/", {"code": f"{code[:-1]}"}).content.decode()
    assert Client().post("/s/", {"code": code}).status_code == 422


def test_a_code_that_is_tried_again_and_again_has_to_wait() -> None:
    code = codes.new()
    tried = {Client().post("/s/", {"code": code}).status_code for _ in range(60)}
    assert 429 in tried
    assert Client().post("/s/", {"code": codes.new()}).status_code == 422


def test_a_poster_asks_whoever_presses_begin() -> None:
    launched()
    poster = places.put_up(
        survey="one", name="Door", about={"location_id": "S7", "department": "store"}, by="test", now=NOW
    )
    for _ in range(3):
        assert Client().get(f"/p/{poster.code}/").status_code == 200
        assert Client().head(f"/p/{poster.code}/").status_code == 200
    assert not Begun.objects.exists()
    led = Client().post(f"/p/{poster.code}/", {"_lang": "de"})
    assert led.status_code == 303
    Client().post(led["Location"], {"_q": ["recommend", "why"], "recommend": "2", "why": "", "_do": "send"})
    [answer] = answers()
    assert (answer["score"], answer["location_id"], answer["department"]) == (2, "S7", "store")
    assert places.take_down(code=poster.code, now=NOW)
    assert Client().get(f"/p/{poster.code}/").status_code == 410


def test_a_reply_is_a_plain_mail_that_can_be_stopped() -> None:
    note = writing.Note(
        to="a@example.org", language="en", direction="ltr", company="Acme", subject="Hello", text="One.\n\nTwo <b>.",
        sent_by="Sent by Acme.", stop="No more", stop_address="https://x.example/u/1",
    )  # fmt: skip
    letter = writing.note(note)
    assert "One." in letter.text
    assert "&lt;b&gt;" in letter.html
    assert letter.headers["List-Unsubscribe"] == "<https://x.example/u/1>"
