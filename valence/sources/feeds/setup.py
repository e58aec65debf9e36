"""How feeds are set up: one readable file each, `HOME/feeds/NAME.toml`, read anew for every run."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import tomli_w
from django.conf import settings

from valence.sources.feeds import copying, registry, schedule, secrets
from valence.sources.feeds.contract import WrongFeed

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
ENDING = ".toml"


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A feed's file. `mapping` is the name of a file in HOME/mappings, or the mapping itself."""

    kind: str
    every: str | int = ""
    at: str | list[str] = []
    days: list[str] = []
    zone: str = ""
    source: str = ""
    records: str = ""
    mapping: str | dict[str, Any] = ""
    lost_activity: str = ""
    folder: dict[str, Any] = {}
    sql: dict[str, Any] = {}
    bucket: dict[str, Any] = {}


@dataclass(frozen=True)
class Setup:
    """A feed as its file says it, checked. `said` is the part of its kind, with secrets still closed."""

    name: str
    kind: str
    schedule: schedule.Schedule
    source: str
    records: str
    mapping: str | Mapping[str, Any]
    lost_activity: str
    said: Mapping[str, Any]

    @property
    def reads_from(self) -> str:
        """What it reads, in short and without a secret."""
        if self.kind == "folder":
            return str(self.said.get("path", ""))
        if self.kind == "bucket":
            return f"{self.said.get('bucket', '')}/{self.said.get('prefix', '')}".rstrip("/")
        return re.sub(r"^[\w+.-]+://([^@/]*@)?", "", str(self.said.get("url", ""))).partition("?")[0]


@dataclass(frozen=True)
class Broken:
    """A feed whose file cannot be used, and why."""

    name: str
    why: str


def folder() -> Path:
    """Return the folder of the feeds' files and of what they read, readable by its owner only."""
    path: Path = settings.HOME.folder / "feeds"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def found() -> list[Setup | Broken]:
    """Return every feed that is set up, by name; one whose file is wrong with its reason."""
    return [_tried(path.stem) for path in sorted(folder().glob(f"*{ENDING}"))]


def load(*, name: str) -> Setup:
    """Return how a feed is set up. Raises WrongFeed."""
    path = _path(name)
    try:
        return checked(name=name, said=tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise WrongFeed(f"There is no feed {name}.") from None
    except (OSError, UnicodeDecodeError):
        raise WrongFeed(f"feeds/{name}.toml cannot be read.") from None
    except tomllib.TOMLDecodeError as problem:
        raise WrongFeed(f"feeds/{name}.toml is not TOML: {problem}.") from None


def checked(*, name: str, said: Mapping[str, Any]) -> Setup:
    """Return a feed from what its file says, after every check that needs nobody else. Raises WrongFeed."""
    try:
        written = msgspec.convert(said, Written)
    except msgspec.ValidationError as problem:
        raise WrongFeed(f"The file is wrong: {problem}.") from None
    kind = registry.kind_of(name=written.kind)
    part: dict[str, Any] = getattr(written, written.kind)
    strange = [other for other in registry.FEEDS if other != written.kind and getattr(written, other)]
    if strange or not part:
        raise WrongFeed(f"A feed of kind {written.kind} has a part [{written.kind}] and no other.")
    secrets.refuse_plain(feed=name, said=part)
    kind.check(said=part)
    if written.records not in ("", "customers", "interactions"):
        raise WrongFeed("records: is customers or interactions; without it, the columns tell.")
    at = (written.at,) if isinstance(written.at, str) else tuple(written.at)
    return Setup(
        name=name,
        kind=written.kind,
        schedule=schedule.read(every=written.every, at=at, days=tuple(written.days), zone=_zone(written.zone)),
        source=written.source or name,
        records=written.records,
        mapping=written.mapping,
        lost_activity=written.lost_activity,
        said=part,
    )


def write(*, name: str, said: Mapping[str, Any]) -> Setup:
    """Set a new feed up: seal the secrets that came in the open, check, write its file. Raises WrongFeed."""
    path = _path(name)
    if path.exists():
        raise WrongFeed(f"There is a feed {name} already; its file is feeds/{name}.toml.")
    safe = _sealed(name, said)
    setup = checked(name=name, said=safe)
    _put(path, tomli_w.dumps(safe))
    return setup


def seal(*, name: str) -> int:
    """Seal, in a feed's file, the secrets that stand in the open, and return how many. Raises WrongFeed."""
    path = _path(name)
    try:
        text = path.read_text(encoding="utf-8")
        said = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise WrongFeed(f"feeds/{name}.toml cannot be read: {problem}.") from None
    safe = _sealed(name, said)
    if safe == said:
        return 0
    copy = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    _put(path, copy + tomli_w.dumps(safe))
    checked(name=name, said=safe)
    return sum(safe.get(kind) != said.get(kind) for kind in registry.FEEDS)


def remove(*, name: str) -> bool:
    """Delete a feed's file and what it had read, and return whether there was one."""
    path = _path(name)
    there = path.exists()
    path.unlink(missing_ok=True)
    shutil.rmtree(folder() / name, ignore_errors=True)
    return there


def desk(*, name: str) -> Path:
    """Return the folder into which a feed reads: what lies there is personal data in the open, and goes soon."""
    path = folder() / name
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _path(name: str) -> Path:
    if not NAME.fullmatch(name):
        raise WrongFeed("The name of a feed is up to 40 small letters, digits, - and _.")
    return folder() / f"{name}{ENDING}"


def _tried(name: str) -> Setup | Broken:
    try:
        return load(name=name)
    except WrongFeed as wrong:
        return Broken(name=name, why=str(wrong))


def _zone(said: str) -> str:
    zone = said or settings.ORGANISATION.time_zone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongFeed(f"zone: {zone!r} is no time zone; write it like Europe/Vienna.") from None
    return zone


def _sealed(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file says with the secrets of its kind's part sealed."""
    safe = dict(said)
    for kind in registry.FEEDS:
        part = dict(said.get(kind) or {})
        if isinstance(part.get("url"), str):
            part["url"], password = secrets.without_password(url=part["url"])
            part |= {"password": password} if password else {}
        for key in secrets.SECRET & part.keys():
            if isinstance(part[key], str) and secrets.plain_part(name=key, value=part[key]):
                part[key] = secrets.seal(feed=name, plain=part[key])
        if part:
            safe[kind] = part
    return safe


def _put(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}{copying.PART}")
    with copying.open_private(path=part) as file:
        file.write(text.encode())
        copying.sync(file)
    os.replace(part, path)
