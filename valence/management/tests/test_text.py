"""valence text: rows as JSON lines, and complaints that name what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from valence.flows.read import annotate
from valence.management.commands import text


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        text.Command().run_from_argv(["valence", "text", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def comments(tmp_path: Path) -> str:
    file = tmp_path / "comments.csv"
    file.write_text("said,language\nThe food was great,en\n,\n=SUM(A1),\n", encoding="utf-8")
    return str(file)


def test_every_row_becomes_a_line_empty_ones_too(
    comments: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotate, "reader", lambda place, pack, path: (pack, path))
    monkeypatch.setattr(
        annotate, "rows", lambda texts, hints, using, now: ({"row": at, "text": one} for at, one in enumerate(texts, 1))
    )
    code = _run(
        "annotate", comments, "--text-column", "said", "--language-column", "language", "--pack", "restaurant",
        "--format", "json",
    )  # fmt: skip
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert [line["text"] for line in lines] == ["The food was great", "", "=SUM(A1)"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--text-column", "words"), "no column 'words'"),
        (("--text-column", "said", "--pack", "zoo"), "There is no pack 'zoo'"),
    ],
)
def test_a_wrong_use_says_what_is_wrong(
    arguments: tuple[str, ...], complaint: str, comments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("annotate", comments, *arguments) == 2
    assert complaint in capsys.readouterr().err
