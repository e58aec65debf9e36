"""From a correction to other figures and back: taught, looked at, switched on, rolled back. Nothing happens unasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from valence import home
from valence.customers.models import Customer
from valence.flows.read import heads, reading, reading_again, teaching
from valence.flows.tests import readers
from valence.ledger.models import Annotation
from valence.ledger.queries import readings
from valence.ledger.queries.readings import Asked
from valence.packs import taxonomy
from valence.terms import EVERYTHING, Interaction
from valence.text import encoders
from valence.text.tone import telling

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A telco that reads with an encoder of words and learns from thirty sentences beside the corrections."""
    using = readers.telco()
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))
    for name in home.FOLDERS:
        (tmp_path / name).mkdir(exist_ok=True)
    few = taxonomy.seeds(name="telco")[::12]
    monkeypatch.setattr(taxonomy, "seeds", lambda name: few)
    monkeypatch.setattr(encoders, "of_path", lambda path: using.encoders)
    monkeypatch.setattr(telling, "shipped", lambda readers: using.tone)
    monkeypatch.setattr(heads, "FOLDS", 2)
    reading._reader.cache_clear()
    Customer.objects.create(key=1, joined_at=NOON, updated_at=NOON, wrapped_key=b"k")
    yield
    reading._reader.cache_clear()


def _arrive(*texts: str) -> None:
    number = Annotation.objects.count()
    sent = [
        Interaction(
            source="survey",
            interaction_id=f"t{number + at}",
            customer_key=1,
            occurred_at=NOON,
            recorded_at=NOON,
            kind="feedback",
            text=text,
            language="en",
        )
        for at, text in enumerate(texts)
    ]
    waiting = reading.set_aside(arrived=sent)
    reading.store(
        read=reading.of(sent=[(row[0], one) for row, one in zip(waiting, sent, strict=True)], now=NOON), now=NOON
    )


def _of(theme: str) -> set[str]:
    return {one.text for one in readings.rows(scope=EVERYTHING, asked=Asked(theme=theme))}


def _correct_all(said: str) -> None:
    for one in readings.rows(scope=EVERYTHING, asked=Asked()):
        teaching.correct(comment=one, part="themes", said=said, by="anna", now=NOON)


def test_corrections_teach_a_head_that_changes_nothing_until_it_is_switched_on_and_is_rolled_back():
    places = ("kitchen", "hall", "cellar", "attic", "garden", "office")
    _arrive(*(f"the zorblax in my {place} blinks" for place in places), *(f"zorblax zorblax {one}" for one in places))
    assert not any("zorblax" in text for text in _of("devices"))
    _correct_all("devices:negative")
    _arrive("my zorblax blinks again", "The bill is too high")

    made = teaching.teach(task="themes", now=NOON, progress=lambda step: None)
    held = made.kept.card["held_out"]
    assert (made.kept.version, made.kept.in_use) == (1, False)
    assert made.kept.card["learned_from"].startswith("12 corrections and ")
    assert held["labels"]["devices"]["n"] >= 12
    assert 0 <= held["macro_f1"]["low"] <= held["macro_f1"]["value"] <= 1
    assert made.changes is not None
    [devices] = [one for one in made.changes.themes if one.name == "devices"]
    assert devices.now < 3 < 8 < devices.then
    assert "my zorblax blinks again" not in _of("devices")
    assert [one.kept.version for one in teaching.versions(task="themes")] == [1]

    teaching.switch_on(task="themes", version=1, by="anna", now=NOON)
    assert reading_again.with_heads_in_use(now=NOON) > 0
    assert "my zorblax blinks again" in _of("devices")
    _arrive("every zorblax blinks")
    assert "every zorblax blinks" in _of("devices")

    assert teaching.roll_back(task="themes", by="anna", now=NOON) is None
    reading_again.with_heads_in_use(now=NOON)
    assert "my zorblax blinks again" not in _of("devices")
    assert sum("zorblax" in text for text in _of("devices")) == 12, "what a person put right stays"


def test_too_few_corrections_teach_nothing() -> None:
    _arrive("the zorblax blinks")
    _correct_all("devices:negative")
    with pytest.raises(teaching.TooFew, match="1 texts were corrected; 10 are needed"):
        teaching.teach(task="themes", now=NOON, progress=lambda step: None)
    assert teaching.versions(task="themes") == ()
