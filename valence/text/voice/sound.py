"""A WAV file as Whisper listens to it: sixteen thousand values a second, in pieces of half a minute, as mels."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from functools import cache
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from valence.text.voice.hearing import CannotHear

RATE = 16_000
WINDOW, STEP, MELS = 400, 160, 80
LONGEST = 30 * RATE
EARLIEST = 22 * RATE
"""A piece ends at its quietest moment between this and LONGEST, so that no word is cut."""
QUIET = RATE // 10
MOST_SECONDS = 900

Samples = NDArray[np.float32]


def read(*, file: Path) -> Samples:
    """Return the sound of a WAV file (PCM of 8 to 32 bits, any rate, any number of channels): -1 .. 1 at RATE.

    Raises CannotHear.
    """
    try:
        with wave.open(str(file), "rb") as opened:
            width, channels, rate = opened.getsampwidth(), opened.getnchannels(), opened.getframerate()
            raw = opened.readframes(min(opened.getnframes(), rate * MOST_SECONDS))
    except (wave.Error, EOFError, OSError, ValueError) as problem:
        raise CannotHear(f"The file holds no sound that can be read, only WAV is ({problem}).") from None
    usable = len(raw) - len(raw) % (width * channels)
    sound: Samples = _numbers(raw[:usable], width).reshape(-1, channels).mean(axis=1).astype(np.float32)
    if rate == RATE:
        return sound
    shared = gcd(rate, RATE)
    same: Samples = np.asarray(scipy.signal.resample_poly(sound, RATE // shared, rate // shared), dtype=np.float32)
    return same


# Bytes a sample -> how it is written, and the largest number it holds.
WHOLE: dict[int, tuple[np.dtype[np.signedinteger[Any]], int]] = {
    2: (np.dtype("<i2"), 2**15 - 1),
    4: (np.dtype("<i4"), 2**31 - 1),
}


def _numbers(raw: bytes, width: int) -> Samples:
    if width == 1:
        return ((np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128).astype(np.float32)
    if width == 3:
        parts = np.frombuffer(raw, np.uint8).reshape(-1, 3).astype(np.int32)
        whole = (parts[:, 0] << 8) | (parts[:, 1] << 16) | (parts[:, 2] << 24)
        return (whole / 2**31).astype(np.float32)
    if width not in WHOLE:
        raise CannotHear("The file holds no sound that can be read.")
    kind, most = WHOLE[width]
    return (np.frombuffer(raw, kind) / most).astype(np.float32)


def pieces(*, sound: Samples) -> Iterator[Samples]:
    """Give the sound in pieces of at most half a minute, cut where it is quiet."""
    at = 0
    while at < len(sound):
        end = min(at + LONGEST, len(sound))
        if end < len(sound):
            loud = np.convolve(sound[at + EARLIEST : end] ** 2, np.ones(QUIET, np.float32), "valid")
            end = at + EARLIEST + int(loud.argmin()) + QUIET // 2
        yield sound[at:end]
        at = end


def mels(*, piece: Samples) -> NDArray[np.float32]:
    """Return how loud each of MELS pitches is, each hundredth of a second of half a minute: [1, MELS, 3000]."""
    padded = np.zeros(LONGEST, np.float32)
    padded[: len(piece)] = piece
    around = np.pad(padded, WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(around, WINDOW)[::STEP][: LONGEST // STEP]
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    loud = np.log10(np.maximum(_filters() @ power.T, 1e-10))
    loud = (np.maximum(loud, loud.max() - 8.0) + 4.0) / 4.0
    return np.ascontiguousarray(loud[None], dtype=np.float32)


@cache
def _filters() -> NDArray[np.float64]:
    """Return the weights of frequencies in each pitch, as Slaney spaced and weighed them: [MELS, WINDOW / 2 + 1]."""
    edges = _hertz(np.linspace(_mel(np.array([0.0]))[0], _mel(np.array([RATE / 2]))[0], MELS + 2))
    frequencies = np.linspace(0, RATE / 2, WINDOW // 2 + 1)
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))[:, None]


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    curved = 15.0 + np.log(np.maximum(hertz, 1e-9) / 1000.0) * 27.0 / np.log(6.4)
    return np.where(hertz < 1000.0, hertz * 3.0 / 200.0, curved)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15.0, mel * 200.0 / 3.0, 1000.0 * np.exp((mel - 15.0) * np.log(6.4) / 27.0))
