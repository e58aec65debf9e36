"""Learning and measuring on rows that were not learned from: by folds, or from one file for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.text import encoders, language, vowels
from valence.text.evaluation import asking, counting
from valence.text.heads import head, material, members
from valence.text.tone import reading

BINS = 10
NAMES_OF_LANGUAGES = {
    "arabic": "ar", "english": "en", "french": "fr", "german": "de", "hindi": "hi", "italian": "it", "portuguese": "pt",
    "spanish": "es", "dutch": "nl", "turkish": "tr", "russian": "ru", "chinese": "zh",
}  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """What was told of rows that were not learned from: chances and told, both [rows, labels]."""

    chances: NDArray[np.float64]
    told: NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """Places of rows to learn from and to measure on, in the material of both files together."""

    known: NDArray[np.intp]
    asked: NDArray[np.intp]


def encoders_of(*, path: str) -> tuple[encoders.Encoder, ...]:
    """Return the encoders of a path; raises WrongLabels, which is said to people, where one is not installed."""
    try:
        return encoders.of_path(path=path)
    except encoders.EncoderMissing as problem:
        raise asking.WrongLabels(str(problem)) from None


def together(*, asked: asking.Asked) -> asking.Rows:
    """Return the rows that are measured, then those of the file to learn from."""
    if asked.train is None:
        return asked.rows
    return asking.Rows(
        texts=asked.rows.texts + asked.train.texts,
        labels=asked.rows.labels + asked.train.labels,
        languages=asked.rows.languages + asked.train.languages,
    )


def languages_of(*, rows: asking.Rows) -> tuple[str, ...]:
    """Return the language of every row: as its column names it, else as it reads."""
    named = rows.languages or ("",) * len(rows)
    return tuple(
        NAMES_OF_LANGUAGES.get(name.lower(), name[:2].lower()) if name else language.read(text).code
        for name, text in zip(named, rows.texts, strict=True)
    )


def stuff_of(
    *,
    rows: asking.Rows,
    readers: Sequence[encoders.Encoder],
    progress: asking.Report,
    given: material.Matrix | None = None,
) -> material.Material:
    """Return what heads read of the rows."""
    spoken = languages_of(rows=rows)
    texts = [vowels.without(text=text) for text in rows.texts]
    readings = [reading.read(text=text, language=code) for text, code in zip(texts, spoken, strict=True)]
    vectors = []
    for reader in readers:
        progress(terms.Progress(done=0, total=len(rows), words=f"Encoding with {reader.name}"))
        vectors.append(reader.encode(texts))
        progress(terms.Progress(done=len(rows), total=len(rows), words=f"Encoding with {reader.name}"))
    return material.of(texts=texts, vectors=vectors, signs=reading.features(readings=readings), given=given)


def splits(*, asked: asking.Asked, truth: members.Truth, one: bool) -> Iterator[Split]:
    """Give the splits that were asked for: one where a file to learn from was named, else as many as folds."""
    if asked.train is not None:
        yield Split(known=np.arange(len(asked.rows), len(truth)), asked=np.arange(len(asked.rows)))
        return
    for known, part in head.parts(truth=truth, one=one, seed=asked.seed, count=asked.folds):
        yield Split(known=known, asked=part)


def guess(
    *,
    splits: Sequence[Split],
    size: int,
    labels: int,
    learn: Callable[[NDArray[np.intp]], Callable[[NDArray[np.intp]], tuple[NDArray[np.float64], NDArray[np.bool_]]]],
    progress: asking.Report,
) -> Guess:
    """Learn on each split and tell of its asked rows. `learn(known)` returns what tells of `asked`."""
    chances, told = np.zeros((size, labels)), np.zeros((size, labels), dtype=bool)
    for number, split in enumerate(splits):
        progress(terms.Progress(done=number, total=len(splits), words="Learning"))
        chances[split.asked], told[split.asked] = learn(split.known)(split.asked)
    progress(terms.Progress(done=len(splits), total=len(splits), words="Learning"))
    return Guess(chances=chances, told=told)


def by_head(
    *, stuff: material.Material, truth: members.Truth, labels: Sequence[str], one: bool, names: Sequence[str], seed: int
) -> Callable[[NDArray[np.intp]], Callable[[NDArray[np.intp]], tuple[NDArray[np.float64], NDArray[np.bool_]]]]:
    """Return what `guess` needs to learn heads."""

    def learn(known: NDArray[np.intp]) -> Callable[[NDArray[np.intp]], tuple[NDArray[np.float64], NDArray[np.bool_]]]:
        try:
            taught = head.learn(
                stuff=stuff.at(places=known), truth=truth[known], labels=labels, one=one, encoders=names, seed=seed
            )
        except head.TooFewExamples as problem:
            raise asking.WrongLabels(f"Too few rows to learn from: {problem}") from None

        def tell(asked: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
            chances = taught.chances(stuff=stuff.at(places=asked))
            return chances, taught.told(chances=chances)

        return tell

    return learn


def figures(*, truth: members.Truth, told: NDArray[np.bool_], seed: int) -> dict[str, counting.Figure]:
    """Return accuracy (rows wholly right), macro-F1 and micro-F1 with their ranges."""
    right = (truth.astype(bool) == told).all(axis=1)
    occurs = (truth.sum(axis=0) + told.sum(axis=0)) > 0
    counts = _counts(truth=truth[:, occurs], told=told[:, occurs])
    return {
        "accuracy": counting.share(part=float(right.sum()), whole=len(right)),
        "macro_f1": counting.drawn(counts=counts, figure=counting.macro_f1, seed=seed),
        "micro_f1": counting.drawn(counts=counts, figure=counting.micro_f1, seed=seed),
    }


def by_label(
    *, truth: members.Truth, told: NDArray[np.bool_], labels: Sequence[str]
) -> dict[str, dict[str, float | int]]:
    """Return for every label how often it is given and told, precision, recall and F1."""
    table: dict[str, dict[str, float | int]] = {}
    for at, label in enumerate(labels):
        hits = int((truth[:, at].astype(bool) & told[:, at]).sum())
        given, said = int(truth[:, at].sum()), int(told[:, at].sum())
        table[label] = {
            "n": given,
            "told": said,
            "precision": hits / said if said else 0.0,
            "recall": hits / given if given else 0.0,
            "f1": counting.f1(hits=hits, wrong=said - hits, missed=given - hits),
        }
    return table


def calibration_error(*, truth: members.Truth, chances: NDArray[np.float64], one: bool) -> float:
    """Return how far told chances are from how often they come true, over ten bins (expected calibration error).

    Where one label is told a row, of the highest chance; else of all chances of 0.05 and more.
    """
    right = truth.astype(bool)
    if one:
        best = chances.argmax(axis=1)
        said, came = chances.max(axis=1), right[np.arange(len(best)), best]
    else:
        said, came = chances[chances >= 0.05], right[chances >= 0.05]
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    gaps = [abs(said[bins == one_bin].mean() - came[bins == one_bin].mean()) * (bins == one_bin).mean()
            for one_bin in range(BINS) if (bins == one_bin).any()]  # fmt: skip
    return float(sum(gaps))


def by_language(
    *, rows: asking.Rows, truth: members.Truth, told: NDArray[np.bool_]
) -> tuple[dict[str, dict[str, float | int]], float] | None:
    """Return n, accuracy, macro-F1 and micro-F1 of every language and the mean macro-F1; None for less than two."""
    spoken = np.array(rows.languages)
    if len(set(spoken)) < 2:
        return None
    table: dict[str, dict[str, float | int]] = {}
    for code in sorted(set(rows.languages)):
        there = spoken == code
        sums = _counts(truth=truth[there], told=told[there]).sum(axis=0)
        table[code] = {
            "n": int(there.sum()),
            "accuracy": float((truth[there].astype(bool) == told[there]).all(axis=1).mean()),
            "macro_f1": counting.macro_f1(sums),
            "micro_f1": counting.micro_f1(sums),
        }
    return table, float(np.mean([row["macro_f1"] for row in table.values()]))


def _counts(*, truth: members.Truth, told: NDArray[np.bool_]) -> counting.Counts:
    given = truth.astype(bool)
    return np.hstack([given & told, told & ~given, given & ~told]).astype(float)
