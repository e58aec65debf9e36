"""From the inbox to annotations: texts are read as they arrive, exactly once, and intake never waits for it.

Two steps, each all or nothing. The first follows the inbox and sets aside what has a text: it is quick, so that the
log never waits long. The second reads what was set aside, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import msgspec
from django.conf import settings

from valence import terms
from valence.flows.read import annotate, heads
from valence.flows.run import alone, failures, repeating
from valence.flows.weigh import minds
from valence.interactions import followers, hashes
from valence.ledger import annotated
from valence.ledger.actions import annotations as keeping
from valence.ledger.annotated import Annotated
from valence.ledger.queries import readings
from valence.packs import taxonomy
from valence.text import pipeline, promises
from valence.text.annotation import CANNOT_TELL, Annotation, Language, ModelNames, Part, Tone

NAME = "reading"
WRITING = "texts read"
ROWS_AT_ONCE = 5_000
TEXTS_AT_ONCE = 256
BEAT = 0.3
OFF = "off"
STAFF = '"purpose":"staff"'
Report = Callable[[terms.Progress], None]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(terms.Interaction).decode


@dataclass(frozen=True)
class Followed:
    """What one step did: rows that were looked at, texts that were set aside, whether more waits."""

    rows: int
    texts: int
    more: bool


def run(*, stop: threading.Event) -> None:
    """Follow the inbox until `stop` is set, and see that somebody reads what was set aside."""
    reader: subprocess.Popen[bytes] | None = None

    def step() -> float:
        nonlocal reader
        if not follow(now=datetime.now(UTC)).more and readings.waits() and _is_over(reader):
            reader = _begin_reading()
        return BEAT

    repeating.again_and_again(step=step, stop=stop, name=NAME)
    if reader is not None and not _is_over(reader):
        reader.terminate()


def follow(*, now: datetime, shared: followers.Arrived | None = None) -> Followed:
    """Set aside what arrived and has a text. `shared`: the next rows, where somebody read them already.

    1. Read the next rows. 2. Keep those with a text; of those without one, any earlier revision had, forget what was
    read. 3. Store them and the new position together.
    """
    arrived = followers.next_of(name=NAME, limit=ROWS_AT_ONCE, shared=shared)
    if not arrived.rows:
        return Followed(rows=0, texts=0, more=False)
    unread = set_aside(arrived=[one for one in arrived.interactions if is_to_read(one)])
    wordless = [one for one in arrived.interactions if one.revision and not is_to_read(one)]
    gone = hashes.of_rows(ids=[(one.source, one.interaction_id) for one in wordless])
    with followers.moving(name=NAME, before=arrived.before, after=arrived.after) as is_mine:
        kept = keeping.wait(unread=unread, wordless=gone) if is_mine else 0
    return Followed(rows=len(arrived.rows), texts=kept, more=len(arrived.rows) >= ROWS_AT_ONCE // 2)


def catch_up(*, now: datetime) -> None:
    """Set aside everything that waits."""
    while follow(now=now).more:
        pass


def is_to_read(one: terms.Interaction) -> bool:
    """Say whether an interaction has words of a customer or about one. What staff answer about work is not read."""
    return settings.READING != OFF and bool(one.text.strip()) and STAFF not in one.attributes


def is_off() -> bool:
    """Say whether the setting says that no texts are read."""
    return bool(settings.READING == OFF)


def set_aside(*, arrived: Sequence[terms.Interaction]) -> list[keeping.Waiting]:
    """Return interactions as they wait to be read."""
    names = hashes.of_rows(ids=[(one.source, one.interaction_id) for one in arrived])
    return [(name, one.customer_key, one.revision, _encode(one)) for name, one in zip(names, arrived, strict=True)]


def read_waiting(*, now: datetime, limit: int = TEXTS_AT_ONCE) -> int:
    """Read the texts that wait longest, and store what was read; return how many."""
    waiting = readings.waiting(limit=limit)
    if not waiting:
        return 0
    sent = [(one.row_hash, _decode(one.payload)) for one in waiting]
    store(read=of(sent=sent, now=now), taken=[(one.number, one.revision) for one in waiting], now=now)
    return len(waiting)


def read_all(*, now: datetime, progress: Report = lambda step: None) -> int:
    """Set aside and read everything that waits; return how many texts were read."""
    catch_up(now=now)
    total, done = readings.waits(), 0
    while some := read_waiting(now=now):
        done += some
        progress(terms.Progress(done=done, total=max(total, done), words="Reading what customers wrote"))
    return done


def store(*, read: Sequence[Annotated], now: datetime, taken: Sequence[tuple[int, int]] = ()) -> int:
    """Store what was read, one after the other with whoever else stores; return how many were stored."""
    with followers.held(name=WRITING):
        return keeping.put(read=read, taken=taken, now=now)


def of(*, sent: Sequence[tuple[bytes, terms.Interaction]], now: datetime) -> list[Annotated]:
    """Return interactions, given with their hashes, as they were read. A text that cannot be read says so."""
    using = reader()
    try:
        return _read(sent, using)
    except Exception as problem:
        if len(sent) > 1:
            return [read for one in sent for read in of(sent=[one], now=now)]
        failures.record(home=settings.HOME, name=NAME, problem=problem, now=now)
        return [_untold(*sent[0], using)]


def reader() -> pipeline.Reader:
    """Return what texts are read with in this home: made again when the themes or the heads in use changed.

    Raises encoders.EncoderMissing, packs.PackError, heads.storing.CannotRead.
    """
    return _reader(pack_name(), path(), _changes())


def of_comment(*, comment: readings.Comment) -> Annotation:
    """Return what Valence reads in a comment by itself, whatever a person put right."""
    language = "" if comment.language == CANNOT_TELL else comment.language
    read = next(pipeline.annotate(texts=[comment.text], using=reader(), now=comment.occurred_at, hints=[language]))
    return read.annotation


def in_interactions(*, scope: terms.Scope, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], readings.Comment]:
    """Return what was read in some interactions (source, id), of customers whom one may see."""
    names = dict(zip(hashes.of_rows(ids=ids), ids, strict=True))
    return {names[name]: one for name, one in readings.of_hashes(scope=scope, row_hashes=list(names)).items()}


def taxonomy_in_use() -> taxonomy.Taxonomy:
    """Return the themes of this home, with the analyst's changes. Raises packs.PackError."""
    overlay = overlay_of(pack=pack_name())
    return _taxonomy(pack_name(), overlay, overlay.stat().st_mtime_ns if overlay.is_file() else 0)


def pack_name() -> str:
    """Return the industry whose themes are meant: that of the organisation where it has themes."""
    name = minds.pack_name()
    return name if name in taxonomy.industries() else taxonomy.industries()[0]


def overlay_of(*, pack: str) -> Path:
    """Return where the analyst's changes to the themes of an industry lie."""
    place: Path = settings.HOME.packs / pack / "themes.toml"
    return place


def models() -> dict[str, str]:
    """Return what tells themes and tone in this home, by name and version."""
    read = next(pipeline.annotate(texts=["."], using=reader(), now=terms.EPOCH))
    return {"themes_by": read.annotation.models.themes[:200], "tone_by": read.annotation.models.tone[:200]}


def path() -> str:
    """Return the path on which texts are read: fast or precise."""
    return "precise" if settings.READING == "precise" else "fast"


def _read(sent: Sequence[tuple[bytes, terms.Interaction]], using: pipeline.Reader) -> list[Annotated]:
    """Read each different text once; what was promised until when follows from the moment of each."""
    asked = [(one.text, one.language.partition("-")[0].lower()) for _, one in sent]
    each = list(dict.fromkeys(asked))
    texts, hints = [text for text, _ in each], [hint for _, hint in each]
    found = dict(zip(each, pipeline.annotate(texts=texts, using=using, now=terms.EPOCH, hints=hints), strict=True))
    encoder = using.encoders[0]
    vectors = dict(zip(each, encoder.encode([found[one].text for one in each]), strict=True))
    return [
        Annotated(
            row_hash=name,
            interaction=one,
            text=found[key].text,
            found=_dated(found[key], one.occurred_at),
            encoder=encoder.name,
            vector=annotated.small(vectors[key]),
        )
        for (name, one), key in zip(sent, asked, strict=True)
    ]


def _dated(read: pipeline.Read, at: datetime) -> Annotation:
    """Return a reading with its promises due from the moment at which it was written."""
    found = read.annotation
    if not found.promises:
        return found
    return replace(found, promises=promises.read(text=read.text, language=found.language.code, now=at))


def _untold(name: bytes, one: terms.Interaction, using: pipeline.Reader) -> Annotated:
    """Return a text of which nothing could be told."""
    found = Annotation(
        language=Language(),
        clauses=(),
        themes=(),
        tone=Tone(),
        intents=(),
        promises=(),
        models=ModelNames(themes=CANNOT_TELL, tone=CANNOT_TELL),
        untold=frozenset(Part),
    )
    nowhere = bytes(using.encoders[0].dimensions)
    text = one.text[: pipeline.LONGEST]
    return Annotated(name, one, text, found, using.encoders[0].name, nowhere)


@lru_cache(maxsize=1)
def _reader(pack: str, path: str, changes: tuple[tuple[str, int], ...]) -> pipeline.Reader:
    return annotate.reader(place=settings.HOME, pack=pack, path=path)


@lru_cache(maxsize=4)
def _taxonomy(pack: str, overlay: Path, changed: int) -> taxonomy.Taxonomy:
    return taxonomy.load(name=pack, overlay=overlay)


def _changes() -> tuple[tuple[str, int], ...]:
    files = [overlay_of(pack=pack_name()), *heads.in_use_files(place=settings.HOME)]
    return tuple((str(file), file.stat().st_mtime_ns) for file in files if file.is_file())


def _is_over(reader: subprocess.Popen[bytes] | None) -> bool:
    return reader is None or reader.poll() is not None


def _begin_reading() -> subprocess.Popen[bytes] | None:
    if alone.is_held(home=settings.HOME, name=NAME):
        return None
    return subprocess.Popen([sys.executable, "-m", "valence.flows.read.reading_worker"], stdin=subprocess.DEVNULL)
