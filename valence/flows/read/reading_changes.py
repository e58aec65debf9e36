"""What another reader would say of texts in store: themes and tones now and then, with the texts that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from valence import terms
from valence.ledger.queries import readings
from valence.text import pipeline
from valence.text.annotation import CANNOT_TELL

SAMPLE = 400
EXAMPLES = 3
LONGEST = 160


@dataclass(frozen=True)
class Change:
    """One theme or tone: in how many texts of the sample it is told now and would be told then, and how many differ.

    gains, losses: how many texts come to it and go; gained, lost: some of them. Words are never kept in a file.
    """

    name: str
    now: int
    then: int
    gains: int
    losses: int
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Say whether any text is told otherwise."""
        return bool(self.gains or self.losses)


@dataclass(frozen=True)
class Changes:
    """What would change in a sample: the latest texts. `texts` of them; `touched`: told otherwise in any way."""

    texts: int
    touched: int
    themes: tuple[Change, ...]
    tones: tuple[Change, ...]


def sample(*, scope: terms.Scope, size: int = SAMPLE) -> tuple[readings.Comment, ...]:
    """Return the latest texts, each wording once."""
    found = readings.rows(scope=scope, asked=readings.Asked(), limit=4 * size)
    return tuple({one.text: one for one in reversed(found)}.values())[-size:]


def between(*, before: pipeline.Reader, after: pipeline.Reader, texts: Sequence[readings.Comment]) -> Changes:
    """Return what would change if texts were read by another reader."""
    said = [one.text for one in texts]
    hints = ["" if one.language == CANNOT_TELL else one.language for one in texts]
    told = [
        [read.annotation for read in pipeline.annotate(texts=said, using=using, now=terms.EPOCH, hints=hints)]
        for using in (before, after)
    ]
    themes = [[{one.name for one in found.themes} for found in each] for each in told]
    tones = [[{found.tone.feeling.value} for found in each] for each in told]
    both = zip(themes[0], themes[1], tones[0], tones[1], strict=True)
    return Changes(
        texts=len(said),
        touched=sum(old != new or was != is_ for old, new, was, is_ in both),
        themes=_changed(said, *themes),
        tones=_changed(said, *tones),
    )


def as_kept(changes: Changes) -> dict[str, Any]:
    """Return changes as plain values, without anybody's words; `read_back` gives them back."""
    themes, tones = (
        tuple(replace(one, gained=(), lost=()) for one in each) for each in (changes.themes, changes.tones)
    )
    return asdict(replace(changes, themes=themes, tones=tones))


def read_back(kept: Mapping[str, Any]) -> Changes:
    """Return changes as they were kept."""
    lists = {name: tuple(_change(one) for one in kept[name]) for name in ("themes", "tones")}
    return Changes(texts=kept["texts"], touched=kept["touched"], **lists)


def _change(kept: Mapping[str, Any]) -> Change:
    return Change(**{**kept, "gained": tuple(kept["gained"]), "lost": tuple(kept["lost"])})


def _changed(texts: Sequence[str], before: Sequence[set[str]], after: Sequence[set[str]]) -> tuple[Change, ...]:
    names = sorted(set().union(*before, *after))
    found = [_of(name, texts, before, after) for name in names]
    return tuple(sorted(found, key=lambda one: (-abs(one.then - one.now), one.name)))


def _of(name: str, texts: Sequence[str], before: Sequence[set[str]], after: Sequence[set[str]]) -> Change:
    rows = list(zip(texts, before, after, strict=True))
    gained = [text for text, old, new in rows if name in new - old]
    lost = [text for text, old, new in rows if name in old - new]
    return Change(
        name=name,
        now=sum(name in old for old in before),
        then=sum(name in new for new in after),
        gains=len(gained),
        losses=len(lost),
        gained=tuple(text[:LONGEST] for text in gained[:EXAMPLES]),
        lost=tuple(text[:LONGEST] for text in lost[:EXAMPLES]),
    )
