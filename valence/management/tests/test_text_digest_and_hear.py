"""valence text digest and valence text hear: what many say in counts and quotes, and recordings that become texts."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from valence import home, interactions
from valence.flows.read import annotate, speaking
from valence.flows.tests import readers
from valence.management import command
from valence.management.commands import text
from valence.text import voice

BILL = [f"The bill is too high {word}" for word in ("again", "today", "now", "still", "here", "always", "lately")]
LINE = [f"The line was down {word}" for word in ("again", "today", "now", "still", "here", "always", "lately")]


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        text.Command().run_from_argv(["valence", "text", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def comments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of fourteen comments and a card number, read with an encoder of words."""
    monkeypatch.setattr(annotate, "reader", lambda place, pack, path: readers.telco())
    file = tmp_path / "comments.csv"
    file.write_text("said\n" + "\n".join([*BILL, *LINE, "my card 4111 1111 1111 1111 fails"]) + "\n", encoding="utf-8")
    return str(file)


def test_a_digest_of_a_file_has_a_table_of_themes_and_no_line_without_its_sources(
    comments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("digest", comments, "--text-column", "said", "--pack", "telco", "--format", "json") == 0
    printed = capsys.readouterr().out
    answer = json.loads(printed)
    assert answer["texts"] == 15
    bill = next(one for one in answer["themes"] if one["theme"] == "bill")
    assert bill["texts"] >= 7
    assert set(bill["quotes"]) <= set(BILL)
    assert answer["groups"]
    for group in answer["groups"]:
        assert set(group["sources"]) <= {str(number) for number in range(1, 16)}
        assert {quote["id"] for quote in group["quotes"]} <= set(group["sources"])
    assert "4111" not in printed


def test_a_digest_may_be_of_one_theme_and_is_shown_as_a_table(
    comments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("digest", comments, "--text-column", "said", "--pack", "telco", "--theme", "bill")
    assert _run(*asked, "--format", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    bill = next(one for one in answer["themes"] if one["theme"] == "bill")
    assert answer["texts"] == bill["texts"] < 15
    assert _run(*asked) == 0
    assert "stands for them" in capsys.readouterr().out


def test_a_digest_without_a_column_and_one_worded_by_a_model_that_is_not_set_say_what_is_missing(
    comments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("digest", comments) == 2
    assert "--text-column" in capsys.readouterr().err
    assert _run("digest", comments, "--text-column", "said", "--by-model") == 2
    assert "VALENCE_LLM_URL" in capsys.readouterr().err


class _Hears:
    name = "a test's ear"

    def hear(self, file: Path) -> voice.Heard:
        return voice.Heard(text=file.read_text(), language="en", confidence=0.8, seconds=3.0, model=self.name)


@pytest.fixture
def recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a recording in it; who opens a home finds this one."""
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))
    monkeypatch.setattr(command.Command, "open_home", lambda self: None)
    for name in (*home.FOLDERS, speaking.FOLDER):
        (tmp_path / name).mkdir(exist_ok=True)
    file = tmp_path / speaking.FOLDER / "C-1__2026-05-12T101500Z.wav"
    file.write_text("The line is dead")
    os.utime(file, (time.time() - 60,) * 2)
    return tmp_path / speaking.FOLDER


@pytest.mark.django_db
def test_recordings_become_texts_once_and_the_sound_is_gone(
    recordings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(speaking, "transcriber", _Hears)
    assert _run("hear", "--format", "json") == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (answer["stored"], answer["failed"]) == (1, 0)
    assert list(recordings.iterdir()) == []
    rows = interactions.ask(question=lambda table: table.select("text", "channel"))
    assert [dict(row) for row in rows] == [{"text": "The line is dead", "channel": "voice"}]


@pytest.mark.django_db
def test_without_anything_that_hears_the_recording_stays_and_the_reason_is_said(
    recordings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing() -> voice.Transcriber:
        raise voice.CannotHear("Nothing here turns speech into text")

    monkeypatch.setattr(speaking, "transcriber", nothing)
    assert _run("hear") == 2
    assert "Nothing here turns speech into text" in capsys.readouterr().err
    assert len(list(recordings.iterdir())) == 1
