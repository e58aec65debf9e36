"""The lexicons of feeling: which words lift, hurt, turn round, strengthen or weaken, by language."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

SIGNS = "signs"
SHORTEST_STEM, LONGEST_STEM = 3, 30
REMEMBERED = 20_000

_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و"})
_ARTICLES = ("وال", "بال", "ال", "و", "ب")


@dataclass(frozen=True)
class Lexicon:
    """What one language says of feeling. Strengths -3 (very bad) .. 3 (very good); all words folded by `folded`.

    `stems` match the beginning of a word, `words` the whole of it, `phrases` several words in a row.
    """

    language: str
    words: dict[str, float]
    stems: dict[str, float]
    phrases: re.Pattern[str] | None
    phrase_strengths: dict[str, float]
    negations: frozenset[str]
    stronger: frozenset[str]
    weaker: frozenset[str]
    turns: frozenset[str]
    wishes: frozenset[str]
    known: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def strength(self, *, word: str) -> float:
        """Return how strong a folded word is; 0 where the lexicon does not know it. What was asked is remembered."""
        found = self.known.get(word)
        if found is None:
            found = self._strength(word)
            if len(word) <= LONGEST_STEM:
                if len(self.known) >= REMEMBERED:
                    self.known.clear()
                self.known[word] = found
        return found

    def _strength(self, word: str) -> float:
        found = self._found(word)
        if found or self.language != "ar":
            return found
        for article in _ARTICLES:
            if word.startswith(article) and len(word) > len(article) + 2:
                found = self._found(word[len(article) :])
                if found:
                    return found
        return 0.0

    def _found(self, word: str) -> float:
        if word in self.words:
            return self.words[word]
        for end in range(min(len(word), LONGEST_STEM), SHORTEST_STEM - 1, -1):
            if word[:end] in self.stems:
                return self.stems[word[:end]]
        return 0.0


def folded(*, text: str) -> str:
    """Return the text in small letters, Arabic without forms of alif; every length as before.

    Places in the folded text are places in the text: letters that would change the length stay as they are.
    """
    small = text.lower()
    if small.isascii():
        return small
    if len(small) != len(text):
        small = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return small.translate(_ARABIC) if _has_arabic(small) else small.replace("’", "'")


def languages() -> tuple[str, ...]:
    """Return the languages that have a lexicon of their own."""
    files = resources.files("valence.text.tone").joinpath("lexicons").iterdir()
    return tuple(sorted(stem for file in files if (stem := file.name.partition(".")[0]) != SIGNS))


@cache
def load(*, language: str) -> Lexicon:
    """Return the lexicon of a language with the signs of all; the signs alone where the language has none."""
    signs = _read(SIGNS)
    if language not in languages():
        return signs
    own = _read(language)
    return Lexicon(
        language=language,
        words={**signs.words, **own.words},
        stems=own.stems,
        phrases=own.phrases,
        phrase_strengths=own.phrase_strengths,
        negations=own.negations,
        stronger=own.stronger,
        weaker=own.weaker,
        turns=own.turns,
        wishes=own.wishes,
    )


def _has_arabic(text: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in text)


def _read(name: str) -> Lexicon:
    text = resources.files("valence.text.tone").joinpath("lexicons", f"{name}.toml").read_text(encoding="utf-8")
    said = tomllib.loads(unicodedata.normalize("NFC", text))
    words: dict[str, float] = {}
    stems: dict[str, float] = {}
    for strength, listed in said["words"].items():
        for entry in folded(text=listed).split():
            word = entry.rstrip("*").replace("_", " ") if name != SIGNS else entry
            (stems if entry.endswith("*") and name != SIGNS else words)[word] = float(strength)
    phrases = {
        phrase: float(strength)
        for strength, listed in said.get("phrases", {}).items()
        for phrase in folded(text=listed).split("|")
    }
    shifters = {key: frozenset(folded(text=value).split()) for key, value in said.get("shifters", {}).items()}
    nothing: frozenset[str] = frozenset()
    return Lexicon(
        language=said["language"],
        words=words,
        stems=stems,
        phrases=_any_of(phrases),
        phrase_strengths=phrases,
        negations=shifters.get("negations", nothing),
        stronger=shifters.get("stronger", nothing),
        weaker=shifters.get("weaker", nothing),
        turns=shifters.get("turns", nothing),
        wishes=shifters.get("wishes", nothing),
    )


def _any_of(phrases: dict[str, float]) -> re.Pattern[str] | None:
    if not phrases:
        return None
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
