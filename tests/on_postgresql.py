"""The tests that touch tables, once more on PostgreSQL: `python -m tests.on_postgresql` starts one for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from valence.flows.tests.feeds import servers

ROOT = Path(__file__).parents[1]
TOUCHING = (
    *("interactions", "customers", "ledger", "people", "surveys", "channels", "alerts", "cases", "api"),
    *(
        f"flows/tests/test_{name}.py"
        for name in (
            *(
                "alerting",
                "arrival_order",
                "arriving",
                "asking",
                "erase",
                "flush",
                "jobs",
                "promising",
                "reading",
                "sending",
            ),
            *("taking_place", "undo"),
        )
    ),
)


def main() -> int:
    """Start PostgreSQL and run pytest on it; say so where there is none."""
    try:
        with servers.postgres() as server:
            words = [
                sys.executable,
                "-m",
                "pytest",
                *(f"valence/{part}" for part in TOUCHING),
                "tests/test_takeover.py",
                "tests/test_backup_postgresql.py",
            ]
            told = os.environ | {"VALENCE_TRIED_DATABASE": server.replace("+psycopg", "")}
            return subprocess.run(words, cwd=ROOT, env=told, check=False).returncode
    except pytest.skip.Exception as reason:
        print(f"Skipped: {reason}")
        return 0


if __name__ == "__main__":
    sys.exit(main())
