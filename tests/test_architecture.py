"""The map is kept: imports point one way, functions stay short, words stay the field's own."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [
    path
    for path in sorted((ROOT / "valence").rglob("*.py"))
    if "tests" not in path.parts and "migrations" not in path.parts
]
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "service", "services", "misc"}


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _reads_the_clock(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date", "timezone"}
    )


def test_imports_point_one_way():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_no_folder_or_module_has_a_vague_name():
    assert [path for path in SOURCES if path.stem in VAGUE or VAGUE & set(path.parts)] == []


def test_functions_stay_within_forty_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in _functions(path)
        if _lines(node) > 40
    ]
    assert long == []


def test_half_of_all_functions_stay_within_ten_lines():
    lengths = sorted(_lines(node) for path in SOURCES for node in _functions(path))
    assert lengths[len(lengths) // 2] <= 10


def test_modules_stay_within_four_hundred_lines():
    assert [path for path in SOURCES if len(path.read_text().splitlines()) > 400] == []


@pytest.mark.parametrize("folder", ["bond", "journeys", "intake", "insights", "packs", "demo", "web/charts"])
def test_pure_folders_never_read_the_clock(folder: str):
    place = ROOT / "valence" / folder
    found = [
        f"{path}:{node.lineno}"
        for path in sorted(place.rglob("*.py"))
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if _reads_the_clock(node)
    ]
    assert found == []


def test_every_folder_with_code_has_tests_beside_it():
    folders = [
        path
        for path in (ROOT / "valence").iterdir()
        if (path / "__init__.py").exists() and path.name not in {"migrations"}
    ]
    without = [folder.name for folder in folders if not any(folder.rglob("tests/test_*.py"))]
    assert without == []
