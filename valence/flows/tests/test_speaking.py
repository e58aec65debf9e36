"""A recording becomes an interaction with its words, once, and no voice is kept."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from valence import home, interactions
from valence.flows.read import speaking
from valence.text import voice

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


class _Hears:
    """Hears what the file holds as text; b"" is silence, b"?" cannot be read."""

    name = "a test's ear"

    def hear(self, file: Path) -> voice.Heard:
        said = file.read_text()
        if said == "?":
            raise voice.CannotHear("The file holds no sound that can be read.")
        return voice.Heard(text=said, language="en", confidence=0.8, seconds=3.0, model=self.name)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))
    for name in (*home.FOLDERS, speaking.FOLDER):
        (tmp_path / name).mkdir(exist_ok=True)
    return tmp_path / speaking.FOLDER


def _recorded(folder: Path, name: str, said: str, *, ago: timedelta = timedelta(minutes=1)) -> Path:
    file = folder / name
    file.write_text(said)
    os.utime(file, ((NOON - ago).timestamp(),) * 2)
    return file


def _stored() -> list[dict[str, object]]:
    rows = interactions.ask(question=lambda table: table.select("customer_key", "text", "channel", "occurred_at"))
    return [dict(row) for row in rows]


def test_what_was_said_is_stored_without_personal_data_and_the_recording_is_deleted(folder: Path):
    file = _recorded(folder, "C-1__2026-05-12T101500Z.wav", "The line is dead, call me on +49 151 23456789")
    done = speaking.hear_all(now=NOON, using=_Hears())
    assert (done.stored, done.failed) == (1, 0)
    assert not file.exists()
    [row] = _stored()
    assert row["text"] == "The line is dead, call me on [phone]"
    assert row["channel"] == "voice"


def test_a_recording_that_comes_again_is_stored_once(folder: Path):
    for _ in range(2):
        _recorded(folder, "C-1__2026-05-12T101500Z.wav", "The line is dead")
        speaking.hear_all(now=NOON, using=_Hears())
    assert len(_stored()) == 1


def test_where_nobody_spoke_nothing_is_stored_and_nothing_kept(folder: Path):
    file = _recorded(folder, "C-1__2026-05-12T1015.wav", "")
    assert speaking.hear_all(now=NOON, using=_Hears()).silent == 1
    assert not file.exists()
    assert _stored() == []


@pytest.mark.parametrize("name", ["C-1__2026-05-12T101500Z.wav", "nobody.wav", "C-1__2026-99-12T101500Z.wav"])
def test_what_cannot_be_heard_waits_for_the_days_of_the_rule_and_is_deleted_then(folder: Path, name: str):
    _recorded(folder, name, "?")
    done = speaking.hear_all(now=NOON, using=_Hears())
    assert done.failed == 1
    assert done.why
    assert speaking.waiting(now=NOON) == ()
    [aside] = folder.iterdir()
    later = NOON + timedelta(days=settings.RECORDING_DAYS + 1)
    assert speaking.hear_all(now=later, using=_Hears()).old == 1
    assert not aside.exists()


def test_a_file_that_is_still_written_and_one_that_is_no_sound_are_left_alone(folder: Path):
    _recorded(folder, "C-1__2026-05-12T101500Z.wav", "half", ago=timedelta(seconds=1))
    _recorded(folder, "notes.txt", "half")
    assert speaking.waiting(now=NOON) == ()


def test_without_packages_or_model_it_is_said_what_to_install(folder: Path, tmp_path: Path):
    with pytest.raises(voice.CannotHear, match="VALENCE_VOICE_MODEL"):
        voice.load(folder=tmp_path / "nothing", together=tmp_path / "together")


@pytest.mark.skipif(importlib.util.find_spec("ctranslate2") is None, reason="the extra voice is not installed")
def test_the_real_model_loads_and_refuses_what_is_no_sound(tmp_path: Path):
    file = tmp_path / "x.wav"
    file.write_text("no sound")
    hears = voice.load(folder=None, together=tmp_path / "together")
    with pytest.raises(voice.CannotHear, match="no sound"):
        hears.hear(file)
