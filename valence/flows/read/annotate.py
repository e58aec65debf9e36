"""Reading texts with what this home has learned: the reader is put together here, the reading is pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from valence import home
from valence.flows.read import heads
from valence.packs import taxonomy
from valence.text import annotation, encoders, names, pipeline
from valence.text.heads import head
from valence.text.intents import rivals


def reader(*, place: home.Home | None, pack: str, path: str = "fast") -> pipeline.Reader:
    """Return what texts are read with: the pack with the analyst's changes, and the heads in use.

    Raises encoders.EncoderMissing, packs.PackError, storing.CannotRead.
    """
    overlay = place.packs / pack / "themes.toml" if place else None
    loaded = encoders.of_path(path=path)
    themes = taxonomy.load(name=pack, overlay=overlay)
    return pipeline.reader(
        pack=themes,
        readers=loaded,
        tone=heads.tone(place=place, readers=loaded),
        themes=_taught(place, themes, loaded) if place else None,
        names=names.english() if path == "precise" and names.is_installed() else None,
    )


def _taught(place: home.Home, themes: taxonomy.Taxonomy, loaded: Sequence[encoders.Encoder]) -> head.Head | None:
    """Return the head in use for these themes; one that learned other themes is no use: it would tell none of these."""
    subject = heads.subject_of_themes(pack=themes.name)
    taught = heads.in_use(place=place, subject=subject, readers=loaded)
    fits = taught is not None and set(taught.labels) == {theme.name for theme in themes.themes}
    return taught if fits else None


def reader_with(*, using: pipeline.Reader, told_by: head.Head) -> pipeline.Reader:
    """Return a reader that tells themes or tone with another head."""
    return replace(using, tone=told_by) if told_by.one else replace(using, themes=told_by)


def rows(
    *, texts: Sequence[str], hints: Sequence[str], using: pipeline.Reader, now: datetime
) -> Iterator[dict[str, Any]]:
    """Read texts and give each as plain values, in order, numbered from 1."""
    for number, read in enumerate(pipeline.annotate(texts=texts, using=using, now=now, hints=hints), start=1):
        yield {"row": number, **plain(read)}


def plain(read: pipeline.Read) -> dict[str, Any]:
    """Return a reading as plain values: words in place of places."""
    found, text = read.annotation, read.text
    return {
        "language": found.language.code,
        "themes": [
            {"theme": one.name, "confidence": round(one.confidence, 3), **_tone(one.tone),
             "words": _words(text, one.rests_on)}
            for one in found.themes
        ],
        **_tone(found.tone),
        "intents": [
            {"intent": one.wish.value, "confidence": round(one.confidence, 3), "words": _words(text, one.rests_on),
             **({"about": one.about} if one.about else {})}
            for one in found.intents
        ],
        "promises": [
            {"words": one.span.of(text), "due_at": one.due_at.isoformat() if one.due_at else None, "by": one.by}
            for one in found.promises
        ],
        "people": [
            {"role": one.role, "department": one.department, "tone": one.feeling.value, "promised": one.promised,
             "words": _words(text, one.rests_on)}
            for one in found.story.people
        ],
        "handed_on": _words(text, found.story.handed_on),
        "beside": [
            {"competitor": one.name, "better": one.side.value, "words": _words(text, one.rests_on)}
            for one in rivals.read(
                text=text, language=found.language.code, clauses=found.clauses, intents=found.intents
            )
        ],
        "untold": sorted(part.value for part in found.untold),
        "models": {"language": found.models.language, "themes": found.models.themes, "tone": found.models.tone,
                   "intents": found.models.intents},
        "text": text,
    }  # fmt: skip


def _tone(tone: annotation.Tone) -> dict[str, Any]:
    return {
        "tone": tone.feeling.value,
        "tone_value": round(tone.value, 3),
        "tone_confidence": round(tone.confidence, 3),
    }


def _words(text: str, spans: Sequence[annotation.Span]) -> list[str]:
    return [span.of(text) for span in spans]
