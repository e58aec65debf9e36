"""A playbook: what works in a situation, as steps, gestures and words to reply with. Made from a plain table. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

SLUG = re.compile(r"[a-z][a-z0-9_]{2,59}")
ACTS = ("", "read", "grant", "reply", "call", "tell")
MOST_STEPS, MOST_GESTURES, MOST_SENTENCES = 12, 10, 20
LONGEST_TEXT, LONGEST_LINE = 5_000, 300


class WrongPlaybook(ValueError):  # noqa: N818  it is said to people as such
    """A playbook that cannot be taken. The text says where and why."""


@dataclass(frozen=True)
class Step:
    """One thing to do. act: what the page offers for it; "" for what is only ticked off. owed: never left out."""

    words: str
    detail: str = ""
    act: str = ""
    owed: bool = False


@dataclass(frozen=True)
class Gesture:
    """Something that may be given. most: up to how much money; 0 for what costs nothing. owed: never given less."""

    name: str
    words: str
    most: float = 0.0
    owed: bool = False


@dataclass(frozen=True)
class Letter:
    """What a reply is drafted from, in one language. Sentences whose facts are unknown are left out.

    subjects, openings, closings: several, so that not everybody reads the same.
    """

    subjects: tuple[str, ...]
    openings: tuple[str, ...]
    sentences: tuple[str, ...]
    closings: tuple[str, ...]
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Playbook:
    """What works in a situation. quiet_days: for how long nothing may go wrong again until it counts as put right."""

    name: str
    title: str
    text: str
    steps: tuple[Step, ...]
    gestures: tuple[Gesture, ...]
    letters: Mapping[str, Letter]
    quiet_days: int = 30
    number: int = 0

    def letter(self, *, language: str) -> tuple[str, Letter] | None:
        """Return the words for a language, as (language, letter): that one, else English; None where there are none."""
        wanted = language.lower().replace("_", "-").partition("-")[0]
        for one in (wanted, "en", *sorted(self.letters)):
            if one in self.letters:
                return one, self.letters[one]
        return None


def made(*, table: Mapping[str, Any], number: int = 0) -> Playbook:
    """Return the playbook that a table says. Raises WrongPlaybook."""
    unknown = sorted(set(table) - {"name", "title", "text", "steps", "gestures", "letters", "quiet_days"})
    if unknown:
        raise WrongPlaybook(f"A playbook has no “{unknown[0][:40]}”.")
    name = table.get("name", "")
    if not isinstance(name, str) or not SLUG.fullmatch(name):
        raise WrongPlaybook("The name of a playbook is made of small letters, digits and underscores, 3 to 60 of them.")
    quiet = table.get("quiet_days", 30)
    if not isinstance(quiet, int) or not 1 <= quiet <= 180:
        raise WrongPlaybook("quiet_days: write a whole number from 1 to 180.")
    letters = _a_table(table.get("letters", {}), "letters")
    return Playbook(
        name=name,
        title=_line(table.get("title"), "title"),
        text=_text(table.get("text", ""), "text"),
        steps=tuple(_step(one) for one in _list(table.get("steps", ()), "steps", MOST_STEPS)),
        gestures=tuple(_gesture(one) for one in _list(table.get("gestures", ()), "gestures", MOST_GESTURES)),
        letters={language: _letter(words, language) for language, words in letters.items()},
        quiet_days=quiet,
        number=number,
    )


def table_of(*, playbook: Playbook) -> dict[str, Any]:
    """Return a playbook as it is written: `made` gives it back."""
    said = asdict(playbook)
    said.pop("number")
    said["letters"] = {language: _lists(words) for language, words in said["letters"].items()}
    return {**said, "steps": list(said["steps"]), "gestures": list(said["gestures"])}


def _lists(words: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in words.items()}


def _step(given: object) -> Step:
    table = _a_table(given, "steps")
    act = table.get("act", "")
    if act not in ACTS:
        raise WrongPlaybook(f"steps: there is no act “{str(act)[:40]}”; there are {', '.join(filter(None, ACTS))}.")
    detail = table.get("detail", "")
    return Step(
        words=_line(table.get("words"), "steps"),
        detail=_line(detail, "steps") if detail else "",
        act=act,
        owed=_flag(table, "steps"),
    )


def _gesture(given: object) -> Gesture:
    table = _a_table(given, "gestures")
    most = table.get("most", 0)
    if isinstance(most, bool) or not isinstance(most, int | float) or most < 0:
        raise WrongPlaybook("gestures: `most` is an amount of money, or 0.")
    return Gesture(
        name=_line(table.get("name"), "gestures"),
        words=_line(table.get("words"), "gestures"),
        most=most,
        owed=_flag(table, "gestures"),
    )


def _flag(table: Mapping[str, Any], where: str) -> bool:
    owed = table.get("owed", False)
    if not isinstance(owed, bool):
        raise WrongPlaybook(f"{where}: `owed` is true or false.")
    return owed


def _letter(given: object, language: str) -> Letter:
    table = _a_table(given, f"letters.{language}")
    names = ("subjects", "openings", "sentences", "closings", "told")
    parts = {name: _list(table.get(name, ()), f"letters.{language}.{name}", MOST_SENTENCES) for name in names}
    lines = {name: tuple(_line(one, f"letters.{language}.{name}") for one in part) for name, part in parts.items()}
    if not lines["subjects"] or not lines["openings"] or not lines["closings"]:
        raise WrongPlaybook(f"letters.{language}: subjects, openings and closings need a sentence each at least.")
    return Letter(**lines)


def _a_table(given: object, where: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise WrongPlaybook(f"{where}: must be a table.")
    return given


def _list(given: object, where: str, most: int) -> Sequence[Any]:
    if not isinstance(given, list | tuple) or len(given) > most:
        raise WrongPlaybook(f"{where}: must be a list of at most {most}.")
    return given


def _line(given: object, where: str) -> str:
    if not isinstance(given, str) or not 1 <= len(given) <= LONGEST_LINE:
        raise WrongPlaybook(f"{where}: write 1 to {LONGEST_LINE} letters.")
    return given


def _text(given: object, where: str) -> str:
    if not isinstance(given, str) or len(given) > LONGEST_TEXT:
        raise WrongPlaybook(f"{where}: write at most {LONGEST_TEXT} letters.")
    return given
