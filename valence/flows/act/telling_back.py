"""You said, we did: who said it is gathered from cases and themes, what is counted is read, and each is told once."""

from __future__ import annotations

import datetime as dt
from datetime import datetime, timedelta

import django.utils.formats
from django.utils import translation

from valence import interactions, terms
from valence.cases import changed, initiatives, queries
from valence.channels import actions as channels
from valence.channels.values import Kind, Purpose, ToSend
from valence.customers import queries as customers
from valence.flows.act import replies
from valence.flows.gather import ingest
from valence.flows.read import reading
from valence.insights import say
from valence.ledger.queries import readings, weeks

AT_ONCE = 100
MOST_COMMENTS = 5_000
MEASURED_WEEKS = 8


def gather(*, pk: int, seer: queries.Seer, since: datetime, cases_too: bool, playbook: str = "") -> int:
    """Add those who said what an initiative is about since a moment: by a case of its department or with a playbook,
    or by words on its theme that were not praise. Returns how many are new. Raises NoSuchInitiative."""
    about = initiatives.one(pk=pk)
    found: list[initiatives.NewVoice] = []
    if cases_too and (about.department or playbook):
        found += initiatives.voices_of_cases(seer=seer, since=since, department=about.department, playbook=playbook)
    if about.theme:
        found += _voices_of_theme(seer.scope, about.theme, since)
    return initiatives.add_voices(pk=pk, voices=found)


def tell(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Tell those who wait for it, each once; return how many messages were queued."""
    told = 0
    for pk, voice in initiatives.to_tell(limit=limit):
        told += _tell(initiatives.one(pk=pk), voice, now)
    return told


def measured(*, measure: changed.Measure, scope: terms.Scope, until: dt.date) -> tuple[int, int] | None:
    """Return how often a fact was recorded in the last weeks before a day, and among how many; None for nothing."""
    if not measure.kind:
        return None
    monday = until - timedelta(days=until.weekday())
    asked = (measure.kind, measure.department, measure.fact)
    for one in weeks.series(scope=scope, until=monday, weeks=MEASURED_WEEKS):
        if (one.kind, one.department, one.fact) == asked:
            return sum(one.interactions), sum(one.whole)
    return None


def themes() -> tuple[tuple[str, str], ...]:
    """Return the themes that customers of this industry talk about, as (name, words)."""
    return tuple((one.name, one.label) for one in reading.taxonomy_in_use().themes)


def shown(*, about: changed.Initiative, voice: initiatives.VoiceRow, now: datetime) -> changed.Thanks:
    """Return what somebody is told, as it would leave now. Raises customers.queries.UnknownCustomer."""
    profile = customers.profile(scope=terms.EVERYTHING, key=voice.key)
    language, _ = changed.spoken(change=about.change, wanted=profile.language or "en")
    with translation.override(language or "en"):
        day = str(django.utils.formats.date_format(say.local(voice.said_at), "DATE_FORMAT"))
    said = changed.Said(name=profile.name.name, date=day, quote=_words(voice))
    return changed.thanks(change=about.change, wanted=profile.language or "en", said=said, number=voice.pk)


def _tell(about: changed.Initiative, voice: initiatives.VoiceRow, now: datetime) -> bool:
    """Queue one message and note it, with what was done told back as an interaction: all of it or nothing."""
    try:
        profile = customers.profile(scope=terms.EVERYTHING, key=voice.key)
        thanks = shown(about=about, voice=voice, now=now)
    except customers.UnknownCustomer:
        initiatives.note_cannot(pk=voice.pk, why="is no customer any more")
        return False
    ways = replies.ways(key=voice.key, name=profile.name)
    way = next((one for one in ways if not one.why_not), None)
    if way is None or profile.left_at is not None:
        initiatives.note_cannot(pk=voice.pk, why=ways[0].why_not if way is None else "has left")
        return False
    message = ToSend(
        kind=Kind(way.channel),
        purpose=Purpose.REPLY,
        reference=f"initiative-{about.pk}-{voice.pk}",
        content={"subject": thanks.subject, "text": thanks.text, "language": thanks.language},
        customer_key=voice.key,
    )
    with ingest.together():
        if not initiatives.note_told(pk=voice.pk, channel=way.channel, now=now):
            return False
        channels.queue(messages=[message], now=now)
        replies.tell(records=[_record(about, voice, profile, way.channel, thanks.text, now)], now=now)
    return True


def _record(
    about: changed.Initiative,
    voice: initiatives.VoiceRow,
    profile: customers.Profile,
    channel: str,
    text: str,
    now: datetime,
) -> dict[str, str]:
    cause = {"caused_by": f"{voice.source}:{voice.interaction_id}"} if voice.interaction_id else {}
    return {
        "interaction_id": f"initiative-{about.pk}-{voice.pk}",
        "customer_id": profile.name.customer_id,
        "occurred_at": now.isoformat(),
        "kind": "message",
        "touchpoint": "you said, we did",
        "department": about.department or "care",
        "channel": channel,
        "text": text,
        **cause,
    }


def _words(voice: initiatives.VoiceRow) -> str:
    """Return what somebody wrote, redacted; "" where they wrote nothing."""
    if not voice.interaction_id:
        return ""
    found = interactions.point(source=voice.source, interaction_id=voice.interaction_id, customer_key=voice.key)
    return (found.text or "") if found else ""


def _voices_of_theme(scope: terms.Scope, theme: str, since: datetime) -> list[initiatives.NewVoice]:
    asked = readings.Asked(since=since, theme=theme)
    rows = readings.rows(scope=scope, asked=asked, limit=MOST_COMMENTS)
    return [
        initiatives.NewVoice(row.key, row.occurred_at, row.source, row.interaction_id)
        for row in rows
        if row.tone != "positive"
    ]
