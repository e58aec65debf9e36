"""The form of one question: what it asks, how it is answered, when it is asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from valence.surveys import editing
from valence.surveys.survey import Condition, Question, Survey, SurveyError
from valence.surveys.values import Named
from valence.terms import SCALES

ROLES = {"": "Nothing but itself", "score": "The score of the answer", "words": "The words of the answer"}
SIGNS = {
    "": "–",
    "among": "is one of",
    "not_among": "is none of",
    "least": "is at least",
    "most": "is at most",
    "there": "is there",
    "missing": "is not there",
}
ROWS, MOST_ROWS = 3, 20
KNOWN = ("segment", "plan", "region", "interaction.kind", "interaction.department", "interaction.facts")


@dataclass(frozen=True)
class When:
    """One row of the conditions: what it looks at, how, and with what."""

    number: int
    about: str
    sign: str
    value: str


@dataclass(frozen=True)
class QuestionPage:
    """What the form shows."""

    slug: str
    id: str
    kind: str
    text: str
    help: str
    low: str
    high: str
    scale: str
    options: str
    rows: str
    most: str
    must: bool
    role: str
    known_as: str
    when: tuple[When, ...]
    has_options: bool
    about: tuple[tuple[str, str], ...]
    signs: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]
    scales: tuple[tuple[str, str], ...]
    pipes: tuple[str, ...]
    variants: tuple[tuple[str, str], ...]
    language: str
    may_change: bool
    stored: Question
    problem: str = ""


def of(named: Named, name: str, *, may_change: bool) -> QuestionPage:
    """Return the form of a question as it is."""
    one = named.survey
    first = one.languages[0]
    question = next(each for each in one.questions if each.id == name)
    earlier = _earlier(one, name)
    said = {part: getattr(question, part).get(first, "") for part in ("text", "help", "low", "high")}
    return QuestionPage(
        slug=named.slug,
        id=name,
        kind=question.kind,
        **said,
        scale=question.scale,
        options=editing.lines_of(question.options, language=first),
        rows=editing.lines_of(question.rows, language=first),
        most=str(question.most or ""),
        must=question.must,
        role=question.role,
        known_as=question.known_as,
        when=_rows(question.when),
        has_options=question.kind in ("choice", "choices", "ranking", "grid"),
        about=_about(earlier),
        signs=tuple(SIGNS.items()),
        roles=tuple((value, words) for value, words in ROLES.items() if _may_be(question, value)),
        scales=tuple((scale, f"{least} to {most}") for scale, (least, most) in SCALES.items()),
        pipes=(*(f"{{answer:{each}}}" for each in earlier), "{known:segment}"),
        variants=tuple(
            ("; ".join(editing.said_of(each) for each in variant.when), variant.text.get(first, ""))
            for variant in question.variants
        ),
        language=first,
        may_change=may_change,
        stored=question,
    )


def taken(survey: Survey, name: str, said: Mapping[str, str]) -> Survey:
    """Return the survey with the question as a form says it. Raises SurveyError."""
    before = next(each for each in survey.questions if each.id == name)
    first = survey.languages[0]
    wanted = said.get("id", "").strip() or name
    changed = msgspec.structs.replace(
        before,
        id=wanted,
        **{part: _words(before, part, said, first) for part in ("text", "help", "low", "high")},
        scale=said.get("scale", before.scale) if before.kind == "scale" else "",
        options=editing.options_of(said.get("options", ""), before=before.options, language=first)
        if before.options
        else (),
        rows=editing.options_of(said.get("rows", ""), before=before.rows, language=first) if before.rows else (),
        most=_number(said.get("most", "")),
        must=bool(said.get("must")),
        role=said.get("role", "") if said.get("role", "") in ROLES else before.role,
        known_as=said.get("known_as", "").strip()[:60],
        when=tuple(_conditions(said)),
    )
    return editing.replaced(survey, question=name, by=changed)


def again(page: QuestionPage, said: Mapping[str, str], *, problem: str) -> QuestionPage:
    """Return the form with what was typed, where something is wrong with it."""
    names = ("text", "help", "low", "high", "scale", "options", "rows", "most", "role")
    kept = {name: said.get(name, getattr(page, name)) for name in names}
    typed = tuple(
        When(number, *(said.get(f"{part}{number}", "") for part in ("about", "sign", "value")))
        for number in range(1, len(page.when) + 1)
    )
    must, known_as = bool(said.get("must")), said.get("known_as", "")
    return replace(page, **kept, when=typed, must=must, known_as=known_as, problem=problem)


def _words(before: Question, part: str, said: Mapping[str, str], language: str) -> dict[str, str]:
    words = {**getattr(before, part), language: said.get(part, "").strip()}
    return {tag: text for tag, text in words.items() if text}


def _number(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) < 3 else 0


def _conditions(said: Mapping[str, str]) -> list[Condition]:
    found = []
    for number in range(1, MOST_ROWS + 1):
        about, sign, value = (said.get(f"{part}{number}", "").strip() for part in ("about", "sign", "value"))
        if about and sign:
            found.append(_condition(about, sign, value))
    return found


def _condition(about: str, sign: str, value: str) -> Condition:
    where, _, name = about.partition(":")
    asked = Condition(answer=name) if where == "answer" else Condition(known=name)
    if sign in ("there", "missing"):
        return msgspec.structs.replace(asked, unless=sign == "missing")
    if sign in ("among", "not_among"):
        words = tuple(filter(None, (word.strip() for word in value.split(","))))
        if not words:
            raise SurveyError(f"Say which words {name} has to be, with commas between.")
        return msgspec.structs.replace(asked, among=words, unless=sign == "not_among")
    if sign not in ("least", "most"):
        raise SurveyError(f"{name}: choose how it is compared.")
    try:
        return msgspec.structs.replace(asked, **{sign: float(value)})
    except ValueError:
        raise SurveyError(f"{name} {SIGNS[sign]} needs a number.") from None


def _rows(when: tuple[Condition, ...]) -> tuple[When, ...]:
    each = [part for one in when for part in _parts(one)]
    rows = [_row(number, one) for number, one in enumerate(each, start=1)]
    return (*rows, *(When(number, "", "", "") for number in range(len(rows) + 1, max(ROWS, len(rows) + 1) + 1)))


def _parts(one: Condition) -> tuple[Condition, ...]:
    """Return a condition with two ends as two with one each: all of them have to hold, so it is the same."""
    if one.least is None or one.most is None or one.unless:
        return (one,)
    return (msgspec.structs.replace(one, most=None), msgspec.structs.replace(one, least=None))


def _row(number: int, one: Condition) -> When:
    about = f"answer:{one.answer}" if one.answer else f"known:{one.known}"
    if one.among:
        return When(number, about, "not_among" if one.unless else "among", ", ".join(one.among))
    if one.least is not None:
        return When(number, about, "least", f"{one.least:g}")
    if one.most is not None:
        return When(number, about, "most", f"{one.most:g}")
    return When(number, about, "missing" if one.unless else "there", "")


def _about(earlier: list[str]) -> tuple[tuple[str, str], ...]:
    answered = [(f"answer:{name}", f"The answer to {name}") for name in earlier]
    return (("", "–"), *answered, *((f"known:{name}", f"The record's {name}") for name in KNOWN))


def _earlier(one: Survey, name: str) -> list[str]:
    ids = [each.id for each in one.questions]
    return ids[: ids.index(name)]


def _may_be(question: Question, role: str) -> bool:
    allowed = {"score": question.kind == "scale", "words": question.kind in ("short", "long")}
    return allowed.get(role, True)
