"""Tests keep their data in a folder of their own, never in the home of who runs them.

The settings are read here, not by pytest-django (pyproject.toml names none): it would read them before this file.
"""

import os
import tempfile
from pathlib import Path

import django

_folder = Path(tempfile.mkdtemp(prefix="valence-test-"))
os.environ["VALENCE_HOME"] = str(_folder / "home")
os.environ["DJANGO_SETTINGS_MODULE"] = "valence.settings"
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.pop("DATABASE_URL", None)
django.setup()
