"""The contact card: on our page, over the API with its own scope, in a frame by a signed link of some minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.template import Context, Template
from django.test import Client

from valence.customers import queries as customers
from valence.flows.find import card
from valence.people import keys
from valence.people.models import Person
from valence.terms import EVERYTHING
from valence.web.tests.cast import Cast

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def _headers(*scopes: str) -> dict[str, str]:
    key = keys.create(name=" ".join(scopes), scopes=list(scopes), by="test", now=NOW)
    return {"authorization": f"Bearer {key}"}


def _id(key: int) -> str:
    return customers.names(scope=EVERYTHING, keys=[key])[key].customer_id


def test_staff_see_the_card_of_their_regions_only(told: Cast):
    client = Client()
    client.force_login(Person.objects.get(name="mark"))
    assert "Do not ask again" in client.get(f"/customers/{told.present[0]}/card/").content.decode()
    assert client.get(f"/customers/{told.present[1]}/card/").status_code == 404


def test_a_desk_tool_reads_the_card_with_its_own_scope(told: Cast):
    path = f"/api/v1/customers/{_id(told.present[0])}/card"
    said = Client().get(path, headers=_headers("card"))
    assert said.status_code == 200
    assert said.json()["name"] == "Ines Caldera"
    assert "**" not in said.content.decode()
    assert Client().get(path, headers=_headers("read")).status_code == 403
    assert Client().get(path).status_code == 401
    assert Client().get("/api/v1/customers/nobody/card", headers=_headers("card", "read")).status_code == 404


def test_a_link_opens_one_card_for_some_minutes_in_named_frames_only(told: Cast, settings: SettingsWrapper):
    settings.FRAME_ANCESTORS = ["https://desk.example.org", "https://desk.example.org; script-src *"]
    made = Client().post(f"/api/v1/customers/{_id(told.present[0])}/card/link", headers=_headers("card"))
    assert made.status_code == 201
    path = "/card/" + made.json()["url"].rsplit("/card/", 1)[1]
    shown = Client().get(path)
    assert shown.status_code == 200
    assert "Ines Caldera" in shown.content.decode()
    assert "frame-ancestors 'self' https://desk.example.org" in shown["Content-Security-Policy"]
    assert "script-src *" not in shown["Content-Security-Policy"]
    assert "X-Frame-Options" not in shown
    assert Client().get(path.replace(str(told.present[0]), str(told.present[1]), 1)).status_code == 404


def test_a_link_whose_time_is_over_or_that_is_not_ours_opens_nothing(told: Cast):
    token = card.link_token(key=told.present[0], now=NOW)
    assert card.opened(token=token, now=NOW + card.LASTS - timedelta(seconds=2)) == told.present[0]
    with pytest.raises(card.WrongLink):
        card.opened(token=token, now=NOW + card.LASTS + timedelta(seconds=1))
    for wrong in ("", "1", "1.2", "1.9999999999.x", token[:-1], "é.1.x"):
        assert Client().get(f"/card/{wrong or '-'}/").status_code == 404


@pytest.mark.parametrize(("code", "said"), [("de", "German"), ("fr-CA", "French"), ("en_GB", "English"), ("eo", "eo")])
def test_the_language_to_speak_is_said_by_its_name(code: str, said: str):
    card_said = Template("{% include 'valence/parts/card.html' %}").render(Context({"page": {"speaks": code}}))
    assert f"speaks {said}<" in card_said
