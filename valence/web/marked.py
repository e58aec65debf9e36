"""A text with its marked clauses: what speaks of which theme in which tone, cut where marks begin and end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from valence.text.annotation import Annotation, Span, ThemeFound

LONGEST = 360
BEFORE = 60
PLAIN = ""


@dataclass(frozen=True)
class Piece:
    """Some words. `tone`: how they speak of a theme, "" where they speak of none; `themes`: of which, in words.

    `rests`: the theme was told from just these words.
    """

    words: str
    tone: str = PLAIN
    themes: str = ""
    rests: bool = False


@dataclass(frozen=True)
class _Mark:
    span: Span
    tone: str
    theme: str
    rests: bool


def whole(*, text: str, found: Annotation, labels: dict[str, str], theme: str = "") -> tuple[Piece, ...]:
    """Return all of a text in pieces; with a theme only what speaks of it is marked."""
    return tuple(_pieces(text, Span(0, len(text)), _marks(found, theme), labels))


def quote(*, text: str, found: Annotation, labels: dict[str, str], theme: str = "") -> tuple[Piece, ...]:
    """Return a text in pieces, of a long one the part in which the first mark lies."""
    marks = _marks(found, theme)
    if len(text) <= LONGEST:
        return tuple(_pieces(text, Span(0, len(text)), marks, labels))
    first = min((mark.span.start for mark in marks), default=0)
    start = _word_start(text, max(0, first - BEFORE))
    end = min(len(text), start + LONGEST)
    pieces = list(_pieces(text, Span(start, end), marks, labels))
    before = [Piece("… ")] if start else []
    return (*before, *pieces, *([Piece(" …")] if end < len(text) else []))


def _marks(found: Annotation, theme: str) -> list[_Mark]:
    themes = [one for one in found.themes if theme in ("", one.name)]
    return [mark for one in themes for mark in _of(one, found)]


def _of(theme: ThemeFound, found: Annotation) -> Iterable[_Mark]:
    tone = theme.tone.feeling.value
    for place in theme.clauses:
        if place < len(found.clauses):
            yield _Mark(found.clauses[place].span, tone, theme.name, rests=False)
    for span in theme.rests_on:
        yield _Mark(span, tone, theme.name, rests=True)


def _pieces(text: str, inside: Span, marks: Sequence[_Mark], labels: dict[str, str]) -> Iterable[Piece]:
    """Cut a text wherever a mark begins or ends; spaces at the end of a mark stay outside it."""
    own = [mark for mark in marks if mark.span.start < inside.end and mark.span.end > inside.start]
    edges = {inside.start, inside.end}
    for mark in own:
        end = mark.span.start + len(mark.span.of(text).rstrip())
        edges |= {min(max(edge, inside.start), inside.end) for edge in (mark.span.start, end)}
    for start, end in pairwise(sorted(edges)):
        over = [mark for mark in own if mark.span.start <= start and mark.span.end >= end]
        words = text[start:end]
        if not over or not words.strip():
            yield Piece(words)
            continue
        names = dict.fromkeys(mark.theme for mark in over)
        said = ", ".join(labels.get(name, name) for name in names)
        yield Piece(words, _tone(over), said, rests=any(mark.rests for mark in over))


def _tone(over: Sequence[_Mark]) -> str:
    tones = {mark.tone for mark in over}
    return tones.pop() if len(tones) == 1 else "mixed"


def _word_start(text: str, near: int) -> int:
    space = text.find(" ", near)
    return space + 1 if near > 0 and 0 <= space < near + 30 else near
