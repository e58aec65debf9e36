"""Names of people by the words before them, by the end of a letter, and by given names that are nothing else.

A model that knows names finds more (`Names`); these rules ask for no model and hold in every language they list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from valence.text.annotation import Span
from valence.text.redaction import cues
from valence.text.redaction.found import Found, Kind

_WORD = r"[^\W\d_](?:[\w'’-]{0,40}|\.)"
_RUN = re.compile(rf"{_WORD}(?:[ \u00a0]{_WORD}){{0,3}}")
_BLANKS = re.compile(rf"[ \u00a0:,]{{1,3}}(?P<it>{_RUN.pattern})")
_LINES = re.compile(rf"[ \u00a0:,\n]{{1,3}}(?P<it>{_RUN.pattern})")
_SIGNED = re.compile(rf"[,.! \n]{{1,5}}(?P<it>{_RUN.pattern})(?=[ .!]{{0,3}}(?:\n|$))")
_JOINED = frozenset("@#/-_.")
_PARTICLES = frozenset(
    [
        "von",
        "van",
        "de",
        "der",
        "den",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "du",
        "la",
        "le",
        "al",
        "el",
        "bin",
        "ben",
        "ibn",
        "abu",
        "y",
        "e",
        "zu",
        "zur",
        "ter",
        "ten",
    ]
)
_NOBODY = frozenset((Path(__file__).parents[1] / "not_names.txt").read_text(encoding="utf-8").split())
_CASELESS = re.compile(r"[\u0590-\u0fff\u3040-\u9fff\uac00-\ud7af]")


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find names that words announce, names that end a message, and given names with what follows."""
    for about, least in (("name", 1), ("person", 1), ("intro", 2)):
        for cue in seen.cues.get(about, ()):
            run = (_LINES if about == "name" else _BLANKS).match(seen.text, cue.end)
            if run:
                loud = cue.of(seen.text).isupper() and cue.end - cue.start > 3
                length = _name_length(run["it"], bold=about == "name", loud=loud)
                if length and run["it"][:length].count(" ") + 1 >= least:
                    yield _name(run.start("it"), length)
    for cue in seen.cues.get("sign_off", ()):
        run = _SIGNED.match(seen.text, cue.end)
        if run and _name_length(run["it"], bold=False, loud=False) == len(run["it"]):
            yield _name(run.start("it"), len(run["it"]))
    yield from _given(seen)


def _given(seen: cues.Seen) -> Iterator[Found]:
    for place in seen.cues.get(cues.GIVEN, ()):
        word = place.of(seen.text)
        if word[0].isupper() and not word.isupper() and seen.text[place.start - 1 : place.start] not in _JOINED:
            run = _RUN.match(seen.text, place.start)
            length = _name_length(run.group(), bold=False, loud=False) if run else 0
            yield _name(place.start, max(length, len(word)))


def _name(start: int, length: int) -> Found:
    return Found(kind=Kind.NAME, span=Span(start, start + length))


def _name_length(run: str, *, bold: bool, loud: bool) -> int:
    """Return how many characters of the words that follow a cue are a name; 0 where they are none.

    bold: small letters count too. loud: the cue stood in capitals, so capitals say nothing.
    """
    end = place = kept = 0
    for word in re.split(r"[ \u00a0]", run):
        plain = word.lower().strip(".'’")
        if plain.endswith(("'s", "’s")):
            plain = plain[:-2]
        if plain in _NOBODY or kept == 4:
            break
        if _looks_like_one(word, bold=bold and kept < 2, loud=loud and not bold):
            kept += 1
            end = place + len(word)
        elif plain not in _PARTICLES:
            break
        place += len(word) + 1
    return end - 2 if run[:end].endswith(("'s", "’s")) else len(run[:end].rstrip(".")) if end else 0


def _looks_like_one(word: str, *, bold: bool, loud: bool) -> bool:
    if loud or len(word) == 1:
        return word.isupper() and not loud and len(word) == 1
    if _CASELESS.match(word) or bold:
        return True
    return word[0].isupper() and not (word.isupper() and len(word) > 3)
