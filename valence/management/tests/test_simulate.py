"""valence simulate and valence evaluate, as people run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from valence.management import command
from valence.management.commands import simulate


def valence(home: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    ended = subprocess.run(
        [sys.executable, "-c", "from valence.management import main; main()", *arguments, "--format", "json"],
        env={**os.environ, "VALENCE_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ended.returncode, json.loads(ended.stdout)


def test_simulate_writes_contract_files_and_the_truth(tmp_path: Path) -> None:
    out = tmp_path / "operator"
    code, said = valence(tmp_path / "home", "simulate", "--customers", "50", "--months", "6", "--out", str(out))
    assert code == 0
    assert said["customers"] == 50
    assert {path.name for path in out.iterdir()} == {"customers.csv", "interactions.csv", "truth"}
    assert {path.name for path in (out / "truth").iterdir()} == {
        "law.json", "landmarks.csv", "losses.csv", "effects.csv", "links.csv", "voices.csv",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [("--customers", "0"), ("--months", "1"), ("--seed", "-1"), ("--end", "tomorrow"), ("--law", "newton")]
)
def test_simulate_refuses_what_cannot_be(
    tmp_path: Path, wrong: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command.connections, "close_all", lambda: None)
    with pytest.raises(SystemExit) as ended:
        simulate.Command().run_from_argv(["valence", "simulate", *wrong, "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert not (tmp_path / "out").exists()


def test_evaluate_refuses_a_folder_without_truth(tmp_path: Path) -> None:
    code, said = valence(tmp_path / "home", "evaluate", "truth", str(tmp_path))
    assert code == 2
    assert "holds no truth" in said["error"]["message"]


@pytest.mark.slow
def test_evaluate_says_how_near_the_product_comes(tmp_path: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "operator"
    valence(home, "simulate", "--customers", "900", "--months", "10", "--seed", "2", "--out", str(out))
    assert valence(home, "evaluate", "truth", str(out))[0] == 2, "nothing is imported yet"
    for name in ("customers", "interactions"):
        assert valence(home, "import", "csv", str(out / f"{name}.csv"))[0] == 0
    assert valence(home, "train")[0] == 0
    assert valence(home, "score")[0] == 0
    code, said = valence(home, "evaluate", "truth", str(out), "--every", "12")
    assert code == 0
    assert said["ranking"]["scored"] == 1
    assert said["ranking"]["auc"]["low"] <= said["ranking"]["auc"]["value"] <= said["ranking"]["auc"]["high"]
    named = said["named_first"]
    assert named["department"]["valence"]["value"] > named["department"]["commonest"]["value"]
    assert named["interaction"]["valence"]["value"] > named["interaction"]["last_touch"]["value"]
    assert set(said["coverage"]) == {"p_leave_30d", "p_leave_30d_groups", "p_would_have_stayed", "effect"}
