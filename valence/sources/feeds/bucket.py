"""A bucket of an S3-like store: new and changed objects are brought in once, oldest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec
from pyarrow import ArrowException, fs

from valence.sources.feeds import arriving, copying
from valence.sources.feeds.contract import FileMet, Found, Piece, Reading, Waiting, WrongFeed

BROKEN = (OSError, ArrowException)


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part `[bucket]` of a feed's file. `settle` and `timeout` are in seconds."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""
    anonymous: bool = False
    pattern: str = "*"
    order: str = "time"
    settle: float = 5.0
    timeout: float = 60.0
    file_kind: str = ""


def check(*, said: Mapping[str, Any]) -> None:
    """Raise WrongFeed where the part `[bucket]` cannot be used."""
    bucket = _said(said)
    if not bucket.bucket or "/" in bucket.bucket:
        raise WrongFeed("bucket: is the name of a bucket; what follows it goes into prefix.")
    if bucket.order not in ("time", "name"):
        raise WrongFeed("order: is time or name.")
    if bool(bucket.access_key) != bool(bucket.secret_key):
        raise WrongFeed("access_key and secret_key come together, or none of them.")


def read(*, reading: Reading, kind_of: arriving.KindOf) -> Iterator[Found]:
    """Yield new and changed objects, oldest first. What was written within `settle` seconds waits: the store tells

    times to the second, and an object that is written twice within one could not be told apart.
    """
    bucket = _said(reading.said)
    store = _store(bucket)
    listed = _listed(store, bucket)
    contents = dict(reading.known.contents)
    for one in arriving.new(listed=listed, known=reading.known, pattern=bucket.pattern, order=bucket.order):
        if reading.now.timestamp() - one.changed / 1e9 < bucket.settle:
            yield Waiting(name=one.name, why="was written just now")
            return
        found = _taken(store, bucket, one, reading, kind_of, contents)
        yield found
        if isinstance(found, Waiting):
            return
        if isinstance(found, Piece) and found.met:
            contents[found.met.content_hash] = one.name


def done(*, said: Mapping[str, Any], name: str, is_aside: bool, why: str = "") -> None:
    """Leave the object where it is: a feed never writes to a bucket."""


def _said(said: Mapping[str, Any]) -> Said:
    try:
        return msgspec.convert(said, Said, strict=False)
    except msgspec.ValidationError as problem:
        raise WrongFeed(f"[bucket] is wrong: {problem}.") from None


def _store(bucket: Said) -> fs.S3FileSystem:
    scheme, _, host = bucket.endpoint.rpartition("://")
    options: dict[str, Any] = {"connect_timeout": min(bucket.timeout, 10), "request_timeout": bucket.timeout}
    if bucket.endpoint:
        options |= {"endpoint_override": host, "scheme": scheme or "https"}
    if bucket.region or bucket.endpoint:
        options["region"] = bucket.region or "us-east-1"
    if bucket.anonymous:
        options["anonymous"] = True
    elif bucket.access_key:
        options |= {"access_key": bucket.access_key, "secret_key": bucket.secret_key}
    try:
        return fs.S3FileSystem(**options)
    except BROKEN as problem:
        raise WrongFeed(f"The store cannot be used: {_plain(problem, bucket)}") from None


def _listed(store: fs.S3FileSystem, bucket: Said) -> list[arriving.Listed]:
    top = f"{bucket.bucket}/{bucket.prefix}".rstrip("/")
    folder = top if not bucket.prefix or bucket.prefix.endswith("/") else top.rpartition("/")[0]
    try:
        infos = store.get_file_info(fs.FileSelector(folder, recursive=True))
    except BROKEN as problem:
        raise WrongFeed(f"The bucket cannot be listed: {_plain(problem, bucket)}") from None
    return [
        arriving.Listed(name=info.path.partition("/")[2], size=info.size, changed=info.mtime_ns)
        for info in infos
        if info.is_file and info.path.startswith(top)
    ]


def _taken(
    store: fs.S3FileSystem, bucket: Said, one: arriving.Listed, reading: Reading, kind_of: arriving.KindOf,
    contents: Mapping[str, str],
) -> Found:  # fmt: skip
    path = f"{bucket.bucket}/{one.name}"
    copy = reading.into / f"piece{''.join(PurePosixPath(one.name).suffixes[-2:])[-20:]}"
    try:
        with store.open_input_stream(path, compression=None) as stream:
            content_hash, size = copying.take(source=stream, path=copy, size=one.size)
        after = store.get_file_info(path)
    except copying.NoRoom as full:
        raise WrongFeed(f"{full} {one.name} waits.") from None
    except BROKEN as problem:
        raise WrongFeed(f"{one.name} cannot be read: {_plain(problem, bucket)}") from None
    if (after.size, after.mtime_ns) != (one.size, one.changed) or size != one.size:
        copy.unlink(missing_ok=True)
        return Waiting(name=one.name, why="changed while it was read")
    met = FileMet(name=one.name, stamp=one.stamp, content_hash=content_hash)
    kind = bucket.file_kind or kind_of(one.name)
    if passed := arriving.passed_by(met=met, contents=contents, kind=kind):
        copy.unlink()
        return passed
    return Piece(path=copy, kind=kind, name=one.name, met=met)


def _plain(problem: BaseException, bucket: Said) -> str:
    """Return the first line of what went wrong, without a secret."""
    words = str(problem).splitlines()[0][:300]
    return words.replace(bucket.secret_key, "…") if bucket.secret_key else words
