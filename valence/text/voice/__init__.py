"""Speech becomes text: what was said, in which language, how surely. Offline; the model comes from a folder or package.

A kind is a module with NAME and `load(folder)`, which returns a Transcriber and raises CannotHear where packages or the
model are missing.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from valence.text.voice import whisper
from valence.text.voice.hearing import CannotHear, Heard, Transcriber

KINDS: dict[str, ModuleType] = {"whisper": whisper}


def load(*, folder: Path | None, together: Path, kind: str = "whisper") -> Transcriber:
    """Return what turns speech into text. folder: where the model lies, None: installed packages that carry one.

    together: where the parts of packages are put together, once. Raises CannotHear.
    """
    loaded: Transcriber = KINDS[kind].load(folder=folder, together=together)
    return loaded


def is_installed() -> bool:
    """Say whether the packages of the extra are there."""
    return find_spec("ctranslate2") is not None


__all__ = ["KINDS", "CannotHear", "Heard", "Transcriber", "is_installed", "load"]
