"""What is erased is gone from the real files: everything under the home is decoded before anyone looks for it."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import pyarrow.parquet as pq

from tests.conftest import BIN, environment
from valence.flows.tests.test_erase import every_reading

HERS = {
    "customer_id": "CUST-ALICE-77",
    "name": "Alice Bergmann",
    "email": "alice@mail.example.org",
    "phone": "+44 7700 900123",
}
WORDS = (*HERS.values(), "Bergmann", "447700900123", "7700 900123")
CUSTOMERS = f"""customer_id,joined_at,region,name,email,phone
{",".join([HERS["customer_id"], "2020-01-01T00:00:00Z", "North", HERS["name"], HERS["email"], HERS["phone"]])}
CUST-BOB-12,2020-01-01T00:00:00Z,South,Bob Carter,bob@mail.example.org,+44 7700 900456
"""
SAID = f"This is {HERS['name']}; write to {HERS['email']} or call {HERS['phone']}"
INTERACTIONS = "interaction_id,customer_id,occurred_at,kind,text,attributes\n" + "".join(
    f'{number},{who},2025-01-0{number % 9 + 1}T10:00:00Z,contact,{text},"{{""email"": ""{mail}""}}"\n'
    for number, who, text, mail in [
        *((number, HERS["customer_id"], SAID, HERS["email"]) for number in range(40)),
        *((number, "CUST-BOB-12", "fine", "bob@mail.example.org") for number in range(40, 60)),
    ]
)
REFUSED = f"{HERS['customer_id']}-x,{HERS['customer_id']},soon,contact,{SAID},\n"


def disguises(word: str) -> set[bytes]:
    """Return how a word may lie in a file: plain, hexadecimal, and base64 at any of its three places."""
    plain = word.lower().encode()
    texts = {plain}
    for said in {word.encode(), plain}:
        texts |= {said.hex().encode(), said.hex().upper().encode()}
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + said)
            texts.add(encoded[(0, 2, 3)[shift] : len(encoded) - 4])
    return texts


def everything_in(home: Path) -> list[bytes]:
    """Return every file with its name, raw and decoded; the database as raw pages, write-ahead log included."""
    found: list[bytes] = []
    for path in (path for path in home.rglob("*") if path.is_file()):
        data = path.read_bytes()
        found += [str(path).encode(), *every_reading(data)]
        if path.suffix == ".parquet":
            rows = repr(pq.read_table(path, partitioning=None).to_pylist()).encode()
            found += [rows, *every_reading(rows)]
    return found


def places_of(home: Path, words: tuple[str, ...]) -> list[str]:
    texts = everything_in(home)
    lowered = [text.lower() for text in texts]
    return [
        f"{word} as {disguise.decode(errors='replace')}"
        for word in words
        for disguise in disguises(word)
        if any(disguise in text for text in (lowered if disguise == word.lower().encode() else texts))
    ]


def test_who_is_erased_is_in_no_file_and_a_replay_brings_nobody_back(tmp_path: Path) -> None:
    home, sent = tmp_path / "home", tmp_path / "sent"
    sent.mkdir()
    (sent / "customers.csv").write_text(CUSTOMERS)
    (sent / "interactions.csv").write_text(INTERACTIONS + REFUSED)

    def valence(*words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [BIN / "valence", *words, "--format", "json"]
        return subprocess.run(command, env=environment(home=home), capture_output=True, text=True, check=False)

    assert valence("import", "csv", sent / "customers.csv").returncode == 0
    assert json.loads(valence("import", "csv", sent / "interactions.csv").stdout)["created"] == 60
    erased = valence("erase", HERS["customer_id"], "--why", f"{HERS['name']} asked for it")
    assert erased.returncode == 0, erased.stderr
    certificate = json.loads(erased.stdout)
    assert len(certificate["certificate"]) == 64
    assert not any(word in erased.stdout for word in WORDS)
    assert places_of(home, WORDS) == []

    assert json.loads(valence("import", "csv", sent / "customers.csv").stdout)["reasons"] == {"erased": 1}
    again = json.loads(valence("import", "csv", sent / "interactions.csv").stdout)
    assert (again["created"], again["duplicate"], again["reasons"]["erased"]) == (0, 20, 40)
    assert valence("erase", HERS["customer_id"], "--why", "again").returncode == 2
