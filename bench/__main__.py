"""Run every question in this folder, print what it says and keep it: `python -m bench [--size SIZE] [NAME ...]`.

Each question runs in a process of its own, so that none finds the memory or the caches of the one before. Sizes are
`small`, or numbers of interactions such as 300000, 1M or 10M; `default` is what each question is usually asked at.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import kept

FOLDER = Path(__file__).parent
QUESTIONS = {
    "intake": "200000",
    "intake_store": "100000",
    "customer_journey": "1M",
    "customer_page": "1M",
    "first_answer": "1.65M",
    "reading": "2000",
    "alerts": "20",
    "inbox": "100000",
    "dry_run": "1M",
    "places": "small",
    "asking": "100000",
    "answers": "1000",
    "widget_paint": "10",
    "paths": "1M",
    "losses": "660000",
    "growth": "1M",
    "cluster": "1.65M",
    "stages": "66000",
    "pages": "660000",
}


def main() -> int:
    """Run the questions that were asked for, else all; return 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", choices=[*QUESTIONS, []])
    parser.add_argument("--size", default="default")
    asked = parser.parse_args()
    failed = 0
    for name in asked.names or QUESTIONS:
        size = QUESTIONS[name] if asked.size == "default" else asked.size
        failed += not _run(name, size)
    kept.CHART.write_text(kept.draw())
    return int(failed > 0)


def _run(name: str, size: str) -> bool:
    """Run one question, print what it says as it comes, and keep that where all of it went well."""
    words = [sys.executable, "-m", f"bench.{name}", "--size", size]
    lines = []
    with subprocess.Popen(words, cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    if running.returncode == 0 and lines:
        kept.keep(name=name, size=size, lines=lines, now=datetime.now(UTC))
    return running.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
