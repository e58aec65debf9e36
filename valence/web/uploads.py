"""Files that somebody uploaded: kept in the data folder, for their owner only, until they are brought in."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from valence.sources import unpacking
from valence.sources.files import WrongFile

LONGEST = 255


def chosen(*, request: HttpRequest) -> UploadedFile[Any]:
    """Return the file that was sent with a form. Raises WrongFile where there is none, or nothing in it."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.name:
        raise WrongFile("Choose a file first. A file without any content counts as none.")
    if not file.size:
        raise WrongFile(f"{name_of(file=file)} is empty.")
    return file


def name_of(*, file: UploadedFile[Any]) -> str:
    """Return what an uploaded file is called, without folders, cut to what is kept."""
    return Path(file.name or "").name[:LONGEST]


def keep(*, file: UploadedFile[Any]) -> Path:
    """Write an uploaded file into the data folder, under a name that nobody guesses, and return where it lies."""
    path = _place(name_of(file=file))
    with path.open("xb") as out:
        path.chmod(0o600)
        out.writelines(file.chunks())
    return path


def split(*, path: Path) -> dict[str, Path]:
    """Put each file of a zip file that holds several where it lies by itself, by name; the zip file goes.

    Nothing happens, and nothing is returned, for any other file. Raises WrongFile.
    """
    found: dict[str, Path] = {}
    try:
        inside = unpacking.names(path=path)
        if len(inside) < 2:
            return {}
        for name in inside:
            with unpacking.opened(path=path, folder=settings.HOME.folder / "uploads", part=name) as part:
                found[name] = part.path.rename(_place(name))
    except WrongFile:
        for one in (path, *found.values()):
            one.unlink()
        raise
    path.unlink()
    return found


def _place(name: str) -> Path:
    place: Path = settings.HOME.folder / "uploads" / f"{secrets.token_hex(12)}.{name.rpartition('.')[2].lower()[:20]}"
    return place
