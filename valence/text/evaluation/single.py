"""Measuring tasks where every text carries exactly one label, whatever the labels are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from valence.text.evaluation import asking, learning
from valence.text.heads import material, words


def figures(*, asked: asking.Asked, progress: asking.Report) -> dict[str, object]:
    """Learn as was asked, and return figures of what was told of rows that were not learned from.

    A text that carries several labels, or none, is left out and counted. `baseline`: a line through words alone
    (TF-IDF), learned and measured on the same rows. Raises asking.WrongLabels.
    """
    if asked.train is None and not asked.folds:
        raise asking.WrongLabels(
            "These labels are nobody's but yours, so there is nothing to tell them with before learning: "
            "name --train FILE or --folds K"
        )
    kept, left_out = _with_one_label(asked)
    rows = learning.together(asked=kept)
    labels = sorted(set(rows.labels))
    if len(labels) < 2:
        raise asking.WrongLabels("There is only one label, so there is nothing to tell apart")
    truth = np.array([[label == given for label in labels] for given in rows.labels], dtype=int)
    readers = learning.encoders_of(path=kept.path)
    stuff = learning.stuff_of(rows=rows, readers=readers, progress=progress)
    splits = list(learning.splits(asked=kept, truth=truth, one=True))
    names = [reader.name for reader in readers]
    learn = learning.by_head(stuff=stuff, truth=truth, labels=labels, one=True, names=names, seed=kept.seed)
    found = learning.guess(splits=splits, size=len(rows), labels=len(labels), learn=learn, progress=progress)
    plain = _words_alone(stuff=stuff, truth=truth, splits=splits)
    return {**said(asked=kept, truth=truth, found=found, labels=labels), "left_out": left_out, "models": names,
            "baseline": _baseline(asked=kept, truth=truth, told=plain)}  # fmt: skip


def said(
    *, asked: asking.Asked, truth: NDArray[np.int_], found: learning.Guess, labels: Sequence[str]
) -> dict[str, object]:
    """Return the figures of the measured rows, by label, and by language where a column names it."""
    count = len(asked.rows)
    truth, told, chances = truth[:count], found.told[:count], found.chances[:count]
    answer: dict[str, object] = {
        "n": count,
        **learning.figures(truth=truth, told=told, seed=asked.seed),
        "calibration_error": learning.calibration_error(truth=truth, chances=chances, one=True),
        "labels": learning.by_label(truth=truth, told=told, labels=labels),
    }
    by_language = learning.by_language(rows=asked.rows, truth=truth, told=told)
    if by_language:
        answer["languages"], answer["mean_macro_f1_of_languages"] = by_language
    return answer


def _with_one_label(asked: asking.Asked) -> tuple[asking.Asked, int]:
    rows = _kept(asked.rows)
    train = _kept(asked.train) if asked.train else None
    kept = asking.Asked(rows=rows, train=train, folds=asked.folds, seed=asked.seed, path=asked.path, pack=asked.pack)
    return kept, len(asked.rows) - len(rows)


def _kept(rows: asking.Rows) -> asking.Rows:
    places = [at for at, label in enumerate(rows.labels) if label and "|" not in label]
    return asking.Rows(
        texts=tuple(rows.texts[at] for at in places),
        labels=tuple(rows.labels[at] for at in places),
        languages=tuple(rows.languages[at] for at in places) if rows.languages else (),
    )


def _words_alone(
    *, stuff: material.Material, truth: NDArray[np.int_], splits: Sequence[learning.Split]
) -> NDArray[np.bool_]:
    from sklearn.svm import LinearSVC  # only who learns waits for it

    told = np.zeros(truth.shape, dtype=bool)
    for split in splits:
        known, asked = ([stuff.texts[at] for at in places] for places in (split.known, split.asked))
        vectorisers = words.learn(texts=known)
        line = LinearSVC(C=0.5, tol=0.01, random_state=0).fit(vectorisers.of(known), truth[split.known].argmax(axis=1))
        told[split.asked, line.predict(vectorisers.of(asked))] = True
    return told


def _baseline(*, asked: asking.Asked, truth: NDArray[np.int_], told: NDArray[np.bool_]) -> dict[str, object]:
    count = len(asked.rows)
    return {"TF-IDF and a line": {name: figure["value"] for name, figure in
            learning.figures(truth=truth[:count], told=told[:count], seed=asked.seed).items()}}  # fmt: skip
