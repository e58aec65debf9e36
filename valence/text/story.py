"""Who appears in a story: people of the company by role, how each is spoken of, and being sent from one to the next.

By words in five languages (story.toml). A role stands for a department, so that a story which crosses several shows it.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from valence.packs import taxonomy
from valence.text import keywords
from valence.text.annotation import Clause, Feeling, PersonHeard, PromiseHeard, Span, Story
from valence.text.tone import reading

MODEL = "words of people 1"
HANDED_ON = "handed_on"


def read(
    *, text: str, language: str, clauses: Sequence[Clause], felt: reading.Reading, heard: Sequence[PromiseHeard]
) -> Story:
    """Return the people of a text in order of place, each with the tone of the clauses that name them.

    felt: what the lexicon saw in the text. heard: its promises; who is named in one, promised it.
    """
    spans: dict[str, list[Span]] = defaultdict(list)
    for hit in _matcher().find(text=text, language=language):
        spans[hit.theme].append(hit.span)
    handed_on = tuple(spans.pop(HANDED_ON, ()))
    people = [
        PersonHeard(
            role=role,
            department=departments()[role],
            feeling=_feeling(places, clauses, felt),
            rests_on=tuple(places),
            promised=any(one.span.start <= at.start < one.span.end for one in heard for at in places),
        )
        for role, places in spans.items()
    ]
    return Story(people=tuple(sorted(people, key=lambda one: one.rests_on[0])), handed_on=handed_on)


@cache
def departments() -> dict[str, str]:
    """Return the department that each role stands for."""
    return {role: str(listed["department"]) for role, listed in _table().items() if role != HANDED_ON}


def _feeling(places: Sequence[Span], clauses: Sequence[Clause], felt: reading.Reading) -> Feeling:
    own = [one.span for one in clauses if any(one.span.start <= at.start < one.span.end for at in places)]
    inside = [one.strength for one in felt.felt if any(at.start <= one.span.start < at.end for at in own)]
    good, bad = any(one > 0 for one in inside), any(one < 0 for one in inside)
    if good and bad:
        return Feeling.MIXED
    return Feeling.POSITIVE if good else Feeling.NEGATIVE if bad else Feeling.CANNOT_TELL


@cache
def _table() -> dict[str, dict[str, str | list[str]]]:
    return tomllib.loads(Path(__file__).with_name("story.toml").read_text(encoding="utf-8"))


@cache
def _matcher() -> keywords.Matcher:
    return keywords.of(
        themes=[
            taxonomy.Theme(
                name=name,
                label=name,
                description="",
                keywords={language: tuple(words) for language, words in listed.items() if language != "department"},
                hints={},
                examples={},
            )
            for name, listed in _table().items()
        ]
    )
