"""The file of a backup: whole or not one at all."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO

import pytest

from valence.flows.run import archive, sealed_key

BIG = os.urandom(3 << 20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "one.backup"
    with archive.writing(path=made, header={"version": "1.2.3"}, report=lambda _: None) as writer:
        writer.add(name="home/a", source=io.BytesIO(b"alpha"), size=5)
        writer.add(name="home/log/b", source=io.BytesIO(BIG), size=len(BIG))
    return made


def read(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}

    def take(name: str, source: IO[bytes]) -> None:
        found[name] = b"".join(iter(lambda: source.read(archive.CHUNK), b""))

    archive.contents(path=path, take=take)
    return found


def test_what_went_in_comes_out(path: Path) -> None:
    assert archive.header_of(path=path)["version"] == "1.2.3"
    assert read(path) == {"home/a": b"alpha", "home/log/b": BIG}


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_no_backup(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(archive.NotABackup):
        read(path)


@pytest.mark.parametrize("place", [100, 500_000, 2_000_000])
def test_a_changed_byte_is_found(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x40
    path.write_bytes(data)
    with pytest.raises(archive.NotABackup):
        read(path)


def test_another_kind_of_file_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("customer_id,joined_at\n" * 1_000)
    with pytest.raises(archive.NotABackup):
        archive.header_of(path=other)


def test_a_name_that_leads_outside_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "evil.backup"
    with archive.writing(path=made, header={"version": "1"}, report=lambda _: None) as writer:
        writer.add(name="home/../../out", source=io.BytesIO(b"x"), size=1)
    with pytest.raises(archive.NotABackup, match="no backup holds"):
        read(made)


def test_a_file_that_shrank_meanwhile_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(archive.NotABackup, match="cut short"),
        archive.writing(path=tmp_path / "x", header={}, report=lambda _: None) as writer,
    ):
        writer.add(name="home/a", source=io.BytesIO(b"al"), size=5)


def test_a_key_opens_with_its_passphrase_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_key, "COST", 1 << 4)
    told = sealed_key.seal(key=b"k" * 32, passphrase="a long passphrase")
    assert sealed_key.unseal(told=told, passphrase="a long passphrase") == b"k" * 32
    with pytest.raises(sealed_key.WrongPassphrase):
        sealed_key.unseal(told=told, passphrase="another passphrase")
