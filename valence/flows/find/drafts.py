"""The draft of an analyst's changes to the pack, as the Model page keeps it: written, checked, tried, switched on."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings

from valence import packs
from valence.flows.weigh import minds, overlays, population
from valence.packs import meanings as wording

LONGEST = 200_000


class TooLongError(ValueError):
    """A draft is longer than any pack could be."""


@dataclasses.dataclass(frozen=True)
class Draft:
    """A draft as it stands. `problem` says what is wrong with it; `effect` is known once it was tried as it is."""

    text: str
    changes: overlays.Changes | None
    problem: str
    effect: overlays.Effect | None


def write(*, text: str) -> None:
    """Keep a draft, whole or not at all. It changes nothing that is in use."""
    if len(text) > LONGEST:
        raise TooLongError
    _replace(_place(), text.replace("\r\n", "\n"))


def read() -> Draft:
    """Return the draft; where there is none, the overlay that is switched on."""
    path = _place() if _place().exists() else overlays.place()
    text = path.read_text() if path.exists() else ""
    if not text.strip():
        return Draft(text=text, changes=None, problem="", effect=None)
    try:
        return Draft(text=text, changes=overlays.checked(draft=path), problem="", effect=_effect_of(text))
    except packs.PackError as problem:
        return Draft(text=text, changes=None, problem=str(problem), effect=None)


def add(*, meanings: Sequence[wording.Meaning]) -> None:
    """Put what words mean into the draft, whole or not at all. It changes nothing that is in use.

    Raises packs.PackError where the draft is wrong already, or would be; it then stays as it was.
    """
    text = wording.added(text=read().text, meanings=meanings)
    waiting = _place().with_suffix(".waiting.toml")
    waiting.write_text(text)
    try:
        overlays.checked(draft=waiting)
        write(text=text)
    finally:
        waiting.unlink()


def decided() -> frozenset[tuple[str, str]]:
    """Return column and word of everything that the draft names. Raises packs.PackError where it cannot be read."""
    return wording.decided(text=read().text)


def try_out(*, now: datetime, progress: population.Report) -> overlays.Effect:
    """Work out the draft's effect on what is known, and keep it beside the draft."""
    text = _place().read_text()
    effect = overlays.tried(draft=_place(), now=now, progress=progress)
    kept = {"digest": _digest(text), "effect": dataclasses.asdict(effect)}
    _replace(_effect_place(), msgspec.json.encode(kept, enc_hook=float).decode())  # figures are numpy floats
    return effect


def switch_on(*, by: str, now: datetime) -> overlays.Changes:
    """Put the draft to use from the next training on."""
    return overlays.switch_on(draft=_place(), by=by, now=now)


def _effect_of(text: str) -> overlays.Effect | None:
    """Return the effect that was worked out for exactly this text."""
    try:
        kept = msgspec.json.decode(_effect_place().read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    if kept["digest"] != _digest(text):
        return None
    return msgspec.convert(kept["effect"], overlays.Effect)


def _digest(text: str) -> str:
    """Name a draft and the pack it would change: either one changed, and an old effect no longer holds."""
    return hashlib.sha256(f"{minds.pack().version}\n{text}".encode()).hexdigest()


def _place() -> Path:
    folder: Path = settings.HOME.packs
    return folder / f"{minds.pack_name()}.draft.toml"


def _effect_place() -> Path:
    return _place().with_suffix(".json")


def _replace(path: Path, text: str) -> None:
    waiting = path.with_suffix(".new")
    waiting.write_text(text)
    os.replace(waiting, path)
