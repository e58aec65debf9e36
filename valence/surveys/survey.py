"""What a survey is: a frozen value that is stored whole, never changed once somebody was asked."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

Said = Mapping[str, str]
"""The same words by language tag: {"en": "Why?", "ar": "لماذا؟"}."""


class SurveyError(ValueError):
    """A survey is wrong; the message names the question and what is wrong with it, one line for each fault."""


class Purpose(StrEnum):
    """What a survey is for. It decides which figure its scores become, and who may be asked."""

    RELATIONSHIP = "relationship"
    CONTACT = "contact"
    TICKET = "ticket"
    VISIT = "visit"
    BILL = "bill"
    YEAR = "year"
    STAFF = "staff"


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a survey: a value that says no to fields it does not have."""


class Condition(Frozen, frozen=True):
    """What must hold of an earlier answer (`answer` names its question) or of what is known (`known` names a field).

    `among`: it is one of these words. `least`, `most`: it is a number within. None given: it is there at all.
    `unless` turns the condition round.
    """

    answer: str = ""
    known: str = ""
    among: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    unless: bool = False


class Option(Frozen, frozen=True):
    """Something that can be chosen: the word that is stored, and how it is said."""

    id: str
    text: Said


class Variant(Frozen, frozen=True):
    """Other words, used where all of `when` holds."""

    when: tuple[Condition, ...]
    text: Said


class Question(Frozen, frozen=True):
    """One question. `kind` names a module of kinds/.

    scale: for kind `scale`, the scale's name. low, high: what its ends mean. options: what can be chosen or ranked,
    in a grid what each row is rated with; rows: a grid's rows. variants: the first that holds replaces `text`.
    when: it is asked only where all of these hold. known_as: the record's field that answers it: where that is known
    the question is not asked. most: how many may be chosen (0: all). must: an answer is needed to go on.
    role: `score` for the one that becomes the interaction's score, `words` for the one that becomes its text.
    """

    id: str
    kind: str
    text: Said
    help: Said = {}
    scale: str = ""
    low: Said = {}
    high: Said = {}
    options: tuple[Option, ...] = ()
    rows: tuple[Option, ...] = ()
    variants: tuple[Variant, ...] = ()
    when: tuple[Condition, ...] = ()
    known_as: str = ""
    most: int = 0
    must: bool = False
    role: str = ""


class Brand(Frozen, frozen=True):
    """How the page looks: one colour (#rrggbb) and a logo (a data address of an image), both may be missing."""

    colour: str = ""
    logo: str = ""


class Survey(Frozen, frozen=True):
    """A survey as it is asked. languages: the first is the one it was written in, and what others fall back to.

    thanks: what is said at the end, the first that holds. review: where promoters may say it aloud,
    refer: where they may recommend the company to somebody (https addresses, empty for none).
    budget_seconds: how long answering may take before the editor warns. channel: by which it is asked where nothing
    else is said.
    """

    name: str
    purpose: Purpose
    languages: tuple[str, ...]
    intro: Said
    questions: tuple[Question, ...]
    thanks: tuple[Variant, ...] = ()
    call_back: bool = False
    review: str = ""
    refer: str = ""
    budget_seconds: int = 60
    brand: Brand = Brand()
    channel: str = ""


def read(said: Mapping[str, Any]) -> Survey:
    """Return a survey from plain data. Raises SurveyError that says which field is wrong."""
    try:
        return msgspec.convert(said, Survey)
    except msgspec.ValidationError as problem:
        raise SurveyError(str(problem)) from None


def from_json(data: bytes) -> Survey:
    """Return a survey that was stored. Raises SurveyError."""
    try:
        return msgspec.json.decode(data, type=Survey)
    except (msgspec.DecodeError, msgspec.ValidationError) as problem:
        raise SurveyError(str(problem)) from None


def to_json(survey: Survey) -> bytes:
    """Return a survey as it is stored: the same survey gives the same bytes."""
    return msgspec.json.encode(survey, order="sorted")


def said_in(said: Said, *, language: str, survey: Survey) -> str:
    """Return words in a language: its own, else those of its base ("pt" for "pt-BR"), else of the first language."""
    for tag in (language, language.split("-")[0], survey.languages[0]):
        if said.get(tag):
            return said[tag]
    return ""
