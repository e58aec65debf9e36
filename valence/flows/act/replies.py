"""Replies from a case: drafted from playbook and facts, sent after a person approved, and told back as interactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django.utils.formats
from django.conf import settings
from django.utils import translation

from valence import interactions, organisation, terms
from valence.alerts import queries as alerts
from valence.cases import actions, drafting, queries
from valence.channels import actions as channels
from valence.channels import queries as messages
from valence.channels.values import Kind, Outgoing, Purpose, ToSend
from valence.customers import consent
from valence.customers import queries as customers
from valence.flows.gather import ingest
from valence.flows.weigh import state
from valence.insights import say
from valence.ledger.queries import promises as ledger
from valence.text import promises as promises_of_text

SOURCE = "valence"
CHANNELS = {"email": "e-mail", "sms": "SMS"}
LONGEST = 10_000
LONGEST_SUBJECT = 150
MOST_PROMISES = 5
LONGEST_PROMISE = 200


class CannotReply(Exception):  # noqa: N818  named as people say it
    """The reply cannot leave. The text says why, to the person who wrote it."""


@dataclass(frozen=True)
class Promise:
    """What a reply promises and until when."""

    words: str
    due_at: datetime


@dataclass(frozen=True)
class Way:
    """A channel by which a customer may be written to, or why not."""

    channel: str
    words: str
    address: str
    why_not: str = ""


@dataclass(frozen=True)
class Reply:
    """What is to leave. `told`: it says how the case ended."""

    channel: str
    subject: str
    text: str
    promises: tuple[Promise, ...] = ()
    told: bool = False


def ways(*, key: int, name: customers.Name) -> tuple[Way, ...]:
    """Return by which channels a customer may be answered, and why not by the others."""
    unreachable = messages.unreachable(customer_keys=[key]).get(key, frozenset())
    found = []
    for channel, words in CHANNELS.items():
        address = name.email if channel == "email" else name.phone
        may = consent.may(customer_key=key, purpose="service", channel=channel)
        why = "" if may.allowed else may.why
        why = why or ("" if address else f"No {'e-mail address' if channel == 'email' else 'phone number'} on record.")
        why = why or (f"Messages to this {words} address do not arrive." if channel in unreachable else "")
        found.append(Way(channel=channel, words=words, address=address, why_not=why))
    return tuple(found)


def draft(*, case: queries.Whole, profile: customers.Profile, owner: str, now: datetime) -> drafting.Draft:
    """Return a reply to look over, in the customer's language where the playbook speaks it."""
    if case.playbook is None:
        return drafting.Draft(subject="", text="", language=profile.language or "en", facts=(), missing=())
    told = case.row.state == "closed" or case.row.recovery == "recovered"
    found = case.playbook.letter(language=profile.language or "en")
    language = found[0] if found else "en"
    facts = _facts(case, profile, owner, language, now)
    return drafting.draft(playbook=case.playbook, language=language, facts=facts, number=case.row.pk, told=told)


def heard(*, text: str, language: str, now: datetime) -> tuple[Promise, ...]:
    """Return what a reply promises in its own words, as far as a day can be read in them."""
    found = promises_of_text.read(text=text, language=language, now=now)
    return tuple(
        Promise(one.span.of(text).strip()[:LONGEST_PROMISE], one.due_at)
        for one in found
        if one.due_at is not None and one.due_at > now and not one.said_broken
    )[:MOST_PROMISES]


def send(*, case: queries.Whole, reply: Reply, by: str, now: datetime) -> str:
    """Send a reply that a person approved; return the number of the message.

    In one transaction: what was done comes back as an interaction, with one more for each promise it makes; the
    message is queued; the case tells it. Nothing of it happens, or all of it does. Raises CannotReply.
    """
    profile = customers.profile(scope=terms.EVERYTHING, key=case.row.key)
    _check(case, reply, profile, now)
    sent = sum(1 for line in case.lines if line.what in ("replied", "told")) + 1
    reference = f"case-{case.row.pk}-{sent}"
    promised = [
        actions.Promised(one.words.strip(), one.due_at, f"{reference}-promise-{at}")
        for at, one in enumerate(reply.promises, start=1)
    ]
    content = {"subject": reply.subject.strip(), "text": reply.text.strip(), "language": profile.language or "en"}
    message = ToSend(
        kind=Kind(reply.channel),
        purpose=Purpose.REPLY,
        reference=reference,
        content=content,
        customer_key=case.row.key,
    )
    with ingest.together():
        tell(records=_records(case, reply, promised, profile, reference, now), now=now)
        [number] = channels.queue(messages=[message], now=now)
        actions.note_reply(
            pk=case.row.pk,
            key=case.row.key,
            by=by,
            text=reply.text.strip(),
            channel=CHANNELS[reply.channel],
            promised=promised,
            told=reply.told,
            now=now,
        )
    return number


def settle(*, case: queries.Whole, promise: int, kept: bool, by: str, now: datetime) -> None:
    """Note that a promise of a case was kept or broken, and tell it back as an interaction. Raises CannotReply."""
    found = next((one for one in case.promises if one.pk == promise), None)
    if found is None or found.kept_at or found.broken_at:
        raise CannotReply("This promise is settled already.")
    profile = customers.profile(scope=terms.EVERYTHING, key=case.row.key)
    record = _record(case, profile, f"{found.interaction_id}-settled", now) | {
        "kind": "promise",
        "promise": "kept" if kept else "broken",
        "promised_at": found.due_at.isoformat(),
        "touchpoint": "case",
        "caused_by": f"{SOURCE}:{found.interaction_id}",
    }
    with ingest.together():
        tell(records=[record], now=now)
        actions.settle_promise(pk=case.row.pk, promise=promise, kept=kept, by=by, now=now)


def sent(*, case: queries.Whole) -> tuple[Outgoing, ...]:
    """Return the messages of a case's replies, the latest first."""
    many = sum(1 for line in case.lines if line.what in ("replied", "told"))
    references = [f"case-{case.row.pk}-{number}" for number in range(many, 0, -1)]
    return tuple(one for reference in references for one in messages.of(purpose=Purpose.REPLY, reference=reference))


def tell(*, records: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Store what was done as interactions of our own. Raises CannotReply where one is refused."""
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {name: [record.get(name) for record in records] for name in names}
    raw = terms.RawRecords(numbers=list(range(1, len(records) + 1)), columns=columns)
    brought = ingest.take_interactions(records=raw, desk=ingest.Desk(source=SOURCE), now=now, folded=state.folded)
    if brought.refused:
        why = next(iter(brought.refused.values()))
        raise CannotReply(f"What was done cannot be told back: {why.detail}")


def _check(case: queries.Whole, reply: Reply, profile: customers.Profile, now: datetime) -> None:
    way = next((one for one in ways(key=case.row.key, name=profile.name) if one.channel == reply.channel), None)
    if way is None:
        raise CannotReply("Replies leave by e-mail or SMS.")
    if way.why_not:
        raise CannotReply(way.why_not)
    if not reply.text.strip() or len(reply.text) > LONGEST:
        raise CannotReply(f"Write a message of at most {LONGEST:,} letters.")
    if reply.channel == "email" and not 1 <= len(reply.subject.strip()) <= LONGEST_SUBJECT:
        raise CannotReply(f"Write a subject of at most {LONGEST_SUBJECT} letters.")
    if len(reply.promises) > MOST_PROMISES:
        raise CannotReply(f"A reply makes at most {MOST_PROMISES} promises.")
    if any(one.due_at <= now or not 1 <= len(one.words.strip()) <= LONGEST_PROMISE for one in reply.promises):
        raise CannotReply("Say what is promised, and a day that still lies ahead.")


def _records(
    case: queries.Whole,
    reply: Reply,
    promised: Sequence[actions.Promised],
    profile: customers.Profile,
    reference: str,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the interactions that a reply is: the message, and what it promises."""
    message = _record(case, profile, reference, now) | {
        "kind": "message",
        "touchpoint": "case reply",
        "channel": reply.channel,
        "facts": "credited" if case.granted and not case_replied(case) else "",
        "text": reply.text.strip(),
    }
    promises = [
        _record(case, profile, one.interaction_id, now)
        | {
            "kind": "promise",
            "touchpoint": "case",
            "promise": "made",
            "promised_at": one.due_at.isoformat(),
            "caused_by": f"{SOURCE}:{reference}",
        }
        for one in promised
    ]
    return [message, *promises]


def case_replied(case: queries.Whole) -> bool:
    """Say whether a reply left already."""
    return any(line.what == "replied" for line in case.lines)


def _record(case: queries.Whole, profile: customers.Profile, interaction_id: str, now: datetime) -> dict[str, Any]:
    return {
        "interaction_id": interaction_id,
        "customer_id": profile.name.customer_id,
        "occurred_at": now.isoformat(),
        "department": case.row.department or "care",
        "reason": case.reason,
    }


def _facts(
    case: queries.Whole, profile: customers.Profile, owner: str, language: str, now: datetime
) -> Mapping[str, str]:
    """Return what a draft may say, as words of its language; "" where it is not known."""
    said = _said_of(case)
    with translation.override(language):
        promise = _promise(case, now)
        return {
            "name": profile.name.name,
            "owner": owner,
            "company": organisation.of(folder=settings.HOME.folder).name,
            "date": _date(case.occurred_at),
            "amount": say.money(case.granted) if case.granted else "",
            "billed": say.money(said.amount) if said and said.amount is not None else "",
            "told": say.money(said.expected_amount) if said and said.expected_amount is not None else "",
            "hours": f"{said.outage_hours:.0f} h" if said and said.outage_hours else "",
            "promise": promise.words if promise else "",
            "due": _date(promise.due_at) if promise and promise.due_at else "",
            "times": "",
        }


def _said_of(case: queries.Whole) -> terms.Interaction | None:
    for alert in alerts.some(pks=case.alerts):
        if alert.interaction_id:
            return interactions.point(
                source=alert.source, interaction_id=alert.interaction_id, customer_key=case.row.key
            )
    return None


def _promise(case: queries.Whole, now: datetime) -> ledger.PromiseRow | None:
    """Return the promise that is owed: overdue or broken before open, the latest due."""
    found = ledger.of_customer(scope=terms.EVERYTHING, key=case.row.key)
    order = {"overdue": 0, "broken": 1, "open": 2}
    owed = [one for one in found if one.state in order and one.due_at]
    return min(owed, key=lambda one: (order[one.state], abs((now - (one.due_at or now)).days)), default=None)


def _date(at: datetime) -> str:
    return str(django.utils.formats.date_format(say.local(at), "DATE_FORMAT"))
