"""A source of each kind with rows in it, so that one suite holds every kind to the same promises."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from pyarrow import fs

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
COLUMNS = ("interaction_id", "source", "customer_id", "occurred_at", "kind", "amount", "updated_at")


@dataclass(frozen=True)
class Row:
    """A row at a source: `changed` counts minutes after START."""

    number: int
    changed: float
    amount: float = 10.0

    @property
    def cells(self) -> tuple[Any, ...]:
        at = START + dt.timedelta(minutes=self.number % 1440)
        return (
            f"t-{self.number}", "crm", f"C-{self.number % 97}", at, "contact", self.amount,
            START + dt.timedelta(minutes=self.changed),
        )  # fmt: skip


class World(Protocol):
    """A source: what the feed's file says, and a way to put rows there."""

    said: dict[str, Any]

    def put(self, rows: Sequence[Row]) -> None: ...


def as_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS[:-1])
    writer.writerows([str(cell) for cell in row.cells[:-1]] for row in rows)
    return text.getvalue().encode()


@dataclass
class Folder:
    path: Path
    said: dict[str, Any] = field(init=False)
    files: int = 0

    def __post_init__(self) -> None:
        self.path.mkdir(exist_ok=True)
        self.said = {"kind": "folder", "folder": {"path": str(self.path), "settle": 0.05}}

    def put(self, rows: Sequence[Row]) -> None:
        self.files += 1
        (self.path / f"{self.files:03}.csv").write_bytes(as_csv(rows))
        time.sleep(0.1)


@dataclass
class Database:
    url: str
    said: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        number, moment = ("DOUBLE PRECISION", "TIMESTAMPTZ") if "postgresql" in self.url else ("DOUBLE", "DATETIME(6)")
        self.execute("DROP TABLE IF EXISTS tickets")
        self.execute(
            "CREATE TABLE tickets (interaction_id VARCHAR(40) PRIMARY KEY, source VARCHAR(40), "
            f"customer_id VARCHAR(40), occurred_at {moment}, kind VARCHAR(40), amount {number}, updated_at {moment})"
        )
        self.execute("CREATE INDEX moved ON tickets (updated_at)")
        query = "SELECT * FROM tickets WHERE kind NOT LIKE '%none:%'"
        self.said = {
            "kind": "sql",
            "sql": {
                "url": self.url, "query": query, "cursor": "updated_at", "id": "interaction_id",
                "overlap": "2 h", "revision": "updated_at", "piece": 3_000,
            },
        }  # fmt: skip

    def put(self, rows: Sequence[Row]) -> None:
        names = ", ".join(COLUMNS)
        marks = ", ".join(f":{name}" for name in COLUMNS)
        with sa.create_engine(self.url, poolclass=sa.NullPool).begin() as connection:
            ids = [{"id": row.cells[0]} for row in rows]
            connection.execute(sa.text("DELETE FROM tickets WHERE interaction_id = :id"), ids)
            said = [dict(zip(COLUMNS, self._cells(row), strict=True)) for row in rows]
            connection.execute(sa.text(f"INSERT INTO tickets ({names}) VALUES ({marks})"), said)

    def execute(self, words: str) -> None:
        with sa.create_engine(self.url, poolclass=sa.NullPool).begin() as connection:
            connection.exec_driver_sql(words)

    def _cells(self, row: Row) -> list[Any]:
        aware = "postgresql" in self.url
        return [cell if aware or not isinstance(cell, dt.datetime) else cell.replace(tzinfo=None) for cell in row.cells]


@dataclass
class Bucket:
    endpoint: str
    name: str
    said: dict[str, Any] = field(init=False)
    objects: int = 0

    def __post_init__(self) -> None:
        part = {
            "bucket": self.name, "prefix": "in/", "endpoint": self.endpoint, "settle": 0.0,
            "access_key": "reader", "secret_key": "feedpass",
        }  # fmt: skip
        self.said = {"kind": "bucket", "bucket": part}
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
        self.store().create_dir(self.name)

    def put(self, rows: Sequence[Row]) -> None:
        self.objects += 1
        self.put_object(f"in/{self.objects:03}.csv", as_csv(rows))

    def put_object(self, key: str, content: bytes) -> None:
        with self.store().open_output_stream(f"{self.name}/{key}") as stream:
            stream.write(content)

    def store(self) -> fs.S3FileSystem:
        scheme, _, host = self.endpoint.partition("://")
        return fs.S3FileSystem(
            access_key="reader", secret_key="feedpass", endpoint_override=host, scheme=scheme, region="us-east-1",
            allow_bucket_creation=True,
        )  # fmt: skip
