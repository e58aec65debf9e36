"""Parity of engines on a real cluster: `python -m tests.on_spark [HOME]` starts one master and two workers for it.

First the suite of engines, then every question that pages and commands ask (tests/parity.py), on a home with data in
it: the one that is named, or a small made-up operator.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import spark_cluster

ROOT = Path(__file__).parents[1]
OPERATOR = """
from datetime import UTC, datetime
import django
django.setup()
from django.conf import settings
from valence.flows.run import opening
from valence.management.commands import demo
now = datetime.now(UTC)
opening.open_home(home=settings.HOME)
demo.Command()._make(options={"customers": 1_000, "months": 24, "seed": 7}, now=now)
demo._new_password(now=now)
"""


def main() -> int:
    """Start the cluster and compare; say so where Spark cannot run."""
    try:
        with spark_cluster.cluster() as address, tempfile.TemporaryDirectory() as folder:
            told = os.environ | {
                "VALENCE_SPARK": address,
                "SPARK_LOCAL_IP": spark_cluster.LOOPBACK,
                "OMP_NUM_THREADS": "1",
            }
            suite = [sys.executable, "-m", "pytest", "valence/interactions/tests/test_engines.py", "-k", "spark"]
            failed = subprocess.run(suite, cwd=ROOT, env=told, check=False).returncode
            home = sys.argv[1] if len(sys.argv) > 1 else _home(Path(folder))
            words = [sys.executable, "-m", "tests.parity", home]
            return failed or subprocess.run(words, cwd=ROOT, env=told | {"VALENCE_ENGINE": address}).returncode
    except pytest.skip.Exception as reason:
        print(f"Skipped: {reason}")
        return 0


def _home(folder: Path) -> str:
    """Make a small operator with everything in it."""
    home = folder / "home"
    told = os.environ | {"VALENCE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "valence.settings"}
    subprocess.run([sys.executable, "-c", OPERATOR], cwd=ROOT, env=told, check=True)
    return str(home)


if __name__ == "__main__":
    sys.exit(main())
