"""Promises of the page of bad encounters: every number opens its rows, a manager opens cases, others only look."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client

from valence.alerts import rule
from valence.cases import bad_encounters, queries
from valence.flows.act import casework
from valence.terms import EVERYTHING
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db
PATH = "/cases/encounters/"


def encounter(key: int, number: int, **more: object) -> bad_encounters.Encounter:
    given = {
        "key": key, "source": "crm", "interaction_id": f"b{number}", "occurred_at": NOON - timedelta(days=number + 1),
        "kind": "visit", "department": "field", "facts": "late", "scale": "", "score": None, "weakened": True,
        "lowest_score": False, "bad_comment": False, "broken_promise": False, "times": 1.8, "reached_at": None,
        "rule": "", "offered": "",
    }  # fmt: skip
    return bad_encounters.Encounter(**{**given, **more})  # type: ignore[arg-type]


@pytest.fixture
def bad(cast: Cast) -> Cast:
    """Seven bad encounters: five at Field, of which we got back to one; a promise of Billing; one of who left."""
    casework.install(now=NOON)
    found = [encounter(key, n) for n, key in enumerate(cast.present[:5])]
    found[0] = encounter(cast.present[0], 0, reached_at=NOON)
    promised = {"department": "billing", "weakened": False, "broken_promise": True, "rule": "promise_overdue"}
    found.append(encounter(cast.present[5], 5, **promised))
    found.append(encounter(cast.gone[0], 6, kind="contact", department="care", facts="unresolved"))
    bad_encounters.put(parts=[((*cast.present, *cast.gone), found)])
    return cast


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return client


def total(client: Client, address: str) -> int:
    found = re.search(r'data-total="(\d+)"', client.get(address).content.decode())
    assert found, address
    return int(found[1])


def test_every_number_opens_its_rows(bad: Cast) -> None:
    client = signed_in("alice")
    for by in ("department", "region", "kind", "why"):
        text = client.get(f"{PATH}?by={by}").content.decode()
        links = [(href, number) for number, href in re.findall(r'data-count="(\d+)" href="([^"]+)"', text)]
        links += re.findall(r'href="([^"]+)"[^>]*data-count="(\d+)"', text)
        assert len(links) >= 10
        for address, number in links:
            assert total(client, address.replace("&amp;", "&")) == int(number), address
    assert "14" in client.get(PATH).content.decode()  # 1 of 7


def test_a_manager_opens_cases_for_those_that_wait_in_their_region(bad: Cast) -> None:
    client = signed_in("mark")
    waiting = total(client, PATH)
    mine = bad_encounters.rows(scope=EVERYTHING, asked=bad_encounters.Asked(followed=False))
    answer = client.post(PATH, {"pk": [row.pk for row in mine]}, follow=True)
    assert answer.status_code == 200
    opened = queries.rows(seer=queries.Seer(pk=0, scope=EVERYTHING), asked=queries.Asked())
    coast = [row for row in mine if row.region == "Coast" and not row.has_left]
    assert {row.key for row in opened} == {row.encounter.key for row in coast} != set()
    assert total(client, PATH) == waiting - len(coast)


def test_a_case_owner_looks_and_opens_nothing(bad: Cast) -> None:
    client = signed_in("carl")
    answer = client.get(PATH)
    assert answer.status_code == 200
    assert "Open cases for those marked" not in answer.content.decode()
    assert client.post(PATH, {"pk": ["1"]}).status_code == 403
    assert signed_in("vera").get(PATH).status_code == 403


def test_the_rule_that_would_have_said_it_stands_ready_in_the_builder(bad: Cast) -> None:
    client = signed_in("alice")
    row = bad_encounters.rows(scope=EVERYTHING, asked=bad_encounters.Asked(why="weakened"))[0]
    text = client.get(f"/cases/rules/new/?encounter={row.pk}").content.decode()
    written = re.search(r'name="written"[^>]*>([^<]+)<', text)
    assert written
    said = json.loads(written[1].replace("&quot;", '"'))
    assert rule.made(table=said).asks == {"kind", "facts"}
    for nonsense in ("x", "999999", "9" * 30):
        assert "long_wait" in client.get(f"/cases/rules/new/?encounter={nonsense}").content.decode()


def test_before_anything_was_counted_it_says_so(cast: Cast) -> None:
    assert "No bad encounter is known" in signed_in("alice").get(PATH).content.decode()
