"""You said, we did: what an initiative is, what it counts, and what those who said it are told. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("thanks.toml")
LONGEST_TITLE, LONGEST_TEXT, LONGEST_QUOTE = 120, 2_000, 220
LANGUAGE = re.compile(r"[a-z]{2}")
OTHERWISE = "en"
FEWEST = 5


class WrongInitiative(ValueError):  # noqa: N818  it is said to people as such
    """An initiative that cannot be kept. The text says why, to the person who typed it."""


class State(StrEnum):
    """Where an initiative stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Measure:
    """What is counted: how often a fact is recorded among the interactions of a kind. Empty kind: nothing."""

    kind: str = ""
    department: str = ""
    fact: str = ""


@dataclass(frozen=True)
class Initiative:
    """Something that is changed because customers said so.

    words: what they said, in short. change: what was changed, by language. baseline, target: shares (0..1) of the
    measure, None where nothing is counted. telling_from: since when those who said it are told.
    """

    title: str
    owner: int
    words: str = ""
    department: str = ""
    theme: str = ""
    measure: Measure = field(default_factory=Measure)
    baseline: float | None = None
    target: float | None = None
    due_date: date | None = None
    change: Mapping[str, str] = field(default_factory=dict)
    pk: int = 0
    state: State = State.OPEN
    made_at: datetime | None = None
    done_at: datetime | None = None
    telling_from: datetime | None = None
    published_at: datetime | None = None


@dataclass(frozen=True)
class Said:
    """Who is told and what of: their name ("" where it is not known), when they said it, and their own words."""

    name: str
    date: str
    quote: str = ""


@dataclass(frozen=True)
class Thanks:
    """What somebody is told. language: the one it is written in."""

    subject: str
    text: str
    language: str


def check(*, wanted: Initiative) -> Initiative:
    """Return an initiative as it is kept. Raises WrongInitiative."""
    if not 1 <= len(wanted.title.strip()) <= LONGEST_TITLE:
        raise WrongInitiative(f"Write a title of at most {LONGEST_TITLE} letters.")
    if len(wanted.words) > LONGEST_TEXT:
        raise WrongInitiative(f"What they said takes at most {LONGEST_TEXT:,} letters.")
    for language, text in wanted.change.items():
        if not LANGUAGE.fullmatch(language) or len(text) > LONGEST_TEXT:
            raise WrongInitiative(f"What was changed: two letters for the language, at most {LONGEST_TEXT:,} letters.")
    if wanted.target is not None and not 0 <= wanted.target <= 1:
        raise WrongInitiative("The target is a share from 0 to 100 %.")
    return wanted


def may_tell(*, wanted: Initiative) -> str:
    """Return why nobody can be told yet, in words; "" where they can."""
    if wanted.state is not State.DONE:
        return "First say that it is done."
    if not any(text.strip() for text in wanted.change.values()):
        return "First write what was changed."
    return ""


def spoken(*, change: Mapping[str, str], wanted: str) -> tuple[str, str]:
    """Return what was changed as (language, text): as wanted, else in English, else in what there is."""
    written = {language: text.strip() for language, text in change.items() if text.strip()}
    short = wanted.lower().partition("-")[0].partition("_")[0]
    language = next((one for one in (short, OTHERWISE, *sorted(written)) if one in written), "")
    return language, written.get(language, "")


def thanks(*, change: Mapping[str, str], wanted: str, said: Said, number: int) -> Thanks:
    """Return what somebody is told who said it: their own words first, then what was changed, in their language.

    number: chooses among several ways to say it, so that not everybody reads the same.
    """
    language, text = spoken(change=change, wanted=wanted)
    words = _all_words()
    says = words.get(language, words[OTHERWISE])
    facts = {"name": said.name, "date": said.date, "quote": shortened(said.quote)}
    head = _one(says["greeting" if said.name else "plain"], number)
    what = _one(says["quoted" if said.quote else "dated"], number // 2)
    parts = [head, f"{what}\n\n{_one(says['changed'], number // 3)} {text}", _one(says["closing"], number // 5)]
    filled = "\n\n".join(_filled(part, facts) for part in parts)
    return Thanks(subject=_one(says["subject"], number), text=filled, language=language or OTHERWISE)


def shortened(text: str) -> str:
    """Return somebody's words on one line, cut at a word where they are long."""
    plain = " ".join(text.split())
    if len(plain) <= LONGEST_QUOTE:
        return plain
    return plain[:LONGEST_QUOTE].rpartition(" ")[0].rstrip(",;:–-") + " …"


def _filled(text: str, facts: Mapping[str, str]) -> str:
    """Fill the gaps of our own words only: what somebody wrote may hold braces and stays as it is."""
    return re.sub(r"\{(name|date|quote)\}", lambda gap: facts[gap.group(1)], text)


def _one(ways: Sequence[str], number: int) -> str:
    return ways[number % len(ways)]


@lru_cache(maxsize=1)
def _all_words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    words: Mapping[str, Mapping[str, Sequence[str]]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return words
