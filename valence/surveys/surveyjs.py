"""Reading a survey written for SurveyJS: a subset, and a loud no to whatever would be asked otherwise. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from valence import terms
from valence.surveys import checking
from valence.surveys.survey import Condition, Option, Purpose, Question, Said, Survey, SurveyError

Element = Mapping[str, Any]

TOP = frozenset(
    {"title", "description", "pages", "elements", "questions", "locale", "showQuestionNumbers", "logoPosition"}
)
PAGE = frozenset({"name", "title", "elements", "questions"})
COMMON = frozenset({"type", "name", "title", "description", "isRequired", "visibleIf"})
OWN: Mapping[str, frozenset[str]] = {
    "rating": frozenset({"rateMin", "rateMax", "rateCount", "minRateDescription", "maxRateDescription", "displayMode"}),
    "radiogroup": frozenset({"choices", "colCount"}),
    "dropdown": frozenset({"choices"}),
    "checkbox": frozenset({"choices", "colCount", "maxSelectedChoices"}),
    "ranking": frozenset({"choices"}),
    "matrix": frozenset({"columns", "rows"}),
    "text": frozenset({"maxLength", "inputType", "placeholder"}),
    "comment": frozenset({"maxLength", "rows", "placeholder"}),
}
BY_ENDS = {ends: name for name, ends in terms.SCALES.items()}
TERM = re.compile(r"""\{(\w+)\}\s*(?:(<>|!=|<=|>=|=|<|>)\s*('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?)|(notempty|empty))""")


def read(*, text: str, purpose: Purpose, language: str = "en") -> Survey:
    """Return the survey that a SurveyJS definition asks. `language` is what its `default` texts are in.

    Raises SurveyError, which names every element, property and condition that is not known: nothing is dropped.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise SurveyError("This is not a SurveyJS definition: it is not JSON.") from None
    if not isinstance(said, dict):
        raise SurveyError("This is not a SurveyJS definition: it is not an object.")
    elements = _elements(said)
    faults = [fault for element in elements for fault in _faults(element)]
    if faults or not elements:
        raise SurveyError("\n".join(faults) or "This SurveyJS definition asks nothing.")
    languages = _languages(said, elements, language)
    questions = tuple(_question(element, language) for element in elements)
    return checking.check(
        Survey(
            name=_said(said.get("title") or "Survey", language).get(language) or "Survey",
            purpose=purpose,
            languages=languages,
            intro=_said(said.get("description") or "", language),
            questions=_with_roles(questions),
        )
    )


def _elements(said: Element) -> list[Element]:
    strange = sorted(set(said) - TOP)
    pages = said.get("pages", [{"elements": said.get("elements", said.get("questions", []))}])
    if not isinstance(pages, list) or not all(isinstance(page, dict) for page in pages):
        raise SurveyError("pages: is not a list of pages")
    strange += sorted({f"page: {name}" for page in pages for name in set(page) - PAGE})
    if strange:
        raise SurveyError("\n".join(f"{name}: is not known here" for name in strange))
    return [element for page in pages for element in page.get("elements", page.get("questions", []))]


def _faults(element: Element) -> list[str]:
    name, kind = element.get("name", "?"), str(element.get("type"))
    if kind not in OWN:
        return [f"{name}: questions of type {kind!r} are not known; there are {', '.join(OWN)}"]
    faults = [f"{name}: {one} is not known" for one in sorted(set(element) - COMMON - OWN[kind])]
    if not re.fullmatch(r"\w+", str(name)):
        faults.append(f"{name}: its name is not a plain word")
    if kind == "rating" and _scale(element) is None:
        faults.append(f"{name}: its scale is none of 0 to 10, 1 to 5, 1 to 7")
    if kind == "text" and element.get("inputType", "text") != "text":
        faults.append(f"{name}: inputType {element['inputType']} is not known")
    if element.get("visibleIf") and _conditions(str(element["visibleIf"])) is None:
        faults.append(f"{name}: visibleIf can only join comparisons by 'and': {element['visibleIf']}")
    return faults


def _question(element: Element, language: str) -> Question:
    make = MAKERS[element["type"]]
    return Question(
        id=element["name"],
        text=_said(element.get("title") or element["name"], language),
        help=_said(element.get("description") or "", language),
        must=bool(element.get("isRequired")),
        when=_conditions(str(element.get("visibleIf") or "")) or (),
        **make(element, language),
    )


def _rating(element: Element, language: str) -> dict[str, Any]:
    ends = element.get("minRateDescription") or "1", element.get("maxRateDescription") or "5"
    low, high = (_said(end, language) for end in ends)
    return {"kind": "scale", "scale": _scale(element), "low": low, "high": high}


def _matrix(element: Element, language: str) -> dict[str, Any]:
    columns, rows = _options(element.get("columns", ()), language), _options(element.get("rows", ()), language)
    return {"kind": "grid", "options": columns, "rows": rows}


def _choosing(kind: str) -> Callable[[Element, str], dict[str, Any]]:
    def make(element: Element, language: str) -> dict[str, Any]:
        options = _options(element.get("choices", ()), language)
        return {"kind": kind, "options": options, "most": int(element.get("maxSelectedChoices", 0))}

    return make


def _writing(kind: str) -> Callable[[Element, str], dict[str, Any]]:
    return lambda element, language: {"kind": kind}


MAKERS: Mapping[str, Callable[[Element, str], dict[str, Any]]] = {
    "rating": _rating,
    "radiogroup": _choosing("choice"),
    "dropdown": _choosing("choice"),
    "checkbox": _choosing("choices"),
    "ranking": _choosing("ranking"),
    "matrix": _matrix,
    "text": _writing("short"),
    "comment": _writing("long"),
}


def _scale(element: Element) -> str | None:
    least = element.get("rateMin", 1)
    return BY_ENDS.get((least, element.get("rateMax", least + element.get("rateCount", 5) - 1)))


def _options(choices: Sequence[Any], language: str) -> tuple[Option, ...]:
    pairs = [(one["value"], one.get("text", one["value"])) if isinstance(one, dict) else (one, one) for one in choices]
    return tuple(Option(id=str(value), text=_said(text, language)) for value, text in pairs)


def _said(words: Any, language: str) -> Said:
    if isinstance(words, dict):
        return {(language if tag == "default" else tag): str(text) for tag, text in words.items() if text}
    return {language: str(words)} if words else {}


def _languages(said: Element, elements: Sequence[Element], language: str) -> tuple[str, ...]:
    titles = [said.get("title"), *(element.get("title") for element in elements)]
    others = {tag for title in titles if isinstance(title, dict) for tag in title} - {"default", language}
    return (language, *sorted(others))


def _conditions(text: str) -> tuple[Condition, ...] | None:
    """Return what `visibleIf` asks, None where it is more than comparisons joined by `and`."""
    if not text.strip():
        return ()
    found = [TERM.fullmatch(part.strip()) for part in re.split(r"\s+and\s+", text.strip())]
    terms = [_condition(*term.groups()) for term in found if term]
    kept = tuple(term for term in terms if term)
    return kept if len(kept) == len(found) else None


def _condition(name: str, sign: str | None, value: str | None, empty: str | None) -> Condition | None:
    if empty:
        return Condition(answer=name, unless=empty == "empty")
    word = str(value).strip("'\"")
    if sign in ("=", "<>", "!="):
        return Condition(answer=name, among=(word,), unless=sign != "=")
    if not re.fullmatch(r"-?\d+", word):
        return None  # a scale has whole points: "less than 6" is "5 at most"
    number = int(word)
    limits = {"<=": (None, number), "<": (None, number - 1), ">=": (number, None), ">": (number + 1, None)}
    least, most = limits[str(sign)]
    return Condition(answer=name, least=least, most=most)


def _with_roles(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """Return the questions with the first scale as the score and the first long text as the words."""
    score = next((one.id for one in questions if one.kind == "scale"), "")
    words = next((one.id for one in questions if one.kind == "long"), "")
    roles = {score: "score", words: "words"}
    return tuple(Question(**{**_fields(one), "role": roles.get(one.id, "")}) for one in questions)


def _fields(question: Question) -> dict[str, Any]:
    return {name: getattr(question, name) for name in question.__struct_fields__}
