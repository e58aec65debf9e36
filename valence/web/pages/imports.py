"""Import: a file is uploaded, its columns are mapped, the first records are tried; only then it is brought in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from valence.flows import imports, preview
from valence.people import audit, rules
from valence.sources.files import WrongFile
from valence.sources.registry import KINDS
from valence.web import parts, view

SALT = "valence.import"


@dataclass(frozen=True)
class UploadPage:
    """The form that takes a file."""

    problem: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class ColumnRow:
    """One column of the file: what it would be, whether that was guessed, an example."""

    number: int
    theirs: str
    ours: str
    guessed: bool
    sample: str


@dataclass(frozen=True)
class MapPage:
    """How a file would be read, and what would become of its first records."""

    token: str
    filename: str
    record_kind: str
    columns: tuple[ColumnRow, ...]
    ours: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    records: int
    tried: tuple[preview.Tried, ...]
    shown: tuple[str, ...]
    problem: str
    fits: int
    is_xes: bool
    lost_activity: str
    activities: tuple[str, ...]


@dataclass(frozen=True)
class Upload:
    """A file that was uploaded and waits: signed into the address, so that nobody reaches another file by guessing."""

    kind: str
    path: Path
    filename: str


@view.page(section="data", act=rules.Act.IMPORT, methods=("GET", "HEAD", "POST"))
def upload(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Take a file and go on to its columns."""
    problem = ""
    if request.method == "POST":
        try:
            return HttpResponseRedirect(asked.to("import_map", token=_kept(request, asked=asked)))
        except WrongFile as wrong:
            problem = str(wrong)
    page = UploadPage(problem=problem, kinds=tuple(KINDS))
    crumbs = (parts.Crumb("Data", asked.to("data")), parts.Crumb("Import"))
    status = 400 if problem else 200
    return view.render(asked, "valence/import.html", page=page, title="Import a file", crumbs=crumbs, status=status)


@view.page(section="data", act=rules.Act.IMPORT, methods=("GET", "HEAD", "POST"))
def columns(request: HttpRequest, asked: view.Asked, token: str) -> HttpResponse:
    """Show which columns are which and what would become of the first records; start when that is wanted."""
    upload = _upload(token, asked=asked)
    given = request.POST if request.method == "POST" else {}
    mapped, lost = _mapped(given, upload), str(given.get("lost_activity", ""))
    if given.get("act") == "start":
        return _begin(request, asked, upload=upload, mapped=mapped, lost=lost, record_kind=given.get("record_kind", ""))
    page = _map_page(
        asked, token=token, upload=upload, mapped=mapped, lost=lost, kind=str(given.get("record_kind", ""))
    )
    crumbs = (
        parts.Crumb("Data", asked.to("data")),
        parts.Crumb("Import", asked.to("import")),
        parts.Crumb(upload.filename),
    )
    status = 400 if page.problem else 200
    return view.render(
        asked, "valence/import_map.html", page=page, title=f"Import {upload.filename}", crumbs=crumbs, status=status
    )


def _kept(request: HttpRequest, *, asked: view.Asked) -> str:
    """Keep the uploaded file and return the token of its address. Raises WrongFile."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.name:
        raise WrongFile("Choose a file first.")
    kind = file.name.rpartition(".")[2].lower()
    kind = "csv" if kind in {"txt", "tsv"} else kind
    if kind not in KINDS:
        raise WrongFile(
            f"A file that ends in .{kind} cannot be read. There are {', '.join(f'.{one}' for one in KINDS)}."
        )
    path = settings.HOME.folder / "uploads" / f"{secrets.token_hex(12)}.{kind}"
    with path.open("xb") as out:
        path.chmod(0o600)
        out.writelines(file.chunks())
    told = {"kind": kind, "name": path.name, "filename": Path(file.name).name[:255], "by": asked.person.name}
    return signing.dumps(told, salt=SALT)


def _upload(token: str, *, asked: view.Asked) -> Upload:
    try:
        told = signing.loads(token, salt=SALT, max_age=86_400)
    except signing.BadSignature:
        raise Http404 from None
    path = settings.HOME.folder / "uploads" / told["name"]
    if told["by"] != asked.person.name or not path.is_file():
        raise Http404
    return Upload(kind=told["kind"], path=path, filename=told["filename"])


def _mapped(given: Mapping[str, Any], upload: Upload) -> dict[str, Any] | None:
    """Return the mapping as the form says it: `column-N` names ours, `theirs-N` theirs; None before it was sent."""
    chosen = dict(_pairs(given))
    return {"columns": chosen} if chosen else None


def _pairs(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, ours in given.items():
        if name.startswith("column-") and ours:
            yield str(ours), str(given.get(f"theirs-{name[7:]}", ""))


def _begin(
    request: HttpRequest,
    asked: view.Asked,
    *,
    upload: Upload,
    mapped: dict[str, Any] | None,
    lost: str,
    record_kind: str,
) -> HttpResponse:
    from valence.flows import jobs

    arguments: dict[str, Any] = {"kind": upload.kind, "path": str(upload.path), "filename": upload.filename}
    if upload.kind == "xes":
        arguments["lost_activity"] = lost
    else:
        arguments |= {"mapped": mapped, "record_kind": record_kind or None}
    jobs.enqueue(name="import", by=asked.person.name, arguments=arguments, now=asked.now)
    audit.record(who=asked.person.name, what="import", about=upload.filename, now=asked.now)
    messages.info(request, f"{upload.filename} is being brought in")
    return HttpResponseRedirect(asked.to("data"))


def _map_page(
    asked: view.Asked, *, token: str, upload: Upload, mapped: dict[str, Any] | None, lost: str, kind: str
) -> MapPage:
    try:
        looked = imports.look(kind=upload.kind, path=upload.path, record_kind=kind or None, mapped=mapped)
        tried = _tried(asked, upload=upload, looked=looked, mapped=mapped)
    except WrongFile as wrong:
        return _wrong(str(wrong), token=token, upload=upload)
    shown = tuple(dict.fromkeys(name for one in tried for name in one.fields))[:8]
    return MapPage(
        token=token,
        filename=upload.filename,
        record_kind=looked.record_kind,
        columns=tuple(
            ColumnRow(number, one.theirs, one.ours, one.guessed, one.sample)
            for number, one in enumerate(looked.columns)
        ),
        ours=tuple(imports.KNOWN[looked.record_kind]),
        missing=looked.missing,
        unknown=looked.unknown,
        records=looked.records,
        tried=tried,
        shown=shown,
        problem="",
        fits=sum(one.refused is None for one in tried),
        is_xes=upload.kind == "xes",
        lost_activity=lost,
        activities=_activities(upload),
    )


def _tried(
    asked: view.Asked, *, upload: Upload, looked: imports.Looked, mapped: dict[str, Any] | None
) -> tuple[preview.Tried, ...]:
    if upload.kind == "xes" or looked.missing:
        return ()
    return preview.first(
        kind=upload.kind, path=upload.path, record_kind=looked.record_kind, mapped=mapped, now=asked.now
    )


def _activities(upload: Upload) -> tuple[str, ...]:
    """Return the activities of an event log: one of them may mean that the customer was lost."""
    return tuple(sorted(KINDS["xes"].examine(path=upload.path).columns)) if upload.kind == "xes" else ()


def _wrong(problem: str, *, token: str, upload: Upload) -> MapPage:
    return MapPage(token, upload.filename, "", (), (), (), (), 0, (), (), problem, 0, upload.kind == "xes", "", ())
