"""A comment as a row: its words with marked clauses, what was read in them, and the keys that put it right."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from valence.customers import queries as customers
from valence.flows.read import reading
from valence.insights import text_words
from valence.ledger.queries.readings import Comment
from valence.packs import PackError, taxonomy
from valence.people import rules
from valence.web import marked, view, words

MOST_THEMES = 9


@dataclass(frozen=True)
class ThemeTag:
    """A theme of a comment. `key`: the key that takes it off; `without`: the themes that are left then."""

    name: str
    label: str
    tone: str
    tone_words: str
    confidence: str
    key: str
    without: str


@dataclass(frozen=True)
class Item:
    """One comment. `id` stays the same when it is corrected, so that the focus stays."""

    id: str
    number: int
    href: str
    pieces: tuple[marked.Piece, ...]
    language: str
    language_words: str
    direction: str
    tone: str
    tone_words: str
    themes: tuple[ThemeTag, ...]
    intents: tuple[tuple[str, str], ...]
    name: str
    customer_href: str
    score: str
    about: str
    at: datetime
    corrected: bool
    may_correct: bool
    likeness: str = ""


def items(
    asked: view.Asked, comments: Sequence[Comment], *, theme: str = "", likeness: Sequence[float] = ()
) -> tuple[Item, ...]:
    """Return comments as rows."""
    called = customers.names(scope=asked.scope, keys=[one.key for one in comments])
    said = labels()
    near = [f"{100 * one:.0f} %" for one in likeness] or [""] * len(comments)
    return tuple(
        _item(asked, one, called.get(one.key), said, theme, likely) for one, likely in zip(comments, near, strict=True)
    )


@dataclass(frozen=True)
class Tags:
    """What was read in a text, to stand beside it wherever it is shown. `href` opens the comment."""

    href: str
    tone: str
    tone_words: str
    themes: tuple[ThemeTag, ...]
    intents: tuple[tuple[str, str], ...]


def beside(asked: view.Asked, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Tags]:
    """Return what was read in the texts of some interactions (source, id); those without are left out."""
    found, said = reading.in_interactions(scope=asked.own, ids=ids), labels()
    return {
        name: Tags(
            href=asked.to("comment", number=one.number),
            tone=one.tone,
            tone_words=text_words.tone(one.tone).lower(),
            themes=tags(one, said),
            intents=_intents(one),
        )
        for name, one in found.items()
    }


def labels() -> dict[str, str]:
    """Return what themes are called, by name; with an overlay that is wrong, as the pack calls them."""
    return {theme.name: theme.label for theme in themes()}


def themes() -> Sequence[taxonomy.Theme]:
    """Return the themes in use; with an overlay that is wrong, those of the pack."""
    try:
        return reading.taxonomy_in_use().themes
    except PackError:
        return taxonomy.load(name=reading.pack_name()).themes


def direction(language: str) -> str:
    """Return in which direction a language is written."""
    return "rtl" if language in text_words.RIGHT_TO_LEFT else "ltr"


def _item(
    asked: view.Asked, one: Comment, named: customers.Name | None, said: dict[str, str], theme: str, likeness: str
) -> Item:
    department = words.pack().say_department(one.department) if one.department else ""
    return Item(
        id=f"c{zlib.crc32(f'{one.source}:{one.interaction_id}'.encode()):08x}",
        number=one.number,
        href=asked.to("comment", number=one.number),
        pieces=marked.quote(text=one.text, found=one.found, labels=said, theme=theme),
        language="" if one.language == "cannot_tell" else one.language,
        language_words=text_words.language(one.language),
        direction=direction(one.language),
        tone=one.tone,
        tone_words=text_words.tone(one.tone),
        themes=tags(one, said),
        intents=_intents(one),
        name=named.said if named else "",
        customer_href=asked.to("customer", key=one.key) if named else "",
        score=score_words(one.score, one.scale),
        about=" · ".join(filter(None, (department, one.location_id, one.channel))),
        at=one.occurred_at,
        corrected=one.corrected,
        may_correct=asked.may(rules.Act.CORRECT),
        likeness=likeness,
    )


def tags(one: Comment, said: dict[str, str]) -> tuple[ThemeTag, ...]:
    """Return the themes of a comment, the surest first."""
    found = one.found.themes
    return tuple(
        ThemeTag(
            name=theme.name,
            label=said.get(theme.name, text_words.plain(theme.name)),
            tone=theme.tone.feeling.value,
            tone_words=text_words.tone(theme.tone.feeling.value).lower(),
            confidence=f"{100 * theme.confidence:.0f} %",
            key=str(place) if place <= MOST_THEMES else "",
            without="|".join(f"{other.name}:{other.tone.feeling.value}" for other in found if other is not theme),
        )
        for place, theme in enumerate(found, start=1)
    )


def score_words(score: float | None, scale: str) -> str:
    """Say a score with its scale: `7 of 10`."""
    if score is None:
        return ""
    most = {"nps": 10, "csat": 5, "ces": 7}.get(scale)
    return f"{score:g} of {most}" if most else f"{score:g}"


def _intents(one: Comment) -> tuple[tuple[str, str], ...]:
    wishes = dict.fromkeys(each.wish.value for each in one.found.intents)
    return tuple((wish, text_words.intent(wish)) for wish in wishes)
