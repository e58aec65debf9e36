"""Promises: who comes off better beside a competitor is told by words that say so, and by nothing else."""

from __future__ import annotations

import pytest

from valence.packs import taxonomy
from valence.text import clauses as cutting
from valence.text import intents
from valence.text.intents import rivals
from valence.text.intents.rivals import Side

THEMES = taxonomy.load(name="telco")


def _read(text: str, language: str = "en") -> list[tuple[str, Side]]:
    cut = cutting.split(text, language=language)
    found = intents.read(text=text, language=language, clauses=cut, themes=THEMES)
    return [(one.name, one.side) for one in rivals.read(text=text, language=language, clauses=cut, intents=found)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Your coverage is so much better than Verizon", "en"),
        ("Verizon was slower than you ever were", "en"),
        ("I switched from Comcast and never looked back", "en"),
        ("So much cheaper than what I paid at Vodafone", "en"),
        ("Your line is not worse than Verizon's", "en"),
        ("Unlike Comcast, your staff is lovely and helpful", "en"),
        ("Euer Netz ist viel besser als bei Vodafone", "de"),
        ("Vodafone war deutlich teurer", "de"),
        ("Plus rapide que Bouygues et moins cher", "fr"),
        ("J'ai quitté Bouygues pour vous", "fr"),
        ("Mejor cobertura que Movistar", "es"),
        ("السرعة أفضل من موبايلي", "ar"),
    ],
)
def test_what_is_said_for_us_against_a_competitor_is_ours(text: str, language: str) -> None:
    assert [side for _, side in _read(text, language)] == [Side.OURS]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Verizon is cheaper and faster", "en"),
        ("Verizon is much better than you", "en"),
        ("You are more expensive than Verizon", "en"),
        ("I am switching to Verizon tomorrow", "en"),
        ("It is half the price at Vodafone", "en"),
        ("Your service is not better than Comcast", "en"),
        ("Ihr seid teurer als Vodafone", "de"),
        ("Nächste Woche gehe ich zu Vodafone", "de"),
        ("Moins cher chez Bouygues", "fr"),
        ("Je passe chez Bouygues dès demain", "fr"),
        ("Movistar es más barato", "es"),
        ("Me paso a Movistar", "es"),
        ("موبايلي أرخص بكثير", "ar"),
    ],
)
def test_what_is_said_for_a_competitor_is_theirs(text: str, language: str) -> None:
    assert [side for _, side in _read(text, language)] == [Side.THEIRS]


@pytest.mark.parametrize("text", ["My neighbour has Verizon", "Verizon is terrible", "I left Comcast, what a mistake"])
def test_what_no_word_compares_is_not_guessed_from_the_tone(text: str) -> None:
    assert [side for _, side in _read(text)] == [Side.UNTOLD]


def test_each_competitor_is_told_by_its_own_clause() -> None:
    assert _read("Verizon is cheaper, but your coverage is better than Vodafone.") == [
        ("Verizon", Side.THEIRS),
        ("Vodafone", Side.OURS),
    ]


def test_a_text_that_names_nobody_says_nothing() -> None:
    assert _read("Your coverage is better than before") == []
