from __future__ import annotations

import time
from itertools import pairwise

import pytest

from valence.text import clauses


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        (
            "en",
            "The food was great but the service was slow, and the waiter forgot us. Dr. Smith paid 12.50 euro!",
            [
                "The food was great",
                "but the service was slow,",
                "and the waiter forgot us.",
                "Dr. Smith paid 12.50 euro!",
            ],
        ),
        ("de", "Das Essen war gut, aber leider zu teuer.", ["Das Essen war gut,", "aber leider zu teuer."]),
        ("fr", "Bonne cuisine mais accueil froid", ["Bonne cuisine", "mais accueil froid"]),
        ("es", "La comida rica, sin embargo tardaron mucho", ["La comida rica,", "sin embargo tardaron mucho"]),
        (
            "ar",
            "الطعام لذيذ لكن الخدمة بطيئة، والأسعار مرتفعة",
            ["الطعام لذيذ", "لكن الخدمة بطيئة،", "والأسعار مرتفعة"],
        ),
        ("zh", "菜很好吃，但是服务很慢。价格也贵！", ["菜很好吃，", "但是服务很慢。", "价格也贵！"]),
        ("ja", "料理は美味しいけど、サービスが悪い。", ["料理は美味しい", "けど、サービスが悪い。"]),
        ("cannot_tell", "Great food mais service lent", ["Great food", "mais service lent"]),
        ("en", "Pizza, salad, wine", ["Pizza, salad, wine"]),
        ("en", "😀", ["😀"]),
        ("en", "  ", []),
    ],
)
def test_each_clause_makes_one_point(language: str, text: str, parts: list[str]) -> None:
    assert [each.span.of(text) for each in clauses.split(text, language=language)] == parts


def test_a_clause_says_whether_it_turns_and_in_which_sentence() -> None:
    found = clauses.split("Nice room, but cold. Never again!", language="en")
    assert [(each.sentence, each.turns) for each in found] == [(0, False), (0, True), (1, False)]


@pytest.mark.parametrize("unit", ["a, ", "but ", "😀", "a. ", "\n", "الا ان "])
def test_every_letter_lies_in_one_clause_and_length_does_no_harm(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    begun = time.process_time()
    found = clauses.split(text, language="en")
    assert time.process_time() - begun < 20  # a hundred times what it takes; quadratic steps would take minutes
    held = "".join(each.span.of(text) for each in found)
    assert "".join(held.split()) == "".join(text.split())
    assert all(one.span.end <= two.span.start for one, two in pairwise(found))
