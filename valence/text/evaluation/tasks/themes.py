"""What a text is about: any number of themes apart by "|". Learned from labels, from packs alone, or from both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from valence.text import scoring
from valence.text.evaluation import asking, learning
from valence.text.heads import material, members


def figures(*, asked: asking.Asked, progress: asking.Report) -> dict[str, object]:
    """Return figures of the themes. Without --train and --folds: by the pack's words and examples alone (--pack).

    Labels that a pack knows, by its names or those it lists as others', are helped by its words and examples.
    Raises asking.WrongLabels.
    """
    rows = learning.together(asked=asked)
    labels = labels_of(rows.labels)
    truth = truth_of(rows.labels, labels)
    readers = learning.encoders_of(path=asked.path)
    ruled = scoring.for_labels(labels=labels, pack=asked.pack, encoder=readers[0])
    if ruled is None and asked.train is None and not asked.folds:
        raise asking.WrongLabels(
            "Without learning, a pack must know these themes: name it with --pack, or learn with --train FILE or "
            f"--folds K. Labels found: {', '.join(labels[:8])}"
        )
    spoken = learning.languages_of(rows=rows)
    learns = asked.train is not None or bool(asked.folds)
    scored = scoring.full(ruled=ruled) if ruled and learns else ruled
    given = scored.scores(texts=rows.texts, languages=spoken) if scored else None
    stuff = learning.stuff_of(rows=rows, readers=readers, progress=progress, given=given)
    found = guess(asked=asked, stuff=stuff, truth=truth, labels=labels, ruled=ruled, readers=readers, progress=progress)
    models = [*(reader.name for reader in readers), *([ruled.name] if ruled else [])]
    return {**said(asked=asked, truth=truth, found=found, labels=labels), "models": models}


def labels_of(cells: Sequence[str]) -> list[str]:
    """Return the labels that occur in cells like `food|price`."""
    labels = sorted({label for cell in cells for label in cell.split("|") if label})
    if not labels:
        raise asking.WrongLabels("The label column is empty")
    return labels


def truth_of(cells: Sequence[str], labels: Sequence[str]) -> members.Truth:
    """Return which labels each cell names: [cells, labels] of 0 and 1."""
    named = [set(cell.split("|")) for cell in cells]
    return np.array([[label in given for label in labels] for given in named], dtype=int)


def is_one(truth: members.Truth) -> bool:
    """Return whether every row carries exactly one label."""
    return bool((truth.sum(axis=1) == 1).all())


def guess(
    *,
    asked: asking.Asked,
    stuff: material.Material,
    truth: members.Truth,
    labels: Sequence[str],
    ruled: scoring.Ruled | None,
    readers: Sequence[object],
    progress: asking.Report,
) -> learning.Guess:
    """Return the themes told of rows that were not learned from, or told by the pack alone.

    Where every row carries exactly one label, exactly one is told.
    """
    if asked.train is None and not asked.folds and ruled is not None:
        chances = ruled.chances(given=stuff.given)
        return learning.Guess(chances=chances, told=chances >= scoring.TELL_FROM)
    names = [getattr(reader, "name", "") for reader in readers]
    one = is_one(truth)
    learn = learning.by_head(stuff=stuff, truth=truth, labels=labels, one=one, names=names, seed=asked.seed)
    splits = list(learning.splits(asked=asked, truth=truth, one=one))
    return learning.guess(splits=splits, size=len(truth), labels=len(labels), learn=learn, progress=progress)


def said(
    *, asked: asking.Asked, truth: members.Truth, found: learning.Guess, labels: Sequence[str]
) -> dict[str, object]:
    """Return the figures of the measured rows, by label, and by language where a column names it."""
    count = len(asked.rows)
    truth, told, chances = truth[:count], found.told[:count], found.chances[:count]
    answer: dict[str, object] = {
        "n": count,
        **learning.figures(truth=truth, told=told, seed=asked.seed),
        "calibration_error": learning.calibration_error(truth=truth, chances=chances, one=is_one(truth)),
        "labels": learning.by_label(truth=truth, told=told, labels=labels),
    }
    by_language = learning.by_language(rows=asked.rows, truth=truth, told=told)
    if by_language:
        answer["languages"], answer["mean_macro_f1_of_languages"] = by_language
    return answer
