"""What people put right, and what is learned from it: corrections kept, heads taught, switched on and off by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings

from valence.flows.read import annotate, heads, reading, reading_changes
from valence.ledger import annotated
from valence.ledger.actions import annotations as keeping
from valence.ledger.annotated import Said
from valence.ledger.queries import readings
from valence.ledger.queries.readings import Comment
from valence.packs import taxonomy
from valence.people import audit
from valence.terms import EVERYTHING
from valence.text.annotation import Feeling, Wish
from valence.text.evaluation import asking
from valence.text.tone import telling

FEWEST = 10
"""Corrections from which on a head is taught: what fewer would teach is chance."""
TASKS = (annotated.THEMES, annotated.TONE)


class NotALabel(ValueError):  # noqa: N818  said to people as it is
    """There is no such theme, tone or intent. Says which."""


class TooFew(ValueError):  # noqa: N818  said to people as it is
    """Too few texts were corrected to learn from them. Says how many are needed."""


@dataclass(frozen=True)
class Version:
    """A head that is kept, with what it would change in texts that lie in store (None: nobody looked)."""

    kept: heads.Kept
    changes: reading_changes.Changes | None


def correct(*, comment: Comment, part: str, said: str, by: str, now: datetime) -> Comment | None:
    """Keep what a person says is right of a comment; return it as it stands then, None: it is gone. Raises NotALabel.

    said: labels with `|` between; a theme may carry its tone, as in `bill:negative`.
    """
    _check(part, said)
    number = keeping.correct(number=comment.number, said=Said(part, said), by=by, now=now)
    return None if number is None else readings.one(scope=EVERYTHING, number=number)


def take_back(*, comment: Comment, part: str, now: datetime) -> Comment | None:
    """Forget what was corrected in a part, and read it again; return it as it stands then, None: it is gone."""
    read = reading.of_comment(comment=comment)
    found = annotated.packed(read)
    number = keeping.take_back(number=comment.number, part=part, found=found, now=now)
    return None if number is None else readings.one(scope=EVERYTHING, number=number)


def subject(*, task: str) -> str:
    """Return the subject of heads that tell themes or tone."""
    return heads.TONE if task == annotated.TONE else heads.subject_of_themes(pack=reading.pack_name())


def material(*, task: str) -> asking.Rows:
    """Return what a head learns from: what people put right, then the sentences of the pack. Raises TooFew."""
    right = _corrected(task)
    if len(right) < FEWEST:
        raise TooFew(f"{len(right)} texts were corrected; {FEWEST} are needed to learn from them.")
    themes = {theme.name for theme in reading.taxonomy_in_use().themes}
    seeds = [one for one in taxonomy.seeds(name=reading.pack_name()) if _seed(task, one, themes)]
    return asking.Rows(
        texts=(*(one.text for one in right), *(one.text for one in seeds)),
        labels=(*(_label(task, one.said) for one in right), *(_seed(task, one, themes) for one in seeds)),
        languages=(*(one.language for one in right), *(one.language for one in seeds)),
    )


def teach(*, task: str, now: datetime, progress: reading.Report) -> Version:
    """Teach a head from what people put right and keep it; nothing is switched on. Raises TooFew, asking.WrongLabels.

    1. Gather what was put right, with the sentences of the pack. 2. Learn, and measure on texts it had not seen.
    3. Read a sample of what lies in store with it and without. 4. Keep all of it.
    """
    rows = material(task=task)
    number = len(_corrected(task))
    source = f"{number} corrections and {len(rows) - number} sentences of the pack"
    name = subject(task=task)
    made = heads.train(
        place=settings.HOME,
        subject=name,
        rows=rows,
        pack=reading.pack_name(),
        path=reading.path(),
        source=source,
        now=now,
        progress=progress,
    )
    changes = would_change(task=task, version=made.kept.version)
    file = _file(name, made.kept.version)
    file.write_text(json.dumps(reading_changes.as_kept(changes), ensure_ascii=False), encoding="utf-8")
    return Version(kept=made.kept, changes=changes)


def would_change(*, task: str, version: int) -> reading_changes.Changes:
    """Return what a head would change in the latest texts that lie in store."""
    texts = reading_changes.sample(scope=EVERYTHING)
    learned = heads.of_version(place=settings.HOME, subject=subject(task=task), version=version)
    after = annotate.reader_with(using=reading.reader(), told_by=learned)
    return reading_changes.between(before=reading.reader(), after=after, texts=texts)


def versions(*, task: str) -> tuple[Version, ...]:
    """Return the heads that are kept, the newest first."""
    name = subject(task=task)
    found = heads.versions(place=settings.HOME, subject=name)
    return tuple(Version(one, _changes(name, one.version)) for one in reversed(found))


def switch_on(*, task: str, version: int, by: str, now: datetime) -> None:
    """Switch a head on; what lies in store is read again when somebody asks for it. Raises heads.NoSuchHead."""
    name = subject(task=task)
    heads.use(place=settings.HOME, subject=name, version=version, now=now)
    audit.record(who=by, what="head switched on", about=f"{name} {version}", now=now)


def roll_back(*, task: str, by: str, now: datetime) -> int | None:
    """Go back to the head before; return its version, None: as Valence came. Raises heads.NoSuchHead."""
    name = subject(task=task)
    version = heads.go_back(place=settings.HOME, subject=name)
    audit.record(who=by, what="head switched off", about=f"{name}, now {version or 'as Valence came'}", now=now)
    return version


def _check(part: str, said: str) -> None:
    labels = [label for label in said.split("|") if label]
    tones = {feeling.value for feeling in Feeling}
    if part == annotated.TONE:
        wrong = [] if said in tones else [said]
    elif part == annotated.INTENTS:
        wrong = [label for label in labels if label not in {wish.value for wish in Wish}]
    elif part == annotated.THEMES:
        known = {theme.name for theme in reading.taxonomy_in_use().themes}
        each = [label.partition(":") for label in labels]
        wrong = [name for name, _, tone in each if name not in known or (tone and tone not in tones)]
    else:
        wrong = [part]
    if wrong:
        raise NotALabel(f"There is no “{wrong[0][:60]}” to put right.")


def _corrected(task: str) -> list[readings.Labelled]:
    """Return what people put right and a head can learn: no theme at all is learned too, a tone that none tells not."""
    return [one for one in readings.labelled(part=task) if task == annotated.THEMES or _label(task, one.said)]


def _label(task: str, said: str) -> str:
    """Return a correction as a head learns it: themes without tones, one of the tones that heads tell."""
    if task == annotated.THEMES:
        return "|".join(label.partition(":")[0] for label in said.split("|") if label)
    return said if said in {str(label) for label in telling.LABELS} else ""


def _seed(task: str, one: taxonomy.Seed, themes: set[str]) -> str:
    if task == annotated.THEMES:
        return "|".join(name for name in one.themes if name in themes)
    return _label(task, one.tone)


def _file(name: str, version: int) -> Path:
    place: Path = settings.HOME.folder / "text" / "heads" / name / f"{version}.changes.json"
    return place


def _changes(name: str, version: int) -> reading_changes.Changes | None:
    try:
        return reading_changes.read_back(msgspec.json.decode(_file(name, version).read_bytes()))
    except (OSError, msgspec.MsgspecError, KeyError):
        return None
