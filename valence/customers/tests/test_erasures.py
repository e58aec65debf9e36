"""The register of erasures: it only grows, survives a power cut, and names nobody."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from valence.customers import erasures
from valence.customers.erasures import Entry

AT = datetime(2026, 5, 1, tzinfo=UTC)
ONE, OTHER = (Entry(id_hash=letter * 16, erased_at=AT, certificate="c" * 64) for letter in (b"a", b"b"))


def test_what_was_entered_is_read_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "home.erased"
    erasures.begin(path=path)
    assert erasures.read(path=path) == ()
    erasures.enter(path=path, entries=[ONE])
    erasures.enter(path=path, entries=[OTHER, ONE])
    assert erasures.read(path=path) == (ONE, OTHER)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", [1, 20, 32, 40, 100])
def test_a_line_that_a_power_cut_broke_off_does_no_harm(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "home.erased"
    erasures.enter(path=path, entries=[ONE, OTHER])
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1 + kept])
    assert erasures.read(path=path) == (ONE,)
    erasures.enter(path=path, entries=[OTHER])
    assert erasures.read(path=path) == (ONE, OTHER)


def test_another_file_is_not_taken_for_a_register(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_text("buy milk\nand bread\n")
    with pytest.raises(erasures.Damaged, match="line 1"):
        erasures.read(path=path)
