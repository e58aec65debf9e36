"""In which language a text is written: script first, then letters and small words; what the customer speaks is a hint.

Comments are short, so the small words of each language (languages.toml) weigh beside the model of letters.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
from py3langid import langid

from valence.text.annotation import Language

MODEL = "py3langid 0.4 and small words"
KNOWN = (
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja", "ko",
    "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "th", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip
SURE = 0.5
LONGEST = 1_000
WORD_WEIGHT = 2.2
HINT_WEIGHT = 2.0
ENOUGH_VOTES, TIMES_THE_NEXT = 3.0, 3.0
"""Small words of one language that need no look at the letters: so many, and so many times those of the next."""
# Most comments are in these; among equals they are likelier.
COMMON = {"en": 1.0, "de": 0.6, "fr": 0.6, "es": 0.6, "it": 0.3, "pt": 0.3, "nl": 0.2, "ru": 0.8}

_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOISE = re.compile(r"\[\w{2,12}\]|https?://\S+|www\.\S+|[@#]\w+|<[^<>]{1,200}>|&\w{2,8};")
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff\uff66-\uff9d]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("ur", re.compile(r"[ٹڈڑےں]")),
    ("fa", re.compile(r"[پچژگ]|می‌")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
)
_EAST = frozenset({"ja", "zh"})


def read(text: str, *, hint: str = "") -> Language:
    """Return the language of a text, or that it cannot be told. `hint`: what the customer is known to speak ("de-AT").

    A text without letters has no language; mixed scripts go to the one that most letters are of.
    """
    plain = _NOISE.sub(" ", text[:LONGEST])
    letters = len(_LETTER.findall(plain))
    if not letters:
        return Language()
    by_script = _by_script(plain, letters)
    if by_script:
        return by_script
    return _by_letters(plain, hint[:2].lower(), letters)


def is_small(word: str) -> bool:
    """Return whether a word is one of those that a language is made of, and says nothing by itself."""
    return word in _small_words()


def _by_script(plain: str, letters: int) -> Language | None:
    """Return the language where a script that only it uses holds half of the letters; Chinese signs count double."""
    if plain.isascii():
        return None
    counts = {code: len(pattern.findall(plain)) for code, pattern in _SCRIPTS}
    if counts["ja"] and counts["ja"] + counts["zh"] > 0.3 * letters:
        return Language(code="ja", confidence=min(1.0, 0.6 + counts["ja"] / letters))
    for code in ("zh", "ko", "th", "el", "he", "hi"):
        share = counts[code] / letters
        if share > (0.3 if code in _EAST else 0.5):
            return Language(code=code, confidence=min(1.0, 0.5 + share / 2))
    if counts["ar"] > 0.5 * letters:
        code = "ur" if counts["ur"] > 0.04 * letters else "fa" if counts["fa"] > 0.02 * letters else "ar"
        return Language(code=code, confidence=min(1.0, 0.45 + 0.5 * counts["ar"] / letters))
    return None


def _by_letters(plain: str, hint: str, letters: int) -> Language:
    words = _WORD.findall(plain.lower())
    votes = _votes(words)
    first, second = [*votes.most_common(2), ("", 0), ("", 0)][:2]
    if first[1] >= ENOUGH_VOTES and first[1] >= TIMES_THE_NEXT * second[1]:
        return Language(code=first[0], confidence=0.99)
    codes, shares = _shares(plain)
    scores = np.log(np.maximum(shares, 1e-6))
    for place, code in enumerate(codes):
        scores[place] += WORD_WEIGHT * votes[code] / max(1.0, len(words) ** 0.5)
        scores[place] += COMMON.get(code, 0.0) + (
            HINT_WEIGHT * min(1.0, 12 / letters**0.5 / 4) if code == hint else 0.0
        )
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    confidence = float(chances[best]) * min(1.0, 0.55 + letters / 40)
    if not votes[codes[best]] and letters < 8 and codes[best] != hint:
        confidence *= 0.7
    if confidence < SURE:
        return Language(confidence=confidence)
    return Language(code=codes[best], confidence=confidence)


def _shares(plain: str) -> tuple[list[str], np.ndarray]:
    ranked = _identifier().rank(plain)
    return [code for code, _ in ranked], np.array([share for _, share in ranked])


def _votes(words: list[str]) -> Counter[str]:
    """Count the small words of each language; a word of several languages is split between them."""
    votes: Counter[str] = Counter()
    for word in words:
        for code, part in _small_words().get(word, ()):
            votes[code] += part  # type: ignore[assignment]
    return votes


@cache
def _identifier() -> langid.LanguageIdentifier:
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(KNOWN))
    return identifier


@cache
def _small_words() -> dict[str, tuple[tuple[str, float], ...]]:
    table = tomllib.loads(Path(__file__).with_name("languages.toml").read_text(encoding="utf-8"))
    languages: dict[str, list[str]] = {}
    for code, words in table.items():
        for word in words["small"].split():
            languages.setdefault(word, []).append(code)
    return {word: tuple((code, 1 / len(codes)) for code in codes) for word, codes in languages.items()}
