"""Promises of meanings: what an analyst chooses for a word becomes an overlay that loads and says just that."""

from __future__ import annotations

from pathlib import Path

import pytest

from valence import packs
from valence.packs import meanings
from valence.packs.meanings import Meaning, Sense

CHOSEN = (
    Meaning("facts", "Wrong Meter", Sense.HARM),
    Meaning("facts", "spaet", Sense.SAME, "late"),
    Meaning("kind", "meter_reading", Sense.OWN),
    Meaning("kind", "umzug", Sense.SIGNAL),
    Meaning("facts", "thanked", Sense.PRAISE),
    Meaning("facts", "auto", Sense.NOTHING),
    Meaning("department", "grid_ops", Sense.OWN),
)


def load(text: str, folder: Path) -> packs.Pack:
    place = folder / "telco.toml"
    place.write_text(text, encoding="utf-8")
    return packs.load(overlay=place)


def test_each_choice_says_what_it_says(tmp_path: Path) -> None:
    pack = load(meanings.added(text="", meanings=CHOSEN), tmp_path)
    marks = {mark.when.get("facts", mark.when.get("kind", ("",)))[0]: mark for mark in pack.marks}
    assert all(pack.knows(meanings.TABLES[one.column], one.word) for one in CHOSEN)
    assert "wrong_meter" in pack.harmful_facts
    assert "thanked" in pack.praised_facts
    assert "spaet" in pack.harmful_facts
    assert marks["meter_reading"].sign is packs.Sign.FREE
    assert marks["umzug"].role is packs.Role.SIGNAL
    assert "auto" not in marks
    assert pack.say_department("grid_ops") == "Grid ops"


def test_what_was_written_by_hand_stays_as_it_was(tmp_path: Path) -> None:
    text = '# ours\n[facts]  # words\nslow = { label = "Slow" }\n\n[[marks]]\nname = "late"\nweight = 0.6\n'
    added = meanings.added(text=text, meanings=CHOSEN)
    assert [line for line in text.splitlines() if line not in added.splitlines()] == []
    pack = load(added, tmp_path)
    assert pack.knows("facts", "slow")
    assert next(mark.weight for mark in pack.marks if mark.name == "late") == 0.6


def test_a_word_that_is_named_already_is_left_alone() -> None:
    once = meanings.added(text="", meanings=CHOSEN)
    assert meanings.added(text=once, meanings=[Meaning("facts", "wrong meter", Sense.PRAISE)]) == once
    assert ("facts", "wrong_meter") in meanings.decided(text=once)


@pytest.mark.parametrize("word", ['a"b', "back\\slash", "zwölf", "] [marks]", "x = 1", "tab\there", "\x7f\x01", "#"])
def test_any_word_can_be_written(word: str, tmp_path: Path) -> None:
    pack = load(meanings.added(text="", meanings=[Meaning("facts", word, Sense.HARM)]), tmp_path)
    assert pack.knows("facts", word)
    assert packs.plain_word(word) in pack.harmful_facts


def test_a_draft_that_is_no_toml_is_refused() -> None:
    with pytest.raises(packs.PackError):
        meanings.added(text="[facts", meanings=CHOSEN)
