"""The page on which an export is looked at, corrected, tried and brought in."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from valence.ledger.models import Job
from valence.ledger.queries import jobs
from valence.sources import mapping_file
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
EXPORT = """Vorgangsnr;Kundennummer;Angelegt am;Vorgangsart;Wartezeit (Sek.)
V-1;K100;31.12.2025 14:05;Störung;125
V-2;K101;01.01.2026 09:00;Anruf;33
V-3;K100;03.01.2026 10:11;Technikerbesuch;12
"""


@pytest.fixture
def client(cast: Cast, settings: LazySettings, tmp_path: Path) -> Client:
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    (tmp_path / "uploads").mkdir()
    client = Client()
    client.post("/signin/", {"username": "alice", "password": the_cast.PASSWORD})
    return client


def look(client: Client, text: str = EXPORT, name: str = "crm.csv") -> str:
    """Upload a file and return where its columns are shown."""
    done = client.post("/import/", {"file": SimpleUploadedFile(name, text.encode("cp1252"))})
    assert done.status_code == 302, done.content[:500]
    return done["Location"]


def form(html: str) -> dict[str, str]:
    """Return what the form on the page would send as it stands."""
    said = dict(re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', html))
    for name, options in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r"<option([^>]*?) selected>([^<]*)|<option value=\"([^\"]*)\" selected>", options)
        value = re.search(r'value="([^"]*)"', chosen[1] or "") if chosen else None
        said[name] = value[1] if value else chosen[2] if chosen and chosen[2] else ""
    text = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', html, re.S)
    said["text"] = text[1].replace("&quot;", '"').replace("&amp;", "&").replace("&#x27;", "'") if text else ""
    return said


def test_an_export_is_shown_with_examples_words_and_what_would_happen(client: Client) -> None:
    html = client.get(look(client)).content.decode()
    assert "Of the first 3 rows" in html
    assert "3 of 3 records" in html
    said = form(html)
    assert said["file-encoding"] == "cp1252"
    assert [said[f"column-{n}"] for n in range(5)] == [
        "interaction_id", "customer_id", "occurred_at", "kind", "wait_minutes",
    ]  # fmt: skip
    assert said["format-2"] == "day-month-year"
    assert "kind=contact, reason=fault" in said.values()
    assert "its name and each value comes once" in html


def test_what_is_corrected_counts_is_kept_and_is_used_for_the_next_file(client: Client) -> None:
    where = look(client)
    said = form(client.get(where).content.decode())
    said["column-4"] = "duration_minutes"
    word = next(name for name, value in said.items() if value == "Anruf")
    said[word.replace("word", "means")] = "message"
    tried = client.post(where, {**said, "act": "look"}).content.decode()
    assert "message 1" in tried
    assert 'duration_minutes = "Wartezeit (Sek.)"' in tried.replace("&quot;", '"')
    done = client.post(where, {**form(tried), "act": "start", "keep": "1", "name": "crm"})
    assert done.status_code == 302
    kept = mapping_file.every(folder=settings.HOME.folder)
    assert [(one.name, one.mapped.values["kind"]["Anruf"]) for one in kept] == [("crm", "message")]
    [job] = jobs.running()
    assert job.name == "import"
    again = client.get(look(client, EXPORT.replace("V-", "W-"), "next.csv")).content.decode()
    assert "Read as the kept mapping" in again


def test_the_mapping_may_be_changed_as_a_text(client: Client) -> None:
    where = look(client)
    said = form(client.get(where).content.decode())
    changed = said["text"].replace('Anruf = "contact"', 'Anruf = "feedback"')
    assert changed != said["text"]
    html = client.post(where, {**said, "text": changed, "act": "text"}).content.decode()
    assert "feedback 1" in html
    wrong = client.post(where, {**said, "text": "only = maybe", "act": "text"}).content.decode()
    assert "neither TOML nor JSON" in wrong
    assert "only = maybe" in wrong


def test_nothing_starts_while_something_is_to_be_decided(client: Client) -> None:
    text = "Ticket ID;Client ID;Opened Date\n" + "".join(f"t{n};c{n % 3};0{n}/0{n + 1}/2025\n" for n in range(1, 8))
    where = look(client, text)
    page = client.get(where).content.decode()
    assert "reads more than one way" in page
    client.post(where, {**form(page), "act": "start"})
    assert jobs.running() == ()
    said = form(page) | {"format-2": "day-month-year"}
    assert "7 of 7 records" in client.post(where, {**said, "act": "look"}).content.decode()


def test_a_file_that_cannot_be_read_is_named_and_another_may_be_chosen(client: Client) -> None:
    refused = client.post("/import/", {"file": SimpleUploadedFile("photo.png", b"x")})
    assert refused.status_code == 400
    assert "ends in .png" in refused.content.decode()
    empty = client.post("/import/", {"file": SimpleUploadedFile("empty.csv", b"")})
    assert empty.status_code == 400
    assert "empty.csv is empty." in empty.content.decode()
    blank = client.get(look(client, "\n\n", "blank.csv"))
    assert blank.status_code == 400
    assert "Wrong file" in blank.content.decode()


def test_one_endless_line_is_refused_at_once_by_the_page_too(client: Client) -> None:
    page = client.get(look(client, "interaction_id," * 80_000, "long.csv"))
    assert page.status_code == 400
    assert "Line 1 is longer than 1,048,576 characters: it is not CSV." in page.content.decode()


def test_uploads_lie_closed_to_others(client: Client) -> None:
    look(client)
    [path] = (Path(settings.HOME.folder) / "uploads").iterdir()
    assert path.stat().st_mode & 0o077 == 0


def test_enter_in_a_field_tries_and_never_starts(client: Client) -> None:
    html = client.get(look(client)).content.decode()
    [first, *_] = re.findall(r'<button[^>]*name="act" value="([a-z]+)"', html)
    assert first == "look"


def test_a_column_of_our_name_is_ours_and_one_wrong_value_in_it_is_refused_alone(client: Client) -> None:
    rows = "".join(f"i{n},c{n % 5},2025-01-{n % 28 + 1:02d},call,{n if n != 7 else 'abc'}\n" for n in range(60))
    html = client.get(
        look(client, f"interaction_id,customer_id,occurred_at,kind,wait_minutes\n{rows}")
    ).content.decode()
    assert form(html)["column-4"] == "wait_minutes"
    assert "59 of 60 records" in html
    assert "1 refused (wait_minutes" in html


def zipped(**files: str) -> SimpleUploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name, text in files.items():
            out.writestr(name.replace("_", "."), text)
    return SimpleUploadedFile("export.zip", packed.getvalue())


def test_the_files_of_one_zip_file_are_brought_in_one_after_the_other(client: Client) -> None:
    people = "customer_id,joined_at\nK-1,2025-01-01T00:00:00Z\n"
    calls = "interaction_id,customer_id,occurred_at,kind\na,K-1,2026-01-01T00:00:00Z,contact\n"
    sent = client.post(
        "/import/", {"file": zipped(people_csv=people, calls_csv=calls, readme_txt="Hello", photo_png="x")}
    )
    assert sent["Location"].startswith("/import/files/")
    html = client.get(sent["Location"]).content.decode()
    assert "<b>2 files</b>" in html
    assert "photo.png" not in html
    first, second = re.findall(r'<a class="who" href="([^"]+)"', html)
    begun = client.post(first, {**form(client.get(first).content.decode()), "act": "start"})
    assert begun["Location"].startswith("/import/files/"), "the other file waits"
    again = client.get("/import/files/").content.decode()
    assert re.findall(r'<a class="who" href="([^"]+)"', again) == [second]
    assert client.post(second, {**form(client.get(second).content.decode()), "act": "start"})["Location"] == "/data/"
    assert [job.arguments["filename"] for job in Job.objects.order_by("pk")] == ["people.csv", "calls.csv"]


def test_a_zip_file_of_nothing_readable_is_refused_in_words(client: Client) -> None:
    answer = client.post("/import/", {"file": zipped(a_png="x", b_png="y")})
    assert answer.status_code == 400
    assert "Nothing in the zip file can be read" in answer.content.decode()
    assert client.get("/import/files/").status_code == 404
    broken = SimpleUploadedFile("export.zip", b"PK\x03\x04 broken")
    assert client.post("/import/", {"file": broken}).status_code == 400
    assert list((Path(settings.HOME.folder) / "uploads").iterdir()) == []
