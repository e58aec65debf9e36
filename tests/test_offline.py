"""Nothing is asked of any other machine: not by the code, not by a page."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from lxml import html

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("page", ["/", "/customers/", "/losses/", "/handoffs/", "/model/", "/data/"])
def test_a_page_loads_everything_from_its_own_server(signed_in: httpx.Client, page: str):
    tree = html.fromstring(signed_in.get(page).text)
    loaded = tree.xpath("//script/@src | //link[@rel!='canonical']/@href | //img/@src")
    assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []


def test_a_page_may_only_load_from_its_own_server(signed_in: httpx.Client):
    policy = signed_in.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy


def test_no_code_names_another_host():
    named = re.compile(
        rb"https?://(?!127\.0\.0\.1|localhost|www\.w3\.org|www\.xes-standard\.org|(?:[a-z]+\.)?example\.)[a-z0-9.-]+\.[a-z]{2,}"
    )
    places = [
        path
        for path in (ROOT / "valence").rglob("*")
        if path.suffix in {".py", ".html", ".ts", ".js", ".css", ".toml"} and not {"built", "tests"} & set(path.parts)
    ]
    assert [(path.name, found) for path in places if (found := named.findall(path.read_bytes()))] == []


BLOCKED = """
import socket

def refused(self, address, *rest):
    if self.family != getattr(socket, "AF_UNIX", None):
        raise OSError(101, "Network is unreachable")
    return plain(self, address, *rest)

plain, socket.socket.connect = socket.socket.connect, refused
"""


PAGES = """
import json, os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
import django
django.setup()
from django.test import Client
client = Client(headers={"host": "localhost"})
client.post("/signin/", {"username": "admin", "password": os.environ["VALENCE_ADMIN_PASSWORD"]})
asked = ["/comments/", "/comments/?q=too+expensive&by=meaning", "/themes/", "/growing/", "/digest/"]
answers = {path: client.get(path) for path in asked}
assert {one.status_code for one in answers.values()} == {200}, [one.status_code for one in answers.values()]
print(json.dumps({path: one.content.decode() for path, one in answers.items()}))
"""
NOW = datetime.now(UTC) - timedelta(days=1)


def _cut_off(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return how to run a command without any network: in a namespace of its own, else with sockets that refuse."""
    if os.geteuid() == 0 and shutil.which("unshare"):
        alone = ["unshare", "--net"]
        if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode == 0:
            return alone, {}
    (folder / "sitecustomize.py").write_text(BLOCKED)
    return [], {"PYTHONPATH": str(folder)}


def test_the_commands_of_the_installation_and_the_reading_of_texts_work_with_the_network_cut(tmp_path: Path):
    alone, more = _cut_off(tmp_path)
    home = {"VALENCE_HOME": str(tmp_path / "data"), "VALENCE_ADMIN_PASSWORD": "long enough 1"}
    environment = {**os.environ, **more, **home}
    valence = Path(sys.executable).with_name("valence")

    def run(*words: str) -> str:
        done = subprocess.run(
            [*alone, valence, *words], env=environment, capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    outside = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=3)"
    reached = subprocess.run(
        [*alone, sys.executable, "-c", outside], env=environment, capture_output=True, text=True, check=False
    )
    assert "unreachable" in reached.stderr
    run("init", "--organisation", "Tessaly Telecom", "--currency", "EUR", "--time-zone", "Europe/Berlin", "--yes")
    said = ["The bill is far too high and wrong.", "Der Techniker war pünktlich und freundlich.", "=1+1 <b>🙂</b>"]
    (tmp_path / "said.csv").write_text("text\n" + "".join(f'"{each}"\n' for each in said), encoding="utf-8")
    told = run("text", "annotate", "said.csv", "--text-column", "text", "--pack", "telco", "--format", "json")
    rows = [json.loads(line) for line in told.splitlines()]
    assert [row["text"] for row in rows] == said
    assert [row["language"] for row in rows[:2]] == ["en", "de"]
    assert "bill" in {theme["theme"] for theme in rows[0]["themes"]}
    assert (rows[0]["tone"], rows[1]["tone"]) == ("negative", "positive")
    (tmp_path / "customers.csv").write_text("customer_id,joined_at\nC-1,2025-01-05T00:00:00Z\n")
    said += ["😀" * 100_000, "The bill is too high. " * 47_000]
    written = [f'{at},C-1,{NOW.isoformat()},feedback,"{each}"\n' for at, each in enumerate(said)]
    (tmp_path / "written.csv").write_text(
        "interaction_id,customer_id,occurred_at,kind,text\n" + "".join(written), encoding="utf-8"
    )
    run("import", "csv", "customers.csv", "--kind", "customers")
    run("import", "csv", "written.csv", "--kind", "interactions")
    run("text", "read")
    shown = subprocess.run(
        [*alone, sys.executable, "-c", PAGES], env=environment, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    comments = json.loads(shown.stdout)["/comments/"]
    assert "=1+1 &lt;b&gt;" in re.sub(r"</?(?:mark|span)[^>]*>", "", comments)
    assert "5 comments" in comments
