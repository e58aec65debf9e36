"""From a visit to an answer, with the real servers: asked by mail and by text message, answered in Arabic on a phone.

A mail scanner that opens every link, three times and in a browser, answers nothing; fifty who send at once, one answer.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.conftest import BIN, Operator, environment, free_port, wait_until_ready
from valence.channels import signing
from valence.channels.tests.servers import MailServer, Provider

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
ANNA, SAMI, LENA = "asked-anna", "asked-sami", "asked-lena"
PHONE = "+491701234567"
PATIENCE = 240.0  # a busy machine is slow, not wrong
NOW = datetime.now(UTC)


@dataclass
class Asking:
    """A product that runs with a mail server and a provider, and three customers who had a visit just now."""

    home: Path
    folder: Path
    address: str
    env: dict[str, str]
    mail: MailServer
    provider: Provider

    def run(self, *words: str) -> str:
        done = subprocess.run([BIN / "valence", *words], env=self.env, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def answers(self) -> list[dict[str, Any]]:
        asked = "SELECT interaction_id, score, scale, text, language, channel, caused_by FROM interactions"
        said = json.loads(self.run("sql", f"{asked} WHERE caused_by LIKE 'field:asked-%'", "--format", "json"))
        rows: list[dict[str, Any]] = said["rows"]
        return rows

    def explained(self, customer: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.run("explain", customer, "--format", "json"))
        return said

    def mail_to(self, address: str) -> Any:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            found = [one.message for one in self.mail.received if one.recipients == [address]]
            if found:
                return found[0]
            time.sleep(0.2)
        raise AssertionError(f"no mail to {address}: {self.run('surveys', 'decisions', 'visits')}")


@pytest.fixture(scope="module")
def asking(operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("asking")
    shutil.copytree(operator.home, folder / "home")
    shutil.copy(f"{operator.home}.key", folder / "home.key")
    port = free_port()
    with MailServer() as mail, Provider() as provider:
        env = environment(home=folder / "home") | {
            "EMAIL_URL": mail.url,
            "SMS_URL": provider.url,
            "SMS_FROM": "+15550001111",
            "VALENCE_ADDRESS": f"http://127.0.0.1:{port}",
        }
        one = Asking(folder / "home", folder, f"http://127.0.0.1:{port}", env, mail, provider)
        _prepare(one)
        process = subprocess.Popen(
            [BIN / "valence", "serve", "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder, env=env, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            wait_until_ready(one.address, process)
            yield one
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=PATIENCE)


def _prepare(one: Asking) -> None:
    """Launch a survey after visits, and bring in customers who had one three hours ago. It is noon where they live."""
    one.run("surveys", "make", "visit", "--as", "After the visit")
    one.run("surveys", "launch", "after-the-visit")
    one.run(
        "surveys", "trigger", "after-the-visit", "--as", "visits", "--when", "kind=visit", "--after", "1",
        "--channels", "email,sms",
    )  # fmt: skip
    one.run("surveys", "switch", "visits", "--on")
    (one.folder / "customers.csv").write_text(_customers())
    (one.folder / "interactions.csv").write_text(_interactions())
    one.run("import", "csv", "customers.csv")
    one.run("import", "csv", "interactions.csv")


def _customers() -> str:
    offset = 12 - NOW.hour  # of a zone in which it is noon; Etc/GMT's signs are the other way round
    zone = f"Etc/GMT{-offset:+d}"
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("customer_id", "joined_at", "language", "name", "email", "phone", "attributes"))
    joined, said = (NOW - timedelta(days=500)).isoformat(), json.dumps({"time_zone": zone})
    rows.writerow((ANNA, joined, "ar", "Anna", "anna@example.org", "", said))
    rows.writerow((SAMI, joined, "ar", "Sami", "", PHONE, said))
    rows.writerow((LENA, joined, "de", "Lena", "lena@example.org", "", said))
    return out.getvalue()


def _interactions() -> str:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("interaction_id", "source", "customer_id", "occurred_at", "kind", "department", "facts"))
    for name in (ANNA, SAMI, LENA):
        before, now = NOW - timedelta(days=40), NOW - timedelta(hours=3)
        rows.writerow((f"{name}-1", "field", name, before.isoformat(), "contact", "care", ""))
        rows.writerow((f"{name}-2", "field", name, now.isoformat(), "visit", "field", "late"))
    return out.getvalue()


def links_of(message: Any) -> list[str]:
    html = message.get_body(preferencelist=("html",)).get_content()
    text = message.get_body(preferencelist=("plain",)).get_content()
    stop = message["List-Unsubscribe"].strip().strip("<>")
    found = [*re.findall(r'href="(http[^"]+)"', html), *re.findall(r"http\S+", text), stop]
    return list(dict.fromkeys(found))


@pytest.mark.browser
def test_a_mail_scanner_answers_nothing_and_then_a_person_answers_in_arabic_on_a_phone(
    asking: Asking, browser: Browser
) -> None:
    message = asking.mail_to("anna@example.org")
    links = links_of(message)
    assert len(links) >= 8  # five scores, the survey, its privacy page, the stop link
    with httpx.Client() as scanner:
        for link in links:
            for _ in range(3):
                assert scanner.get(link).status_code == 200
                assert scanner.head(link).status_code == 200
    idle = browser.new_context()
    for link in links:
        page = idle.new_page()
        page.goto(link)
    time.sleep(1)
    idle.close()
    assert asking.answers() == []
    before = asking.explained(ANNA)
    assert before["bond"]["value"] < before["bond"]["month_ago"]  # he came late

    phone = browser.new_context(viewport={"width": 390, "height": 844}, locale="ar", has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(next(link for link in links if "satisfied=2" in link))
    assert page.get_attribute("html", "dir") == "rtl"
    page.fill("textarea >> nth=0", "تأخر الفني ساعتين")
    page.tap("button[value=send]")
    page.locator(".card h1").wait_for()
    phone.close()

    [answer] = asking.answers()
    assert (answer["score"], answer["scale"], answer["language"]) == (2, "csat", "ar")
    assert answer["text"] == "تأخر الفني ساعتين"
    assert (answer["channel"], answer["caused_by"]) == ("email", f"field:{ANNA}-2")
    after = asking.explained(ANNA)
    assert after["interactions"] == before["interactions"] + 1
    [told] = [one for one in after["moves"] if one["interaction_id"] == answer["interaction_id"]]
    assert told["is_signal"]
    # An unhappy answer foretells. The chance as a whole is not compared: a scoring in between moves the pressure too.
    assert told["times"] > 1


def test_a_text_message_that_is_written_back_is_an_answer_and_the_score_follows(asking: Asking) -> None:
    ends = time.monotonic() + PATIENCE
    while not asking.provider.received and time.monotonic() < ends:
        time.sleep(0.2)
    [sent] = asking.provider.received
    assert sent.form["To"] == PHONE
    assert "رضاك عن الزيارة" in sent.form["Body"]
    form = {"MessageSid": "SM-in-1", "From": PHONE, "To": "+15550001111", "Body": "١ لم يُصلح شيء"}
    address = f"{asking.address}/sms/inbound"
    signature = signing.of_request(token="secret", address=address, form={name: [said] for name, said in form.items()})
    for _ in range(3):
        said = httpx.post(address, data=form, headers={"X-Twilio-Signature": signature}, timeout=PATIENCE)
        assert said.status_code == 200
    mine = [one for one in asking.answers() if one["channel"] == "sms"]
    assert [(one["score"], one["text"]) for one in mine] == [(1, "لم يُصلح شيء")]
    counted = json.loads(asking.run("surveys", "results", "after-the-visit", "--format", "json"))
    assert str(len(asking.answers())) in json.dumps(counted)


def test_fifty_who_send_one_link_at_once_are_one_answer(asking: Asking) -> None:
    message = asking.mail_to("lena@example.org")
    link = next(link for link in links_of(message) if re.search(r"/s/[^/]+/$", link))
    page = httpx.get(link).text
    form = {"_q": re.findall(r'name="_q" value="(\w+)"', page), "satisfied": "5", "_do": "send"}

    def send(_: int) -> int:
        return httpx.post(link, data=form, timeout=PATIENCE).status_code

    with ThreadPoolExecutor(50) as people:
        statuses = list(people.map(send, range(50)))
    assert set(statuses) <= {200, 410}
    assert [one["score"] for one in asking.answers() if one["caused_by"] == f"field:{LENA}-2"] == [5]
