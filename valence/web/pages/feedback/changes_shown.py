"""What another reader would say of texts in store, as pages show it: figures now and then, and texts that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from valence.flows.read import reading_changes
from valence.insights import say, text_words


@dataclass(frozen=True)
class Line:
    """One theme or tone with texts that gain or lose it."""

    label: str
    now: int
    then: int
    gains: int
    losses: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """What would change, in words and in lines; only what differs has a line."""

    says: str
    lines: tuple[Line, ...]


def shown(changes: reading_changes.Changes, *, labels: Mapping[str, str]) -> Shown:
    """Return changes as a page shows them."""
    each = [*((one, labels) for one in changes.themes), *((one, text_words.TONES) for one in changes.tones)]
    lines = tuple(_line(one, said) for one, said in each if one.differs)
    if not changes.texts:
        return Shown("There are no texts yet on which it could be tried.", ())
    if not changes.touched:
        return Shown(f"Nothing would change in the latest {say.many(changes.texts, 'text')}.", ())
    share = say.percent(changes.touched / changes.texts)
    return Shown(f"**{changes.touched} of the latest {changes.texts} texts** ({share}) would be read otherwise.", lines)


def _line(one: reading_changes.Change, said: Mapping[str, str]) -> Line:
    label = said.get(one.name, text_words.plain(one.name))
    return Line(label, one.now, one.then, one.gains, one.losses, one.gained, one.lost)
