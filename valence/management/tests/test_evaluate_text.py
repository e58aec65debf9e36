from __future__ import annotations

import json
from pathlib import Path

import pytest

from valence.management.commands import evaluate

ROWS = 'text,labels\n"write to ann@example.org","[{""start"": 9, ""end"": 24, ""type"": ""EMAIL_ADDRESS""}]"\n"fine",\n'


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        evaluate.Command().run_from_argv(["valence", "evaluate", "text", *arguments])
    return int(ended.value.code or 0)


def test_figures_of_a_labelled_file_come_as_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(ROWS)
    told = ("--task", "pii", "--text-column", "text", "--label-column", "labels", "--format", "json")
    assert _run(str(file), *told) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["task"], answer["n"]) == ("pii", 2)
    assert answer["by_type"]["EMAIL_ADDRESS"]["recall"]["value"] == 1


def test_a_labelled_answer_without_words_counts_and_a_line_with_neither_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(ROWS + '"",[]\n"",\n')
    told = ("--task", "pii", "--text-column", "text", "--label-column", "labels", "--format", "json")
    assert _run(str(file), *told) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--text-column", "text", "--label-column", "label"), "no column 'label'"),
        (("--text-column", "text", "--label-column", "labels", "--pack", "zoo"), "no pack 'zoo'"),
        (("--text-column", "text", "--label-column", "labels", "--folds", "1"), "at least 2"),
        (("--text-column", "text", "--label-column", "labels", "--folds", "3", "--train", "x.csv"), "two ways"),
        (("--text-column", "labels", "--label-column", "text"), "start"),
    ],
)
def test_a_wrong_use_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(ROWS)
    assert _run(str(file), "--task", "pii", *arguments) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_or_no_table_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ("--task", "pii", "--text-column", "a", "--label-column", "b")
    assert _run(str(tmp_path / "none.csv"), *told) == 2
    (tmp_path / "rows.parquet").write_bytes(b"no parquet")
    assert _run(str(tmp_path / "rows.parquet"), *told) == 2
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "empty.csv").write_text("a,b\n,positive\n")
    assert _run(str(tmp_path / "empty.csv"), *told) == 2
    assert "no text in its column 'a'" in capsys.readouterr().err
