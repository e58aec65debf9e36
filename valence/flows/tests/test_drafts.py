"""Promises of a draft: it changes nothing in use, says what is wrong, and its effect is that of its own text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from valence import packs
from valence.flows.find import drafts
from valence.flows.weigh import minds, overlays

NOW = datetime(2026, 5, 12, 9, tzinfo=UTC)
GOOD = '[[marks]]\nname = "late"\nweight = 0.61\n'


@pytest.fixture(autouse=True)
def no_drafts() -> Iterator[None]:
    yield
    for path in overlays.place().parent.glob("telco*"):
        path.unlink()


def outcome(auc: float) -> overlays.Outcome:
    return overlays.Outcome(
        auc=np.float64(auc), low=None, high=None, ours=1, not_ours=2, cannot_say=3, likely_to_leave=4
    )


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def pretend(**asked: Any) -> overlays.Effect:
        return overlays.Effect(overlays.checked(draft=asked["draft"]), before=outcome(0.68), after=outcome(0.69))

    monkeypatch.setattr(overlays, "tried", pretend)


def test_a_draft_says_what_it_would_change_and_changes_nothing() -> None:
    drafts.write(text=GOOD)
    changes = drafts.read().changes
    assert changes is not None
    assert changes.changed == ("mark late",)
    assert minds.pack().version == packs.load().version


def test_a_wrong_draft_is_kept_with_what_is_wrong() -> None:
    drafts.write(text="[[marks]]\nnaem = 1\n")
    draft = drafts.read()
    assert "naem" in draft.text
    assert draft.problem
    assert draft.changes is None
    with pytest.raises(drafts.TooLongError):
        drafts.write(text="#" * (drafts.LONGEST + 1))


@pytest.mark.usefixtures("tried")
def test_an_effect_belongs_to_the_text_that_was_tried() -> None:
    drafts.write(text=GOOD)
    drafts.try_out(now=NOW, progress=lambda _: None)
    effect = drafts.read().effect
    assert effect is not None
    assert effect.after.auc == pytest.approx(0.69)
    drafts.write(text=GOOD.replace("0.61", "0.62"))
    assert drafts.read().effect is None
