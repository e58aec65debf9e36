"""The how-to's commands work as written, and its example files are accepted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

from django.conf import LazySettings

from valence.sources.feeds import setup

PAGE = (Path(__file__).parents[4] / "docs" / "feeds.md").read_text()


def test_the_commands_bring_the_file_in_as_the_page_says(tmp_path: Path) -> None:
    commands = "\n".join(re.findall(r"(?s)```sh\n(.+?)```", PAGE))
    surroundings = {
        **os.environ,
        "VALENCE_HOME": str(tmp_path / "home"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-e", "-c", commands], cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "1 new, 0 corrected, 0 refused." in done.stdout
    assert "every 15 minutes" in done.stdout
    assert list((tmp_path / "home" / "feeds").iterdir()) == []


def test_the_example_files_are_accepted(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    files = re.findall(r"(?s)```toml\n(.+?)```", PAGE)
    shown = [setup.checked(name="shown", said=tomllib.loads(text)) for text in files]
    assert [(one.kind, one.schedule.words) for one in shown] == [("sql", "every 15 minutes"), ("bucket", "every hour")]
