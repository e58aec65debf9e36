"""What a text is about and how it speaks of each: `food:positive|price:negative`. Themes, and tone of given themes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.text import clauses, encoders, keywords, scoring
from valence.text.evaluation import asking, counting, learning
from valence.text.evaluation.tasks import themes
from valence.text.heads import head, material
from valence.text.tone import focus, reading

_PAIR = re.compile(r"[^|]+?:[^:|\s]+(?=\s|\||$)")


@dataclass(frozen=True)
class _Pairs:
    """Given themes with their tones: the row, the theme (a place in labels), the tone (a place in tones)."""

    rows: NDArray[np.intp]
    themes: NDArray[np.intp]
    tones: NDArray[np.intp]
    names: tuple[str, ...]

    def of(self, *, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the places of the pairs of these rows."""
        return np.flatnonzero(np.isin(self.rows, rows))


def figures(*, asked: asking.Asked, progress: asking.Report) -> dict[str, object]:
    """Return the figures of themes, and how often the tone of a given theme is told right (`polarity_accuracy`).

    `joint_micro_f1` counts a theme as found only with its right tone. Needs --train or --folds.
    Raises asking.WrongLabels.
    """
    if asked.train is None and not asked.folds:
        raise asking.WrongLabels("Themes with tones are learned: name --train FILE or --folds K")
    rows = learning.together(asked=asked)
    split = [_split(cell, number) for number, cell in enumerate(rows.labels, start=1)]
    labels = sorted({theme for cell in split for theme, _ in cell})
    if not labels:
        raise asking.WrongLabels("The label column is empty")
    truth = np.array([[label in dict(cell) for label in labels] for cell in split], dtype=int)
    pairs = _pairs(split, labels)
    readers = learning.encoders_of(path=asked.path)
    spoken = learning.languages_of(rows=rows)
    ruled = scoring.for_labels(labels=labels, pack=asked.pack, encoder=readers[0])
    given = scoring.full(ruled=ruled).scores(texts=rows.texts, languages=spoken) if ruled else None
    stuff = learning.stuff_of(rows=rows, readers=readers, progress=progress, given=given)
    found = themes.guess(
        asked=asked, stuff=stuff, truth=truth, labels=labels, ruled=ruled, readers=readers, progress=progress
    )
    parts = _parts(rows, spoken, readers, stuff, progress)
    hits = _hits(rows, spoken, ruled)
    tones = _tones(
        asked=asked,
        truth=truth,
        pairs=pairs,
        stuff=stuff,
        parts=parts,
        named=_named(hits, parts, ruled),
        near=_near(rows, spoken, pairs, hits, ruled),
    )
    models = [*(reader.name for reader in readers), *([ruled.name] if ruled else [])]
    answer = themes.said(asked=asked, truth=truth, found=found, labels=labels)
    return {**answer, **_polarity(asked=asked, pairs=pairs, told=tones), "models": models,
            "joint_micro_f1": _joint(asked=asked, pairs=pairs, tones=tones, found=found)}  # fmt: skip


def _split(cell: str, number: int) -> list[tuple[str, str]]:
    """Read `food:positive|price:negative`; some files put blanks in place of the bars."""
    found = [match.strip(" |").rpartition(":")[::2] for match in _PAIR.findall(cell)]
    if cell.strip() and not found:
        raise asking.WrongLabels(f"Row {number}: {cell[:60]!r} is not written like food:positive|price:negative")
    return found


def _pairs(split: Sequence[Sequence[tuple[str, str]]], labels: Sequence[str]) -> _Pairs:
    names = sorted({tone for cell in split for _, tone in cell})
    listed = [
        (row, labels.index(theme), names.index(tone))
        for row, cell in enumerate(split)
        for theme, tone in dict(cell).items()
    ]
    columns = np.array(listed, dtype=np.intp).T
    return _Pairs(rows=columns[0], themes=columns[1], tones=columns[2], names=tuple(names))


def _parts(
    rows: asking.Rows,
    spoken: Sequence[str],
    readers: Sequence[encoders.Encoder],
    stuff: material.Material,
    progress: asking.Report,
) -> focus.Parts:
    progress(terms.Progress(done=0, total=1, words="Encoding clauses"))
    cut = [clauses.split(text, language=code) for text, code in zip(rows.texts, spoken, strict=True)]
    return focus.parts(texts=rows.texts, clauses=cut, languages=spoken, readers=readers, whole=stuff.vectors)


def _hits(
    rows: asking.Rows, spoken: Sequence[str], ruled: scoring.Ruled | None
) -> tuple[tuple[keywords.Hit, ...], ...]:
    """Return the words of the pack's themes in every row; none where no pack knows the labels."""
    if ruled is None:
        return ((),) * len(rows)
    return tuple(
        tuple(ruled.matcher.find(text=text, language=code)) for text, code in zip(rows.texts, spoken, strict=True)
    )


def _named(
    hits: Sequence[Sequence[keywords.Hit]], parts: focus.Parts, ruled: scoring.Ruled | None
) -> NDArray[np.float64] | None:
    """Return how many words of each label every clause holds: [clauses, labels]; None where no pack knows them."""
    if ruled is None:
        return None
    counts = np.zeros((len(parts.signs), len(ruled.labels)))
    for row, found in enumerate(hits):
        for at, clause in enumerate(parts.clauses[row]):
            inside = [hit.theme for hit in found if clause.span.start <= hit.span.start < clause.span.end]
            counts[parts.starts[row] + at] = [sum(one in meant for one in inside) for meant in ruled.themes]
    return counts


def _near(
    rows: asking.Rows,
    spoken: Sequence[str],
    pairs: _Pairs,
    hits: Sequence[Sequence[keywords.Hit]],
    ruled: scoring.Ruled | None,
) -> material.Matrix:
    """Return what the lexicon feels near the words of the theme of every pair: [pairs, 8]."""
    felt = [reading.read(text=text, language=code).felt for text, code in zip(rows.texts, spoken, strict=True)]
    found = []
    for row, theme in zip(pairs.rows.tolist(), pairs.themes.tolist(), strict=True):
        meant = ruled.themes[theme] if ruled else frozenset()
        own = [hit.span.start for hit in hits[row] if hit.theme in meant]
        others = [hit.span.start for hit in hits[row] if hit.theme not in meant]
        found.append(focus.feelings_near(felt=felt[row], own=own, others=others))
    return np.array(found, dtype=np.float32).reshape(len(pairs.rows), -1)


def _tones(
    *,
    asked: asking.Asked,
    truth: NDArray[np.int_],
    pairs: _Pairs,
    stuff: material.Material,
    parts: focus.Parts,
    named: NDArray[np.float64] | None,
    near: material.Matrix,
) -> NDArray[np.intp]:
    """Return the tone told of every given pair whose row is measured, as a place in `pairs.names`."""
    told = np.full(len(pairs.rows), -1, dtype=np.intp)
    truths = np.array([[tone == at for at in range(len(pairs.names))] for tone in pairs.tones], dtype=int)
    for split in learning.splits(asked=asked, truth=truth, one=False):
        pull = focus.likeness(vectors=stuff.vectors[0], truth=truth, known=split.known)
        focuses = focus.of(pairs=list(zip(pairs.rows, pairs.themes, strict=True)), parts=parts, named=named, pull=pull)
        both = focus.stuff_of(focuses=focuses, parts=parts, whole=stuff, themes=truth.shape[1], near=near)
        known, measured = pairs.of(rows=split.known), pairs.of(rows=split.asked)
        try:
            taught = head.learn(
                stuff=both.at(places=known),
                truth=truths[known],
                labels=pairs.names,
                one=True,
                encoders=(),
                seed=asked.seed,
            )
        except head.TooFewExamples as problem:
            raise asking.WrongLabels(f"Too few rows to learn from: {problem}") from None
        chances = taught.chances(stuff=both.at(places=measured))
        told[measured] = chances.argmax(axis=1)
    return told


def _polarity(*, asked: asking.Asked, pairs: _Pairs, told: NDArray[np.intp]) -> dict[str, object]:
    there = pairs.rows < len(asked.rows)
    right = told[there] == pairs.tones[there]
    kinds = range(len(pairs.names))
    given = np.array([[tone == at for at in kinds] for tone in pairs.tones[there]], dtype=int)
    said = np.array([[tone == at for at in kinds] for tone in told[there]], dtype=bool)
    return {
        "pairs": int(there.sum()),
        "polarity_accuracy": counting.share(part=float(right.sum()), whole=len(right)),
        "polarity_macro_f1": learning.figures(truth=given, told=said, seed=asked.seed)["macro_f1"],
        "polarities": learning.by_label(truth=given, told=said, labels=pairs.names),
    }


def _joint(*, asked: asking.Asked, pairs: _Pairs, tones: NDArray[np.intp], found: learning.Guess) -> float:
    """Return micro-F1 of themes that count as found only with the right tone; a theme found in vain is wrong."""
    there = pairs.rows < len(asked.rows)
    seen = found.told[pairs.rows[there], pairs.themes[there]]
    hits = float((seen & (tones[there] == pairs.tones[there])).sum())
    said = float(found.told[: len(asked.rows)].sum())
    return counting.f1(hits=hits, wrong=said - hits, missed=float(there.sum()) - hits)
