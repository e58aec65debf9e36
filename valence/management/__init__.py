"""The command line: parse arguments, call one flow."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `valence COMMAND ...`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
    from django.core.management import ManagementUtility

    ManagementUtility(["valence", *sys.argv[1:]]).execute()
