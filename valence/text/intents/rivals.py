"""Who comes off better where a competitor is named: the company, the competitor, or nobody can tell.

By words in five languages (rivals.toml): comparatives and what stands on either side of "than", going to a competitor,
coming from one. What no such word says is not guessed from the tone: "Vodafone is terrible" may speak of both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from valence.text import keywords
from valence.text.annotation import Clause, Feeling, IntentFound, Span, Tone, Wish
from valence.text.intents import phrases
from valence.text.tone import reading

FILE = "rivals.toml"
NEAR = 14
"""Letters between a word and the name that it belongs to: "switched to this Vodafone"."""
AFTER_THAN = 40
"""Letters after "than" in which the other side is named."""
LEAST_FELT = 0.2
VALUE, SURE = 0.6, 0.75
"""Of the tone of a comparison."""
_NOT = re.compile(
    r"(?:\b(?:not|no|never|hardly|\w+n't|nicht|kein|keine|kaum|pas|jamais|no es|nunca|ni)|(?<!\w)(?:لا|لم|ليس|ليست|مو))"
    r"\W+(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)


class Side(StrEnum):
    """Who comes off better."""

    OURS = "ours"
    THEIRS = "theirs"
    UNTOLD = "untold"


@dataclass(frozen=True)
class Beside:
    """A competitor named in a clause (a place among those of the text), who comes off better, and by which words."""

    name: str
    clause: int
    side: Side
    rests_on: tuple[Span, ...]


@dataclass(frozen=True)
class _Clause:
    """One clause with its words: `heard` in order of place; `feels`: its whole sentence, -1 (bad) .. 1 (good)."""

    text: str
    span: Span
    heard: tuple[keywords.Hit, ...]
    feels: float

    def of(self, *kinds: str) -> list[keywords.Hit]:
        return [hit for hit in self.heard if hit.theme in kinds]

    def right_before(self, at: Span, *kinds: str) -> keywords.Hit | None:
        """Return the word of these kinds that stands right before a place."""
        near = [hit for hit in self.of(*kinds) if 0 <= at.start - hit.span.end <= NEAR]
        return near[-1] if near else None


def read(*, text: str, language: str, clauses: Sequence[Clause], intents: Sequence[IntentFound]) -> tuple[Beside, ...]:
    """Return who comes off better in every clause that names a competitor, in order of place."""
    named = [(span, one.about) for one in intents if one.wish is Wish.COMPETITOR for span in one.rests_on]
    if not named:
        return ()
    heard = phrases.listed(file=FILE).find(text=text, language=language)
    felt = reading.read(text=text, language=language)
    found = []
    for span, name in sorted(named):
        for at, clause in enumerate(clauses):
            if clause.span.start <= span.start < clause.span.end:
                inside = tuple(hit for hit in heard if clause.span.start <= hit.span.start < clause.span.end)
                one = _Clause(text, clause.span, _longest(inside), felt.balance(span=_sentence(clauses, clause)))
                side, rests = _side(one, span)
                found.append(Beside(name, at, side, (span, *(hit.span for hit in rests))))
    return tuple(found)


def leaned(
    *, tone: Tone, beside: Sequence[Beside], clauses: Sequence[Clause], within: Sequence[int], felt: Sequence[Span]
) -> Tone:
    """Return the tone of some clauses (`within`), where they only say who comes off better: for us is good.

    A head hears "better than Verizon" as it hears any "than"; the comparison knows. felt: where feeling is said: a
    clause that says some without comparing keeps the tone as it is.
    """
    told = {one.clause: one for one in beside if one.side is not Side.UNTOLD and one.clause in within}
    others = [clauses[at].span for at in within if at not in told]
    other = any(span.start <= one.start < span.end for span in others for one in felt)
    if other or len({one.side for one in told.values()}) != 1:
        return tone
    one = next(iter(told.values()))
    good = one.side is Side.OURS
    return Tone(
        feeling=Feeling.POSITIVE if good else Feeling.NEGATIVE,
        value=VALUE if good else -VALUE,
        confidence=SURE,
        rests_on=one.rests_on,
    )


def _sentence(clauses: Sequence[Clause], clause: Clause) -> Span:
    same = [one.span for one in clauses if one.sentence == clause.sentence]
    return Span(same[0].start, same[-1].end)


def _longest(heard: Sequence[keywords.Hit]) -> tuple[keywords.Hit, ...]:
    """Return the words without those that lie within longer ones: "less reliable" is no "reliable"."""
    return tuple(
        hit
        for hit in heard
        if not any(
            other.span != hit.span and other.span.start <= hit.span.start and hit.span.end <= other.span.end
            for other in heard
        )
    )


def _side(clause: _Clause, name: Span) -> tuple[Side, Sequence[keywords.Hit]]:
    """Return who comes off better, and by which words. The first that speaks decides.

    1. A comparative with "than": the side that it stands with.
    2. Going to them, coming from them.
    3. "Unlike" them: what is felt beside.
    4. A comparative said of them: before it, or "at" them.
    """
    compared = clause.of("better", "worse")
    than = [hit for hit in clause.of("than") if compared and hit.span.start > compared[0].span.start]
    if than:
        return _than(clause, name, compared, than[0])
    if goes := clause.right_before(name, "to"):
        return Side.THEIRS, (goes,)
    if came := clause.right_before(name, "from"):
        return (Side.OURS if clause.feels > -LEAST_FELT else Side.UNTOLD), (came,)
    if unlike := clause.right_before(name, "unlike"):
        sides = (Side.OURS, Side.THEIRS, Side.UNTOLD)
        return sides[0 if clause.feels > LEAST_FELT else 1 if clause.feels < -LEAST_FELT else 2], (unlike,)
    if compared and (name.end <= compared[0].span.start or clause.right_before(name, "at")):
        return _winner(clause, compared[0], theirs=True), (compared[0],)
    return Side.UNTOLD, ()


def _than(
    clause: _Clause, name: Span, compared: Sequence[keywords.Hit], than: keywords.Hit
) -> tuple[Side, Sequence[keywords.Hit]]:
    """Return who wins "A is better than B": the name stands before the comparative, or after "than"."""
    last = [hit for hit in compared if hit.span.start < than.span.start][-1]
    if 0 <= name.start - than.span.end <= AFTER_THAN:
        return _winner(clause, last, theirs=False), (last, than)
    if name.end <= last.span.start:
        return _winner(clause, last, theirs=True), (last, than)
    return Side.UNTOLD, ()


def _winner(clause: _Clause, compared: keywords.Hit, *, theirs: bool) -> Side:
    """Return who comes off better by a comparative that is said of them (`theirs`) or of us, turned round by "not"."""
    good = compared.theme == "better"
    if _NOT.search(clause.text, max(clause.span.start, compared.span.start - 30), compared.span.start):
        good = not good
    return Side.THEIRS if good == theirs else Side.OURS
