"""Playbooks: what works in a situation, how often it did, and trials that find out what works better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence.alerts import queries as alerts
from valence.cases import actions, playbook, queries, trial, trials
from valence.flows.act import trying
from valence.insights import intervals, say
from valence.people import rules as people_rules
from valence.web import fresh, parts, view
from valence.web.pages.cases import playbook_words as written
from valence.web.pages.cases import trial_rows

FEWEST = 5
NEW_NAME_TRIES = "bcdefghij"


@dataclass(frozen=True)
class Row:
    """A playbook in the list: how often cases with it were put right, and whether something is tried."""

    book: playbook.Playbook
    rules: str
    said: str
    count: int
    href: str
    tried: str


@dataclass(frozen=True)
class PlaybooksPage:
    """Every playbook."""

    rows: tuple[Row, ...]
    proposed: tuple[str, ...]
    empty: parts.State | None


@dataclass(frozen=True)
class VersionShown:
    """A version of a playbook: who wrote it, and how its cases ended, in words."""

    version: queries.BookVersion
    said: str


@dataclass(frozen=True)
class PlaybookPage:
    """One playbook: as it is read, as it is written, its versions, and what is tried."""

    book: playbook.Playbook
    works: str
    count: int
    href: str
    rules: str
    form: Mapping[str, str]
    versions: tuple[VersionShown, ...]
    tried: trial_rows.TrialShown | None
    past: tuple[trial.Trial, ...]
    others: tuple[tuple[str, str, str], ...]
    owes: bool
    aims: Mapping[str, str]
    needed: str
    acts: str
    problem: str = ""


@view.page(section="cases", act=people_rules.Act.RULES)
def playbooks(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show every playbook."""
    books = queries.playbooks_in_force()
    rows = tuple(_row(asked, one) for one in books)
    running = trials.every(state=trials.RUNNING)
    page = PlaybooksPage(
        rows=rows,
        proposed=tuple(of.playbook for of in running if _proposed(asked, of)),
        empty=None if rows else parts.State("list", "No playbooks yet", "Those of the pack appear within a minute."),
    )
    return view.render(asked, "valence/playbooks.html", page=page, title="Playbooks")


@view.page(section="cases", act=people_rules.Act.RULES, methods=("GET", "HEAD", "POST"))
def one_playbook(request: HttpRequest, asked: view.Asked, name: str) -> HttpResponse:
    """Show one playbook; write a new version, copy it as an alternative, begin a trial, end it, take what is better."""
    found = queries.playbook_in_force(name=name)
    if found is None:
        raise Http404
    form, problem = written.form_of(book=found[1]), ""
    if request.method == "POST":
        doing = ACTS.get(request.POST.get("act", ""))
        if doing is None:
            raise Http404
        try:
            fresh.hold(request.POST, found[1].number)
            return HttpResponseRedirect(asked.to("playbook", name=doing(asked, found[1], request.POST)))
        except (playbook.WrongPlaybook, trial.WrongTrial, fresh.ChangedSince) as wrong:
            problem = str(wrong)
            form = {key: request.POST.get(key, value) for key, value in form.items()}
    page = _page(asked, found[1], form, problem)
    crumbs = (parts.Crumb("Playbooks", asked.to("playbooks")), parts.Crumb(found[1].title))
    status = 422 if problem else 200
    return view.render(asked, "valence/playbook.html", page=page, title=found[1].title, crumbs=crumbs, status=status)


def _row(asked: view.Asked, book: playbook.Playbook) -> Row:
    said, count = _works(asked, book.name)
    running = trials.running(playbook=book.name)
    return Row(
        book=book,
        rules=_rules(asked, book.name),
        said=said,
        count=count,
        href=asked.to("cases", query={"list": "closed", "playbook": book.name}),
        tried="" if running is None else say.many(len(running.arms) - 1, "alternative") + " tried",
    )


def _works(asked: view.Asked, name: str) -> tuple[str, int]:
    """Return how often cases with a playbook were put right, in words, and how many cases were closed."""
    seer = queries.Seer(pk=asked.person.pk, scope=asked.scope)
    known = queries.recovered(seer=seer, playbook=name)
    return share_words(known.get("recovered", 0), known.get("not_recovered", 0)), sum(known.values())


def share_words(yes: int, no: int) -> str:
    """Return how often cases were put right, in words; from five on whose end is known."""
    if yes + no < FEWEST:
        return f"not known before {FEWEST} ended"
    likely = intervals.of_share(yes, of=yes + no)
    return f"{say.percent(yes / (yes + no))} recovered (likely {say.percents(likely.low, likely.high)})"


def _rules(asked: view.Asked, name: str) -> str:
    return say.listed([one.rule.title for one in alerts.every(now=asked.now) if one.rule.playbook == name])


def _proposed(asked: view.Asked, of: trial.Trial) -> bool:
    return any(one.is_proposed for one in trying.compared(of=of, now=asked.now))


def _page(asked: view.Asked, book: playbook.Playbook, form: Mapping[str, str], problem: str) -> PlaybookPage:
    running = trials.running(playbook=book.name)
    works, count = _works(asked, book.name)
    versions = queries.playbook_versions(name=book.name)
    return PlaybookPage(
        book=book,
        works=works,
        count=count,
        href=asked.to("cases", query={"list": "closed", "playbook": book.name}),
        rules=_rules(asked, book.name),
        form=form,
        versions=tuple(VersionShown(one, share_words(one.recovered, one.not_recovered)) for one in versions),
        tried=None if running is None else trial_rows.shown(asked, of=running),
        past=tuple(one for one in trials.every(playbook=book.name) if one.state != trials.RUNNING),
        others=tuple(
            (one.name, one.title, trial.left_out(of=book, by=one))
            for one in queries.playbooks_in_force()
            if one.name.startswith(book.name) and one.name != book.name
        ),
        owes=trial.owes(playbook=book),
        aims=trial.AIMS,
        needed=trial_rows.needed_words(),
        acts=say.listed([one for one in playbook.ACTS if one]),
        problem=problem,
    )


def _change(asked: view.Asked, book: playbook.Playbook, form: QueryDict) -> str:
    made = written.read(name=book.name, form=form)
    if made != replace(book, number=made.number):
        number = actions.put_playbook(playbook=made, by=asked.person.name, now=asked.now)
        messages.info(asked.request, f"Version {number} is in force; cases that are open keep theirs")
    return book.name


def _copy(asked: view.Asked, book: playbook.Playbook, form: QueryDict) -> str:
    there = {one.name for one in queries.playbooks_in_force()}
    name = next((f"{book.name[:56]}_{one}" for one in NEW_NAME_TRIES if f"{book.name[:56]}_{one}" not in there), "")
    if not name:
        raise playbook.WrongPlaybook("There are enough alternatives: change one of them.")
    made = replace(book, name=name, title=f"{book.title}, another way"[: playbook.LONGEST_LINE])
    actions.put_playbook(playbook=made, by=asked.person.name, now=asked.now)
    messages.info(asked.request, "This is the alternative: change what should be done another way")
    return name


def _begin(asked: view.Asked, book: playbook.Playbook, form: QueryDict) -> str:
    wanted = trial.Trial(
        arms=(book.name, *form.getlist("alternative")),
        aim=form.get("aim", "recovered"),
        held_out=_share(form.get("held_out", "0")),
        floor=_share(form.get("floor", "5")),
        share=_share(form.get("share", "20")),
        window_days=int(form.get("window_days", "45")) if form.get("window_days", "45").isdecimal() else 0,
    )
    trials.start(wanted=wanted, by=asked.person.name, now=asked.now)
    messages.info(asked.request, "The trial runs: new cases are drawn a playbook")
    return book.name


def _end(asked: view.Asked, book: playbook.Playbook, form: QueryDict) -> str:
    running = trials.running(playbook=book.name)
    if running is not None:
        trials.end(pk=running.pk, by=asked.person.name, why=form.get("why", "")[:200] or "ended", now=asked.now)
        messages.info(asked.request, "The trial is over; nothing else changes")
    return book.name


def _take(asked: view.Asked, book: playbook.Playbook, form: QueryDict) -> str:
    running = trials.running(playbook=book.name)
    if running is None:
        raise trial.WrongTrial("No trial runs any more.")
    number = trials.take(pk=running.pk, arm=form.get("arm", ""), by=asked.person.name, now=asked.now)
    messages.info(asked.request, f"In force from now on, as version {number}")
    return book.name


def _share(text: str) -> float:
    try:
        return float(text.strip().rstrip("%").replace(",", ".") or 0) / 100
    except ValueError:
        raise trial.WrongTrial("Write shares in per cent, as 5 or 12.5.") from None


ACTS: Mapping[str, Callable[[view.Asked, playbook.Playbook, QueryDict], str]] = {
    "change": _change,
    "copy": _copy,
    "begin": _begin,
    "end": _end,
    "take": _take,
}
