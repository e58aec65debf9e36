"""Builds the page assets with npm and esbuild when a wheel is made; `make` calls the same script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetHook(BuildHookInterface):
    """Runs `npm ci` and `npm run build` before files are collected. An editable install needs no assets."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets unless the install is editable."""
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / "package.json").exists():
            sys.exit("package.json is missing: build from a checkout, where the page assets can be made")
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=root, check=True)
        subprocess.run(["npm", "run", "build"], cwd=root, check=True)
