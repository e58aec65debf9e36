"""Import: a file is uploaded, its columns are mapped, the first records are tried; only then it is brought in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from valence.flows.gather import imports, mappings, preview
from valence.people import audit, rules
from valence.sources import files, mapping, mapping_file, registry
from valence.sources.drafting.draft import Question
from valence.sources.files import WrongFile
from valence.sources.notation import times
from valence.web import parts, uploads, view
from valence.web.pages.data import mapping_form

SALT = "valence.import"
PARTS, BEGUN = "import_parts", "import_begun"
MOST_BEGUN = 50
ACCEPTED = (*registry.ENDINGS, "gz", "zip")
ENDINGS = ", ".join(f".{one}" for one in ACCEPTED)


@dataclass(frozen=True)
class UploadPage:
    """The form that takes a file."""

    problem: str
    kinds: tuple[str, ...]
    kept: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class PartRow:
    """One file of a zip file, and whether it still waits to be brought in."""

    name: str
    href: str
    waits: bool


@dataclass(frozen=True)
class PartsPage:
    """The files of a zip file that was uploaded."""

    filename: str
    rows: tuple[PartRow, ...]
    waiting: int


@dataclass(frozen=True)
class MapPage:
    """How a file would be read, and what would become of its first rows."""

    token: str
    filename: str
    record_kind: str = ""
    records: int = 0
    problem: str = ""
    is_xes: bool = False
    lost_activity: str = ""
    activities: tuple[str, ...] = ()
    seen: mappings.Seen | None = None
    layout: files.Layout = field(default_factory=files.Layout)
    columns: tuple[mapping_form.ColumnRow, ...] = ()
    words: tuple[mapping_form.WordRow, ...] = ()
    constants: tuple[mapping_form.ConstantRow, ...] = ()
    ours: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    wrong: str = ""
    trial: preview.Trial | None = None
    shown: tuple[str, ...] = ()
    text: str = ""
    name: str = ""
    zones: tuple[str, ...] = ()
    encodings: tuple[str, ...] = mapping_form.ENCODINGS


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
            return HttpResponseRedirect(_kept(request, asked=asked))
        except WrongFile as wrong:
            problem = str(wrong)
    page = UploadPage(problem=problem, kinds=ACCEPTED, kept=_mappings())
    crumbs = (parts.Crumb("Data", asked.to("data")), parts.Crumb("Import"))
    status = 400 if problem else 200
    return view.render(asked, "valence/import.html", page=page, title="Import a file", crumbs=crumbs, status=status)


@view.page(section="data", act=rules.Act.IMPORT)
def files_inside(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the files of the zip file that was uploaded last, and which of them still wait."""
    told = _parts_of(request)
    rows = tuple(
        PartRow(name, asked.to("import_map", token=token), _waits(request, token)) for name, token in told["files"]
    )
    page = PartsPage(filename=told["zip"], rows=rows, waiting=sum(row.waits for row in rows))
    crumbs = (parts.Crumb("Data", asked.to("data")), parts.Crumb("Import", asked.to("import")))
    return view.render(asked, "valence/import_parts.html", page=page, title=told["zip"], crumbs=crumbs)


def _parts_of(request: HttpRequest) -> dict[str, Any]:
    try:
        told: dict[str, Any] = signing.loads(request.session.get(PARTS, ""), salt=SALT, max_age=86_400)
    except signing.BadSignature:
        raise Http404 from None
    return told


def _waits(request: HttpRequest, token: str) -> bool:
    """Say whether a file of a zip file is there still, and nobody asked for it to be brought in."""
    name = signing.loads(token, salt=SALT)["name"]
    return token not in request.session.get(BEGUN, ()) and (settings.HOME.folder / "uploads" / name).is_file()


def _goes_on(request: HttpRequest, asked: view.Asked, *, token: str) -> str:
    """Return where to go after a file is being brought in: to the others of its zip file, where some wait."""
    request.session[BEGUN] = [*request.session.get(BEGUN, ()), token][-MOST_BEGUN:]
    try:
        tokens = [one for _, one in _parts_of(request)["files"]]
    except Http404:
        return asked.to("data")
    waits = token in tokens and any(_waits(request, one) for one in tokens)
    return asked.to("import_parts") if waits else asked.to("data")


@view.page(section="data", act=rules.Act.IMPORT, methods=("GET", "HEAD", "POST"))
def columns(request: HttpRequest, asked: view.Asked, token: str) -> HttpResponse:
    """Show how a file would be read and what would become of its first rows; start when that is wanted."""
    upload = _upload(token, asked=asked)
    given = request.POST if request.method == "POST" else {}
    page = _map_page(asked, token=token, upload=upload, given=given)
    if given.get("act") == "start" and token in request.session.get(BEGUN, ()):
        messages.info(request, f"{upload.filename} is being brought in already: this was done in another window.")
        return HttpResponseRedirect(asked.to("data"))
    if given.get("act") == "start" and not page.problem and not page.wrong:
        return _begin(request, asked, upload=upload, page=page, keep=bool(given.get("keep")))
    crumbs = (
        parts.Crumb("Data", asked.to("data")),
        parts.Crumb("Import", asked.to("import")),
        parts.Crumb(upload.filename),
    )
    status = 400 if page.problem else 200
    return view.render(
        asked, "valence/import_map.html", page=page, title=f"Import {upload.filename}", crumbs=crumbs, status=status
    )


def _mappings() -> tuple[tuple[str, str, int], ...]:
    """Return the mappings that are kept: name, kind of records, how many columns."""
    there = mapping_file.every(folder=settings.HOME.folder)
    return tuple((one.name, one.mapped.kind, len(one.mapped.for_columns)) for one in there)


def _kept(request: HttpRequest, *, asked: view.Asked) -> str:
    """Keep the uploaded file and return where it goes on: with its columns, or with the files in it.

    Raises WrongFile.
    """
    file = uploads.chosen(request=request)
    name = uploads.name_of(file=file)
    kind = registry.kind_by_name(filename=name) or ("csv" if name.lower().endswith(".zip") else "")
    if not kind:
        raise WrongFile(f"A file that ends in .{name.rpartition('.')[2][:20]} cannot be read. There are: {ENDINGS}.")
    path = uploads.keep(file=file)
    inside = _readable(uploads.split(path=path))
    if not inside:
        return asked.to("import_map", token=_token(kind, path, name, asked=asked))
    tokens = [[one, _token(inner, place, one, asked=asked)] for one, (inner, place) in inside.items()]
    request.session[PARTS] = signing.dumps({"files": tokens, "zip": name}, salt=SALT)
    return asked.to("import_parts")


def _token(kind: str, path: Path, filename: str, *, asked: view.Asked) -> str:
    told = {"kind": kind, "name": path.name, "filename": filename[:255], "by": asked.person.name}
    return signing.dumps(told, salt=SALT)


def _readable(inside: Mapping[str, Path]) -> dict[str, tuple[str, Path]]:
    """Return the files of a zip file that can be read, with their kind; the others go. Raises WrongFile."""
    found = {name: (registry.kind_by_name(filename=name), place) for name, place in inside.items()}
    for kind, place in found.values():
        if not kind:
            place.unlink()
    if inside and not any(kind for kind, _ in found.values()):
        raise WrongFile(f"Nothing in the zip file can be read. It holds: {', '.join(inside)[:300]}.")
    return {name: (kind, place) for name, (kind, place) in found.items() if kind}


def _upload(token: str, *, asked: view.Asked) -> Upload:
    try:
        told = signing.loads(token, salt=SALT, max_age=86_400)
    except signing.BadSignature:
        raise Http404 from None
    path = settings.HOME.folder / "uploads" / told["name"]
    if told["by"] != asked.person.name or not path.is_file():
        raise Http404
    return Upload(kind=told["kind"], path=path, filename=told["filename"])


def _begin(request: HttpRequest, asked: view.Asked, *, upload: Upload, page: MapPage, keep: bool) -> HttpResponse:
    """Keep the mapping where that is wanted, and put the import to work."""
    from valence.flows.run import jobs

    arguments: dict[str, Any] = {"kind": upload.kind, "path": str(upload.path), "filename": upload.filename}
    if page.is_xes:
        arguments["lost_activity"] = page.lost_activity
    else:
        mapped = mapping_file.read(text=page.text, name=upload.filename)
        arguments |= {"mapped": msgspec.to_builtins(mapped), "record_kind": page.record_kind or None}
        if keep:
            mapping_file.save(folder=settings.HOME.folder, name=page.name, text=page.text)
    jobs.enqueue(name="import", by=asked.person.name, arguments=arguments, now=asked.now)
    audit.record(who=asked.person.name, what="import", about=upload.filename, now=asked.now)
    messages.info(request, f"{upload.filename} is being brought in")
    return HttpResponseRedirect(_goes_on(request, asked, token=page.token))


def _map_page(asked: view.Asked, *, token: str, upload: Upload, given: Mapping[str, Any]) -> MapPage:
    bare = MapPage(token=token, filename=upload.filename, is_xes=upload.kind == "xes")
    try:
        if upload.kind == "xes":
            return _event_log(bare, upload, str(given.get("lost_activity", "")))
        return _export(bare, upload, given, asked)
    except WrongFile as wrong:
        return replace(bare, problem=str(wrong), seen=None)


def _event_log(page: MapPage, upload: Upload, lost: str) -> MapPage:
    """Return the page of an event log: one of its activities may mean that the customer was lost."""
    looked = imports.look(kind="xes", path=upload.path)
    activities = tuple(sorted(registry.KINDS["xes"].examine(path=upload.path).columns))
    return replace(
        page, record_kind=looked.record_kind, records=looked.records, lost_activity=lost, activities=activities
    )


def _export(page: MapPage, upload: Upload, given: Mapping[str, Any], asked: view.Asked) -> MapPage:
    """Return the page of a table: the mapping as proposed, kept, or as the form says."""
    act = str(given.get("act", ""))
    said = mapping_form.layout_of(given=given) if act else None
    anew = act in ("again", "propose")
    wanted = str(given.get("record_kind", "")) if anew else ""
    seen = mappings.see(
        kind=upload.kind, path=upload.path, filename=upload.filename, record_kind=wanted, said=said, as_new=bool(act)
    )
    mapped, wrong = seen.mapped, ""
    try:
        if act == "text":
            mapped = mapping_form.text_of(given=given)
        elif act and not anew:
            mapped = mapping_form.mapped_of(given=given, before=mapping_form.text_of(given=given))
    except WrongFile as problem:
        wrong = str(problem)
    seen = replace(seen, mapped=mapped)
    trial, unfit = _tried(upload, mapped, asked)
    return replace(
        page,
        record_kind=mapped.kind,
        records=seen.records,
        seen=seen,
        layout=mapped.file or files.Layout(),
        columns=mapping_form.columns(seen=seen, mapped=mapped),
        words=mapping_form.words(seen=seen, mapped=mapped),
        constants=mapping_form.constants(mapped=mapped),
        ours=tuple(imports.KNOWN[mapped.kind or "interactions"]),
        questions=mapping_form.questions(seen=seen, mapped=mapped),
        wrong=wrong or unfit,
        trial=trial,
        shown=tuple(dict.fromkeys(name for one in trial.first for name in one.fields))[:8] if trial else (),
        text=str(given["text"]) if wrong and "text" in given else mappings.text_of(seen=seen),
        name=str(given.get("name") or seen.saved or mapping_file.name_for(filename=upload.filename)),
        zones=tuple(times.zones()),
    )


def _tried(upload: Upload, mapped: mapping.Mapped, asked: view.Asked) -> tuple[preview.Trial | None, str]:
    """Return what would become of the first rows, or why the file cannot be brought in so."""
    said = msgspec.to_builtins(mapped)
    try:
        return preview.run(kind=upload.kind, path=upload.path, mapped=said, now=asked.now), ""
    except WrongFile as wrong:
        return None, str(wrong)
