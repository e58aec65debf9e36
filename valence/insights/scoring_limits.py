"""What enters the model in use, looked through for what may never enter: what a person is, or can pay. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from valence.bond.model import Model
from valence.insights import person_words

MONEY = "Income and creditworthiness"
_MONEY = re.compile(r"schufa|credit.?(?:scor|rating|worth)|bonit|solven|income|salar|gehalt")
NEVER = (*person_words.PERSON, MONEY)
# Of an interaction, but telling of the person: marks may not read them.
_TELLING: Mapping[str, str] = {"language": "Origin and nationality"}
AROUND = ("how long they are with us", "what they pay", "how many left lately, in the region and everywhere")


@dataclass(frozen=True)
class Barred:
    """Something that may never enter, and names in the model that sound like it: nothing where all is well."""

    name: str
    found: tuple[str, ...]


@dataclass(frozen=True)
class Entering:
    """What the model reads. marks: how many; columns: of interactions; around: what is known of the relationship."""

    marks: int
    columns: tuple[str, ...]
    around: tuple[str, ...]
    barred: tuple[Barred, ...]


def entering(*, model: Model) -> Entering:
    """Return what a model reads of interactions and of the relationship, with what in it sounds like a person."""
    columns = sorted({one for mark in model.marks for one in (*mark.when, *mark.unless, mark.value) if one})
    told: dict[str, dict[str, None]] = {name: {} for name in NEVER}
    for name, words in _names(model):
        if barred := _barred(words):
            told[barred].setdefault(name)
    for column in columns:
        if barred := _TELLING.get(column, ""):
            told[barred].setdefault(f"column {column}")
    return Entering(
        marks=len(model.marks),
        columns=tuple(columns),
        around=(*(name for name in model.plan.words), *AROUND),
        barred=tuple(Barred(name=name, found=tuple(found)) for name, found in told.items()),
    )


def _names(model: Model) -> Iterator[tuple[str, str]]:
    """Yield how each thing that enters is called, and the words by which it is known."""
    for mark in model.marks:
        for words in (mark.name, mark.named, *(word for said in mark.when.values() for word in said)):
            yield f"{mark.named} (what happened)", words
    for column, said in model.plan.words.items():
        for words in said:
            yield f"{column} {words}", words


def _barred(words: str) -> str:
    return MONEY if _MONEY.search(words.lower().replace("_", " ")) else person_words.of(word=words)
