"""Promises of the page Identities: who may decide, what is shown and hidden, and that a decision can be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from valence.customers import actions, identities, link_queries, links
from valence.customers.models import Customer, Link
from valence.customers.rules_links import Relation
from valence.flows.run import jobs
from valence.ledger.models import BondModel, Job, Loss, OpenPromise, Risk
from valence.ledger.queries import losses, promises, risks
from valence.people.models import AuditEntry
from valence.sources.models import Import
from valence.terms import EVERYTHING, Role, Scope
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
SAID = "The same e-mail and the same name"


@pytest.fixture(autouse=True)
def untrained(cast: Cast) -> None:
    """Take the cast's model away: it is none that could work anything out."""
    BondModel.objects.all().delete()


@pytest.fixture
def pair(cast: Cast) -> Link:
    """A suggestion between the first two customers, who live in different regions."""
    a, b = cast.present[:2]
    said = links.Said(a, b, Relation.SAME, "email|name", SAID, 0.97, guessed=True)
    [number] = links.tell(said=[said], by=links.EVIDENCE, now=the_cast.NOON).numbers
    return Link.objects.get(pk=number)


def signed_in(name: str) -> Client:
    client = Client()
    assert client.post("/signin/", {"username": name, "password": the_cast.PASSWORD}).status_code == 302
    return client


def post(name: str, pair: Link, act: str, **more: str) -> int:
    return signed_in(name).post("/identities/", {"act": act, "number": pair.pk, **more}).status_code


@pytest.mark.parametrize(
    ("name", "status"), [("alice", 200), ("anna", 200), ("mark", 403), ("carl", 403), ("vera", 403)]
)
def test_only_administrators_and_analysts_see_and_decide(pair: Link, name: str, status: int) -> None:
    client = signed_in(name)
    assert client.get("/identities/").status_code == status
    assert client.get(f"/identities/{pair.pk}/").status_code == status
    assert post(name, pair, "same") == (302 if status == 200 else 403)


def test_a_suggestion_says_what_is_shared_and_hides_the_values(pair: Link) -> None:
    client = signed_in("anna")
    record = actions.CustomerRecord(
        customer_id="T-300000",
        joined_at=the_cast.NOON,
        personal={"email": "ines@mail.example", "phone": "+447700900123"},
    )
    actions.put(records=[record], now=the_cast.NOON)
    text = client.get("/identities/").content.decode() + client.get(f"/identities/{pair.pk}/").content.decode()
    assert SAID in text
    assert "i•••@m•••.example" in text
    assert "•••123" in text
    assert "ines@mail.example" not in text
    assert "7700900" not in text


def test_a_decision_joins_is_on_record_and_can_be_undone(pair: Link) -> None:
    assert post("anna", pair, "same") == 302
    [read] = {identities.canonical(key=key) for key in (pair.a_id, pair.b_id)}
    [other] = {pair.a_id, pair.b_id} - {read}
    client = signed_in("anna")
    for key in (read, other):
        text = client.get(f"/customers/{key}/").content.decode()
        assert "Known by 2 ids" in text
        assert SAID in text
    assert post("anna", pair, "undo") == 302
    assert len(identities.merged()) == 0
    assert "Known by" not in client.get(f"/customers/{read}/").content.decode()
    said = list(AuditEntry.objects.filter(what="identities").order_by("pk").values_list("who", "about"))
    assert said == [("anna", f"link {pair.pk}: confirmed as same"), ("anna", f"link {pair.pk}: undone")]


def test_not_the_same_stays_and_is_shown_as_such(pair: Link) -> None:
    post("anna", pair, "refuse")
    text = signed_in("anna").get("/identities/?state=refused").content.decode()
    assert SAID in text
    again = links.Said(pair.a_id, pair.b_id, Relation.SAME, "email|name", SAID, 0.99, decided=True, guessed=True)
    assert links.tell(said=[again], by=links.EVIDENCE, now=the_cast.NOON).numbers == (None,)
    assert len(identities.merged()) == 0


def test_lines_of_an_account_stay_two_customers(pair: Link) -> None:
    before = Risk.objects.count()
    post("anna", pair, "account")
    assert (len(identities.merged()), Risk.objects.count()) == (0, before)
    text = signed_in("anna").get(f"/customers/{pair.a_id}/").content.decode()
    assert "Other lines" in text
    assert "same account" in text
    assert "Known by" not in text


def test_customers_that_name_one_account_stand_beside_each_other(cast: Cast) -> None:
    ids = ("T-300000", "T-300001")
    for customer_id in ids:
        record = actions.CustomerRecord(
            customer_id=customer_id, joined_at=the_cast.NOON, attributes={"account_id": "ACC-1"}
        )
        actions.put(records=[record], now=the_cast.NOON)
    text = signed_in("alice").get(f"/customers/{cast.present[0]}/").content.decode()
    assert "Other lines" in text
    vera = signed_in("mark").get(f"/customers/{cast.present[0]}/").content.decode()
    assert "not in your regions" in vera
    assert "Tomas" not in vera


def test_who_may_not_see_one_of_the_two_finds_no_link(pair: Link) -> None:
    coast = Scope(role=Role.ANALYST, regions=frozenset({"Coast"}))
    with pytest.raises(links.UnknownLink):
        link_queries.one(scope=coast, number=pair.pk)


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_decision_leads_nowhere_else(pair: Link, back: str) -> None:
    answer = signed_in("anna").post("/identities/", {"act": "refuse", "number": pair.pk, "back": back})
    assert answer["Location"] == "/identities/"


def test_lists_take_what_all_lines_say_and_nobody_else_changes(pair: Link, cast: Cast) -> None:
    """A merged customer's region, value and end count in lists; other customers' are as before, also of those gone."""
    coast = Scope(role=Role.MANAGER, regions=frozenset({"Coast"}))
    everybody = risks.totals(scope=EVERYTHING, asked=risks.Asked())
    gone = losses.totals(scope=EVERYTHING, asked=losses.Asked())
    open_ones = promises.totals(scope=EVERYTHING, asked=promises.Asked(with_us=True))
    lost = cast.gone[0]
    merged = links.Said(lost, cast.gone[1], Relation.SAME, "recorded", "", 1.0, decided=True)
    links.tell(said=[merged], by="file", now=the_cast.NOON)
    assert risks.totals(scope=EVERYTHING, asked=risks.Asked()) == everybody
    assert losses.totals(scope=EVERYTHING, asked=losses.Asked()).everyone == gone.everyone
    assert promises.totals(scope=EVERYTHING, asked=promises.Asked(with_us=True)) == open_ones
    assert OpenPromise.objects.exists()
    assert Loss.objects.exists()
    seen = {row.key for row in risks.rows(scope=coast, asked=risks.Asked(), limit=99)}
    assert seen == set(Customer.objects.filter(region="Coast", key__in=cast.present).values_list("key", flat=True))


def test_prospects_are_listed_and_counted_nowhere_else(cast: Cast) -> None:
    actions.identify(customer_ids=["WEB-1"], now=the_cast.NOON)
    client = signed_in("alice")
    assert "WEB-1" in client.get("/customers/prospects/").content.decode()
    assert "prospect without a contract" in client.get("/customers/").content.decode()
    assert "WEB-1" not in client.get("/customers/").content.decode()
    assert "WEB-1" not in signed_in("mark").get("/customers/prospects/").content.decode()


def test_whoever_changed_provider_is_said_to_have(pair: Link, cast: Cast) -> None:
    record = actions.CustomerRecord(
        customer_id="T-300001", joined_at=the_cast.NOON, values={"switched_from": "Northline"}
    )
    actions.put(records=[record], now=the_cast.NOON)
    post("anna", pair, "same")
    assert "Came from Northline" in signed_in("alice").get(f"/customers/{cast.present[0]}/").content.decode()


@pytest.fixture
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    for name in ("log", "uploads", "logs"):
        (tmp_path / name).mkdir()
    return tmp_path


def upload(text: str, *, name: str = "ids.csv", who: str = "alice") -> HttpResponse:
    return signed_in(who).post("/identities/import/", {"file": SimpleUploadedFile(name, text.encode())})


def test_a_list_of_ids_is_brought_in_by_the_page(home: Path) -> None:
    answer = upload("customer_id,other_id,system\nT-300000,W-1,web\nT-300001,W-2,web\n")
    assert (answer.status_code, answer["Location"]) == (302, "/data/")
    job = Job.objects.get(name="identity_file")
    told = jobs.WORK[job.name](job.arguments, job.by, the_cast.NOON, lambda step: None)
    assert told == "2 links, 0 of them wait for a person; 0 refused."
    assert Import.objects.get().filename == "ids.csv"
    assert list((home / "uploads").iterdir()) == [], "what was uploaded lies nowhere in the open"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("ids.csv", "", "is empty"),
        ("ids.csv", "customer_id,other\na,b\n", "no column other_id"),
        ("ids.xlsx", "PK", "come as .csv or .txt or .parquet"),
        ("ids.parquet", "nonsense", "Parquet"),
        ("x" * 300 + ".csv", "customer_id,x\na,b\n", "no column other_id"),
    ],
)
def test_a_file_that_is_no_list_of_ids_is_refused_in_words_and_kept_nowhere(
    home: Path, name: str, text: str, why: str
) -> None:
    answer = upload(text, name=name)
    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert list((home / "uploads").iterdir()) == []
    assert not Job.objects.exists()


def test_only_who_may_import_reaches_the_upload(home: Path) -> None:
    assert upload("customer_id,other_id\na,b\n", who="mark").status_code == 403
