"""Intents by rules: the phrases of each wish, the shape of questions, what the tone says, names of competitors."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from valence.packs import taxonomy
from valence.text import clauses as cutting
from valence.text import promises
from valence.text.annotation import Clause, Feeling, IntentFound, PromiseHeard, Span, Tone, Wish
from valence.text.intents import phrases, pleas

MODEL = "rules of intents 2"
_ASKED = re.compile(r"[?؟？]")
_NOT = re.compile(
    r"(?:\b(?:not|no|never|won't|don't|didn't|isn't|wasn't|nicht|kein|keine|nie|ne|pas|jamais|sin|nunca|jamás)"
    r"|(?<!\w)(?:لا|لم|لن|ما|ليس))\W+(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]")
_BEGINS = re.compile(r"(?:^|[.!?…:;\n\r\"“])\s*$")
_SHORT_NAME = 5
_COMMON_WORDS = frozenset(
    {"orange", "three", "free", "subway", "frontier", "sprint", "spectrum", "sky", "digi", "expedia"}
)
# Names that are everyday words, as they are written, of these languages.
_WORDS_OF = {"du": frozenset({"de", "fr", "it", "es", "nl"})}
# A wish that these words turn round when they stand before it.
_TURNED = frozenset({Wish.LEAVING, Wish.URGENT, Wish.COMPLAINT})
_ONE, _MORE = 0.7, 0.85
_FROM_TONE = 0.65
SUREST_TONE = 0.6


def read(
    *,
    text: str,
    language: str,
    clauses: Sequence[Clause],
    themes: taxonomy.Taxonomy,
    tone: Tone | None = None,
    heard: Sequence[PromiseHeard] | None = None,
    named: Sequence[IntentFound] | None = None,
) -> tuple[IntentFound, ...]:
    """Return what the writer is after, most confident first, each with the words it rests on.

    `themes` brings the names of competitors. `tone`, where it is known, tells complaint from praise: a text that is
    bad all through complains, whatever its words. `heard`: the promises of the text, `named`: its
    competitors, where they were read before.
    """
    spans = _spans_by_wish(text, language)
    found = [*_by_words(text, spans), *_questions(text, spans)]
    competitors = named_in(text=text, language=language, names=themes.competitors) if named is None else named
    found += [*_pleas(text, language), *competitors]
    heard = promises.read(text=text, language=language, now=None) if heard is None else heard
    if heard:
        rests = tuple(promise.span for promise in heard)
        found.append(IntentFound(Wish.PROMISE, max(each.confidence for each in heard), rests, by=heard[0].by))
    if tone is not None:
        found = list(_with_tone(found, tone, clauses))
    return tuple(sorted(found, key=lambda one: (-one.confidence, one.wish)))


def _spans_by_wish(text: str, language: str) -> dict[Wish, list[Span]]:
    spans: dict[Wish, list[Span]] = defaultdict(list)
    for hit in phrases.wishes().find(text=text, language=language):
        wish = Wish(hit.theme)
        if wish in _TURNED | {Wish.PRAISE} and _NOT.search(text, max(0, hit.span.start - 30), hit.span.start):
            continue
        spans[wish].append(hit.span)
    return spans


def _by_words(text: str, spans: dict[Wish, list[Span]]) -> Iterator[IntentFound]:
    for wish, places in spans.items():
        if wish is not Wish.QUESTION:
            yield IntentFound(wish, _MORE if len(places) > 1 else _ONE, tuple(places))


def _questions(text: str, spans: dict[Wish, list[Span]]) -> Iterator[IntentFound]:
    """Give a question where a sentence ends in a question mark; surer with a question's words, less beside a plea."""
    there = cutting.sentences(text) if _ASKED.search(text) else ()
    asked = [span for span in there if _ASKED.search(text, span.start, span.end)]
    worded = [one for one in spans.get(Wish.QUESTION, ()) if any(span.start <= one.start < span.end for span in asked)]
    if worded:
        yield IntentFound(Wish.QUESTION, _MORE, tuple(worded))
    elif asked and not spans.get(Wish.REQUEST):
        yield IntentFound(Wish.QUESTION, 0.55, tuple(asked))
    elif spans.get(Wish.QUESTION) and text.strip()[-1:] not in ".!" and not spans.get(Wish.COMPLAINT):
        yield IntentFound(Wish.QUESTION, 0.5, tuple(spans[Wish.QUESTION]))


def _pleas(text: str, language: str) -> Iterator[IntentFound]:
    plea = pleas.find(text=text, language=language)
    if plea is not None:
        yield IntentFound(Wish.SCORE_PLEA, _MORE, (plea.span,), by=plea.by)


def fitting(*, found: Sequence[IntentFound], feeling: Feeling) -> tuple[IntentFound, ...]:
    """Return the intents without those that only another tone than `feeling` implied: for a tone that is corrected."""
    implied = {Wish.COMPLAINT: (Feeling.NEGATIVE, Feeling.MIXED), Wish.PRAISE: (Feeling.POSITIVE, Feeling.MIXED)}
    return tuple(
        one for one in found if one.confidence > _FROM_TONE or feeling in implied.get(one.wish, tuple(Feeling))
    )


def named_in(*, text: str, language: str, names: tuple[str, ...]) -> tuple[IntentFound, ...]:
    """Return each competitor that is named. Short names and names that are words count only as they are written.

    A name that is a word counts nowhere where a sentence begins, and one of the text's own words not at all.
    """
    found: dict[str, list[Span]] = defaultdict(list)
    for match in _named(names).finditer(text) if names else ():
        name = _as_listed(match.group(), names)
        is_word = language in _WORDS_OF.get(name, ()) or (
            name.lower() in _COMMON_WORDS and _BEGINS.search(text, max(0, match.start() - 4), match.start())
        )
        if name and not is_word:
            found[name].append(Span(*match.span()))
    return tuple(
        IntentFound(Wish.COMPETITOR, 0.9 if len(name) >= _SHORT_NAME else 0.7, tuple(spans), about=name)
        for name, spans in found.items()
    )


def _as_listed(written: str, names: tuple[str, ...]) -> str:
    if written in names:
        return written
    for name in names:
        if name.lower() == written.lower() and len(name) >= _SHORT_NAME and name.lower() not in _COMMON_WORDS:
            return name
    return ""


@lru_cache(maxsize=64)
def _named(names: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)", re.IGNORECASE)


def _with_tone(found: Iterable[IntentFound], tone: Tone, clauses: Sequence[Clause]) -> Iterator[IntentFound]:
    """Give the intents with what the tone adds: no praise in what is bad all through, and a complaint without words."""
    against = {Feeling.NEGATIVE: Wish.PRAISE, Feeling.POSITIVE: Wish.COMPLAINT}.get(tone.feeling)
    kept = [one for one in found if one.wish is not against or one.confidence > _MORE]
    yield from kept
    implied = {
        Feeling.NEGATIVE: (Wish.COMPLAINT,),
        Feeling.POSITIVE: (Wish.PRAISE,),
        Feeling.MIXED: (Wish.COMPLAINT, Wish.PRAISE),
    }.get(tone.feeling, ())
    rests = tone.rests_on or tuple(clause.span for clause in clauses)
    for wish in implied:
        if tone.confidence >= SUREST_TONE and not any(one.wish is wish for one in kept):
            yield IntentFound(wish, min(_FROM_TONE, tone.confidence), rests)
