"""Promises heard in the words: who promises, what, until when, and whether the writer says that it was not kept."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from valence.packs import taxonomy
from valence.text import clauses as cutting
from valence.text import due, keywords
from valence.text.annotation import PromiseHeard, Span

_WEAK = frozenset(
    {"we will", "was supposed to", "were supposed to", "told the", "will come", "hieß es", "قالوا", "devait", "iban a"}
)
SURE, LIKELY = 0.85, 0.6


def read(*, text: str, language: str, now: datetime | None) -> tuple[PromiseHeard, ...]:
    """Return the promises in order of place. `now`: when it was written or said; without it nothing falls due.

    A promise is read from its sentence and the one after, which often says that nothing came of it.
    """
    return tuple(_heard(text, language, now))


def _heard(text: str, language: str, now: datetime | None) -> Iterator[PromiseHeard]:
    hits = _matcher().find(text=text, language=language)
    made = [hit.span for hit in hits if hit.theme == "made"]
    broken = [hit.span for hit in hits if hit.theme == "broken"]
    spans = cutting.sentences(text) if made else ()
    for number, sentence in enumerate(spans):
        cue = next((span for span in made if sentence.start <= span.start < sentence.end), None)
        if cue is None or _is_no_promise(text, cue):
            continue
        upto = spans[number + 1].end if number + 1 < len(spans) else sentence.end
        overdue = any(cue.end <= span.start < upto for span in broken)
        due_at = due.read(text=sentence.of(text), now=now, overdue=overdue) if now else None
        weak = cue.of(text).lower() in _WEAK and due_at is None
        yield PromiseHeard(
            span=sentence, due_at=due_at, confidence=LIKELY if weak else SURE, by="staff", said_broken=overdue
        )


def _is_no_promise(text: str, cue: Span) -> bool:
    """Return whether the writer promises: "I promise you ..." and "we will be back" bind nobody here."""
    before = text[max(0, cue.start - 12) : cue.start].lower()
    after = text[cue.end : cue.end + 16].lower()
    if re.search(r"\b(?:i|ich|je|yo)\s+$", before) and "promis" in cue.of(text).lower():
        return True
    return (
        cue.of(text).lower() == "we will"
        and re.match(r"\W*(?:\w+ )?(?:be back|come|return|not|never|miss)", after) is not None
    )


@cache
def _matcher() -> keywords.Matcher:
    table = tomllib.loads(Path(__file__).with_name("promises.toml").read_text(encoding="utf-8"))
    themes = [
        taxonomy.Theme(
            name=name,
            label=name,
            description="",
            keywords={language: tuple(words) for language, words in listed.items()},
            hints={},
            examples={},
        )
        for name, listed in table.items()
    ]
    return keywords.of(themes=themes)
