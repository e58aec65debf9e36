"""Promises of the limits of scoring: what sounds like a person is found by name in whatever a model reads."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from valence import packs
from valence.bond import mark
from valence.bond.model import Model
from valence.insights import person_words, scoring_limits


def model(pack: str = "telco", *, words: dict[str, tuple[str, ...]] | None = None, more: tuple[Any, ...] = ()) -> Model:
    """Return what is looked at of a model: the marks of a pack, and the words around."""
    marks = mark.vocabulary(pack=packs.load(name=pack), counts=mark.WordCounts())
    plan = SimpleNamespace(words=words if words is not None else {"region": ("Coast",), "plan": ("Fibre 500",)})
    return cast(Model, SimpleNamespace(marks=(*marks, *more), plan=plan))


def found(one: Model) -> dict[str, tuple[str, ...]]:
    return {barred.name: barred.found for barred in scoring_limits.entering(model=one).barred if barred.found}


@pytest.mark.parametrize("pack", ["telco", "bank", "retail", "travel", "software"])
def test_the_marks_of_a_pack_say_what_happened_and_not_what_a_person_is(pack: str) -> None:
    assert found(model(pack)) == {}


def test_words_of_a_company_that_tell_what_a_person_is_are_named() -> None:
    words = {"segment": ("Family", "Business"), "plan": ("Youth 5 GB", "Credit score B")}
    assert found(model(words=words)) == {
        "Age": ("plan Youth 5 GB",),
        "Family": ("segment Family",),
        "Income and creditworthiness": ("plan Credit score B",),
    }


def test_a_fact_of_the_own_data_that_tells_it_is_named_and_so_is_a_mark_that_reads_the_language() -> None:
    known = mark.vocabulary(pack=packs.load(name="telco"), counts=mark.WordCounts())[0]
    own = replace(
        known, name="pregnant", words="pregnant", label="", when={"facts": ("pregnant",), "language": ("tr",)}
    )
    assert found(model(more=(own,))) == {
        "Health": ("pregnant (what happened)",),
        "Origin and nationality": ("column language",),
    }


def test_fraud_is_nobodys_sex() -> None:
    assert person_words.of(word="fraud_alert") == ""
    assert person_words.of(word="Frau") == "Sex and orientation"
