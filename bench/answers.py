"""How many people can answer a survey at once: whole surveys sent as forms, beside a plain view that stores a row?

`python -m bench.answers --size 1000`. Both run on one server process with SQLite, `synchronous=FULL`. Every answer is
counted afterwards: nothing may be lost. `page_p95_ms` is how long the page itself took, for one client, and
`cpu_ms_each` what one survey costs the server's process: that hardly depends on what else the machine does.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench import _filled as filled
from bench import _http as http
from bench import measure

CLIENTS = 16
PAGES = 200
FORM = b"_q=satisfied&_q=settled&_q=why&satisfied=4&settled=yes&why=It+took+a+while&_do=send"


def main(size: int) -> None:
    """Print one JSON line."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        tokens = _invited(home, size + 1)
        with http.served(application="valence.asgi", home=home) as process:
            _wait_until_loaded(process)
            p95 = asyncio.run(_p95(f"/s/{tokens.pop()}/"))
            before = sum(process.cpu_times()[:2])
            seconds = asyncio.run(_sent([f"/s/{token}/" for token in tokens]))
            worked = sum(process.cpu_times()[:2]) - before
            memory = process.memory_info().rss / 1e6
        lost = size - _stored()
    with tempfile.TemporaryDirectory() as folder:
        _tables(Path(folder))
        with http.served(application="bench._plain_form", home=Path(folder)) as process:
            plain = asyncio.run(_sent(["/form/"] * size))
            plain_memory = process.memory_info().rss / 1e6
    measure.say(
        question="whole surveys sent by 16 people at once",
        size=size,
        ours=measure.Figure(seconds, memory),
        peers={"plain form post": measure.Figure(plain, plain_memory)},
        answers_a_second=round(size / seconds),
        cpu_ms_each=round(worked / size * 1_000, 2),
        page_p95_ms=round(p95 * 1_000, 1),
        lost=lost,
    )


def _wait_until_loaded(process: psutil.Process) -> None:
    """Wait until the server has loaded its pages, which it does beside the first answers."""
    for _ in range(120):
        before = sum(process.cpu_times()[:2])
        time.sleep(0.5)
        if sum(process.cpu_times()[:2]) - before < 0.02:
            return


def _tables(home: Path) -> None:
    made = "from pathlib import Path; import sys; from bench import _filled; _filled.opened(home=Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", made, str(home)], check=True)


def _invited(home: Path, number: int) -> list[str]:
    """Open a home with so many customers, each invited, and return the tokens."""
    filled.opened(home=home)
    from datetime import UTC, datetime, timedelta

    from valence.customers import actions as customers
    from valence.flows.ask import surveying
    from valence.surveys import actions
    from valence.surveys.values import Invitee

    now = datetime.now(UTC)
    slug = surveying.draft(template="csat", name="Bench", channel="", by="bench", now=now)
    surveying.launch(slug=slug, by="bench", now=now)
    keys = customers.identify(customer_ids=[f"c{place}" for place in range(number)], now=now)
    until = now + timedelta(days=1)
    people = [Invitee(int(key), "link", "en", {}, {}, until) for key in keys if isinstance(key, int)]
    return [one.token for one in actions.invite(slug=slug, people=people, now=now)]


def _stored() -> int:
    from valence.interactions import inbox

    return inbox.waiting().rows


async def _p95(path: str) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", http.PORT)
    took = []
    for _ in range(PAGES):
        begun = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        await _read(reader)
        took.append(time.perf_counter() - begun)
    writer.close()
    return sorted(took)[int(0.95 * PAGES)]


async def _sent(paths: list[str]) -> float:
    waiting = iter(paths)
    begun = time.perf_counter()
    await asyncio.gather(*(_client(waiting) for _ in range(CLIENTS)))
    return time.perf_counter() - begun


async def _client(waiting: object) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", http.PORT)
    head = "host: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n"
    for path in waiting:  # type: ignore[attr-defined]
        writer.write(f"POST {path} HTTP/1.1\r\n{head}content-length: {len(FORM)}\r\n\r\n".encode() + FORM)
        await _read(reader)
    writer.close()


async def _read(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    lines = head.split(b"\r\n")
    length = next((int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")), None)
    if length is not None:
        body = await reader.readexactly(length)
    else:
        body = b""
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    if b" 200 " not in lines[0]:
        raise RuntimeError(f"{lines[0].decode()}: {body[:200].decode()}")


if __name__ == "__main__":
    main(measure.size_of(small=1_000, large=20_000))
