from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from valence.text import encoders
from valence.text.evaluation import TASKS, asking, learning
from valence.text.tests import pretending

FOOD = ["soup", "steak", "bread", "salad"]
STAFF = ["waiter", "host", "manager", "owner"]
GOOD, BAD = ["great", "lovely", "perfect"], ["awful", "terrible", "rude"]


@pytest.fixture(autouse=True)
def _pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "encoders_of", lambda path: (encoders.Remembering(pretending.Pretended()),))


def _rows(count: int, seed: int, task: str) -> asking.Rows:
    random = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(count):
        dish, person = str(random.choice(FOOD)), str(random.choice(STAFF))
        first, second = (bool(random.integers(2)) for _ in range(2))
        words = [str(random.choice(GOOD if good else BAD)) for good in (first, second)]
        texts.append(f"The {dish} was {words[0]} and the {person} was {words[1]}.")
        tones = ["positive" if good else "negative" for good in (first, second)]
        labels.append({"aspects": f"food:{tones[0]}|service:{tones[1]}", "themes": "food|service"}.get(task, tones[0]))
        if task in ("themes", "aspects") and random.integers(2):
            texts[-1] = f"The {dish} was {words[0]}."
            labels[-1] = labels[-1].partition("|")[0]
    return asking.Rows(texts=tuple(texts), labels=tuple(labels), languages=("en",) * count)


def _figures(task: str, **asked: Any) -> dict[str, Any]:
    return TASKS[task].figures(asked=asking.Asked(**asked), progress=lambda progress: None)


@pytest.mark.parametrize("task", ["sentiment", "themes"])
def test_folds_tell_most_of_what_is_easy_with_ranges(task: str) -> None:
    found = _figures(task, rows=_rows(60, 0, task), folds=2, seed=1)
    assert found["n"] == 60
    for name in ("accuracy", "macro_f1", "micro_f1"):
        assert found[name]["low"] <= found[name]["value"] + 1e-9 <= found[name]["high"] + 2e-9
    assert found["micro_f1"]["value"] > 0.7
    assert 0 <= found["calibration_error"] < 0.3
    assert sum(row["n"] for row in found["labels"].values()) >= 60


def test_aspects_also_say_how_often_the_tone_was_right() -> None:
    found = _figures("aspects", rows=_rows(80, 0, "aspects"), folds=2)
    assert found["pairs"] > 80
    assert found["polarity_accuracy"]["value"] > 0.8
    assert set(found["polarities"]) == {"negative", "positive"}
    assert found["joint_micro_f1"] <= found["micro_f1"]["value"]


def test_learning_from_one_file_measures_the_other() -> None:
    found = _figures("sentiment", rows=_rows(40, 1, "sentiment"), train=_rows(100, 2, "sentiment"))
    assert found["n"] == 40
    assert sum(row["n"] for row in found["labels"].values()) == 40


def test_a_label_that_was_not_learned_is_missed_not_forgotten() -> None:
    rows = _rows(40, 1, "sentiment")
    odd = asking.Rows(texts=(*rows.texts, "odd"), labels=(*rows.labels, "mixed"), languages=(*rows.languages, "en"))
    found = _figures("sentiment", rows=odd, train=_rows(100, 2, "sentiment"))
    assert found["labels"]["mixed"] == {"n": 1, "told": 0, "precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_the_same_seed_gives_the_same_figures() -> None:
    rows = _rows(60, 0, "intent")
    assert _figures("intent", rows=rows, folds=2, seed=3) == _figures("intent", rows=rows, folds=2, seed=3)


def test_languages_are_told_apart_where_a_column_names_them() -> None:
    rows = _rows(60, 0, "sentiment")
    named = asking.Rows(texts=rows.texts, labels=rows.labels, languages=("english", "german") * 30)
    found = _figures("sentiment", rows=named, folds=2)
    assert {name: row["n"] for name, row in found["languages"].items()} == {"english": 30, "german": 30}
    assert found["mean_macro_f1_of_languages"] == pytest.approx(
        np.mean([row["macro_f1"] for row in found["languages"].values()])
    )


def test_a_pack_alone_tells_themes_without_learning() -> None:
    found = _figures("themes", rows=_rows(40, 0, "themes"), pack="restaurant")
    assert found["micro_f1"]["value"] > 0.8


@pytest.mark.parametrize(
    ("task", "labels", "complaint"),
    [
        ("intent", ["a", "b"], "--train FILE or --folds K"),
        ("sentiment", ["angry", "glad"], "'angry' is no tone"),
        ("themes", ["card_arrival", "top_up"], "--pack"),
        ("aspects", ["food:positive", "service:negative"], "--train FILE or --folds K"),
    ],
)
def test_without_learning_unknown_labels_are_said(task: str, labels: Sequence[str], complaint: str) -> None:
    rows = asking.Rows(texts=("one text", "another"), labels=tuple(labels))
    with pytest.raises(asking.WrongLabels, match=complaint):
        _figures(task, rows=rows)


def test_aspects_that_are_not_written_right_are_said_with_their_row() -> None:
    rows = asking.Rows(texts=("one text", "another"), labels=("food:positive", "food"))
    with pytest.raises(asking.WrongLabels, match="Row 2"):
        _figures("aspects", rows=rows, folds=2)


def test_too_few_rows_are_said() -> None:
    rows = asking.Rows(texts=("a b", "c d", "e f"), labels=("x", "y", "x"))
    with pytest.raises(asking.WrongLabels, match="Too few"):
        _figures("intent", rows=rows, folds=2)
