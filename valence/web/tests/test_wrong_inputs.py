"""Promises of what somebody types into an address: no page breaks, whatever stands in it."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
FIELDS = (
    "act_within", "again", "all", "became", "became_within", "began", "brought", "came", "chance", "day", "days",
    "department", "fact", "handoff", "hurt", "id", "journey", "kind", "likely", "over", "q", "reason", "region",
    "row", "segment", "shown", "since", "sort", "source", "start", "state", "survey", "theme", "tone", "until",
    "verdict", "week", "who", "with_us",
)  # fmt: skip
WRONG = {
    "below nothing": "-1",
    "huge": "9" * 30,
    "no number": "1e999",
    "not a day": "0000-13-45",
    "the end of time": "9999-12-31",
    "a NUL": "a\0b",
    "long": "x" * 3_000,
    "a hand-off of nothing": "~",
    "letters of others": "Ünïcödé 😀 ‮ %s {} <b>",
}
KEYS = (
    {},
    {"key": 1},
    {"number": 1},
    {"pk": 1},
    {"slug": "abc"},
    {"source": "a\nb"},
    {"token": "x" * 500},
    {"name": "x"},
)
STRANGE = ("0", "-1", "9223372036854775808", "9" * 40, "abc", "%00", "x" * 3_000)
NOT_LOOKED_AT = {"signout", "healthz"}


def pages() -> list[str]:
    """Return an address of every page that can be asked for by an address alone, or with a sample of what it takes."""
    found = []
    for pattern in get_resolver().url_patterns:
        name = getattr(pattern, "name", None) or ""
        if isinstance(pattern, URLPattern) and name and name not in NOT_LOOKED_AT:
            for sample in KEYS:
                try:
                    found.append(reverse(name, kwargs=sample))
                    break
                except NoReverseMatch:
                    continue
    return found


@pytest.fixture
def client(told: Cast) -> Client:
    client = Client(raise_request_exception=False)
    client.post("/signin/", {"username": "alice", "password": the_cast.PASSWORD})
    return client


@pytest.mark.parametrize("turn", range(0, len(WRONG), 3))
def test_no_page_breaks_on_filters_that_make_no_sense(client: Client, turn: int) -> None:
    """Each field holds another kind of nonsense in each turn."""
    kinds = list(WRONG.values())
    said = urlencode({name: kinds[(place + turn) % len(kinds)] for place, name in enumerate(FIELDS)})
    broken = [path for path in pages() if client.get(f"{path}?{said}").status_code >= 500]
    assert broken == []


def test_no_page_breaks_on_a_nul_in_any_filter(client: Client) -> None:
    said = urlencode(dict.fromkeys(FIELDS, WRONG["a NUL"]))
    lists = (
        "/",
        "/customers/",
        "/losses/",
        "/handoffs/",
        "/interactions/",
        "/promises/",
        "/search/",
        "/data/refused/0/",
    )
    assert {path: client.get(f"{path}?{said}").status_code for path in lists} == dict.fromkeys(lists, 200)


def test_no_page_breaks_on_what_is_not_there(client: Client) -> None:
    places = ("customers", "losses", "identities", "data/imports", "cases", "import")
    paths = [f"/{place}/{one}/" for place in places for one in STRANGE] + [f"/data/quality/{one}/" for one in STRANGE]
    answers = {path[:40]: client.get(path).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status >= 500} == {}


class _Forms(HTMLParser):
    """Collects the forms of a page: where each is sent, and its fields with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = told.get("method", "get").lower() == "post"
            if self._open:
                self.found.append((told.get("action", ""), {}))
        elif self._open and tag in ("input", "select", "textarea", "button") and told.get("name"):
            is_act = tag == "button" or told.get("type") == "hidden"
            self.found[-1][1][told["name"]] = told.get("value", "") if is_act else ""

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"


def forms(client: Client, path: str) -> list[tuple[str, dict[str, str]]]:
    """Return where each form of a page is sent, and its fields; hidden ones and buttons with their values."""
    answer = client.get(path)
    if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
        return []
    reader = _Forms()
    reader.feed(answer.content.decode())
    return [(action or path, fields) for action, fields in reader.found if "signout" not in action]


TYPED = (
    *WRONG.values(),
    "",
    "   ",
    "<script>alert(1)</script>",
    "'; drop table valence_customer; --",
    "-0.00001",
    "😀" * 400,
)


@pytest.mark.parametrize("turn", range(2))
def test_no_form_breaks_on_what_makes_no_sense(client: Client, turn: int) -> None:
    """Every field that is typed holds another kind of nonsense in each turn; what a button says stays."""
    broken = []
    for path in pages():
        for place, (action, fields) in enumerate(forms(client, path)):
            sent = {
                name: value or TYPED[(place + number + turn * 8) % len(TYPED)]
                for number, (name, value) in enumerate(fields.items())
            }
            status = client.post(action, sent).status_code
            if status >= 500:
                broken.append((action, sent))
    assert broken == []
