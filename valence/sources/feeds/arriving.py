"""Files that arrive somewhere: which are new, in which order, which are the same as one that came before. Pure."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from valence.sources.feeds.contract import FileMet, Known, Passed

KindOf = Callable[[str], str]
"""Which kind of file a name says, "" for none."""

UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", ".lock", "~")


@dataclass(frozen=True)
class Listed:
    """A file as a listing shows it: `changed` is when it was last written, in nanoseconds since 1970."""

    name: str
    size: int
    changed: int
    tag: str = ""

    @property
    def stamp(self) -> str:
        """What changes when the file does."""
        return self.tag or f"{self.size}:{self.changed}"


def new(*, listed: Iterable[Listed], known: Known, pattern: str, order: str) -> list[Listed]:
    """Return the files that were not met before, oldest first (`order` "time") or by name ("name").

    Names that begin with a dot, and names that other programs give to unfinished files, are not files yet.
    """
    found = [
        one for one in listed
        if fnmatch.fnmatch(one.name.rpartition("/")[2], pattern) and not is_unfinished(one.name)
        and (one.name, one.stamp) not in known.files
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.name,) if order == "name" else (one.changed, one.name))


def is_unfinished(name: str) -> bool:
    """Say whether a name is one that programs give to what they have not finished writing."""
    last = name.rpartition("/")[2]
    return last.startswith((".", "~")) or last.lower().endswith(UNFINISHED)


def passed_by(*, met: FileMet, contents: Mapping[str, str], kind: str) -> Passed | None:
    """Return why a file is not brought in: its content is in, or its name says no kind; None where it is."""
    if met.content_hash in contents:
        return Passed(met=met, why=f"has the content of {contents[met.content_hash]}, which is in", is_same=True)
    if not kind:
        return Passed(met=met, why="is of no kind that is known", is_same=False)
    return None
