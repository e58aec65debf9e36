"""Docs fail the build when stale: commands, settings, source kinds, refusals have headings; links lead somewhere."""

import re
from pathlib import Path

import pytest

from valence.terms import Refusal

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]


def _headings(page: str) -> str:
    return "\n".join(line for line in (DOCS / page).read_text().splitlines() if line.startswith("#"))


@pytest.mark.parametrize(
    "command", sorted(p.stem for p in (ROOT / "valence/management/commands").glob("*.py") if p.stem != "__init__")
)
def test_every_command_has_a_heading(command: str):
    assert f"valence {command}" in _headings("commands.md")


def test_every_setting_has_a_heading():
    code = "\n".join(p.read_text() for p in (ROOT / "valence").rglob("*.py") if "tests" not in p.parts)
    asked = set(re.findall(r"""environ(?:\.get\(|\[)["']([A-Z_]+)["']""", code)) - {
        "DJANGO_SETTINGS_MODULE",
        "OMP_NUM_THREADS",
        "TZ",
    }
    headings = _headings("settings.md")
    assert {name for name in asked if f"`{name}`" not in headings} == set()


@pytest.mark.parametrize("reason", sorted(Refusal))
def test_every_refusal_has_a_heading(reason: Refusal):
    assert reason in _headings("intake.md")


@pytest.mark.parametrize(
    "kind", sorted(p.name for p in (ROOT / "valence/sources/kinds").iterdir() if (p / "__init__.py").exists())
)
def test_every_source_kind_has_a_heading(kind: str):
    assert f"`{kind}`" in _headings("sources.md")


@pytest.mark.parametrize(
    "folder",
    sorted(p.name for p in (ROOT / "valence").iterdir() if (p / "__init__.py").exists() and p.name != "migrations"),
)
def test_every_folder_has_a_place_in_the_index(folder: str):
    assert f"`{folder}/`" in (DOCS / "index.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_make_target_that_is_named_exists(page: Path):
    targets = set(re.findall(r"(?m)(?:^ {4}|`)(?:[A-Z]+=\S+ )*make ([a-z]+)", page.read_text()))
    made = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    assert targets <= made
