"""Plans that the company wrote itself: files of the data folder, one a plan where a page wrote it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import tomli_w
from django.conf import settings

from valence.alerts import plan
from valence.flows.run import alone
from valence.people import audit

LOCK = "plans"
HEAD = "# Written on the page of plans; docs/journeys.md says what each part means.\n\n"


def folder() -> Path:
    """Return where they lie."""
    path: Path = settings.HOME.folder / "plans"
    return path


def tables() -> Iterator[Mapping[str, Any]]:
    """Give them as they are written, the later file after the earlier; a file that is no TOML is one wrong plan."""
    for path in sorted(folder().glob("*.toml")):
        yield from _tables(path)


def elsewhere(*, name: str) -> str:
    """Return the file, not the page's own, that says a plan or others beside it: there only a person changes it."""
    for path in sorted(folder().glob("*.toml")):
        names = [str(one.get("name", "")) for one in _tables(path)]
        if path.stem == name and names != [name]:
            return path.name
        if path.stem != name and name in names:
            return path.name
    return ""


def is_own(*, name: str) -> bool:
    """Say whether a page wrote a plan."""
    return _path(name).exists()


def keep(*, table: Mapping[str, Any], by: str, now: datetime) -> plan.Plan:
    """Put a plan in force, from the next time that plans are counted; what it said before is replaced.

    Raises plan.WrongPlan or condition.WrongCondition where it cannot be taken, and nothing is kept.
    """
    made = plan.made(table=table)
    with alone.waiting(home=settings.HOME, name=LOCK):
        if other := elsewhere(name=made.name):
            raise plan.WrongPlan(f"The file {other} of the data folder says this plan: change it there.")
        folder().mkdir(exist_ok=True)
        new = _path(made.name).with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            file.write(HEAD + tomli_w.dumps({"plan": [table]}))
            file.flush()
            os.fsync(file.fileno())
        new.replace(_path(made.name))
    audit.record(who=by, what="plan kept", about=f"{made.name}: {made.title}"[:200], now=now)
    return made


def drop(*, name: str, by: str, now: datetime) -> None:
    """Take what a page wrote away: the pack's plan of this name counts again, or none."""
    with alone.waiting(home=settings.HOME, name=LOCK):
        if not elsewhere(name=name) and is_own(name=name):
            _path(name).unlink()
            audit.record(who=by, what="plan given up", about=name, now=now)


def _path(name: str) -> Path:
    return folder() / f"{name}.toml"


def _tables(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8")).get("plan", ())
    except (OSError, ValueError) as problem:
        said = [{"name": path.stem, f"line that can be read: {problem}": ""}]
    yield from (one for one in said if isinstance(one, dict))
