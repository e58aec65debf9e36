"""Surveys to begin with, as data: one TOML file each, in five languages. A new one is a file here."""

from __future__ import annotations

import tomllib
from pathlib import Path

from valence.surveys import survey

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of the templates that there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load(*, name: str) -> survey.Survey:
    """Return a template. Raises survey.SurveyError where there is none of this name."""
    if name not in names():
        raise survey.SurveyError(f"There is no template {name!r}; there are {', '.join(names())}.")
    return survey.read(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))
