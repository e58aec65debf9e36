"""Themes by their words: every keyword and hint of a taxonomy looked up in one pass over a text."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from valence.packs import taxonomy
from valence.text.annotation import CANNOT_TELL, Span

LONGEST_WORD = 60
"""Letters of a word that are compared with beginnings and ends: a word may be a million letters long."""
REMEMBERED_WORDS = 20_000
REMEMBERED_TEXTS, LONGEST_REMEMBERED = 600, 4_000
"""Several matchers read the same texts one after another: their words are cut once."""

_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)?")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
# Particles that Arabic writes together with the word: and, so; by, for, like; the.
_PARTICLES = re.compile(r"[وف]?(?:[بلك]?ال|لل|[بلك])?")
_ARABIC_ALIKE = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"})
_ACCENTS = {
    code: base.lower()
    for code in range(0x00C0, 0x0250)
    if (base := unicodedata.normalize("NFKD", chr(code))[0]).isascii() and base.isalpha()
}
_ALIKE = {**_ACCENTS, **_ARABIC_ALIKE, ord("’"): "'", ord("\u00a0"): " ", ord("\n"): " ", ord("-"): " "}


@dataclass(frozen=True)
class Hit:
    """A word of a theme at a place of the text. `sure`: a keyword; else a hint, which counts together with others."""

    theme: str
    span: Span
    sure: bool


@dataclass(frozen=True)
class _Entry:
    """One way a theme is named: the words after the first, and whether the first is only a beginning or an end."""

    theme: str
    sure: bool
    phrase: str
    starts: bool
    ends: bool


_Looked = tuple[tuple[_Entry, ...], tuple[_Entry, ...]]
_NOTHING: _Looked = ((), ())
_Word = tuple[str, int, int]


@dataclass(frozen=True)
class Matcher:
    """The words of all themes by language, ready to be looked up; made once for a taxonomy by `of`.

    `known`: what was looked up before, by language and word; people use few words.
    """

    exact: Mapping[str, Mapping[str, tuple[_Entry, ...]]]
    begins: Mapping[str, Mapping[str, tuple[_Entry, ...]]]
    ends: Mapping[str, Mapping[str, tuple[_Entry, ...]]]
    unspaced: Mapping[str, tuple[_Entry, ...]]
    known: dict[str, dict[str, _Looked]] = field(default_factory=dict, compare=False, repr=False)

    def find(self, *, text: str, language: str = CANNOT_TELL) -> list[Hit]:
        """Return the words of themes in order of place; of a language that cannot be told all languages are asked."""
        plain, words = _cut(text) if len(text) > LONGEST_REMEMBERED else _remembered(text)
        hits: set[tuple[int, int, str, bool]] = set()
        for spoken in [language] if language in self.exact else [*self.exact]:
            for start, end, entry in self._found(plain, words, spoken):
                hits.add((start, end, entry.theme, entry.sure))
        return [Hit(theme=theme, span=Span(start, end), sure=sure) for start, end, theme, sure in sorted(hits)]

    def _found(self, plain: str, words: Sequence[_Word], language: str) -> Iterator[tuple[int, int, _Entry]]:
        known = self.known.setdefault(language, {})
        for word, start, end in words:
            looked = known.get(word) or self._look_up(language, word)
            if looked is _NOTHING:
                continue
            exact, near = looked
            if near:
                yield from ((start, end, entry) for entry in near)
            if exact:
                yield from self._exactly(plain, start, exact)
        if self.unspaced.get(language) and _UNSPACED.search(plain):
            for entry in self.unspaced.get(language, ()):
                place = plain.find(entry.phrase)
                if place >= 0:
                    yield place, place + len(entry.phrase), entry

    def _exactly(self, plain: str, start: int, entries: Sequence[_Entry]) -> Iterator[tuple[int, int, _Entry]]:
        for entry in entries:
            stop = start + len(entry.phrase)
            if plain.startswith(entry.phrase, start) and (
                entry.starts or not (stop < len(plain) and plain[stop].isalnum())
            ):
                yield start, _word_end(plain, stop) if entry.starts else stop, entry

    def _look_up(self, language: str, word: str) -> _Looked:
        """Return the entries whose first word this is, and those that it begins or ends like."""
        near: list[_Entry] = []
        for length in range(3, min(len(word), LONGEST_WORD) + 1):
            near += self.begins[language].get(word[:length], ())
            near += self.ends[language].get(word[len(word) - length :], ())
        exact, known = self.exact[language].get(word, ()), self.known[language]
        looked = (exact, tuple(near)) if exact or near else _NOTHING
        if len(word) <= LONGEST_WORD:
            if len(known) >= REMEMBERED_WORDS:
                known.clear()
            known[word] = looked
        return looked


def of(*, themes: Iterable[taxonomy.Theme]) -> Matcher:
    """Return the matcher for these themes."""
    exact: dict[str, dict[str, list[_Entry]]] = defaultdict(lambda: defaultdict(list))
    begins: dict[str, dict[str, list[_Entry]]] = defaultdict(lambda: defaultdict(list))
    ends: dict[str, dict[str, list[_Entry]]] = defaultdict(lambda: defaultdict(list))
    unspaced: dict[str, list[_Entry]] = defaultdict(list)
    for language, entry in _entries(themes):
        exact[language], begins[language], ends[language]
        first = _WORD.match(entry.phrase)
        if _UNSPACED.search(entry.phrase):
            unspaced[language].append(entry)
        elif entry.starts and first and first.end() == len(entry.phrase):
            begins[language][entry.phrase].append(entry)
        elif entry.ends:
            ends[language][entry.phrase].append(entry)
        elif first:
            exact[language][first.group()].append(entry)
    return Matcher(
        exact=_frozen(exact),
        begins=_frozen(begins),
        ends=_frozen(ends),
        unspaced={language: tuple(entries) for language, entries in unspaced.items()},
    )


def folded(text: str) -> str:
    """Return a text as words are compared: small letters without accents, as long as before."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(character.lower()[:1] or character for character in text)
    return low.translate(_ALIKE)


def _cut(text: str) -> tuple[str, tuple[_Word, ...]]:
    """Return a text as words are compared, and every word with its place; in Arabic also without its particles."""
    plain = folded(text)
    words: list[_Word] = []
    for match in _WORD.finditer(plain):
        word, start, end = match.group(), match.start(), match.end()
        if word.isascii():
            words.append((word, start, end))
        else:
            words.extend((plain[begun:end], begun, end) for begun in _beginnings(word, start))
    return plain, tuple(words)


_remembered = lru_cache(maxsize=REMEMBERED_TEXTS)(_cut)


def _entries(themes: Iterable[taxonomy.Theme]) -> Iterator[tuple[str, _Entry]]:
    for theme in themes:
        for words, sure in ((theme.keywords, True), (theme.hints, False)):
            for language, listed in words.items():
                for written in listed:
                    phrase = " ".join(folded(written.strip("* ")).split())
                    yield (
                        language,
                        _Entry(
                            theme=theme.name,
                            sure=sure,
                            phrase=phrase,
                            starts=written.endswith("*"),
                            ends=written.startswith("*"),
                        ),
                    )


def _beginnings(word: str, start: int) -> Iterator[int]:
    """Give where the word may begin: in Arabic also after the particles that are written with it."""
    yield start
    if _ARABIC.match(word):
        particles = _PARTICLES.match(word)
        length = particles.end() if particles else 0
        yield from sorted({start + skip for skip in (1, 2, length) if 0 < skip <= length and len(word) - skip >= 2})


def _word_end(plain: str, at: int) -> int:
    while at < len(plain) and plain[at].isalnum():
        at += 1
    return at


def _frozen(table: Mapping[str, Mapping[str, list[_Entry]]]) -> dict[str, dict[str, tuple[_Entry, ...]]]:
    return {language: {word: tuple(entries) for word, entries in words.items()} for language, words in table.items()}
