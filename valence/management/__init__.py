"""The command line: parse arguments, call one flow."""

from __future__ import annotations

import json
import os
import pkgutil
import sys
from pathlib import Path

from valence.flows.run import collecting

WRONG_USE = 2


def main() -> None:
    """Run `valence COMMAND ...`.

    One thread for linear algebra: what is large is split into pieces for every core, and threads that fight over cores
    made it many times slower.
    """
    collecting.rarely()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from django.core.management import ManagementUtility

    from valence import home, organisation

    if sys.argv[1:2] == ["--version"]:
        print(home.version())
        return
    if sys.argv[1:2] == ["restore"]:
        home.only_look()
    try:
        if sys.argv[1:] in ([], ["help"], ["--help"], ["-h"]):
            print(_help())
            return
        ManagementUtility(["valence", *sys.argv[1:]]).execute()
    except (home.KeyMissing, home.NotOurs, organisation.NotUsable) as problem:
        sys.exit(_complain(str(problem)))


def _help() -> str:
    """Return our own commands, a line each; those that the framework brings are not for people."""
    import django
    from django.core.management import load_command_class

    django.setup()
    names = sorted(one.name for one in pkgutil.iter_modules([str(Path(__file__).parent / "commands")]))
    told = [(name, load_command_class("valence", name).help) for name in names]
    lines = [f"  {name:<11} {words.split('. ')[0].rstrip('.')}" for name, words in told]
    return "\n".join(["valence COMMAND [...]; valence COMMAND --help says more.", "", *lines])


def _complain(words: str) -> int:
    """Say what keeps the data folder shut; the same exit code as for wrong use, because nothing was changed."""
    sys.stderr.write(f"{words}\n")
    if "json" in sys.argv:
        sys.stdout.write(json.dumps({"error": {"message": words, "exit_code": WRONG_USE, "reference": ""}}) + "\n")
    return WRONG_USE
