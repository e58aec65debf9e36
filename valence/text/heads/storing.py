"""A head in a file: plain arrays and JSON, nothing that runs when it is read."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from valence.text.heads import blending, head, members

LARGEST_BYTES = 500_000_000


class CannotRead(ValueError):  # noqa: N818  said to people as it is
    """The file is no head, or one of a later Valence. Says which file."""


def write(*, told_by: head.Head, path: Path) -> None:
    """Write a head; the file stands whole or not at all."""
    about = {
        "form": head.FORM,
        "labels": list(told_by.labels),
        "one": told_by.one,
        "encoders": list(told_by.encoders),
        "members": list(told_by.members),
        "blend": list(told_by.blend.members),
        "always": told_by.blend.always,
        "card": dict(told_by.card),
    }
    arrays = {f"{kind}/{name}": part for kind, parts in told_by.members.items() for name, part in parts.items()}
    blend = {f"blend/{name}": getattr(told_by.blend, name) for name in ("weights", "shifts", "tell_from")}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        held: dict[str, Any] = {"about": np.array(json.dumps(about)), **arrays, **blend}
        np.savez_compressed(file, **held)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read(*, path: Path) -> head.Head:
    """Return the head in a file. Raises CannotRead."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise CannotRead(f"{path.name} is too large to be a head")
        with np.load(path, allow_pickle=False) as held:
            return _head(about=json.loads(str(held["about"])), held=held)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
        raise CannotRead(f"{path.name} cannot be read as a head: {problem}") from None


def card(*, path: Path) -> Mapping[str, Any]:
    """Return the card of the head in a file, without the rest. Raises CannotRead."""
    try:
        with np.load(path, allow_pickle=False) as held:
            about: Mapping[str, Any] = json.loads(str(held["about"]))
            return {**about["card"], "labels": about["labels"]}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
        raise CannotRead(f"{path.name} cannot be read as a head: {problem}") from None


def _head(*, about: Mapping[str, Any], held: Mapping[str, np.ndarray]) -> head.Head:
    if about["form"] > head.FORM:
        raise ValueError("it was written by a later Valence")
    parts: dict[str, members.Parts] = {
        kind: {name.partition("/")[2]: held[name] for name in held if name.startswith(f"{kind}/")}
        for kind in about["members"]
    }
    return head.Head(
        labels=tuple(about["labels"]),
        one=bool(about["one"]),
        encoders=tuple(about["encoders"]),
        members=parts,
        blend=blending.Blend(
            one=bool(about["one"]),
            members=tuple(about["blend"]),
            weights=held["blend/weights"],
            shifts=held["blend/shifts"],
            tell_from=held["blend/tell_from"],
            always=bool(about.get("always", False)),
        ),
        card=about["card"],
    )
