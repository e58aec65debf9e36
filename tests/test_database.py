from pathlib import Path

import pytest

from valence import database

FILE = Path("/data/valence.sqlite3")


def test_without_an_address_the_tables_lie_in_the_data_folder_and_wait_for_the_disk() -> None:
    told = database.setting(url="", file=FILE)
    assert (told["ENGINE"], told["NAME"]) == ("django.db.backends.sqlite3", FILE)
    assert "synchronous=FULL" in told["OPTIONS"]["init_command"]


def test_an_address_is_taken_apart_word_by_word() -> None:
    told = database.setting(url="postgresql://va%40l:p%2Fw@db.example.org:6432/valence?sslmode=require", file=FILE)
    assert [told[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "va@l", "p/w", "db.example.org", "6432", "valence",
    ]  # fmt: skip
    assert told["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/name", "postgresql://u:hidden@h", "valence"])
def test_another_address_is_refused_without_saying_the_password(url: str) -> None:
    with pytest.raises(database.WrongAddress) as refused:
        database.setting(url=url, file=FILE)
    assert "hidden" not in str(refused.value)
