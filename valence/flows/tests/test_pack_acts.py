"""Promises of how packs act: in every industry rules, playbooks and standards agree with one another and its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from valence import packs
from valence.alerts import rule as rules
from valence.alerts import standard
from valence.cases import drafting, playbook
from valence.packs import acting

NAMES = packs.names()
LANGUAGES = {"en", "de", "es", "fr"}
FACTS = {"name", "owner", "company", "date", "amount", "billed", "told", "hours", "due", "promise", "times"}
NEVER = re.compile(r"\b(unfortunately|inconvenience|valued customer|leider|Unannehmlichkeiten)\b", re.IGNORECASE)


def _taken(name: str) -> tuple[rules.Rule, ...]:
    taken, wrong = rules.sorted_out(tables=acting.rules(name=name))
    assert not wrong
    return taken


def _books(name: str) -> dict[str, playbook.Playbook]:
    made = [playbook.made(table=table) for table in acting.playbooks(name=name)]
    return {one.name: one for one in made}


def _asked(written: Any) -> Iterator[tuple[str, str]]:
    """Yield each (field, word) that a condition as it is written compares."""
    if isinstance(written, list):
        for each in written:
            yield from _asked(each)
    elif isinstance(written, Mapping):
        words = [written.get("is"), *written.get("in", ()), *written.get("has", ())]
        yield from ((written.get("field", ""), word) for word in words if isinstance(word, str))
        for part in ("all", "any", "not"):
            yield from _asked(written.get(part, []))


def test_there_are_packs_for_six_industries() -> None:
    assert set(NAMES) == {"bank", "restaurant", "retail", "software", "telco", "travel"}


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_its_playbook_and_a_department_of_the_pack(name: str) -> None:
    taken, books, pack = _taken(name), _books(name), packs.load(name=name)
    assert len({one.name for one in taken}) == len(taken) >= 10
    assert {one.playbook for one in taken} <= set(books)
    assert {one.department for one in taken} <= {"", *pack.departments}


@pytest.mark.parametrize("name", NAMES)
def test_rules_and_standards_ask_for_words_of_the_pack(name: str) -> None:
    pack = packs.load(name=name)
    known = {"kind": set(pack.kinds), "facts": set(pack.facts)}
    tables = [each["when"] for each in acting.rules(name=name)]
    tables += [each[part] for each in acting.standards(name=name) for part in ("of", "met")]
    asked = {pair for written in tables for pair in _asked(written) if pair[0] in known}
    assert asked
    assert not {(field, word) for field, word in asked if word not in known[field]}


@pytest.mark.parametrize("name", NAMES)
def test_every_pack_brings_standards_and_steps_for_today(name: str) -> None:
    found = [standard.made(table=each) for each in acting.standards(name=name)]
    assert len({one.name for one in found}) == len(found) >= 6
    assert len(acting.today(name=name)) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_is_drafted_in_four_languages_from_what_a_case_can_tell(name: str) -> None:
    for book in _books(name).values():
        assert set(book.letters) >= LANGUAGES, book.name
        for language in LANGUAGES:
            told = drafting.draft(playbook=book, language=language, facts=dict.fromkeys(FACTS, "X"), number=1)
            assert told.subject
            assert told.text.count("X") >= 2
            assert not told.missing, (book.name, language)
            assert not NEVER.search(told.text)


@pytest.mark.parametrize("name", NAMES)
def test_somebody_reads_before_they_act_and_the_customer_hears_of_it(name: str) -> None:
    for book in _books(name).values():
        acts = [step.act for step in book.steps]
        assert acts[0] == "read", book.name
        assert "reply" in acts, book.name


@pytest.mark.parametrize("name", NAMES)
def test_every_harm_of_a_pack_is_said_in_words(name: str) -> None:
    pack = packs.load(name=name)
    assert {fact for mark in pack.marks for fact in mark.when.get("facts", ())} <= set(pack.facts)
    assert {kind for stage in pack.stages for kind in stage.kinds} <= set(pack.kinds)
    for column, words in (("facts", pack.facts), ("kinds", pack.kinds), ("departments", pack.departments)):
        aliases = pack.aliases.get(column, {})
        assert set(aliases.values()) <= set(words)
        assert not set(aliases) & set(words)
