from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from valence.text.voice import CannotHear, sound, whisper


def _tone(file: Path, *, rate: int, width: int, channels: int, hertz: float = 440.0, seconds: float = 1.0) -> Path:
    at = np.arange(int(rate * seconds)) / rate
    values = np.repeat(0.5 * np.sin(2 * np.pi * hertz * at)[:, None], channels, axis=1)
    if width == 1:
        raw = np.round(values * 127 + 128).astype(np.uint8).tobytes()
    elif width == 3:
        whole = np.round(values * (2**23 - 1)).astype("<i4")
        raw = whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        raw = np.round(values * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}").tobytes()
    with wave.open(str(file), "wb") as out:
        out.setparams((channels, width, rate, 0, "NONE", ""))
        out.writeframes(raw)
    return file


@pytest.mark.parametrize(
    ("rate", "width", "channels"), [(16_000, 2, 1), (8_000, 1, 1), (44_100, 2, 2), (48_000, 3, 1), (16_000, 4, 2)]
)
def test_sound_of_any_rate_width_and_channels_is_the_same_sound(tmp_path: Path, rate: int, width: int, channels: int):
    heard = sound.read(file=_tone(tmp_path / "a.wav", rate=rate, width=width, channels=channels))
    assert len(heard) == pytest.approx(sound.RATE, abs=2)
    strongest = np.abs(np.fft.rfft(heard)).argmax() * sound.RATE / len(heard)
    assert strongest == pytest.approx(440, abs=2)
    assert np.abs(heard[1000:-1000]).max() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound", b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_what_is_no_sound_is_refused_in_words(tmp_path: Path, content: bytes):
    file = tmp_path / "a.wav"
    file.write_bytes(content)
    with pytest.raises(CannotHear, match="no sound"):
        sound.read(file=file)


def test_a_long_sound_is_cut_where_it_is_quiet_and_nothing_is_lost():
    loud = np.ones(40 * sound.RATE, np.float32)
    quiet = slice(25 * sound.RATE, 26 * sound.RATE)
    loud[quiet] = 0
    first, second = sound.pieces(sound=loud)
    assert quiet.start <= len(first) <= quiet.stop
    assert len(first) + len(second) == len(loud)
    assert list(sound.pieces(sound=loud[:0])) == []


def test_a_high_tone_is_loud_in_a_high_pitch(tmp_path: Path):
    low, high = (
        sound.mels(piece=sound.read(file=_tone(tmp_path / "a.wav", rate=16_000, width=2, channels=1, hertz=hertz)))
        for hertz in (200, 4_000)
    )
    assert low.shape == (1, sound.MELS, 3_000)
    assert low[0, :, 50].argmax() < 10 < 50 < high[0, :, 50].argmax()


def test_the_models_pieces_become_letters_of_any_script():
    assert whisper._letters(["<|en|>", "ĠMy", "Ġline", "."]) == "My line."
    assert whisper._letters(["GrÃ¶ÃŁe"]) == "Größe"
