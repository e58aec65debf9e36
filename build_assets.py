"""Builds the page assets with npm and esbuild when a wheel is made; `make` calls the same script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = Path("valence/web/static/built")
SOURCES = ("valence/web/assets", "package-lock.json", "widget/src")


class AssetHook(BuildHookInterface):
    """Runs `npm ci` and `npm run build` before files are collected. An editable install needs no assets.

    Assets that are newer than all their sources are taken as they are: who has run `make` needs no second build.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets unless the install is editable or they are fresh."""
        root = Path(self.root)
        if version == "editable" or _are_fresh(root):
            return
        if not (root / "package.json").exists():
            sys.exit("package.json is missing: build from a checkout, where the page assets can be made")
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=root, check=True)
        subprocess.run(["npm", "run", "build"], cwd=root, check=True)


def _are_fresh(root: Path) -> bool:
    built = [path.stat().st_mtime for path in (root / BUILT).rglob("*") if path.is_file()]
    sources = [path for name in SOURCES for path in _files(root / name)]
    return bool(built) and min(built) >= max((path.stat().st_mtime for path in sources), default=0.0)


def _files(path: Path) -> list[Path]:
    return [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path] if path.exists() else []
