"""The words that say what stands beside them (cues.toml), found in one pass over a text."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from valence.text.annotation import Span

_FOLDER = Path(__file__).parent
GIVEN = "given"
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_MANY = re.compile(r"\d(?:[ ()/.,\u00a0\u2010-\u2013-]{0,3}\w?\d){5}")
_LINK = re.compile(
    r"(?:\s{0,3}(?:is|are|was|number|no|nr|n[°º]|lautet|ist|est|es|son|le|der|die|the|on|at|it's|its|#|هو|هي)(?!\w)\.?){0,2}"
    r"[^\w\n+(#]{0,14}\n?[^\w\n+(#]{0,3}",
    re.IGNORECASE,
)
# One character for one: places in the changed text are places in the text.
_ALIKE = str.maketrans({"\n": " ", "\t": " ", "\r": " ", "\u00a0": " ", "\u202f": " ", "’": "'", "`": "'"})


@dataclass(frozen=True)
class Seen:
    """A text as the kinds see it: whether it has digits at all, six or more in a run, and which cues it holds."""

    text: str
    has_digits: bool
    has_many: bool
    cues: Mapping[str, tuple[Span, ...]]

    def after(self, *, about: str, wanted: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Give what matches `wanted` right after a cue, with at most a linking word and some signs between."""
        for cue in self.cues.get(about, ()):
            link = _LINK.match(self.text, cue.end)
            match = wanted.match(self.text, link.end() if link else cue.end)
            if match:
                yield match


def see(*, text: str, numbers_only: bool = False) -> Seen:
    """Look at a text once. numbers_only: cues are not looked for where no digit stands."""
    has_digits = _DIGIT.search(text) is not None
    cues = {} if numbers_only and not has_digits else _cues(text)
    return Seen(text=text, has_digits=has_digits, has_many=has_digits and _MANY.search(text) is not None, cues=cues)


def _cues(text: str) -> dict[str, tuple[Span, ...]]:
    low = text.lower()
    if len(low) != len(text):
        low = "".join(character.lower()[:1] or character for character in text)
    low = low.translate(_ALIKE)
    known = _by_first_word()
    found: dict[str, list[Span]] = defaultdict(list)
    for word in _WORD.finditer(low):
        for phrase, ends_in_word, abouts in known.get(word.group(), ()):
            end = word.start() + len(phrase)
            if low.startswith(phrase, word.start()) and not (ends_in_word and low[end : end + 1].isalnum()):
                for about in abouts:
                    found[about].append(Span(word.start(), end))
    return {about: tuple(spans) for about, spans in found.items()}


@cache
def _by_first_word() -> dict[str, tuple[tuple[str, bool, tuple[str, ...]], ...]]:
    """Return the cues by their first word: (phrase, whether it ends in a letter, what it is about)."""
    abouts: dict[str, set[str]] = defaultdict(set)
    for about, listed in tomllib.loads((_FOLDER / "cues.toml").read_text(encoding="utf-8")).items():
        for words in listed.values():
            for phrase in words:
                abouts[phrase.translate(_ALIKE)].add(about)
    for name in (_FOLDER / "given_names.txt").read_text(encoding="utf-8").split():
        abouts[name].add(GIVEN)
    first: dict[str, list[tuple[str, bool, tuple[str, ...]]]] = defaultdict(list)
    for phrase in sorted(abouts, key=lambda one: (-len(one), one)):
        head = _WORD.match(phrase)
        if head:
            first[head.group()].append((phrase, phrase[-1].isalnum(), tuple(sorted(abouts[phrase]))))
    return {word: tuple(listed) for word, listed in first.items()}
