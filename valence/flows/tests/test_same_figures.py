"""The same files in another home give the same figures, though nobody has the same key there, and though the other
home works on its customers bucket by bucket, and on each bucket in portions, as a large company does.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from valence.flows.find import export
from valence.flows.tests.conftest import NOW, Operator

pytestmark = pytest.mark.django_db

ELSEWHERE = """
import json, sys
from datetime import datetime
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from valence.flows.find import export
from valence.flows.gather import imports
from valence.flows.run import opening
from valence import terms
from valence.flows.weigh import population, score, train
from valence.ledger.actions import scores
population.FEW_CUSTOMERS, terms.ROWS_AT_ONCE, scores.ROWS_MOVED_AT_ONCE = 0, 40, 7
opening.open_home(home=settings.HOME)
call_command("migrate", verbosity=0)
files, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
for name in ("customers", "interactions"):
    imports.run(kind="csv", path=files / f"{name}.csv", by="test", now=now, progress=lambda progress: None)
card = train.train(now=now)
score.score(now=now)
for name in ("risk", "blame", "losses"):
    export.write(name=name, out=files / f"{name}-elsewhere.csv", now=now)
(files / "figures-elsewhere.json").write_text(json.dumps(card.figures))
"""


@pytest.fixture(scope="module")
def elsewhere(operator: Operator) -> Path:
    """Return the folder where a second home, which took in the same files, left what it says."""
    environment = {**os.environ, "VALENCE_HOME": str(operator.files.parent / "second")}
    arguments = [sys.executable, "-c", ELSEWHERE, str(operator.files), NOW.isoformat()]
    subprocess.run(arguments, env=environment, check=True, capture_output=True, text=True)
    return operator.files


def flat(told: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(told, dict | list):
        for name, inner in told.items() if isinstance(told, dict) else enumerate(told):
            yield from flat(inner, f"{path}.{name}")
    else:
        yield path, told


def same(here: Any, there: Any) -> bool:
    if isinstance(here, float):
        return bool(float(there) == pytest.approx(here, rel=1e-4, abs=1e-6))
    return str(here) == str(there)


def test_the_model_has_the_same_figures(operator: Operator, elsewhere: Path) -> None:
    here = dict(flat(json.loads(json.dumps(operator.card.figures))))
    there = dict(flat(json.loads((elsewhere / "figures-elsewhere.json").read_text())))
    assert here.keys() == there.keys()
    assert {name: (here[name], there[name]) for name in here if not same(here[name], there[name])} == {}


@pytest.mark.parametrize("name", ["risk", "blame", "losses"])
def test_exports_say_the_same(operator: Operator, elsewhere: Path, name: str) -> None:
    headings, rows = export.table(name=name, now=NOW)
    kept = [column for column in headings if column != "model"]
    here = sorted(({column: row[headings.index(column)] for column in kept} for row in rows), key=identity)
    with (elsewhere / f"{name}-elsewhere.csv").open(newline="") as file:
        there = sorted(csv.DictReader(file), key=identity)
    assert len(here) == len(there) > 0
    told = [(mine, theirs) for mine, theirs in zip(here, there, strict=True) if not all_same(mine, theirs)]
    assert told == []


def identity(row: dict[str, Any]) -> tuple[str, str]:
    return str(row["customer_id"]), str(row.get("interaction_id", ""))


def all_same(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    return all(value is None or hasattr(value, "year") or same(value, theirs[name]) for name, value in mine.items())
