"""The walk from a company's own exports to a risk list, and the installation page: every block works as written."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bench import _export_sets as exports
from tests.conftest import BIN, ROOT, environment


def blocks(page: str, language: str) -> list[str]:
    found = re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / page).read_text(), flags=re.DOTALL)
    return [str(block) for block in found]


def commands(page: str) -> list[str]:
    return [line[2:] for block in blocks(page, "console") for line in block.splitlines() if line.startswith("$ ")]


def walked(page: str, folder: Path) -> str:
    """Run a page's console blocks as one script. An import that refuses some rows ends with 1, as the page says."""
    lines = [f"{line} || [ $? -eq 1 ]" if " import " in line else line for line in commands(page)]
    done = subprocess.run(
        ["bash", "-c", "set -e\n" + "\n".join(lines)], cwd=folder, env=environment(home=folder / "data"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Walk docs/own-data.md with exports in Spanish, German and French; return the folder."""
    folder = tmp_path_factory.mktemp("afternoon")
    made = folder / "made"
    subprocess.run(
        [BIN / "valence", "simulate", "--customers", "1200", "--months", "15", "--seed", "3", "--out", made],
        env=environment(home=folder / "none"), check=True, capture_output=True,
    )  # fmt: skip
    for write, name in ((exports.spanish_contracts, "contracts.csv"), (exports.german_crm, "calls.csv"),
                        (exports.french_bills, "bills.xlsx")):  # fmt: skip
        write(made, made, folder).rename(folder / name)
    (folder / "printed").write_text(walked("own-data.md", folder))
    return folder


def test_the_afternoon_ends_with_a_risk_list_and_losses(afternoon: Path) -> None:
    with (afternoon / "risk.csv").open() as file:
        risks = list(csv.DictReader(file))
    with (afternoon / "losses.csv").open() as file:
        losses = list(csv.DictReader(file))
    with (afternoon / "made" / "customers.csv").open() as file:
        customers = list(csv.DictReader(file))
    with_us = {row["customer_id"] for row in customers if not row["left_at"]}
    by_choice = {row["customer_id"] for row in customers if row["left_kind"] == "voluntary"}
    assert len({row["customer_id"] for row in risks} & with_us) > 0.98 * len(with_us)
    assert all(0 <= float(row["p_leave_60d"]) <= 1 for row in risks)
    assert len({row["customer_id"] for row in losses} & by_choice) > 0.95 * len(by_choice)


def test_each_mapping_is_kept_where_the_page_says(afternoon: Path) -> None:
    kept = {path.name for path in (afternoon / "data" / "mappings").glob("*.toml")}
    assert kept >= {"contracts.toml", "calls.toml", "bills.toml"}


def test_the_installation_page_works_as_written(tmp_path: Path) -> None:
    said = walked("install.md", tmp_path)
    assert "read again and whole" in said
    assert "every hash right" in said
    assert (tmp_path / "again" / "valence.sqlite3").exists()


@pytest.mark.parametrize("page", ["install.md", "own-data.md"])
def test_shell_blocks_are_sound(page: str) -> None:
    for block in blocks(page, "sh"):
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)


def test_every_command_that_the_units_run_exists(tmp_path: Path) -> None:
    units = blocks("install.md", "ini")
    known = {path.stem for path in (ROOT / "valence/management/commands").glob("*.py")}
    named = set(re.findall(r"/opt/valence/bin/valence (\w+)", "".join(units + blocks("install.md", "sh"))))
    assert {"serve", "backup", "init", "doctor"} <= named <= known


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    names = ["valence.service", "valence-backup.service", "valence-backup.timer"]
    for name, unit in zip(names, blocks("install.md", "ini"), strict=True):
        there = re.sub(r"/opt/valence/bin/valence", "/bin/true", unit)
        (tmp_path / name).write_text(re.sub(r"(?m)^(User|Group)=valence$", r"\1=root", there))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in names)],
        capture_output=True, text=True, check=False, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if "valence" in line]
    assert complaints == [], done.stderr
