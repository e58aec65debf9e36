"""Run every question in this folder and print its JSON lines: `python -m bench [--size default|small|SIZE] [NAME ...]`.

Each question runs in a process of its own, so that none finds the memory or the caches of the one before. Sizes are
numbers of interactions, such as 300000, 1M or 10M; `default` is what each question is usually asked at.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
QUESTIONS = {
    "intake": "50000",
    "intake_store": "100000",
    "customer_journey": "1M",
    "customer_page": "1M",
    "first_answer": "1.65M",
    "reading": "2000",
    "asking": "100000",
    "answers": "1000",
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
        done = subprocess.run([sys.executable, "-m", f"bench.{name}", "--size", size], cwd=FOLDER.parent)
        failed += done.returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
