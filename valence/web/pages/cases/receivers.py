"""Receivers: which machines are told what happens in cases, and whether it reaches them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict

from valence.alerts import telling
from valence.alerts.channels import KINDS
from valence.alerts.channels.event import WrongReceiver
from valence.insights import say
from valence.people import rules
from valence.web import view

EVENT_WORDS = {
    "case.opened": "a case was opened",
    "case.replied": "a reply left",
    "case.closed": "a case was closed",
    "case.verified": "a recovery was looked at",
    "case.escalated": "nobody acted in time",
    "case.told": "the customer was told how it ended",
    "case.promised": "a reply promised something",
    "case.promise_kept": "a promise of a reply was kept",
    "case.promise_broken": "a promise of a reply was broken",
    "place.raised": "several similar cases came close together",
}


@dataclass(frozen=True)
class ReceiversPage:
    """Every receiver; `secret` is that of one that was added just now, shown once."""

    rows: tuple[telling.ReceiverRow, ...]
    kinds: tuple[tuple[str, str], ...]
    events: tuple[tuple[str, str], ...]
    secret: str = ""
    problem: str = ""


@view.page(section="settings", act=rules.Act.SETTINGS, methods=("GET", "HEAD", "POST"))
def receivers(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the receivers; add one, send again what did not arrive, take one out."""
    secret, problem = "", ""
    if request.method == "POST":
        try:
            secret = _act(asked, request.POST)
        except WrongReceiver as wrong:
            problem = str(wrong)
    page = ReceiversPage(
        rows=telling.receivers(),
        kinds=tuple((name, kind.WORDS) for name, kind in KINDS.items()),
        events=tuple(EVENT_WORDS.items()),
        secret=secret,
        problem=problem,
    )
    status = 422 if problem else 200
    return view.render(asked, "valence/receivers.html", page=page, title="Receivers", status=status)


def _act(asked: view.Asked, form: QueryDict) -> str:
    """Do what was asked; return the secret of a new receiver."""
    pk = int(form.get("pk", "0")) if form.get("pk", "0").isdecimal() else 0
    if form.get("act") == "remove":
        telling.remove(pk=pk, by=asked.person.name, now=asked.now)
        return ""
    if form.get("act") == "again":
        messages.info(
            asked.request, f"{say.many(telling.again(receiver=pk, now=asked.now), 'event')} will be sent again"
        )
        return ""
    return telling.add(
        kind=form.get("kind", ""),
        name=form.get("name", ""),
        said={"url": form.get("url", "")},
        events=form.getlist("event"),
        by=asked.person.name,
        now=asked.now,
    )
