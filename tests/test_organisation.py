"""The organisation's file: readable, checked, kept whole, and the environment wins."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from valence import organisation
from valence.organisation import NotUsable, Organisation


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in organisation.VARIABLES.values():
        monkeypatch.delenv(name, raising=False)


def test_what_is_written_is_read_again_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    one = Organisation(
        name='Süd "Netz" \\ Söhne', currency="chf", time_zone="Europe/Zurich", regions=("Nord", " Nord ", "")
    )
    organisation.write(folder=tmp_path, organisation=one)
    found = organisation.of(folder=tmp_path)
    assert (found.name, found.currency, found.regions) == ('Süd "Netz" \\ Söhne', "CHF", ("Nord",))
    assert stat.S_IMODE((tmp_path / organisation.FILE).stat().st_mode) == 0o600


def test_without_a_file_everything_has_a_usual_value(tmp_path: Path) -> None:
    assert organisation.of(folder=tmp_path) == Organisation()


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation.write(folder=tmp_path, organisation=Organisation(currency="CHF"))
    monkeypatch.setenv("VALENCE_CURRENCY", "SEK")
    assert organisation.of(folder=tmp_path).currency == "SEK"
    assert organisation.stored(folder=tmp_path).currency == "CHF"
    assert organisation.fixed() == {"currency"}


@pytest.mark.parametrize(
    "text",
    ['currency = "EURO"', 'time_zone = "Berlin"', 'address = "valence"', 'regions = "Nord"', 'colour = "red"',
     "name = 7", "name = ", 'pack = "../x"', 'getting_started = "maybe"'],
)  # fmt: skip
def test_a_wrong_file_is_named_and_not_half_used(tmp_path: Path, text: str) -> None:
    (tmp_path / organisation.FILE).write_text(text)
    with pytest.raises(NotUsable):
        organisation.of(folder=tmp_path)


def test_pages_answer_under_the_public_address_and_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VALENCE_HOSTS", raising=False)
    assert organisation.hosts(address="") == ["*"]
    assert organisation.hosts(address="https://valence.example.org")[:2] == ["valence.example.org", "localhost"]
    assert Organisation(address="https://valence.example.org").is_secure
