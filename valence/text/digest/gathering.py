"""A digest: comments gathered by meaning, counted, each group with quotes that stand for it. Nothing is made up.

Every line carries the comments it was counted from; there is no sentence without a source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.text import discovery
from valence.text.annotation import Feeling

MOST_GROUPS, SHOWN_GROUPS = 12, 8
QUOTES = 3
WHOLE_QUOTES = 5
ALIKE = 0.97
"""From this likeness on two comments are the same words: only the first is quoted."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Said:
    """A comment as it may be quoted (redacted). `id` opens its row; `feeling`: how it speaks of what is asked about."""

    id: str
    text: str
    feeling: Feeling = Feeling.CANNOT_TELL
    language: str = ""


@dataclass(frozen=True)
class Line:
    """A sentence, and the ids of all comments that it was counted from."""

    words: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Comments of one meaning. `sources`: all of them; `quotes`: those that stand for them, the middle one first.

    words: what is said there more than elsewhere.
    """

    words: tuple[str, ...]
    line: Line
    quotes: tuple[Said, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of all comments of the group."""
        return self.line.sources


@dataclass(frozen=True)
class Digest:
    """What comments say. `feelings`: how many speak how; `left`: comments that are like no group."""

    number: int
    feelings: tuple[tuple[Feeling, int], ...]
    lines: tuple[Line, ...]
    groups: tuple[Group, ...]
    quotes: tuple[Said, ...]
    left: int

    def quoted(self) -> tuple[Said, ...]:
        """Return every comment that is quoted somewhere, each once."""
        every = [*(one for group in self.groups for one in group.quotes), *self.quotes]
        return tuple({one.id: one for one in every}.values())


def gather(*, comments: Sequence[Said], vectors: Vectors, seed: int = 0) -> Digest:
    """Return the digest of comments. vectors: a row a comment, from any encoder."""
    if not comments:
        return Digest(number=0, feelings=(), lines=(), groups=(), quotes=(), left=0)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    found = discovery.clusters(texts=[one.text for one in comments], vectors=unit, seed=seed, most=MOST_GROUPS)
    groups = tuple(_group(cluster, comments, unit) for cluster in found[:SHOWN_GROUPS])
    return Digest(
        number=len(comments),
        feelings=tuple(sorted(Counter(one.feeling for one in comments).items(), key=lambda pair: -pair[1])),
        lines=_lines(comments),
        groups=groups,
        quotes=_quotes(comments, unit, np.arange(len(comments)), WHOLE_QUOTES),
        left=len(comments) - sum(len(group.sources) for group in groups),
    )


def _group(cluster: discovery.Cluster, comments: Sequence[Said], unit: Vectors) -> Group:
    inside = [comments[at] for at in cluster.members]
    said = f"{len(inside)} of {len(comments)} comments mean much the same"
    mood = _mood(inside)
    line = Line(words=f"{said}{f', {mood}' if mood else ''}.", sources=tuple(one.id for one in inside))
    return Group(
        words=cluster.words, line=line, quotes=_quotes(comments, unit, np.array(cluster.members, dtype=np.intp), QUOTES)
    )


def _lines(comments: Sequence[Said]) -> tuple[Line, ...]:
    """Return what is counted over all of them: one line a mood that some speak in."""
    lines = []
    for feeling, words in _MOODS.items():
        ids = tuple(one.id for one in comments if one.feeling is feeling)
        if ids:
            lines.append(Line(words=f"{len(ids)} of {len(comments)} comments are {words}.", sources=ids))
    return tuple(lines)


def _quotes(comments: Sequence[Said], unit: Vectors, rows: NDArray[np.intp], count: int) -> tuple[Said, ...]:
    """Return the comments that stand for these rows, none of them in the words of another."""
    chosen: list[int] = []
    for place in discovery.quotes_of(vectors=unit[rows], count=count + 2):
        row = int(rows[place])
        if all(float(unit[row] @ unit[other]) < ALIKE for other in chosen):
            chosen.append(row)
    return tuple(comments[row] for row in chosen[:count])


def _mood(inside: Sequence[Said]) -> str:
    counts = Counter(one.feeling for one in inside)
    told = [(feeling, counts[feeling]) for feeling in _MOODS if counts[feeling]]
    if not told:
        return ""
    feeling, number = max(told, key=lambda pair: pair[1])
    return f"{number if number < len(inside) else 'all'} of them {_MOODS[feeling]}"


_MOODS = {
    Feeling.NEGATIVE: "negative",
    Feeling.POSITIVE: "positive",
    Feeling.MIXED: "of two minds",
    Feeling.NEUTRAL: "neutral",
}
