"""Reading: language, redaction, clauses, themes, tone, intents, promises and people of many texts, in this order.

Pure: what it reads with (encoders, heads, taxonomy) is made once by `reader` and handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from valence.packs import taxonomy
from valence.text import (
    annotation,
    clauses,
    encoders,
    intents,
    keywords,
    language,
    promises,
    redaction,
    scoring,
    story,
    vowels,
)
from valence.text.annotation import Annotation, Clause, Part, ThemeFound
from valence.text.heads import head, material
from valence.text.intents import rivals
from valence.text.tone import blanks, emotions, reading, telling

BATCH = 256
IN_NO_DOUBT = 2.0
"""Strength of the words of one mood, none of the other: then the lexicon alone tells a theme's tone (fast path)."""
LONGEST = 20_000
"""Characters of a text that are read for themes, tone and intents; language and redaction have bounds of their own."""


@dataclass(frozen=True)
class Reader:
    """What texts are read with.

    `encoders`: those of the path, the first one for clauses and likeness; `themes`: a head that was taught, None: the
    pack alone; `names`: a model of names for redaction, None: patterns alone.
    """

    taxonomy: taxonomy.Taxonomy
    encoders: tuple[encoders.Encoder, ...]
    ruled: scoring.Ruled
    tone: head.Head
    themes: head.Head | None = None
    names: redaction.Names | None = None


@dataclass(frozen=True)
class Read:
    """A text without personal data, and what was read in it; places are those of `text`."""

    text: str
    annotation: Annotation


@dataclass(frozen=True)
class _Batch:
    """What is known of a batch of texts on the way, text by text."""

    texts: tuple[str, ...]
    languages: tuple[annotation.Language, ...]
    clauses: tuple[tuple[Clause, ...], ...]
    hits: tuple[tuple[keywords.Hit, ...], ...]
    felt: tuple[reading.Reading, ...]
    stuff: material.Material


def reader(
    *,
    pack: taxonomy.Taxonomy,
    readers: Sequence[encoders.Encoder],
    tone: head.Head | None = None,
    themes: head.Head | None = None,
    names: redaction.Names | None = None,
) -> Reader:
    """Return a Reader for a pack and encoders; without a tone head it is the one that Valence comes with."""
    return Reader(
        taxonomy=pack,
        encoders=tuple(readers),
        ruled=scoring.of(themes=pack, encoder=readers[0]),
        tone=tone or telling.shipped(readers=readers),
        themes=themes,
        names=names,
    )


def annotate(*, texts: Sequence[str], using: Reader, now: datetime, hints: Sequence[str] = ()) -> Iterator[Read]:
    """Read every text, in order, a batch at a time. `hints`: the language each writer is known to speak, "" unknown."""
    for start in range(0, len(texts), BATCH):
        part = [text[:LONGEST] for text in texts[start : start + BATCH]]
        clean = [one.text for one in redaction.read_all(part, names=using.names)]
        batch = _prepared(texts=clean, hints=hints[start : start + BATCH], using=using)
        told = _told(batch=batch, using=using, now=now)
        for text, found in zip(clean, told, strict=True):
            yield Read(text=text, annotation=vowels.put_back(found=found, text=text))


def _prepared(*, texts: Sequence[str], hints: Sequence[str], using: Reader) -> _Batch:
    clean = tuple(vowels.without(text=text) for text in texts)
    known = hints or [""] * len(texts)
    spoken = tuple(language.read(text, hint=hint) for text, hint in zip(clean, known, strict=True))
    codes = [one.code for one in spoken]
    felt = tuple(reading.read(text=text, language=code) for text, code in zip(clean, codes, strict=True))
    hits = tuple(
        tuple(using.ruled.matcher.find(text=text, language=code)) for text, code in zip(clean, codes, strict=True)
    )
    vectors = tuple(one.encode(clean) for one in using.encoders)
    given = using.ruled.scores(texts=clean, vectors=vectors[0], hits=hits)
    stuff = material.of(texts=clean, vectors=vectors, signs=reading.features(readings=felt), given=given)
    cut = tuple(clauses.split(text, language=code) for text, code in zip(clean, codes, strict=True))
    return _Batch(texts=clean, languages=spoken, clauses=cut, hits=hits, felt=felt, stuff=stuff)


def _told(*, batch: _Batch, using: Reader, now: datetime) -> Iterator[Annotation]:
    names, chances, told = _themes(batch=batch, using=using)
    readable = np.array(
        [spoken.is_told or bool(hits) for spoken, hits in zip(batch.languages, batch.hits, strict=True)]
    )
    told = told & readable[:, None]
    feelings = using.tone.chances(stuff=material.ungiven(stuff=batch.stuff))
    tones = [
        blanks.tone(text=text) or _tone(feelings[at], batch.felt[at], batch.clauses[at], using)
        for at, text in enumerate(batch.texts)
    ]
    found = _with_tones(batch=batch, using=using, names=names, chances=chances, told=told, tones=tones)
    models = _models(using)
    for at in range(len(batch.texts)):
        about = tuple(sorted(found[at], key=lambda one: -one.confidence))
        yield _annotated(batch=batch, at=at, tone=tones[at], about=about, models=models, using=using, now=now)


def _annotated(
    *,
    batch: _Batch,
    at: int,
    tone: annotation.Tone,
    about: tuple[ThemeFound, ...],
    models: annotation.ModelNames,
    using: Reader,
    now: datetime,
) -> Annotation:
    """Return all that was read in one text of a batch, given its tone and themes."""
    text, spoken, cut = batch.texts[at], batch.languages[at], batch.clauses[at]
    heard = promises.read(text=text, language=spoken.code, now=now)
    named = intents.named_in(text=text, language=spoken.code, names=using.taxonomy.competitors)
    if named:
        tone, about = _beside(batch=batch, at=at, named=named, tone=tone, about=about)
    return Annotation(
        language=spoken,
        clauses=cut,
        themes=about,
        tone=tone,
        intents=intents.read(
            text=text, language=spoken.code, clauses=cut, themes=using.taxonomy, tone=tone, heard=heard, named=named
        ),
        promises=heard,
        models=models,
        untold=_untold(spoken=spoken, tone=tone, about=about),
        emotions=emotions.read(text=text, language=spoken.code),
        story=story.read(text=text, language=spoken.code, clauses=cut, felt=batch.felt[at], heard=heard),
    )


def _beside(
    *,
    batch: _Batch,
    at: int,
    named: Sequence[annotation.IntentFound],
    tone: annotation.Tone,
    about: tuple[ThemeFound, ...],
) -> tuple[annotation.Tone, tuple[ThemeFound, ...]]:
    """Return the tone of a text and of its themes, where all that they say is who is better than a competitor."""
    cut, felt = batch.clauses[at], tuple(one.span for one in batch.felt[at].felt)
    beside = rivals.read(text=batch.texts[at], language=batch.languages[at].code, clauses=cut, intents=named)
    leaned = partial(rivals.leaned, beside=beside, clauses=cut, felt=felt)
    themes = tuple(replace(one, tone=leaned(tone=one.tone, within=one.clauses)) for one in about)
    return leaned(tone=tone, within=range(len(cut))), themes


def _models(using: Reader) -> annotation.ModelNames:
    return annotation.ModelNames(
        language=language.MODEL,
        themes=_name_of_themes(using),
        tone=telling.name_of(using.tone),
        intents=intents.MODEL,
    )


def _themes(*, batch: _Batch, using: Reader) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.bool_]]:
    """Return names of themes, their chances and which are told: by the head where one was taught, else by the pack."""
    if using.themes is None:
        chances = using.ruled.chances(given=batch.stuff.given)
        return using.ruled.labels, chances, chances >= scoring.TELL_FROM
    chances = using.themes.chances(stuff=batch.stuff)
    return using.themes.labels, chances, using.themes.told(chances=chances)


def _tone(
    feelings: NDArray[np.float64], felt: reading.Reading, cut: Sequence[Clause], using: Reader
) -> annotation.Tone:
    order = [using.tone.labels.index(label) for label in telling.LABELS]
    leaned = using.tone.told(chances=feelings[None, :])[0]
    label = using.tone.labels[int(leaned.argmax())]
    return telling.tone_of(chances=feelings[order], told=label, felt=felt, clauses=cut)


def _with_tones(
    *,
    batch: _Batch,
    using: Reader,
    names: Sequence[str],
    chances: NDArray[np.float64],
    told: NDArray[np.bool_],
    tones: Sequence[annotation.Tone],
) -> list[list[ThemeFound]]:
    """Return the themes of every text with the tone of the clauses that speak of each.

    Where a text has one clause, or one theme and one mood, the theme's tone is the text's: nothing more is encoded.
    """
    found: list[list[ThemeFound]] = [[] for _ in batch.texts]
    pairs = [(int(text), int(theme)) for text, theme in np.argwhere(told)]
    several = [pair for pair in pairs if _needs_focus(batch=batch, text=pair[0], themes=int(told[pair[0]].sum()))]
    focused = _focused(batch=batch, using=using, names=names, pairs=several)
    for text, theme in pairs:
        chosen, tone = focused.get((text, theme), (_spoken_in(batch, text, names[theme]), tones[text]))
        found[text].append(
            ThemeFound(
                name=names[theme],
                confidence=float(chances[text, theme]),
                tone=tone,
                clauses=chosen,
                rests_on=_words(batch=batch, text=text, theme=names[theme], chosen=chosen),
            )
        )
    return found


def _needs_focus(*, batch: _Batch, text: int, themes: int) -> bool:
    felt = batch.felt[text].felt
    both_ways = any(one.strength > 0 for one in felt) and any(one.strength < 0 for one in felt)
    return len(batch.clauses[text]) > 1 and (themes > 1 or both_ways)


def _focused(
    *, batch: _Batch, using: Reader, names: Sequence[str], pairs: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], tuple[tuple[int, ...], annotation.Tone]]:
    """Return, for pairs of text and theme, the clauses that speak of the theme and their tone."""
    chosen = {
        (text, theme): _heaviest(batch=batch, text=text, theme=names[theme], using=using) for text, theme in pairs
    }
    if not chosen:
        return {}
    found = {}
    unsure: dict[tuple[int, int], str] = {}
    for pair, places in chosen.items():
        tone = _by_words_alone(batch=batch, text=pair[0], places=places) if len(using.encoders) == 1 else None
        if tone is None:
            cut, text = batch.clauses[pair[0]], batch.texts[pair[0]]
            unsure[pair] = " ".join(cut[one].span.of(text) for one in places)
        else:
            found[pair] = (places, tone)
    for pair, tone in _by_head(batch=batch, using=using, said=unsure).items():
        found[pair] = (chosen[pair], _moved(tone, batch, pair[0], chosen[pair]))
    return found


def _by_words_alone(*, batch: _Batch, text: int, places: Sequence[int]) -> annotation.Tone | None:
    """Return the tone of clauses where the lexicon is in no doubt: encoding them would tell the same, later."""
    spans = [batch.clauses[text][at].span for at in places]
    felt = batch.felt[text]
    inside = [one for one in felt.felt if any(span.start <= one.span.start < span.end for span in spans)]
    good = sum(one.strength for one in inside if one.strength > 0)
    bad = -sum(one.strength for one in inside if one.strength < 0)
    if max(good, bad) < IN_NO_DOUBT or min(good, bad) > 0:
        return None
    value = (good - bad) / (good + bad + 1)
    return annotation.Tone(
        feeling=annotation.Feeling.POSITIVE if good else annotation.Feeling.NEGATIVE,
        value=value,
        confidence=0.5 + abs(value) / 2,
        rests_on=tuple(one.span for one in inside[:4]),
    )


def _by_head(
    *, batch: _Batch, using: Reader, said: Mapping[tuple[int, int], str]
) -> dict[tuple[int, int], annotation.Tone]:
    """Return the tone of the clauses of pairs of text and theme, as the head tells it."""
    if not said:
        return {}
    texts = list(said.values())
    codes = [batch.languages[text].code for text, _ in said]
    felt = [reading.read(text=one, language=code) for one, code in zip(texts, codes, strict=True)]
    stuff = material.of(
        texts=texts, vectors=[one.encode(texts) for one in using.encoders], signs=reading.features(readings=felt)
    )
    feelings = using.tone.chances(stuff=stuff)
    return {pair: _tone(feelings[at], felt[at], (), using) for at, pair in enumerate(said)}


def _heaviest(*, batch: _Batch, text: int, theme: str, using: Reader) -> tuple[int, ...]:
    """Return the clauses that hold words of the theme; without any, those that hold no word of another theme."""
    own: set[int] = set()
    others: set[int] = set()
    for hit in batch.hits[text]:
        for at, clause in enumerate(batch.clauses[text]):
            if clause.span.start <= hit.span.start < clause.span.end:
                (own if hit.theme == theme and hit.sure else others).add(at)
    free = set(range(len(batch.clauses[text]))) - others
    return tuple(sorted(own or free or set(range(len(batch.clauses[text])))))


def _moved(tone: annotation.Tone, batch: _Batch, text: int, places: Sequence[int]) -> annotation.Tone:
    """Return the tone resting on words of the whole text: those felt in the clauses it was told from."""
    spans = [batch.clauses[text][at].span for at in places]
    inside = tuple(
        one.span for one in batch.felt[text].felt if any(span.start <= one.span.start < span.end for span in spans)
    )
    return annotation.Tone(feeling=tone.feeling, value=tone.value, confidence=tone.confidence, rests_on=inside[:4])


def _spoken_in(batch: _Batch, text: int, theme: str) -> tuple[int, ...]:
    cut = batch.clauses[text]
    own = {
        at
        for hit in batch.hits[text]
        if hit.theme == theme
        for at, clause in enumerate(cut)
        if clause.span.start <= hit.span.start < clause.span.end
    }
    return tuple(sorted(own)) or tuple(range(len(cut)))


def _words(*, batch: _Batch, text: int, theme: str, chosen: Sequence[int]) -> tuple[annotation.Span, ...]:
    """Return the words of the theme; without any, the clauses themselves."""
    words = tuple(dict.fromkeys(hit.span for hit in batch.hits[text] if hit.theme == theme))
    return words or tuple(batch.clauses[text][at].span for at in chosen)


def _name_of_themes(using: Reader) -> str:
    if using.themes is None:
        return f"{using.ruled.name} ({using.encoders[0].name})"
    card = using.themes.card
    return (
        f"head {card.get('name', using.taxonomy.name)} {card.get('version', '')} ({', '.join(using.themes.encoders)})"
    )


def _untold(*, spoken: annotation.Language, tone: annotation.Tone, about: Sequence[ThemeFound]) -> frozenset[Part]:
    untold = set()
    if not spoken.is_told:
        untold.add(Part.LANGUAGE)
        if not about:
            untold.add(Part.THEMES)
    if tone.feeling == annotation.Feeling.CANNOT_TELL:
        untold.add(Part.TONE)
    return frozenset(untold)
