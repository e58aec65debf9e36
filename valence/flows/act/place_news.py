"""An alarm about a place is told: to its owner by mail, to machines and chats like everything else that happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.utils import formats, translation

from valence.alerts import place_alarms, saying, telling
from valence.cases import staff_words
from valence.channels import actions as channels
from valence.channels.values import Kind, Purpose, ToSend
from valence.flows.ask import spoken
from valence.flows.weigh import minds
from valence.insights import say
from valence.people import queries as people

KIND = "place.raised"
STILL = timedelta(days=1)


def tell(*, found: place_alarms.Found, number: int, now: datetime) -> None:
    """Let a new alarm wait for its owner's mail and for every receiver that wants such news, once.

    Call it in the transaction that keeps the alarm: it is told, or it is not there.
    """
    what = saying.place_what(about=found.about, word=found.word, pack=minds.pack())
    where = saying.place_where(zone=found.zone, region=found.region)
    owner = people.one(pk=found.owner) if found.owner else None
    body = {
        "id": number,
        "number": f"P-{number}",
        "title": what,
        "words": f"{where}, {say.count(found.observed)} against {found.expected:.1f} expected",
        "zone": found.zone,
        "places": list(found.places),
        "region": found.region,
        "department": found.department,
        "since": found.since.isoformat(),
        "observed": found.observed,
        "expected": round(found.expected, 2),
        "owner": owner.name if owner else "",
        "at": now.isoformat(),
        "url": address(number=number),
    }
    telling.queue(event=f"msg_place_{number}", kind=KIND, customer=None, body=body, now=now)
    if owner is not None and owner.email:
        channels.queue(messages=[_mail(owner, found, number, (what, where), now)], now=now)


def address(*, number: int) -> str:
    """Return where the page of an alarm is."""
    return f"{spoken.address()}/cases/places/{number}/"


def _mail(owner: people.Card, found: place_alarms.Found, number: int, named: tuple[str, str], now: datetime) -> ToSend:
    words, language = staff_words.of(language=owner.language), staff_words.spoken(language=owner.language)
    facts = {
        "what": named[0],
        "where": named[1],
        "observed": say.count(found.observed),
        "expected": f"{found.expected:.1f}",
        "day": _day(found.since, language),
    }
    return ToSend(
        kind=Kind.EMAIL,
        purpose=Purpose.DIGEST,
        reference=f"place-{number}",
        content={
            "subject": words["place_subject"].format(**facts),
            "text": f"{words['place_what'].format(**facts)}\n\n{address(number=number)}",
            "language": language,
        },
        to=owner.email,
        until=now + STILL,
    )


def _day(day: date, language: str) -> str:
    with translation.override(language):
        return str(formats.date_format(datetime.combine(day, time(12), UTC), "DATE_FORMAT"))
