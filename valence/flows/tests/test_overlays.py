"""An analyst's changes to the pack are checked, and switched on whole or not at all."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence import packs
from valence.flows.weigh import minds, overlays

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
MUD = """
[facts]
wet_floor = { label = "Wet floor", phrase = "left the floor wet" }
[[marks]]
name = "wet_floor"
when = { facts = ["wet_floor"] }
sign = "harm"
family = "failure"
weight = 0.3
"""


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    (tmp_path / "packs").mkdir()


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.toml"
    path.write_text(MUD)
    return path


def test_a_check_names_what_would_change_and_changes_nothing(draft: Path):
    changes = overlays.checked(draft=draft)
    assert changes.added == ("mark wet_floor",)
    assert changes.newly_known == ("fact wet_floor",)
    assert (changes.removed, changes.changed) == ((), ())
    assert not minds.pack().knows("facts", "wet_floor")


def test_a_draft_that_is_wrong_is_refused_by_name_and_the_one_in_use_stays(draft: Path):
    overlays.switch_on(draft=draft, by="ana", now=NOW)
    draft.write_text(MUD.replace('"harm"', '"terrible"'))
    with pytest.raises(packs.PackError, match="sign"):
        overlays.switch_on(draft=draft, by="ana", now=NOW)
    assert minds.pack().knows("facts", "wet_floor")


def test_what_was_switched_on_can_be_switched_off_and_is_kept(draft: Path):
    changes = overlays.switch_on(draft=draft, by="ana", now=NOW)
    assert minds.pack().version == changes.version
    assert overlays.switch_off(by="ana", now=NOW)
    assert not minds.pack().knows("facts", "wet_floor")
    assert overlays.place().with_suffix(".off").read_text() == MUD
    assert not overlays.switch_off(by="ana", now=NOW)
