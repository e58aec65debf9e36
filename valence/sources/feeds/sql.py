"""A query on a company's database, asked again and again: each time only from where the last one was safe.

The cursor column says where that is. A window before it is read again, so that rows which were committed late are not
missed; rows of the window that came before are known by their digest and left out. Corrected rows come with a higher
`revision`. Nothing is ever written: the transaction is read-only where the database knows such a thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from valence.sources.feeds import arriving, copying, cursors
from valence.sources.feeds.contract import Found, Piece, Reading, WrongFeed

REVISION = "revision"
FETCHED = 2_000
MOST_PIECE = 500_000
ENGINES: Mapping[str, Mapping[str, Any]] = {
    "postgresql": {"execution_options": {"postgresql_readonly": True}},
    "mysql": {},
    "mariadb": {},
}
BEFORE: Mapping[str, tuple[str, ...]] = {
    "postgresql": ("SET statement_timeout = '{timeout}s'", "SET idle_in_transaction_session_timeout = 0"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION net_write_timeout = 3600"),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION net_write_timeout = 3600"),
    "sqlite": ("PRAGMA query_only = ON",),
}
CONNECT: Mapping[str, Mapping[str, str]] = {
    "psycopg": {"connect_timeout": "connect"},
    "pymysql": {"connect_timeout": "connect", "read_timeout": "timeout"},
}


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part `[sql]` of a feed's file. `timeout` is in seconds, `piece` in rows."""

    url: str
    query: str
    password: str = ""
    cursor: str = ""
    id: str = ""
    overlap: str = ""
    revision: str = ""
    start: str = ""
    timeout: int = 300
    piece: int = 50_000


def check(*, said: Mapping[str, Any]) -> None:
    """Raise WrongFeed where the part `[sql]` cannot be used."""
    sql = _said(said)
    address(sql)
    words = sql.query.strip().rstrip(";").strip()
    if words.split(None, 1)[0].lower() not in ("select", "with") or ";" in words:
        raise WrongFeed("query: is one SELECT, without a semicolon.")
    if not 1 <= sql.piece <= MOST_PIECE:
        raise WrongFeed(f"piece: is between 1 and {MOST_PIECE:,} rows.")
    cursors.window(overlap=sql.overlap)
    if sql.overlap and not sql.cursor:
        raise WrongFeed("overlap: needs a cursor.")


def read(*, reading: Reading, kind_of: arriving.KindOf) -> Iterator[Found]:
    """Yield what is new in pieces, in the order of the cursor, each a Parquet file of texts.

    1. Ask for the rows from the window before the cursor on, through a cursor at the server. 2. Leave out those that
    came before. 3. Write a piece, and say how far it leads. Without a cursor every row is asked for each time.
    """
    sql = _said(reading.said)
    window = cursors.Window(
        key=reading.key,
        cursor=sql.cursor,
        overlap=cursors.window(overlap=sql.overlap),
        seen=reading.known.seen,
        zone=reading.zone,
    )
    since = cursors.since(cursor=reading.known.cursor, overlap=window.overlap) or _first(sql)
    with _asked(sql, since) as result:
        names = tuple(result.keys())
        _check_columns(sql, names)
        for rows in _pieces(result, names, sql, window, reading):
            yield _written(rows, names, sql, window, reading)


def done(*, said: Mapping[str, Any], name: str, is_aside: bool, why: str = "") -> None:
    """Leave everything as it is: a feed never writes to a database."""


def address(sql: Said) -> sa.URL:
    """Return the address of the database with its password. Raises WrongFeed."""
    try:
        url = sa.make_url(sql.url)
        url.get_dialect()
    except (SQLAlchemyError, ImportError, ValueError):
        raise WrongFeed(
            "url: is not an address of a database whose driver is installed; write it like"
            " postgresql+psycopg://reader@db.example.org/crm or mysql+pymysql://reader@db.example.org/crm."
        ) from None
    return url.set(password=sql.password) if sql.password else url


def _said(said: Mapping[str, Any]) -> Said:
    try:
        return msgspec.convert(said, Said, strict=False)
    except msgspec.ValidationError as problem:
        raise WrongFeed(f"[sql] is wrong: {problem}.") from None


def _first(sql: Said) -> Any:
    return cursors.typed(sql.start) if sql.start else None


@contextmanager
def _asked(sql: Said, since: Any) -> Iterator[sa.CursorResult[Any]]:
    """Ask the query from `since` on in a read-only transaction. Raises WrongFeed in words without secrets."""
    url = address(sql)
    wanted = CONNECT.get(url.get_driver_name(), {})
    limits = {"connect": min(sql.timeout, 10), "timeout": sql.timeout}
    engine = sa.create_engine(
        url, poolclass=sa.NullPool, hide_parameters=True, **ENGINES.get(url.get_backend_name(), {}),
        connect_args={name: limits[limit] for name, limit in wanted.items()},
    )  # fmt: skip
    try:
        with engine.connect() as connection:
            for words in BEFORE.get(url.get_backend_name(), ()):
                connection.exec_driver_sql(words.format(timeout=sql.timeout))
            if url.get_backend_name() != "postgresql":
                connection.commit()  # what was said for the session holds from the next transaction on
            streaming = connection.execution_options(stream_results=True, max_row_buffer=FETCHED)
            result = streaming.execute(_question(sql, since))
            try:
                yield result
            except BaseException:
                connection.invalidate()  # a driver would read the rest of millions of rows before it lets go
                raise
            result.close()
    except SQLAlchemyError as problem:
        raise WrongFeed(_plain(problem, url)) from None
    finally:
        engine.dispose()


def _question(sql: Said, since: Any) -> sa.TextClause | sa.Select[Any]:
    words = sql.query.strip().rstrip(";")
    if not sql.cursor:
        return sa.text(words.replace(":", "\\:"))
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in (sql.cursor, sql.id) if name]
    inner = sa.text(words.replace(":", "\\:")).columns(*columns).subquery("feed")
    question = sa.select(sa.text("*")).select_from(inner).order_by(*inner.c)
    if since is None:
        return question
    at = inner.c[sql.cursor]
    return question.where(sa.or_(at >= since, at.is_(None)))  # whoever has no time yet is never passed by


def _check_columns(sql: Said, names: tuple[str, ...]) -> None:
    for said, name in (("cursor", sql.cursor), ("id", sql.id), ("revision", sql.revision)):
        if name and name not in names:
            raise WrongFeed(f"{said}: the query gives no column {name}; it gives {', '.join(names)[:300]}.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise WrongFeed(f"query: gives more than one column named {', '.join(twice)}; name each differently.")


def _pieces(
    result: sa.CursorResult[Any], names: tuple[str, ...], sql: Said, window: cursors.Window, reading: Reading
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows that did not come before, `piece` at a time."""
    at = names.index(sql.cursor) if sql.cursor else -1
    changed = names.index(sql.revision) if sql.revision else -1
    rows: list[tuple[Any, ...]] = []
    while fetched := result.fetchmany(FETCHED):
        for row in fetched:
            if changed == at >= 0 and cursors.is_just_now(row[at], zone=reading.zone, now=reading.now):
                break  # it may change once more within this second: it and what follows come the next time
            if window.take(tuple(row), at=row[at] if at >= 0 else None):
                rows.append(tuple(row))
            if len(rows) == sql.piece:
                yield rows
                rows = []
        else:
            continue
        break
    if rows:
        yield rows


def _written(
    rows: list[tuple[Any, ...]], names: tuple[str, ...], sql: Said, window: cursors.Window, reading: Reading
) -> Piece:
    """Write rows as a Parquet file of texts: what a text says, the steps of intake read as they read any file."""
    technical = {sql.cursor, sql.revision} - reading.wanted
    columns: dict[str, list[str | None]] = {
        name: [cursors.said(value, zone=window.zone) for value in column]
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
        if name not in technical
    }
    if sql.revision and sql.revision != REVISION:
        at = names.index(sql.revision)
        columns[REVISION] = [cursors.revision(row[at], zone=window.zone) for row in rows]
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    path = reading.into / "piece.parquet"
    part = path.with_name(path.name + copying.PART)
    with copying.open_private(path=part) as file:
        pq.write_table(table, file)
        copying.sync(file)
    copying.settle(part=part, path=path)
    name = f"{len(rows):,} rows" + (f" to {window.latest_words()}" if sql.cursor else "")
    return Piece(path=path, kind="parquet", name=name, after=window.after(), seen=window.packed())


def _plain(problem: BaseException, url: sa.URL) -> str:
    """Return what a database said, in one line, without a secret."""
    said = str(getattr(problem, "orig", None) or problem).strip().splitlines()
    words = said[0][:300] if said else type(problem).__name__
    password = url.password
    return f"The database said: {words.replace(str(password), '…') if password else words}"
