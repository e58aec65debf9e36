"""Spoken answers: a recording becomes a transcript, the transcript an interaction like any other, the recording goes.

Recordings are laid into VALENCE_HOME/recordings, by a telephone system for instance, as
`CUSTOMER_ID__2026-05-12T101500Z.wav` (PCM). What was heard is stored and the sound
deleted at once; what could not be heard is set aside, and deleted after a number of days: no voice is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from valence import terms
from valence.flows.gather import ingest
from valence.text import voice

FOLDER = "recordings"
MODEL_FOLDER = "voice"
SOUNDS = frozenset({".wav"})
ASIDE = ".unheard"
LARGEST_BYTES = 50_000_000
STILL_WRITTEN = timedelta(seconds=10)
_NAMED = re.compile(r"^(?P<customer>.{1,200}?)__(?P<at>\d{4}-\d\d-\d\dT\d{4,6}Z?)$")


@dataclass(frozen=True)
class Recording:
    """A recording that waits. `customer_id` is "" where its name does not say whose it is."""

    file: Path
    customer_id: str
    at: datetime


@dataclass(frozen=True)
class Done:
    """What became of recordings: stored, silent (nobody spoke, or refused), not heard, deleted as too old."""

    stored: int
    silent: int
    failed: int
    old: int
    why: str = ""


def transcriber() -> voice.Transcriber:
    """Return what turns speech into text here. Raises voice.CannotHear."""
    folder = Path(settings.VOICE_MODEL).expanduser() if settings.VOICE_MODEL else None
    return voice.load(folder=folder, together=settings.HOME.folder / MODEL_FOLDER)


def waiting(*, now: datetime) -> tuple[Recording, ...]:
    """Return the recordings that lie there whole, the oldest first."""
    return tuple(one for one in _recordings() if now - _changed(one.file) >= STILL_WRITTEN)


def is_due(*, now: datetime) -> bool:
    """Say whether there is anything to do: a recording that can be heard here, or one to delete."""
    return bool(_old(now)) or (voice.is_installed() and bool(waiting(now=now)))


def hear_all(*, now: datetime, using: voice.Transcriber | None = None) -> Done:
    """Hear every recording that waits, store what was said, delete the sound.

    1. What waits longer than the days of the rule is deleted unheard: a voice is not kept. 2. Each other one is heard;
    what was said is stored as feedback, redacted like every text. 3. Only when that is stored the recording is deleted,
    so one that is cut off in between is heard again, and stored once: its id comes from its content.
    """
    old = _old(now)
    for file in old:
        file.unlink(missing_ok=True)
    fresh = waiting(now=now)
    stored = silent = failed = 0
    why = ""
    hears = using or (transcriber() if fresh else None)
    for one in fresh:
        try:
            assert hears is not None
            taken = _taken(one, hears, now)
        except voice.CannotHear as problem:
            failed, why = failed + 1, str(problem)
            one.file.rename(one.file.with_name(f"{one.file.name}{ASIDE}"))
            continue
        stored, silent = stored + taken, silent + (not taken)
        one.file.unlink(missing_ok=True)
    return Done(stored=stored, silent=silent, failed=failed, old=len(old), why=why)


def _taken(one: Recording, hears: voice.Transcriber, now: datetime) -> bool:
    """Store what was said in a recording; return whether there was anything to store."""
    if not one.customer_id:
        raise voice.CannotHear(f"{one.file.name} does not say whose it is: CUSTOMER__2026-05-12T101500Z.wav.")
    if one.file.stat().st_size > LARGEST_BYTES:
        raise voice.CannotHear(f"{one.file.name} is larger than {LARGEST_BYTES // 1_000_000} MB.")
    heard = hears.hear(one.file)
    if not heard.text:
        return False
    brought = ingest.take_interactions(records=_record(one, heard), desk=ingest.Desk(source="voice"), now=now)
    return not brought.refused


def _record(one: Recording, heard: voice.Heard) -> terms.RawRecords:
    name = hashlib.sha256(one.file.read_bytes()).hexdigest()[:32]
    said = {"heard_by": heard.model, "seconds_spoken": round(heard.seconds, 1), "heard": round(heard.confidence, 2)}
    values = {
        "interaction_id": name,
        "customer_id": one.customer_id,
        "occurred_at": one.at.isoformat(),
        "kind": "feedback",
        "channel": "voice",
        "text": heard.text,
        "language": heard.language,
        "attributes": json.dumps(said),
    }
    return terms.RawRecords(numbers=[1], columns={key: [value] for key, value in values.items()})


def _recordings() -> Iterator[Recording]:
    folder = settings.HOME.folder / FOLDER
    files: Sequence[Path] = sorted(folder.iterdir(), key=_changed) if folder.is_dir() else []
    for file in files:
        if file.suffix.lower() in SOUNDS and file.is_file() and not file.is_symlink():
            named = _NAMED.match(file.stem)
            at = _moment(named["at"]) if named else None
            yield Recording(file, named["customer"] if named and at else "", at or _changed(file))


def _old(now: datetime) -> list[Path]:
    """Return the files of sound, set aside or not, that waited longer than the days of the rule."""
    folder = settings.HOME.folder / FOLDER
    sounds = SOUNDS | {ASIDE}
    return [
        file
        for file in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if file.suffix.lower() in sounds and now - _changed(file) > timedelta(days=settings.RECORDING_DAYS)
    ]


def _moment(said: str) -> datetime | None:
    digits = re.sub(r"\D", "", said)
    try:
        return datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _changed(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
