"""Promises of the customer, loss, hand-off, interaction and data pages."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from valence.ledger.models import Loss
from valence.people.models import AuditEntry
from valence.web.tests import cast as the_cast
from valence.web.tests import cast_journeys
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
YEAR = "?days=365"
CSV = b"interaction_id,customer,when,kind,mood\na,T-300000,2026-05-01T10:00:00Z,visit,calm\nb,T-300000,never,visit,\n"


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def total(page: str) -> int:
    found = re.search(r'data-total="(\d+)"', page)
    assert found
    return int(found[1])


def counts(page: str) -> list[tuple[int, str]]:
    tags = re.findall(r"<a\b[^>]*\bdata-count=[^>]*>", page)
    return [
        (int(re.search(r'data-count="(\d+)"', tag)[1]), re.search(r'href="([^"]*)"', tag)[1].replace("&amp;", "&"))  # type: ignore[index]
        for tag in tags
    ]


def test_every_number_opens_as_many_rows_as_it_says(told: Cast) -> None:
    client = signed_in("alice")
    pages = [
        f"/losses/{YEAR}",
        f"/handoffs/{YEAR}",
        f"/losses/{told.gone[0]}/{YEAR}",
        f"/customers/{told.present[0]}/",
        "/data/",
    ]
    checked = 0
    for path in pages:
        for number, href in counts(text(client, path)):
            where = href if href.startswith("/") else f"{path.partition('?')[0]}{href}"
            assert total(text(client, where)) == number, (path, href)
            checked += 1
    assert checked > 10


def test_hand_offs_reconcile_with_losses(told: Cast) -> None:
    page, by_department = text(signed_in("alice"), f"/handoffs/{YEAR}").split('id="deph"')
    numbers = [number for number, _ in counts(page)]
    everyone, ours, not_ours, cannot_say = numbers[:4]
    assert everyone == ours + not_ours + cannot_say == 9
    assert sum(numbers[4:-1]) == ours == numbers[-1]
    assert "Sales → Billing" in page
    sides = [number for number, _ in counts(by_department)]
    assert sum(sides) == 4 * ours, "each column adds up to its foot"
    assert "of them the one interaction that weighs most" not in by_department


def test_the_interaction_that_weighs_most_may_hurt_elsewhere_and_that_is_said(told: Cast) -> None:
    Loss.objects.filter(customer_id=told.gone[0]).update(top_department="care")
    page = text(signed_in("alice"), f"/handoffs/{YEAR}")
    assert "In 1 of them the one interaction that weighs most lies in another department" in page


def test_the_lead_of_losses_speaks_of_the_losses_that_are_shown(told: Cast) -> None:
    client = signed_in("alice")
    assert "<b>78\u202f% of these losses were ours</b>" in text(client, f"/losses/{YEAR}")
    began = text(client, f"/losses/{YEAR}&began=sales&verdict=ours")
    assert "<b>5</b> of the 9 customers who left by choice fit these filters." in began
    assert "of these losses were ours" not in began


def test_a_loss_tells_its_story_and_its_limits(told: Cast) -> None:
    page = text(signed_in("alice"), f"/losses/{told.gone[0]}/{YEAR}")
    assert "Ours, 80\u202f%" in page
    assert "Fee not mentioned, then bill above what was told" in page
    assert "inferred" in page
    assert "What we cannot say" in page
    assert "Nobody told me about the fee." in page


def test_the_shares_of_a_loss_add_up_to_the_verdict(told: Cast) -> None:
    page = text(signed_in("alice"), f"/losses/{told.gone[0]}/{YEAR}")
    rows = re.search(r"Share of responsibility, as a table.*?</table>", page, re.S)
    assert rows
    began = [
        int(number) for number in re.findall(r'<td class="r[^"]*">\s*(\d+)\u202f%</td>', rows[0].split("<tfoot>")[0])
    ]
    assert sum(began[0::2]) == 100
    assert began[0] == 80


def test_a_customer_page_draws_every_interaction_and_what_is_owed(told: Cast) -> None:
    page = text(signed_in("alice"), f"/customers/{told.present[0]}/?all=1")
    options = re.search(r'<script id="chart-bond" type="application/json">(.*?)</script>', page, re.S)
    assert options
    drawn = json.loads(options[1])["wide"]["series"]
    points = [item for series in drawn if series["type"] == "scatter" for item in series["data"] if "href" in item]
    assert len(points) == len(cast_journeys.STORY) == total(page)
    assert "Before the next contact" in page
    assert "caused by" in page
    assert "Promise broken" in page


def test_only_what_weakened_can_be_asked_for(told: Cast) -> None:
    client = signed_in("alice")
    page = text(client, f"/customers/{told.present[0]}/?journey=weakened&all=1")
    assert 0 < total(page) < len(cast_journeys.STORY)
    assert "strengthened" not in page.split('id="journey"')[1].split("</ol>")[0]


def test_nobody_sees_a_customer_of_another_region(told: Cast) -> None:
    client = signed_in("mark")
    hills = told.gone[1]
    coast = told.present[0]
    assert client.get(f"/customers/{coast}/").status_code == 200
    assert client.get(f"/customers/{told.present[1]}/").status_code == 404
    assert client.get(f"/losses/{hills}/").status_code in {200, 404}
    assert client.get(f"/customers/{told.present[1]}/interaction/?source=crm&id=ines-order").status_code == 404
    assert client.get("/customers/1/").status_code == 404


def test_an_interaction_shows_what_was_sent_and_what_followed(told: Cast) -> None:
    page = text(signed_in("alice"), f"/customers/{told.present[0]}/interaction/?source=crm&id=ines-i-0")
    assert "€79 above what was told" in page
    assert "weakened" in page
    assert "Led to" in page


def test_losses_can_be_exported_without_formulas(told: Cast) -> None:
    answer = signed_in("alice").get(f"/losses/export.csv{YEAR}")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 1 + 9
    assert lines[0].startswith("customer_id,left_at,verdict")


def test_a_file_is_looked_at_before_anything_is_stored(told: Cast) -> None:
    client = signed_in("alice")
    answer = client.post("/import/", {"file": SimpleUploadedFile("visits.csv", CSV)})
    assert answer.status_code == 302
    looked = client.get(answer["Location"])
    assert "occurred_at" in looked.content.decode()
    number = re.search(r'name="theirs-(\d+)" value="when"', looked.content.decode())
    assert number
    form = {f"theirs-{n}": name for n, name in enumerate(("interaction_id", "customer", "when", "kind", "mood"))}
    ours = ("interaction_id", "customer_id", "occurred_at", "kind", "")
    form |= {f"column-{n}": name for n, name in enumerate(ours)}
    page = client.post(answer["Location"], {**form, "record_kind": "interactions", "act": "look"}).content.decode()
    assert "<b>1 of 2 records</b> can be taken" in page
    assert total(text(client, "/interactions/")) == 2 * len(cast_journeys.STORY)


def test_a_file_of_an_unknown_kind_is_refused_in_words(told: Cast) -> None:
    answer = signed_in("alice").post("/import/", {"file": SimpleUploadedFile("x.exe", b"MZ")})
    assert answer.status_code == 400
    assert "cannot be read" in answer.content.decode()


@pytest.mark.parametrize("path", ["/data/", "/import/", "/data/refused/0/"])
def test_data_is_for_those_who_work_with_it(told: Cast, path: str) -> None:
    assert signed_in("anna").get(path).status_code == 200
    assert signed_in("vera").get(path).status_code == 403


def test_nobody_reaches_the_upload_of_somebody_else(told: Cast) -> None:
    answer = signed_in("alice").post("/import/", {"file": SimpleUploadedFile("visits.csv", CSV)})
    assert signed_in("anna").get(answer["Location"]).status_code == 404


def test_uploads_lie_in_the_data_folder_for_their_owner_only(told: Cast, settings: LazySettings) -> None:
    signed_in("alice").post("/import/", {"file": SimpleUploadedFile("visits.csv", CSV)})
    kept = list((settings.HOME.folder / "uploads").glob("*.csv"))
    assert [path.stat().st_mode & 0o077 for path in kept] == [0]


def test_a_phone_number_is_shown_to_who_may_reach_people_when_they_ask_and_that_is_on_record(told: Cast) -> None:
    page, before = f"/customers/{told.present[0]}/", AuditEntry.objects.count()
    alice, vera = signed_in("alice"), signed_in("vera")
    opened = AuditEntry.objects.count()
    assert opened > before
    assert all('href="tel:' not in text(client, page) for client in (alice, vera))
    assert vera.post(page).status_code == 403
    assert 'href="tel:+447700900000"' in alice.post(page).content.decode()
    last = AuditEntry.objects.order_by("-pk")[0]
    assert (last.who, last.what, last.about) == ("alice", "looked at contact details", f"customer {told.present[0]}")
    assert AuditEntry.objects.count() == opened + 1
