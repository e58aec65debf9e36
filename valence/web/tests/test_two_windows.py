"""The back button, a double click, two windows with an old version: nothing is lost, nothing is done twice."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from valence.alerts import queries as alerts
from valence.cases import initiatives
from valence.ledger.queries import jobs
from valence.people.models import Person
from valence.surveys import queries, queries_asking
from valence.web import fresh, once
from valence.web.pages.cases.alert_rules import EXAMPLE
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast
from valence.web.tests.test_import_page import form

pytestmark = pytest.mark.django_db
SURVEY = {"do": "template", "template": "csat", "name": "After a call"}


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    cache.clear()
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("logs", "uploads", "packs", "log"):
        (tmp_path / "home" / name).mkdir(parents=True)


def signed_in(name: str = "alice") -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return client


def form_of(client: Client, address: str, about: str) -> dict[str, str]:
    """Return what a browser would send of the form of a page that holds some words, as it stands there."""
    page = client.get(address)
    assert page.status_code == 200, address
    written = form_html(page.content.decode(), about)
    said = dict(
        re.findall(r'<input(?![^>]*type="(?:checkbox|radio|file)")[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', written)
    )
    said |= dict(re.findall(r'<input[^>]*?name="([^"]+)" value="([^"]*)" checked', written))
    for name, options in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', written, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected>', options)
        said[name] = chosen[1] if chosen else ""
    said |= dict(re.findall(r'<textarea[^>]*?name="([^"]+)"[^>]*>(.*?)</textarea>', written, re.S))
    return {name: html.unescape(value) for name, value in said.items()}


def told(client: Client, answer: HttpResponse) -> str:
    """Return the page to which an answer leads."""
    assert answer.status_code == 302, answer.content[:300]
    return client.get(answer["Location"]).content.decode()


def test_the_same_form_of_the_same_page_is_done_once(cast: Cast) -> None:
    client = signed_in()
    sent = form_of(client, "/surveys/", 'value="template"') | SURVEY
    first, second = client.post("/surveys/", sent), client.post("/surveys/", sent)
    assert len(queries.all_surveys()) == 1
    assert second["Location"] == first["Location"]
    assert once.WORDS in told(client, second)


def test_a_form_that_is_opened_anew_or_says_something_else_is_meant(cast: Cast) -> None:
    client = signed_in()
    sent = form_of(client, "/surveys/", 'value="template"') | SURVEY
    client.post("/surveys/", sent)
    client.post("/surveys/", sent | {"name": "After a visit"})
    client.post("/surveys/", form_of(client, "/surveys/", 'value="template"') | SURVEY)
    assert len(queries.all_surveys()) == 3


def test_what_was_answered_with_a_problem_may_be_sent_again(cast: Cast) -> None:
    client = signed_in()
    sent = form_of(client, "/surveys/", 'value="template"') | SURVEY
    wrong = sent | {"template": "no such template"}
    assert [client.post("/surveys/", wrong).status_code for _ in range(2)] == [422, 422]


def test_an_initiative_is_begun_once_also_after_going_back(cast: Cast) -> None:
    client = signed_in()
    sent = form_of(client, "/cases/initiatives/new/", 'name="title"') | {"title": "Say the fee before the visit"}
    sent["owner"] = str(Person.objects.get(name="alice").pk)
    assert [client.post("/cases/initiatives/new/", sent).status_code for _ in range(3)] == [302, 302, 302]
    assert len(initiatives.every()) == 1


def test_an_import_is_begun_once_from_two_windows(cast: Cast) -> None:
    client = signed_in()
    text = "customer_id,joined_at\nC-1,2024-01-01\n"
    uploaded = client.post("/import/", {"file": SimpleUploadedFile("people.csv", text.encode())})
    windows = [form(client.get(uploaded["Location"]).content.decode()) | {"act": "start"} for _ in range(2)]
    pages = [told(client, client.post(uploaded["Location"], window)) for window in windows]
    assert len([job for job in jobs.running() if job.name == "import"]) == 1
    assert "another window" in pages[1]


Make = Callable[[Client], str]


def a_survey(client: Client) -> str:
    return str(client.post("/surveys/", SURVEY)["Location"])


def a_question(client: Client) -> str:
    slug = a_survey(client).strip("/").split("/")[-1]
    return f"/surveys/{slug}/questions/{queries.one(slug=slug).survey.questions[0].id}/"


def texts(client: Client) -> str:
    return f"{a_survey(client)}texts/en/"


def a_trigger(client: Client) -> str:
    slug = a_survey(client).strip("/").split("/")[-1]
    client.post(f"/surveys/{slug}/", {"do": "launch"})
    said = {"survey": slug, "name": "Calls", "kind": "contact", "channels": "email", "first": "email"}
    return str(client.post("/surveys/asking/new/", said)["Location"]).partition("?")[0]


def a_rule(client: Client) -> str:
    return str(client.post("/cases/rules/new/", {"act": "change", "written": json.dumps(EXAMPLE)})["Location"])


def an_initiative(client: Client) -> str:
    said = {"act": "change", "title": "Say the fee", "owner": Person.objects.get(name="alice").pk}
    return str(client.post("/cases/initiatives/new/", said)["Location"])


def a_duty(client: Client) -> str:
    return f"/cases/people/{Person.objects.get(name='carl').pk}/"


def an_account(client: Client) -> str:
    return f"/settings/staff/{Person.objects.get(name='carl').pk}/"


@pytest.mark.parametrize(
    ("make", "about", "field", "act"),
    [
        (a_survey, 'name="intro"', "intro", {}),
        (a_question, 'name="text"', "text", {}),
        (texts, "<textarea", "", {}),
        (a_trigger, 'name="within"', "name", {"do": "save", "channels": "email"}),
        (an_initiative, 'name="title"', "title", {}),
        (a_duty, 'name="skills"', "skills", {}),
        (an_account, 'name="full_name"', "full_name", {"active": "on"}),
    ],
)
def test_what_was_changed_since_is_not_written_over_and_what_was_typed_stays(
    cast: Cast, make: Make, about: str, field: str, act: dict[str, str]
) -> None:
    client = signed_in()
    address = make(client)
    mine, theirs = (form_of(client, address, about) | act for _ in range(2))
    field = field or next(name for name in mine if name not in ("csrfmiddlewaretoken", fresh.FIELD))
    assert client.post(address, theirs | {field: "theirs"}).status_code == 302
    refused = client.post(address, mine | {field: "mine instead"})
    page = html.unescape(refused.content.decode())
    assert (refused.status_code, fresh.WORDS in page, "mine instead" in page) == (422, True, True)
    assert form_of(client, address, about)[field] == "theirs"
    again = re.search(rf'name="{fresh.FIELD}" value="(\w+)"', form_html(page, about))
    assert again, "the form that is shown again may be sent"
    assert client.post(address, mine | {field: "mine instead", fresh.FIELD: again[1]}).status_code == 302
    assert form_of(client, address, about)[field] == "mine instead"


def form_html(page: str, about: str) -> str:
    [form] = [one for one in re.findall(r"<form.*?</form>", page, re.S) if about in one]
    return str(form)


def test_an_old_version_of_a_rule_is_not_kept_over_a_newer_one(cast: Cast) -> None:
    client = signed_in()
    address = a_rule(client)
    mine, theirs = (form_of(client, address, 'name="written"') | {"act": "change"} for _ in range(2))
    newer = json.dumps({**EXAMPLE, "title": "A newer title"})
    assert client.post(address, theirs | {"written": newer}).status_code == 302
    assert client.post(address, mine | {"written": json.dumps({**EXAMPLE, "title": "An older one"})}).status_code == 422
    assert alerts.one(name=str(EXAMPLE["name"])).rule.title == "A newer title"


def test_what_nobody_looked_at_is_not_launched(cast: Cast) -> None:
    client = signed_in()
    address = a_survey(client)
    launch = form_of(client, address, 'value="launch"') | {"do": "launch"}
    changed = form_of(client, address, 'name="intro"') | {"intro": "Something else"}
    assert client.post(address, changed).status_code == 302
    assert client.post(address, launch).status_code == 422
    assert queries.asked_now(slug=address.strip("/").split("/")[-1]) is None


def test_the_rules_for_all_surveys_are_not_written_over_unseen(cast: Cast) -> None:
    client = signed_in()
    mine, theirs = (form_of(client, "/surveys/asking/", 'name="most"') for _ in range(2))
    client.post("/surveys/asking/", theirs | {"most": "4"})
    page = told(client, client.post("/surveys/asking/", mine | {"most": "9"}))
    assert "Somebody changed these rules" in page
    assert queries_asking.policy().most == 4


def test_the_mark_of_a_value_is_the_same_in_every_process() -> None:
    one, other = frozenset(["a", "b", "c", "d"]), frozenset(["d", "c", "b", "a"])
    assert fresh.mark({"kind": one, "reason": other}) == fresh.mark({"reason": other, "kind": one}) != fresh.mark(one)
