"""What a transcriber is, and what it says it heard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class CannotHear(RuntimeError):  # noqa: N818  said to people as it is
    """Packages or the model are missing, or the file holds no sound that can be read. Says which, and what to do."""


@dataclass(frozen=True)
class Heard:
    """What was said. `language`: ISO 639-1; `confidence` 0..1, of the words; `seconds`: how long the sound is.

    An empty text: nobody spoke. `model`: what heard it.
    """

    text: str
    language: str
    confidence: float
    seconds: float
    model: str


class Transcriber(Protocol):
    """Turns a file of sound into text."""

    name: str

    def hear(self, file: Path) -> Heard:
        """Return what was said in a file. Raises CannotHear."""
        ...
