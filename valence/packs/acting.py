"""What a pack says about acting: its rules and playbooks, as plain tables."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def rules(*, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the rules that come with a pack; none where it has none."""
    return tuple(_table(FOLDER / name / "rules.toml").get("rule", ()))


def playbooks(*, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the playbooks that come with a pack, by their names."""
    return tuple(_table(path) for path in sorted((FOLDER / name / "playbooks").glob("*.toml")))


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
