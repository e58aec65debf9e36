"""Promises of the words page: what is chosen goes into the draft only, by those who may, and counts open their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from valence.flows.find import drafts
from valence.flows.weigh import minds
from valence.ledger.models import UnknownWord
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
WORDS = (("facts", "wrong_meter", 90), ("facts", "spaet", 40), ("kind", "umzug", 30), ("department", "grid_ops", 20))


@pytest.fixture
def met(cast: Cast, settings: LazySettings, tmp_path: Path) -> Iterator[Cast]:
    """The cast, of whom some words were met that no pack knows."""
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    (tmp_path / "packs").mkdir()
    for column, word, customers in WORDS:
        UnknownWord.objects.create(column=column, word=word, interactions=customers + 5, customers=customers)
    yield cast
    minds._pack.cache_clear()


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return client


def form(**means: str) -> dict[str, str]:
    sent = {}
    for at, (column, word, _) in enumerate(WORDS):
        sent |= {f"column-{at}": column, f"word-{at}": word, f"means-{at}": means.get(word, "")}
    return sent


def test_every_word_is_listed_with_what_it_can_mean(met: Cast) -> None:
    text = signed_in("anna").get("/data/words/").content.decode()
    assert 'data-total="4"' in text
    assert all(word in text for _, word, _ in WORDS)
    assert "something went wrong" in text
    assert "same:late" in text


def test_a_choice_goes_into_the_draft_and_changes_nothing_in_use(met: Cast) -> None:
    client = signed_in("anna")
    answer = client.post("/data/words/mean/", form(wrong_meter="harm", spaet="same:late", grid_ops="own"), follow=True)
    text = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/model/pack/"
    assert "fact wrong_meter" in text
    assert "mark own_facts_wrong_meter" in text
    assert "wrong_meter" in drafts.read().text
    assert not minds.pack().knows("facts", "wrong_meter")
    assert "In the draft" in client.get("/data/words/").content.decode()


def test_it_counts_from_when_the_draft_is_switched_on(met: Cast) -> None:
    client = signed_in("anna")
    client.post("/data/words/mean/", form(wrong_meter="harm", spaet="same:late"))
    client.post("/model/pack/", {"act": "use"})
    pack = minds.pack()
    assert "wrong_meter" in pack.harmful_facts
    assert pack.say_fact("spaet") == "came late"


def test_what_the_form_did_not_offer_is_left_out(met: Cast) -> None:
    client = signed_in("anna")
    senseless = form(wrong_meter="same:nothing_known", umzug="harm", grid_ops="praise")
    senseless |= {"column-9": "facts", "word-9": "never_met", "means-9": "harm"}
    answer = client.post("/data/words/mean/", senseless)
    assert answer.status_code == 422
    assert "Choose what at least one word means" in answer.content.decode()
    assert drafts.read().text == ""


def test_a_draft_that_is_wrong_stays_and_nothing_is_added(met: Cast) -> None:
    client = signed_in("anna")
    drafts.write(text="[facts\n")
    assert "no TOML" in client.get("/data/words/").content.decode()
    answer = client.post("/data/words/mean/", form(wrong_meter="harm"))
    assert answer.status_code == 422
    assert drafts.read().text == "[facts\n"


def test_only_those_who_may_change_the_pack_map_words(met: Cast) -> None:
    for name in ("vera", "carl", "mark"):
        assert signed_in(name).post("/data/words/mean/", form(wrong_meter="harm")).status_code == 403
    assert signed_in("vera").get("/data/words/").status_code == 403
    assert drafts.read().text == ""
