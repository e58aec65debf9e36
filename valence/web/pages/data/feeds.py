"""Feeds: where data comes from by itself, how each is doing; run one now, let one rest, set one up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence.flows.gather import feeds as flow
from valence.flows.run import jobs
from valence.insights import say
from valence.people import audit, rules
from valence.sources import mapping_file
from valence.sources.feeds import actions, queries, setup
from valence.sources.feeds.contract import WrongFeed
from valence.web import parts, view

RUNS = 10
KINDS = {"folder": "Watched folder", "sql": "Database", "bucket": "Bucket"}
KIND_WORDS = {
    "folder": "Files that are put into a folder of this machine, once each has stopped growing.",
    "sql": "A query that is asked again and again, each time only for what is new or was corrected.",
    "bucket": "New and changed objects of an S3-like store.",
}
STATE_WORDS = {queries.DONE: "Done", queries.FAILED: "Failed", queries.STOPPED: "Stopped", queries.RUNNING: "Running"}


@dataclass(frozen=True)
class Field:
    """A field of the form that sets a feed up."""

    name: str
    words: str
    help: str = ""
    needed: bool = False
    kind: str = "text"
    value: str = ""


FIELDS: Mapping[str, tuple[Field, ...]] = {
    "folder": (
        Field("path", "Folder", "Its whole path on this machine, such as /srv/exports/crm.", needed=True),
        Field("pattern", "Only files named", "For example crm_*.csv. Empty: all."),
        Field("marker", "Wait for a file that says it is whole", "Such as .done; empty: a minute without a change."),
    ),
    "sql": (
        Field("url", "Address of the database", "Such as postgresql+psycopg://reader@host/crm.", needed=True),
        Field("password", "Password", "Kept encrypted. Or ${NAME}, an environment variable.", kind="password"),
        Field("query", "Query", "One SELECT that gives the columns.", needed=True, kind="area"),
        Field("cursor", "Column that says what is new", "A time of change, or a number that counts up."),
        Field("id", "Column that tells rows apart", "Where several rows have the same time."),
        Field("overlap", "Read again", "For rows that were committed late: 2 h."),
        Field("revision", "Column that says which version is newer", "Usually the same time of change."),
    ),
    "bucket": (
        Field("bucket", "Bucket", needed=True),
        Field("prefix", "Only what begins with", "For example exports/crm/."),
        Field("endpoint", "Address of the store", "Empty: AWS. Others: https://store.example.org"),
        Field("region", "Region"),
        Field("access_key", "Access key"),
        Field("secret_key", "Secret key", "Kept encrypted. Or ${NAME}, an environment variable.", kind="password"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class FeedRow:
    """One feed as it stands. `state` is on, paused, running, failing or wrong."""

    name: str
    kind: str
    reads: str
    schedule: str
    state: str
    words: str
    last_at: str
    next_at: str
    href: str


@dataclass(frozen=True)
class FeedsPage:
    """All feeds, and what the person may do."""

    feeds: tuple[FeedRow, ...]
    may_run: bool
    may_set_up: bool
    kinds: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class FeedPage:
    """One feed with its last runs and what it set aside."""

    feed: FeedRow
    runs: tuple[tuple[queries.RunRow, str, str], ...]
    aside: tuple[queries.AsideRow, ...]
    source_href: str
    may_run: bool
    may_set_up: bool


@dataclass(frozen=True)
class NewFeedPage:
    """The form that sets a feed of one kind up."""

    kind: str
    title: str
    fields: tuple[Field, ...]
    mappings: tuple[str, ...]
    said: Mapping[str, str]
    problem: str


@view.page(section="data", act=rules.Act.SEE_DATA)
def feeds(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show every feed."""
    rows, last = queries.rows(), queries.last_runs()
    page = FeedsPage(
        feeds=tuple(_row(asked, one, rows.get(one.name), last.get(one.name)) for one in setup.found()),
        may_run=asked.may(rules.Act.IMPORT),
        may_set_up=asked.may(rules.Act.FEEDS),
        kinds=tuple((kind, words, KIND_WORDS[kind]) for kind, words in KINDS.items()),
    )
    return view.render(asked, "valence/feeds.html", page=page, title="Feeds")


@view.page(section="data", act=rules.Act.SEE_DATA)
def feed(request: HttpRequest, asked: view.Asked, name: str) -> HttpResponse:
    """Show one feed with its last runs."""
    one = _found(name)
    runs = queries.runs(name=name, limit=RUNS)
    page = FeedPage(
        feed=_row(asked, one, queries.one(name=name), runs[0] if runs else None),
        runs=tuple((run, STATE_WORDS.get(run.state, run.state), _when(run.started_at)) for run in runs),
        aside=tuple(queries.set_aside(name=name)),
        source_href=asked.to("interactions", query={"source": one.source}) if isinstance(one, setup.Setup) else "",
        may_run=asked.may(rules.Act.IMPORT),
        may_set_up=asked.may(rules.Act.FEEDS),
    )
    crumbs = (parts.Crumb("Feeds", asked.to("feeds")), parts.Crumb(name))
    return view.render(asked, "valence/feed.html", page=page, title=f"Feed {name}", crumbs=crumbs)


@view.page(section="data", act=rules.Act.IMPORT, methods=("POST",))
def feed_act(request: HttpRequest, asked: view.Asked, name: str) -> HttpResponse:
    """Run a feed now, let it rest or go on; an administrator may remove it."""
    _found(name)
    act = request.POST.get("act", "")
    if act == "remove" and not asked.may(rules.Act.FEEDS):
        return view.not_allowed(asked)
    said = _done(act, name, asked)
    if said:
        audit.record(who=asked.person.name, what=f"feed {act}", about=name, now=asked.now)
        messages.info(request, said)
    where = asked.to("feeds") if act == "remove" else asked.to("feed", name=name)
    return HttpResponseRedirect(where)


@view.page(section="data", act=rules.Act.FEEDS, methods=("GET", "HEAD", "POST"))
def feed_new(request: HttpRequest, asked: view.Asked, kind: str) -> HttpResponse:
    """Set a feed up; it runs at once."""
    if kind not in KINDS:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            name = _set_up(kind, request.POST, asked)
            return HttpResponseRedirect(asked.to("feed", name=name))
        except WrongFeed as wrong:
            problem = str(wrong)
    secret = {field.name for field in FIELDS[kind] if field.kind == "password"}
    page = NewFeedPage(
        kind=kind,
        title=KINDS[kind],
        fields=tuple(_filled(field, request.POST) for field in FIELDS[kind]),
        mappings=tuple(one.name for one in mapping_file.every(folder=settings.HOME.folder)),
        said={key: str(value) for key, value in request.POST.items() if key not in secret},
        problem=problem,
    )
    crumbs = (parts.Crumb("Feeds", asked.to("feeds")), parts.Crumb(f"New: {KINDS[kind].lower()}"))
    status = 422 if problem else 200
    title = f"New feed: {KINDS[kind].lower()}"
    return view.render(asked, "valence/feed_new.html", page=page, title=title, crumbs=crumbs, status=status)


def _found(name: str) -> setup.Setup | setup.Broken:
    found = next((one for one in setup.found() if one.name == name), None)
    if found is None:
        raise Http404
    return found


def _row(
    asked: view.Asked, one: setup.Setup | setup.Broken, row: queries.FeedRow | None, last: queries.RunRow | None
) -> FeedRow:
    href = asked.to("feed", name=one.name)
    if isinstance(one, setup.Broken):
        return FeedRow(one.name, "", "", "", "wrong", one.why, "", "", href)
    failing = last is not None and last.state == queries.FAILED
    state = "paused" if row and row.paused else "failing" if failing else "on"
    return FeedRow(
        name=one.name,
        kind=KINDS[one.kind],
        reads=one.reads_from,
        schedule=one.schedule.words,
        state="running" if flow.is_running(name=one.name) else state,
        words=last.words if last else "It has not run yet.",
        last_at=_when(last.started_at if last else None),
        next_at=_when(row.next_at if row and not row.paused else None),
        href=href,
    )


def _when(at: datetime | None) -> str:
    return say.clock(at) if at else ""


def _done(act: str, name: str, asked: view.Asked) -> str:
    """Do one act and say so; "" for an act that there is not."""
    if act == "run":
        jobs.enqueue(name="feed", by=asked.person.name, arguments={"name": name}, now=asked.now)
        return f"{name} runs as soon as it is its turn"
    if act in ("pause", "resume"):
        if act == "resume":
            actions.retry_aside(name=name)
        actions.pause(name=name, paused=act == "pause", now=asked.now)
        return f"{name} rests" if act == "pause" else f"{name} goes on"
    if act == "remove":
        try:
            flow.remove(name=name)
        except flow.Busy as busy:
            return f"{busy} Remove it when it is done."
        return f"{name} is gone; what it brought in stays"
    return ""


def _filled(field: Field, given: QueryDict | Mapping[str, Any]) -> Field:
    value = "" if field.kind == "password" else str(given.get(field.name, ""))
    return Field(field.name, field.words, field.help, field.needed, field.kind, value)


def _set_up(kind: str, form: QueryDict, asked: view.Asked) -> str:
    name = form.get("name", "").strip()
    part = {field.name: form.get(field.name, "").strip() for field in FIELDS[kind]}
    shared = {key: form.get(key, "").strip() for key in ("every", "source", "records", "mapping")}
    at = [one for one in form.get("at", "").replace(" ", "").split(",") if one]
    said: dict[str, Any] = {"kind": kind, **{key: value for key, value in shared.items() if value}}
    if at:
        said = {key: value for key, value in said.items() if key != "every"} | {"at": at}
    setup.write(name=name, said={**said, kind: {key: value for key, value in part.items() if value}})
    actions.know(name=name, now=asked.now)
    audit.record(who=asked.person.name, what="feed add", about=name, now=asked.now)
    jobs.enqueue(name="feed", by=asked.person.name, arguments={"name": name}, now=asked.now)
    return name
