"""A wrong file gets a clear sentence and changes nothing, through the command as people type it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import BIN, environment

MOST_MEMORY_MB = 300
HEADER = "interaction_id,customer_id,occurred_at,kind"
GOOD = "i{},C-1,2025-01-05T10:00:00Z,contact"


def lines(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The file is empty."),
    "header only": (lines(), "The file has a header but no record."),
    "latin-1": (lines("i1,Köln,2025-01-05T10:00:00Z,contact").decode().encode("latin-1"), "The file is not UTF-8"),
    "utf-16": (lines(GOOD.format(1)).decode().encode("utf-16"), "The file is UTF-16, not UTF-8."),
    "NUL": (lines(GOOD.format(1), "i2,C\0,2025-01-05T10:00:00Z,contact"), "The file holds NUL bytes"),
    "a missing column": (b"interaction_id,customer_id,kind\ni1,C-1,contact", "Missing for interactions: occurred_at."),
    "the year 0": (
        lines(*(f"i{n},C-1,0000-01-0{n}T10:00:00Z,contact" for n in range(1, 4))),
        "None of the first 3 records can be taken: 3 x impossible_time (occurred_at: has the year 0).",
    ),
    "one id for all": (
        lines(*(f"i1,C-{n},2025-01-05T10:00:00Z,contact" for n in range(3))),
        "3 x conflict (the same id with different contents)",
    ),
    "an open quote": (lines('i1,"C-1,2025-01-05T10:00:00Z,contact'), "a quote (\") is opened and never closed"),
}  # fmt: skip


@pytest.fixture(scope="module")
def bring(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that brings a file into one home, which holds one interaction."""
    surroundings = environment(home=tmp_path_factory.mktemp("wrong") / "home")

    def run(path: Path, kind: str = "csv") -> subprocess.CompletedProcess[str]:
        command = [BIN / "valence", "import", kind, path, "--format", "json"]
        return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)

    first = tmp_path_factory.mktemp("first") / "first.csv"
    first.write_bytes(lines("i0,C-0,2025-01-05T10:00:00Z,contact"))
    assert run(first).returncode == 0
    return run


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Return the sentence of a command that refused a file, after a look at how it refused."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    words = str(json.loads(done.stdout)["error"]["message"])
    assert words.endswith("Nothing was changed.")
    return words


@pytest.mark.parametrize("name", list(WRONG))
def test_a_wrong_file_is_named_and_changes_nothing(
    name: str, bring: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    content, words = WRONG[name]
    path = tmp_path / "sent.csv"
    path.write_bytes(content)
    assert words in said(bring(path))
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_a_missing_file_and_a_file_of_another_kind_are_named(
    bring: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    assert f"{tmp_path.name} is a folder, not a file." in said(bring(tmp_path))
    assert "There is no file gone.csv." in said(bring(tmp_path / "gone.csv"))
    table = tmp_path / "table.csv"
    pq.write_table(pa.table({"interaction_id": ["i1"]}), table)
    assert "The file is Parquet, not CSV: import it as `parquet`." in said(bring(table))
    text = tmp_path / "text.parquet"
    text.write_bytes(lines(GOOD.format(1)))
    assert "Parquet" in said(bring(text, "parquet"))


def test_one_line_of_two_gigabytes_is_refused_at_once_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"interaction_id," * 200_000)
        file.truncate(2 << 30)
    process = subprocess.Popen(
        [BIN / "valence", "import", "csv", path], env=environment(home=tmp_path / "home"), stderr=subprocess.PIPE
    )
    most = 0.0
    while process.poll() is None:
        with suppress(psutil.Error):
            most = max(most, psutil.Process(process.pid).memory_info().rss / (1 << 20))
        time.sleep(0.01)
    assert process.stderr
    assert process.returncode == 2
    assert "Line 1 is longer than 1,048,576 characters: it is not CSV." in process.stderr.read().decode()
    assert 0 < most < MOST_MEMORY_MB


def test_where_some_records_are_good_they_enter_and_the_others_are_given_back(
    bring: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(lines(GOOD.format("good"), "i2,C-1,0000-01-01,contact", "i3,,2025-01-05T10:00:00Z,contact"))
    done = bring(path)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["created"], answer["refused"]) == (1, 1, 2)
    assert answer["reasons"] == {"impossible_time": 1, "missing_field": 1}
    refused = Path(answer["refused_file"]).read_text()
    assert "i2,C-1,0000-01-01,contact" in refused
    assert "i3,,2025-01-05T10:00:00Z,contact" in refused
