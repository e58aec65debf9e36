"""The wheel holds what the product needs and nothing else: it is built here as `make wheel` builds it."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NEEDED = ("pyproject.toml", "build_assets.py", "README.md", "LICENSE", "package.json", "package-lock.json")
BUILT = ROOT / "valence/web/static/built"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build a wheel from a copy of the checkout: built assets are taken as they are, so that it takes seconds."""
    if not (BUILT / "app.css").exists():
        pytest.skip("the page assets are not built: run `npm ci && npm run build`")
    folder = tmp_path_factory.mktemp("checkout")
    for name in NEEDED:
        shutil.copy2(ROOT / name, folder / name)
    shutil.copytree(ROOT / "valence", folder / "valence", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / "valence/web/static/built").rglob("*"):
        path.touch()  # fresh, whatever was edited in the checkout meanwhile
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"], cwd=folder,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [built] = (folder / "dist").glob("*.whl")
    return zipfile.ZipFile(built)


def test_it_holds_pages_assets_packs_and_migrations(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    wanted = {
        *(str(path.relative_to(ROOT)) for path in (ROOT / "valence/web/templates").rglob("*.html")),
        *(str(path.relative_to(ROOT)) for path in (ROOT / "valence/packs").glob("*.toml")),
        *(str(path.relative_to(ROOT)) for path in (ROOT / "valence/migrations").glob("*.py")),
        *(f"valence/web/static/built/{name}" for name in ("app.css", "app.js", "theme.js")),
    }
    assert wanted - names == set()
    assert any(name.startswith("valence/web/static/built/fonts/") for name in names)


def test_it_holds_no_tests_no_sources_of_assets_and_nothing_of_the_checkout(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"valence"}
    odd = [name for name in wheel.namelist() if "/tests/" in name or "/assets/" in name or "node_modules" in name]
    assert odd == []


def test_it_names_no_path_of_the_machine_that_built_it(wheel: zipfile.ZipFile) -> None:
    own = [str(ROOT).encode(), str(Path.home()).encode() + b"/"]
    assert [name for name in wheel.namelist() if any(path in wheel.read(name) for path in own)] == []


def test_it_installs_the_command_and_names_its_licence(wheel: zipfile.ZipFile) -> None:
    told = {name.split("/")[-1]: name for name in wheel.namelist() if ".dist-info/" in name}
    assert "valence = valence.management:main" in wheel.read(told["entry_points.txt"]).decode()
    assert "Requires-Dist: django" in wheel.read(told["METADATA"]).decode()
    assert "LICENSE" in told
