"""One made-up operator for every test that needs the whole product, by the tutorial's commands, as a newcomer would."""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PRINTED = "printed.json"
PATIENCE = 240.0  # seconds; a busy machine is slow, not wrong


@dataclass(frozen=True)
class Operator:
    """A home with data in it, the folder where the tutorial ran, and what each of its commands printed."""

    folder: Path
    home: Path
    printed: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        return environment(home=self.home)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "valence", *words], cwd=self.folder, env=self.environment, capture_output=True, text=True
        )


@dataclass(frozen=True)
class Product:
    """A server that runs, and how to sign in."""

    address: str
    name: str
    password: str


def environment(*, home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("VALENCE_", "DJANGO_"))}
    return kept | {"VALENCE_HOME": str(home), "PATH": f"{BIN}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}


def tutorial_commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs/tutorial.md").read_text(), flags=re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture(scope="session")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """The tutorial done: by the first worker that asks, the others take a copy of it."""
    base, folder = tmp_path_factory.getbasetemp(), tmp_path_factory.mktemp("tutorial")
    made = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "tutorial-of-all"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / PRINTED).exists():
            shutil.rmtree(made, ignore_errors=True)
            _do_tutorial(made)
    shutil.copytree(made, folder, dirs_exist_ok=True)
    printed = json.loads((folder / PRINTED).read_text())
    return Operator(folder=folder, home=folder / "home", printed=printed)


def _do_tutorial(folder: Path) -> None:
    folder.mkdir()
    script = "set -e\n" + "\n".join(f"echo '>>> {i}'\n{command}" for i, command in enumerate(tutorial_commands()))
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment(home=folder / "home"), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    parts = re.split(r"^>>> \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    (folder / PRINTED).write_text(json.dumps(dict(zip(tutorial_commands(), parts, strict=True))))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(f"{address}/healthz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not become ready")


@pytest.fixture(scope="session")
def product(operator: Operator) -> Iterator[Product]:
    made = operator.run("init")
    assert made.returncode == 0, made.stderr
    found = re.search(r"user: (\S+)\s+password: (\S+)", made.stdout)
    assert found, made.stdout
    port = free_port()
    process = subprocess.Popen(
        [BIN / "valence", "serve", "--host", "127.0.0.1", "--port", str(port)],
        cwd=operator.folder, env=operator.environment, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(address, process)
        yield Product(address=address, name=found[1], password=found[2])
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=PATIENCE)


@pytest.fixture(scope="session")
def signed_in(product: Product) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=product.address, follow_redirects=True, timeout=PATIENCE) as client:
        page = client.get("/")
        fields = dict(re.findall(r'<input[^>]*name="(csrfmiddlewaretoken)"[^>]*value="([^"]+)"', page.text))
        answer = client.post(
            page.url, data={**fields, "username": product.name, "password": product.password},
            headers={"Referer": str(page.url)},
        )  # fmt: skip
        assert answer.status_code == 200
        assert client.get("/losses/").status_code == 200
        yield client
