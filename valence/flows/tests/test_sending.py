"""Messages wait, leave once, and come back when they cannot: tried with a real mail server and a provider over HTTP."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from valence import home
from valence.channels import actions, queries
from valence.channels import models as tables
from valence.channels.tests.servers import MailServer, Provider
from valence.channels.values import Kind, Outgoing, Purpose, State, ToSend, Why
from valence.customers import actions as customer_actions
from valence.customers import consent
from valence.customers.rules import CustomerRecord
from valence.flows.ask import sending

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_home(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in home.FOLDERS:
        (tmp_path / "home" / name).mkdir(parents=True)
    settings.SMS_FROM = "+15550001111"


@pytest.fixture
def mail(settings: SettingsWrapper) -> Iterator[MailServer]:
    with MailServer() as server:
        settings.EMAIL_URL = server.url
        yield server


@pytest.fixture
def provider(settings: SettingsWrapper) -> Iterator[Provider]:
    with Provider() as server:
        settings.SMS_URL = server.url
        yield server


def customer(name: str = "anna", *, phone: str = "+491701234567") -> int:
    said = {"email": f"{name}@example.org", "phone": phone, "name": name}
    record = CustomerRecord(customer_id=name, joined_at=NOW, personal=said)
    customer_actions.put(records=[record], now=NOW)
    [key] = customer_actions.identify(customer_ids=[name], now=NOW)
    assert isinstance(key, int)
    return key


def reply(key: int, *, kind: Kind = Kind.EMAIL, reference: str = "case-1", until: datetime | None = None) -> ToSend:
    content = {"subject": "Your visit", "text": "We are sorry.\n\nWe come tomorrow.", "language": "en"}
    return ToSend(kind=kind, purpose=Purpose.REPLY, reference=reference, content=content, customer_key=key, until=until)


def stands(reference: str = "case-1") -> Outgoing:
    [one] = queries.of(purpose=Purpose.REPLY, reference=reference)
    return one


def test_without_a_server_a_mail_becomes_a_file(settings: SettingsWrapper) -> None:
    [number] = actions.queue(messages=[reply(customer())], now=NOW)
    assert sending.send_due(now=NOW) == {State.SENT: 1}
    written = (settings.HOME.folder / "mail" / f"{number}.eml").read_bytes()
    assert b"To: anna@example.org" in written
    assert b"We come tomorrow." in written


def test_the_same_reference_is_one_message(mail: MailServer) -> None:
    key = customer()
    first = actions.queue(messages=[reply(key), reply(key)], now=NOW)
    assert actions.queue(messages=[reply(key)], now=NOW) == first[:1] == first[1:]
    sending.send_due(now=NOW)
    sending.send_due(now=NOW + timedelta(hours=1))
    assert len(mail.received) == 1


def test_what_waits_lies_sealed_and_is_forgotten_once_sent(mail: MailServer) -> None:
    actions.queue(messages=[reply(customer())], now=NOW)
    kept = bytes(tables.Outgoing.objects.get().content)
    assert kept
    assert b"sorry" not in kept
    sending.send_due(now=NOW)
    assert bytes(tables.Outgoing.objects.get().content) == b""
    assert mail.received[0].recipients == ["anna@example.org"]


def test_a_mail_server_that_is_down_for_an_hour_loses_nothing(settings: SettingsWrapper) -> None:
    for number in range(30):
        actions.queue(messages=[reply(customer(f"c{number}"), reference=f"r{number}")], now=NOW)
    server = MailServer()
    settings.EMAIL_URL = server.url
    for minute in range(0, 60, 2):
        sending.send_due(now=NOW + timedelta(minutes=minute))
    assert tables.Outgoing.objects.filter(state=State.QUEUED).count() == 30
    with server:
        sending.send_due(now=NOW + timedelta(minutes=62))
    assert sorted(one.recipients[0] for one in server.received) == sorted(f"c{n}@example.org" for n in range(30))
    assert tables.Outgoing.objects.filter(state=State.SENT).count() == 30


def test_one_that_fails_never_stops_the_next(mail: MailServer) -> None:
    mail.answers["bad@example.org"] = "550 no such user"
    mail.answers["full@example.org"] = "452 mailbox full"
    for name in ("bad", "full", "good"):
        actions.queue(messages=[reply(customer(name), reference=name)], now=NOW)
    assert sending.send_due(now=NOW) == {State.BOUNCED: 1, State.QUEUED: 1, State.SENT: 1}
    assert [one.recipients for one in mail.received] == [["good@example.org"]]
    assert stands("full").next_try_at == NOW + timedelta(minutes=1)


def test_an_address_that_does_not_exist_is_not_written_to_again(mail: MailServer) -> None:
    mail.answers["anna@example.org"] = "550 no such user"
    key = customer()
    actions.queue(messages=[reply(key)], now=NOW)
    sending.send_due(now=NOW)
    assert queries.unreachable(customer_keys=[key]) == {key: frozenset({"email"})}
    actions.queue(messages=[reply(key, reference="case-2")], now=NOW)
    sending.send_due(now=NOW)
    assert (stands("case-2").state, stands("case-2").why) == (State.WITHHELD, Why.ADDRESS_REFUSED)


def test_who_objected_meanwhile_is_not_written_to(mail: MailServer) -> None:
    key = customer()
    actions.queue(messages=[reply(key)], now=NOW)
    consent.withdraw(customer_key=key, purpose="service", channel="email", source="test", now=NOW)
    sending.send_due(now=NOW + timedelta(minutes=1))
    assert (stands().state, stands().why) == (State.WITHHELD, Why.NO_CONSENT)
    assert mail.received == []


def test_what_nobody_wants_any_more_is_not_sent(mail: MailServer) -> None:
    actions.queue(messages=[reply(customer(), until=NOW + timedelta(hours=1))], now=NOW)
    sending.send_due(now=NOW + timedelta(hours=2))
    assert (stands().state, stands().why) == (State.WITHHELD, Why.TOO_LATE)


def test_a_process_that_dies_while_it_hands_over_sends_nothing_twice(mail: MailServer) -> None:
    actions.queue(messages=[reply(customer())], now=NOW)
    assert actions.claim(kind=Kind.EMAIL, now=NOW)
    assert actions.give_up_broken_off(now=NOW + timedelta(minutes=5)) == 0
    assert actions.give_up_broken_off(now=NOW + timedelta(minutes=11)) == 1
    sending.send_due(now=NOW + timedelta(hours=1))
    assert stands().state is State.UNSURE
    assert mail.received == []


def test_a_line_that_breaks_after_the_mail_was_handed_over_sends_nothing_twice(mail: MailServer) -> None:
    mail.breaks_after_data = True
    actions.queue(messages=[reply(customer())], now=NOW)
    sending.send_due(now=NOW)
    mail.breaks_after_data = False
    sending.send_due(now=NOW + timedelta(hours=1))
    assert stands().state is State.UNSURE
    assert len(mail.received) == 1


def test_what_one_sender_claimed_no_other_gets() -> None:
    actions.queue(messages=[reply(customer(), reference=name) for name in "ab"], now=NOW)
    claimed = [actions.claim(kind=Kind.EMAIL, now=NOW) for _ in range(3)]
    assert [one.reference if one else None for one in claimed] == ["a", "b", None]


def test_a_text_message_goes_to_the_provider_in_its_form(provider: Provider) -> None:
    actions.queue(messages=[reply(customer(), kind=Kind.SMS)], now=NOW)
    assert sending.send_due(now=NOW) == {State.SENT: 1}
    [sent] = provider.received
    assert sent.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert sent.user == ("AC1", "secret")
    assert sent.form["To"] == "+491701234567"
    assert sent.form["From"] == "+15550001111"
    assert "We come tomorrow." in sent.form["Body"]


def test_a_provider_that_says_later_is_tried_later(provider: Provider) -> None:
    provider.status = 503
    actions.queue(messages=[reply(customer(), kind=Kind.SMS)], now=NOW)
    sending.send_due(now=NOW)
    assert stands().state is State.QUEUED
    provider.status = 201
    sending.send_due(now=NOW + timedelta(minutes=2))
    assert stands().state is State.SENT


@pytest.mark.parametrize("code", [21211, 21610])
def test_a_number_that_cannot_be_written_to_is_marked(provider: Provider, code: int) -> None:
    provider.status, provider.code = 400, code
    key = customer()
    actions.queue(messages=[reply(key, kind=Kind.SMS)], now=NOW)
    sending.send_due(now=NOW)
    assert stands().state is State.BOUNCED
    assert queries.unreachable(customer_keys=[key]) == {key: frozenset({"sms"})}


def test_what_an_erased_customer_was_to_get_is_gone_with_its_files(settings: SettingsWrapper) -> None:
    key = customer()
    actions.queue(messages=[reply(key)], now=NOW)
    sending.send_due(now=NOW)
    assert list((settings.HOME.folder / "mail").iterdir())
    assert actions.forget(customer_keys=[key]) == 1
    assert not list((settings.HOME.folder / "mail").iterdir())


def test_a_message_goes_to_a_customer_or_to_staff_never_to_both() -> None:
    with pytest.raises(ValueError, match="one of them"):
        actions.queue(messages=[replace(reply(customer()), to="staff@example.org")], now=NOW)


def test_staff_get_what_is_for_them(mail: MailServer) -> None:
    digest = ToSend(
        kind=Kind.EMAIL,
        purpose=Purpose.DIGEST,
        reference="2026-05-04:alice",
        content={"subject": "Today", "text": "Three alerts."},
        to="alice@example.org",
    )
    actions.queue(messages=[digest], now=NOW)
    sending.send_due(now=NOW)
    [sent] = mail.received
    assert sent.recipients == ["alice@example.org"]
    assert sent.message["List-Unsubscribe"] is None


def test_the_mail_server_of_the_tests_really_speaks_smtp(mail: MailServer) -> None:
    with smtplib.SMTP(mail.host, mail.port) as line:
        assert line.noop()[0] == 250
