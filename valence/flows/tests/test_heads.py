from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from valence import home
from valence.flows.read import annotate, heads
from valence.text import encoders
from valence.text.evaluation import asking, learning
from valence.text.tests import pretending
from valence.text.tone import telling

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
READERS = (encoders.Remembering(pretending.Pretended()),)
SUBJECT = heads.subject_of_themes(pack="restaurant")
ROWS = asking.Rows(
    texts=tuple(
        f"the {what} {how}"
        for what in ("soup is", "steak was", "waiter seemed", "host is")
        for how in ("good", "bad", "warm", "odd", "new", "fine")
    ),
    labels=("food",) * 12 + ("staff",) * 12,
    languages=("en",) * 24,
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> home.Home:
    monkeypatch.setattr(learning, "encoders_of", lambda path: READERS)
    monkeypatch.setattr(heads, "FOLDS", 2)
    few = telling._seeds()[::12]
    monkeypatch.setattr(telling, "_seeds", lambda: few)
    return home.Home(folder=tmp_path, master_key=b"k" * 32)


def _train(place: home.Home, rows: asking.Rows = ROWS) -> heads.Trained:
    return heads.train(
        place=place, subject=SUBJECT, rows=rows, pack="restaurant", path="fast", source="labels.csv", now=NOW,
        progress=lambda progress: None,
    )  # fmt: skip


def test_what_was_learned_is_kept_with_its_figures_and_not_switched_on(place: home.Home) -> None:
    made = _train(place)
    assert made.kept.version == 1
    assert heads.in_use(place=place, subject=SUBJECT, readers=READERS) is None
    (kept,) = heads.versions(place=place)
    assert (kept.in_use, kept.card["n"], kept.card["learned_from"]) == (False, 24, "labels.csv")
    held_out = kept.card["held_out"]
    assert held_out["macro_f1"]["low"] <= held_out["macro_f1"]["value"] + 1e-9
    assert held_out["labels"]["food"]["n"] == 12


def test_it_says_what_would_change_with_examples(place: home.Home) -> None:
    changes = _train(place).changes
    assert changes["staff"]["now"] + len(changes["staff"]["gained"]) >= changes["staff"]["then"] - 12
    assert {"now", "then", "gained", "lost"} == set(changes["food"])


def test_a_head_is_switched_on_and_back(place: home.Home) -> None:
    _train(place)
    _train(place)
    heads.use(place=place, subject=SUBJECT, version=1, now=NOW)
    heads.use(place=place, subject=SUBJECT, version=2, now=NOW)
    used = heads.in_use(place=place, subject=SUBJECT, readers=READERS)
    assert used is not None
    assert used.card["version"] == 2
    assert heads.go_back(place=place, subject=SUBJECT) == 1
    assert heads.go_back(place=place, subject=SUBJECT) is None
    with pytest.raises(heads.NoSuchHead):
        heads.go_back(place=place, subject=SUBJECT)


def test_a_version_that_is_not_there_is_said_with_those_that_are(place: home.Home) -> None:
    _train(place)
    with pytest.raises(heads.NoSuchHead, match="there are: 1"):
        heads.use(place=place, subject=SUBJECT, version=7, now=NOW)


def test_a_head_that_reads_with_other_encoders_is_not_used(place: home.Home) -> None:
    _train(place)
    heads.use(place=place, subject=SUBJECT, version=1, now=NOW)
    other = pretending.Pretended()
    other.name = "another"
    assert heads.in_use(place=place, subject=SUBJECT, readers=(other,)) is None


def test_labels_that_the_pack_does_not_know_are_said(place: home.Home) -> None:
    rows = asking.Rows(texts=ROWS.texts, labels=("parking_meter",) * 24, languages=ROWS.languages)
    with pytest.raises(asking.WrongLabels, match="parking_meter"):
        _train(place, rows)


def test_a_reading_as_plain_values_holds_words_not_places(place: home.Home, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _train(place)
    heads.use(place=place, subject=SUBJECT, version=made.kept.version, now=NOW)
    monkeypatch.setattr(encoders, "of_path", lambda path: READERS)
    using = annotate.reader(place=place, pack="restaurant")
    (row,) = annotate.rows(texts=["the waiter seemed bad"], hints=(), using=using, now=NOW)
    assert row["language"] == "en"
    assert [one["theme"] for one in row["themes"]] == ["staff"]
    assert row["themes"][0]["words"] == ["waiter"]
    assert {"row", "tone", "intents", "promises", "models", "text"} <= set(row)
    assert "head themes-restaurant 1" in row["models"]["themes"]
