"""The command line: parse arguments, call one flow."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `valence COMMAND ...`.

    One thread for linear algebra: the fits are small, and threads that fight over cores made them many times slower.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from django.core.management import ManagementUtility

    ManagementUtility(["valence", *sys.argv[1:]]).execute()
