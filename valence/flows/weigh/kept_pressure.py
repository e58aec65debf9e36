"""The pressure of region and time as the last score knew it, in a file: no process reads everybody for it again.

It tells how much more was lost lately, by region and day, and of nobody in particular. A file of another score, or one
that cannot be read, counts as none.
"""

from __future__ import annotations

import json
import logging
import zipfile
from dataclasses import fields
from pathlib import Path
from uuid import uuid4

import numpy as np
from django.conf import settings

from valence.bond import context
from valence.ledger.queries import versions

FILE = ".pressure.npz"  # hidden: no backup takes it along
ARRAYS = ("regional", "general")

log = logging.getLogger(__name__)


def read(*, scored: versions.Scored) -> context.Pressure | None:
    """Return the pressure that was kept with a score; None where none was."""
    try:
        with np.load(_path(), allow_pickle=False) as kept:
            told = json.loads(str(kept["told"]))
            if told.pop("score") != _name(scored):
                return None
            regions = tuple(told.pop("regions"))
            return context.Pressure(regions=regions, **told, **{name: kept[name] for name in ARRAYS})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def keep(*, scored: versions.Scored, pressure: context.Pressure) -> None:
    """Keep the pressure with a score, in place of the one before; where that fails everybody works it out."""
    told = {one.name: getattr(pressure, one.name) for one in fields(pressure) if one.name not in ARRAYS}
    said = json.dumps({"score": _name(scored), **told}, default=lambda number: number.item())
    arrays = {name: getattr(pressure, name) for name in ARRAYS}
    new = _path().with_name(f"{FILE}.{uuid4().hex}")  # of its own: several processes may keep the same
    try:
        with new.open("wb") as file:
            np.savez(file, told=np.array(said), **arrays)
        new.replace(_path())
    except OSError as problem:
        log.warning("the pressure of region and time could not be kept: %s", problem)


def _name(scored: versions.Scored) -> list[str]:
    return [scored.model, scored.scored_at.isoformat(), scored.as_of.isoformat()]


def _path() -> Path:
    return Path(settings.HOME.folder) / FILE
