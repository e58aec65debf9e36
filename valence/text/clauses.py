"""A text cut into sentences, and sentences into clauses that each make one point; places are kept.

It knows the full stops of many scripts and the words with which twelve languages turn ("but") or go on ("and the").
Chinese and Japanese need no blanks. Nothing is lost: every letter of the text lies in exactly one clause.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from valence.text.annotation import CANNOT_TELL, Clause, Span

LEAST_WORDS = 2
LEAST_LETTERS_EAST = 4
LONGEST_SENTENCE = 2_000
LONGEST_LOOK = 120

_STOP = re.compile(
    r"""[.!?…]+["'”»)\]]*(?=\s|$)|[。！？｡]+["”」』）]*|[؟۔।]+|\.{2,}|[!?]+(?=\w)|\n\s*|(?<=[^\W\d_]{4})\.(?=[A-ZÀ-Þ][^\W\d_]{2})"""
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|approx|no|nr|tel|inc|ltd|co|z\.b|d\.h|u\.a|bzw|ca|evtl|ggf|inkl|usw"
    r"|str|m|mme|sr|sra|srta|ud|uds|p\.ej|art|av|apt|min|max|am|pm)|\b[^\W\d_])\.$",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d\.\s{1,3}[a-zà-ÿ]")
_BREAK = re.compile(r"[;:؛；：]\s*|\s[-–—]+\s|[,،、，]\s*")
_WORD = re.compile(r"[^\W_]+")
_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def split(text: str, *, language: str = CANNOT_TELL) -> tuple[Clause, ...]:
    """Return the clauses of a text in order. A language that cannot be told is cut by the words of all."""
    found: list[Clause] = []
    for number, (start, end) in enumerate(_sentences(text)):
        found.extend(_clauses(text, start, end, number, language))
    return tuple(found)


def sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of a text in order."""
    return tuple(Span(start, end) for start, end in _sentences(text))


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for stop in _STOP.finditer(text):
        if _DAY.match(text, max(0, stop.start() - 1)):
            continue
        if text[stop.start()] == "." and _ABBREVIATION.search(text, max(start, stop.start() - 12), stop.start() + 1):
            continue
        yield from _trimmed(text, start, stop.end())
        start = stop.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _clauses(text: str, start: int, end: int, number: int, language: str) -> Iterator[Clause]:
    begun, turns = start, False
    for at, turning in _cuts(text, start, min(end, start + LONGEST_SENTENCE), language):
        needs_words = not turning or turns
        if at > begun and needs_words and not (_says_enough(text, begun, at) and _says_enough(text, at, end)):
            continue
        for one, two in _trimmed(text, begun, at):
            if _WORD.search(text, one, two):
                yield Clause(span=Span(one, two), sentence=number, turns=turns)
                begun = at
        turns = turning if begun == at or not _WORD.search(text, begun, at) else turns
    for one, two in _trimmed(text, begun, end):
        yield Clause(span=Span(one, two), sentence=number, turns=turns)


def _cuts(text: str, start: int, end: int, language: str) -> list[tuple[int, bool]]:
    """Return where a sentence may be cut, and whether it turns there; a turn wins over a comma at the same place."""
    cuts = {match.start(): True for match in _turning(language).finditer(text, start, end)}
    for match in _going_on(language).finditer(text, start, end):
        cuts.setdefault(match.start(), False)
    for match in _BREAK.finditer(text, start, end):
        if match.end() not in cuts and not _inside_number(text, match.start()):
            cuts.setdefault(match.end(), False)
    return sorted(cuts.items())


def _inside_number(text: str, at: int) -> bool:
    return text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()


def _says_enough(text: str, start: int, end: int) -> bool:
    end = min(end, start + LONGEST_LOOK)
    if _EAST.search(text, start, end):
        return sum(character.isalnum() for character in text[start:end]) >= LEAST_LETTERS_EAST
    return any(count >= LEAST_WORDS for count, _ in enumerate(_WORD.finditer(text, start, end), start=1))


@cache
def _turning(language: str) -> re.Pattern[str]:
    return _any_of("turns", language)


@cache
def _going_on(language: str) -> re.Pattern[str]:
    return _any_of("goes_on", language)


def _any_of(part: str, language: str) -> re.Pattern[str]:
    table = tomllib.loads(Path(__file__).with_name("clauses.toml").read_text(encoding="utf-8"))[part]
    listed = table.get(language) or [word for words in table.values() for word in words]
    words = sorted(set(listed), key=lambda word: (-len(word), word))
    spaced = [re.escape(word).replace(r"\ ", r"\s{1,3}") for word in words if not _EAST.search(word)]
    east = [re.escape(word) for word in words if _EAST.search(word)]
    patterns = ([rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)"] if spaced else []) + (
        [rf"(?:{'|'.join(east)})"] if east else []
    )
    return re.compile("|".join(patterns), re.IGNORECASE)
