"""Run every question in this folder and print its JSON lines: `python -m bench [--size small|1M|10M] [NAME ...]`.

Each question runs in a process of its own, so that none finds the memory or the caches of the one before.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def questions() -> list[str]:
    """Return the names of all questions: every module here that measures."""
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py") if path.stem != "measure")


def main() -> int:
    """Run the questions that were asked for, else all; return 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", choices=[*questions(), []])
    parser.add_argument("--size", default="small")
    asked = parser.parse_args()
    failed = 0
    for name in asked.names or questions():
        done = subprocess.run([sys.executable, "-m", f"bench.{name}", "--size", asked.size], cwd=FOLDER.parent)
        failed += done.returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
