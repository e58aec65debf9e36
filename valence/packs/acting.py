"""What a pack says about acting: its rules and playbooks, as plain tables."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
EVERY = FOLDER / "every"
"""What holds in every industry: a pack's own file of the same name stands in its place."""


def rules(*, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the rules that come with a pack; none where it has none."""
    return tuple(_table(FOLDER / name / "rules.toml").get("rule", ()))


def by_hand() -> tuple[Mapping[str, Any], ...]:
    """Return what cases are called that a person opens from a list: rules that never fire, the same everywhere."""
    return tuple(_table(EVERY / "by_hand.toml").get("rule", ()))


def standards(*, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the standards that come with a pack; none where it has none."""
    return tuple(_table(FOLDER / name / "standards.toml").get("standard", ()))


def plans(*, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the plans that hold in every industry and those of the pack; of a name the later one counts."""
    return tuple(one for folder in (EVERY, FOLDER / name) for one in _table(folder / "plans.toml").get("plan", ()))


def today(*, name: str) -> tuple[dict[str, str], ...]:
    """Return what to do today where a place stands out, step by step."""
    own = _table(FOLDER / name / "today.toml") or _table(EVERY / "today.toml")
    return tuple(own.get("steps", ()))


def playbooks(*, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the playbooks that come with a pack, by their names, each with how its letters begin and end."""
    frame = {**_table(EVERY / "letters.toml"), **_table(FOLDER / name / "letters.toml")}
    paths = {path.stem: path for folder in (EVERY, FOLDER / name) for path in (folder / "playbooks").glob("*.toml")}
    tables = [_table(path) for _, path in sorted(paths.items())]
    return tuple({**table, "letters": _framed(table.get("letters", {}), frame)} for table in tables)


def _framed(letters: Mapping[str, Any], frame: Mapping[str, Any]) -> dict[str, Any]:
    return {language: {**frame.get(language, {}), **words} for language, words in letters.items()}


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
