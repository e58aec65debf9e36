"""Changing a survey: every change takes a survey and returns another one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from valence.surveys import registry
from valence.surveys.survey import Condition, Option, Question, Survey, SurveyError, Variant, read

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """A text of a survey: where it stands (for people), its path, and what it says by language."""

    name: str
    path: Path
    said: Mapping[str, str]
    needed: bool = True

    @property
    def key(self) -> str:
        """The path as one word, for a form's field."""
        return ".".join(map(str, self.path))


def places(survey: Survey) -> tuple[Place, ...]:
    """Return every text of a survey, in the order in which people meet them."""
    return tuple(_places(survey))


def complete(survey: Survey) -> Mapping[str, tuple[int, int]]:
    """Return for each language how many of the texts it needs are there, and how many that is of."""
    needed = [place for place in places(survey) if place.needed]
    return {
        language: (sum(bool(place.said.get(language, "").strip()) for place in needed), len(needed))
        for language in survey.languages
    }


def translated(survey: Survey, *, language: str, said: Mapping[str, str]) -> Survey:
    """Return a survey with texts in a language, by the key of their place; an empty one is taken out."""
    plain = _plain(survey)
    for place in places(survey):
        if place.key in said:
            words = {**place.said, language: said[place.key].strip()}
            _put(plain, place.path, {tag: text for tag, text in words.items() if text})
    return read(plain)


def with_languages(survey: Survey, *, languages: Sequence[str]) -> Survey:
    """Return a survey in these languages; the one it was written in stays the first. Raises SurveyError."""
    wanted = [tag for tag in languages if tag != survey.languages[0]]
    for tag in wanted:
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{2,8})?", tag):
            raise SurveyError(f"{tag!r} is not a language tag such as de or pt-BR")
    return msgspec.structs.replace(survey, languages=(survey.languages[0], *dict.fromkeys(wanted)))


def added(survey: Survey, *, kind: str, scale: str = "nps") -> tuple[Survey, str]:
    """Return a survey with a new question at its end, and that question's id. Raises SurveyError."""
    if kind not in registry.KINDS:
        raise SurveyError(f"There is no kind {kind!r}; there are {', '.join(registry.KINDS)}.")
    taken = {question.id for question in survey.questions}
    name = next(f"q{number}" for number in range(1, 1_000) if f"q{number}" not in taken)
    first = survey.languages[0]
    two = tuple(Option(id=f"o{number}", text={first: f"Option {number}"}) for number in (1, 2))
    new = Question(
        id=name,
        kind=kind,
        text={first: "New question"},
        scale=scale if kind == "scale" else "",
        low={first: "Lowest"} if kind == "scale" else {},
        high={first: "Highest"} if kind == "scale" else {},
        options=two if kind in ("choice", "choices", "ranking", "grid") else (),
        rows=(Option(id="r1", text={first: "Row 1"}),) if kind == "grid" else (),
    )
    return msgspec.structs.replace(survey, questions=(*survey.questions, new)), name


def moved(survey: Survey, *, question: str, by: int) -> Survey:
    """Return a survey with a question so many places further down (up: below 0)."""
    several = list(survey.questions)
    place = _place_of(survey, question)
    several.insert(max(0, min(len(several) - 1, place + by)), several.pop(place))
    return msgspec.structs.replace(survey, questions=tuple(several))


def without(survey: Survey, *, question: str) -> Survey:
    """Return a survey without a question."""
    kept = tuple(one for one in survey.questions if one.id != question)
    return msgspec.structs.replace(survey, questions=kept)


def replaced(survey: Survey, *, question: str, by: Question) -> Survey:
    """Return a survey with one question in the place of another."""
    several = list(survey.questions)
    several[_place_of(survey, question)] = by
    return msgspec.structs.replace(survey, questions=tuple(several))


def options_of(text: str, *, before: Sequence[Option], language: str) -> tuple[Option, ...]:
    """Return what can be chosen from lines `id = words`; an option that was there keeps its translations.

    A line without an id gets one of its words.
    """
    known = {one.id: one.text for one in before}
    found: list[Option] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, words = (part.strip() for part in line.partition("="))
        own = name if equals else re.sub(r"[^a-z0-9]+", "_", line.lower()).strip("_") or f"o{len(found) + 1}"
        found.append(Option(id=own, text={**known.get(own, {}), language: words if equals else line}))
    return tuple(found)


def lines_of(options: Sequence[Option], *, language: str) -> str:
    """Return options as the lines that `options_of` reads."""
    return "\n".join(f"{one.id} = {one.text.get(language, '')}" for one in options)


def said_of(condition: Condition) -> str:
    """Say a condition."""
    about = f"the answer to {condition.answer}" if condition.answer else f"the record's {condition.known}"
    if condition.among:
        words = f"is {'not ' if condition.unless else ''}{' or '.join(condition.among)}"
    elif condition.least is not None or condition.most is not None:
        low = "" if condition.least is None else f" at least {condition.least:g}"
        high = "" if condition.most is None else f" at most {condition.most:g}"
        words = f"is{' not' if condition.unless else ''}{low}{' and' if low and high else ''}{high}"
    else:
        words = "is not there" if condition.unless else "is there"
    return f"{about} {words}"


def _places(survey: Survey) -> Iterator[Place]:
    yield Place("Title", ("intro",), survey.intro)
    for place, question in enumerate(survey.questions):
        at: Path = ("questions", place)
        yield Place(f"{question.id}: question", (*at, "text"), question.text)
        yield Place(f"{question.id}: help", (*at, "help"), question.help, needed=bool(question.help))
        for name in ("low", "high"):
            if question.kind == "scale":
                yield Place(f"{question.id}: {name} end", (*at, name), getattr(question, name))
        yield from _options(question.id, question.options, (*at, "options"))
        yield from _options(question.id, question.rows, (*at, "rows"))
        yield from _variants(question.id, question.variants, (*at, "variants"))
    yield from _variants("thanks", survey.thanks, ("thanks",))


def _options(name: str, options: Sequence[Option], at: Path) -> Iterator[Place]:
    for place, option in enumerate(options):
        yield Place(f"{name}: {option.id}", (*at, place, "text"), option.text)


def _variants(name: str, variants: Sequence[Variant], at: Path) -> Iterator[Place]:
    for place, variant in enumerate(variants):
        when = "; ".join(said_of(one) for one in variant.when) or "else"
        yield Place(f"{name}: where {when}" if variant.when else f"{name}: else", (*at, place, "text"), variant.text)


def _place_of(survey: Survey, question: str) -> int:
    for place, one in enumerate(survey.questions):
        if one.id == question:
            return place
    raise SurveyError(f"There is no question {question!r}.")


def _plain(survey: Survey) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(survey)
    return msgspec.json.decode(msgspec.json.encode(plain), type=dict[str, Any])


def _put(plain: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        plain = plain[step]
    plain[path[-1]] = value
