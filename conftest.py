"""Tests keep their data in a folder of their own, never in the home of who runs them.

The settings are read here, not by pytest-django (pyproject.toml names none): it would read them before this file.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import django
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_folder = Path(tempfile.mkdtemp(prefix="valence-test-"))
os.environ["VALENCE_HOME"] = str(_folder / "home")
os.environ["DJANGO_SETTINGS_MODULE"] = "valence.settings"
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["VALENCE_SUM_MINUTES"] = "0"  # a busy machine counts slowly, and tests ask at once
os.environ.pop("DATABASE_URL", None)  # the database of whoever runs the tests is never touched
if _tried := os.environ.get("VALENCE_TRIED_DATABASE"):  # `make postgresql` names one of its own
    os.environ["DATABASE_URL"] = _tried
django.setup()

Made = TypeVar("Made", "BrowserContext", "Page")
BUILT = Path(__file__).parent / "valence" / "web" / "static" / "built" / "app.css"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Whose files take more than half a minute of processor time.
LONG = (
    *("tests/test_asking", "tests/test_backup", "tests/test_broken", "tests/test_crash", "tests/test_full"),
    *("tests/test_numbers", "tests/test_own", "tests/test_walkthrough", "valence/bond/tests/test_fit"),
    *("valence/flows/tests/feeds/test_every", "valence/flows/tests/test_results", "valence/flows/tests/test_same"),
    *("valence/flows/tests/test_undo", "valence/management/tests/test_simulate"),
    *("valence/web/tests/test_acc", "valence/web/tests/test_story_looks", "valence/web/tests/test_widget"),
)


def chromium() -> str | None:
    """Return where Chromium lies, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin first: none is left that one worker does at the end while the others wait."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(autouse=True)
def rules_of_this_test() -> None:
    """Rules are compiled once a version; what a test rolls back leaves its numbers to the next one's rules."""
    from valence.alerts import queries

    queries._compiled.cache_clear()


def patient(new: Callable[..., Made]) -> Callable[..., Made]:
    """Return what makes pages or contexts that wait for minutes: a busy machine is slow, not wrong."""

    def made(**said: Any) -> Made:
        one = new(**said)
        one.set_default_timeout(240_000)
        return one

    return made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium, or a visible reason why there is none."""
    where = chromium()
    if where is None:
        pytest.skip("no Chromium on this machine: install the package `chromium` to look at the pages")
    if not BUILT.exists():
        pytest.skip("the page assets are not built: run `npm ci && npm run build`")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)  # a busy machine is slow, not wrong

    # Playwright runs an event loop in this thread, and Django takes that for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=where, args=list(QUIET))
        opened.new_context = patient(opened.new_context)  # type: ignore[method-assign]
        opened.new_page = patient(opened.new_page)  # type: ignore[method-assign]
        yield opened
        opened.close()
