"""A real Spark cluster on loopback: one master and as many workers as a test wants, each with a core of its own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from valence.flows.tests.feeds import servers

PATIENCE = 240.0
LOOPBACK = "127.0.0.1"
MASTER, WORKER = (f"org.apache.spark.deploy.{name}" for name in ("master.Master", "worker.Worker"))


def missing() -> str:
    """Return what is missing on this machine, "" where Spark can run."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed: pip install 'valence[spark]'"
    return (
        ""
        if shutil.which("java")
        else "there is no Java: install a Java 17, such as the package openjdk-17-jre-headless"
    )


@contextmanager
def cluster(*, workers: int = 2, memory: str = "1g") -> Iterator[str]:
    """Start master and workers and yield `spark://host:port`; skip where Java or pyspark is missing."""
    if reason := missing():
        pytest.skip(reason)
    port = servers.free_port()
    address = f"spark://{LOOPBACK}:{port}"
    with tempfile.TemporaryDirectory(prefix="valence-spark-", ignore_cleanup_errors=True) as folder:
        running = [_start(folder, MASTER, "--host", LOOPBACK, "--port", str(port), "--webui-port", "0")]
        try:
            _wait_for(folder, "I have been elected leader", 1)
            for number in range(workers):
                place = Path(folder) / f"worker-{number}"
                words = ("--host", LOOPBACK, "--cores", "1", "--memory", memory, "--work-dir", str(place))
                running.append(_start(folder, WORKER, *words, "--webui-port", "0", address))
            _wait_for(folder, "Registering worker", workers)
            yield address
        finally:
            for process in reversed(running):
                process.terminate()
            for process in running:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(10)


def _start(folder: str, name: str, *words: str) -> subprocess.Popen[bytes]:
    import pyspark

    spark = Path(pyspark.__file__).parent
    surroundings = os.environ | {"SPARK_HOME": str(spark), "SPARK_LOCAL_IP": LOOPBACK, "PYSPARK_PYTHON": sys.executable}
    with (Path(folder) / "said").open("ab") as said:
        return subprocess.Popen(
            [spark / "bin" / "spark-class", name, *words], env=surroundings, stdout=said, stderr=said
        )


def _wait_for(folder: str, words: str, times: int) -> None:
    until = time.monotonic() + PATIENCE
    while (Path(folder) / "said").read_text(errors="replace").count(words) < times:
        if time.monotonic() > until:
            pytest.fail((Path(folder) / "said").read_text(errors="replace")[-2000:])
        time.sleep(0.1)
