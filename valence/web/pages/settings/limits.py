"""Limits of scoring: which scores there are, what they rest on and serve, what may never enter, who objected."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from valence.alerts import fields, queries
from valence.cases import trials
from valence.customers import objections
from valence.customers import queries as customers
from valence.flows.weigh import minds
from valence.insights import scoring_limits
from valence.ledger.queries import risks
from valence.people import rules
from valence.web import listing, parts, view

# Of the fields about the bond, one is no score: when they were last in touch.
ASKED = fields.BOND - {"days_silent"}


@dataclass(frozen=True)
class Score:
    """A score: what it says, what it is learned from, what it is used for; the page that shows it."""

    name: str
    says: str
    learned: str
    used: str
    page: str


SCORES = (
    Score(
        "Bond",
        "How strong the relationship is, 0 to 100",
        "who left by choice and who stayed, after what happened between us",
        "customer pages, rules that ask for it, and whether a case helped",
        "model",
    ),
    Score(
        "Chance of leaving",
        "How likely somebody leaves by choice within 30, 60, 90 days",
        "the same",
        "the list of who is likely to leave, calls of Today, value at risk, the order of cases, rules that ask for it",
        "customers",
    ),
    Score(
        "Would have stayed",
        "Whether who left would still be here without an interaction",
        "the same",
        "whose cause a loss was, and whom to win back; it judges what we did",
        "losses",
    ),
    Score(
        "Scores were gamed",
        "How likely a team's survey scores are not what customers think",
        "how answers, invitations and what came after fit together",
        "the page Integrity: somebody looks into it, nobody is paid or warned by it",
        "integrity",
    ),
    Score(
        "Alarms of places",
        "How rarely calm days show as many cases at a place",
        "how many cases a place has on such days",
        "one alarm to who is responsible; it is about a place",
        "spots",
    ),
    Score(
        "Fit",
        "Whether a plan or segment surely leaves sooner, or needs more help",
        "how those who ordered it began, on days without a fault of ours",
        "a hint to who sells; no order is refused",
        "fit",
    ),
    Score(
        "One person or two",
        "How surely two ids name one customer",
        "how often e-mail, phone, name or address are shared",
        "pairs that somebody confirms, or the company lets be joined above a limit",
        "identities",
    ),
)


@dataclass(frozen=True)
class Use:
    """Something switched on that rests on bond or chance: a rule, or a trial of a playbook. `why`: in what way."""

    name: str
    why: str
    href: str


@dataclass(frozen=True)
class Objector:
    """Somebody who objects to being scored."""

    key: int
    name: str
    customer_id: str
    objected: objections.Objection


@dataclass(frozen=True)
class Sounding:
    """A name in the model that sounds like what a person is; of a segment, how many customers are in it."""

    name: str
    customers: int | None = None
    href: str = ""


@dataclass(frozen=True)
class LimitsPage:
    """What the page shows. `entering` is None while there is no model; `sounding`: what was found, by what it tells."""

    scores: tuple[Score, ...]
    uses: tuple[Use, ...]
    model: str
    entering: scoring_limits.Entering | None
    sounding: tuple[tuple[str, tuple[Sounding, ...]], ...]
    clean: bool
    objectors: tuple[Objector, ...]
    total: int
    list_href: str
    more: parts.More


@view.page(section="settings", act=rules.Act.SETTINGS)
def limits(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the limits of scoring, as they are kept now."""
    entering = scoring_limits.entering(model=minds.in_use().model) if minds.is_readable() else None
    objecting = objections.seen(scope=asked.own)
    some = list(objecting)[: listing.shown(asked)]
    names = customers.names(scope=asked.own, keys=some)
    page = LimitsPage(
        scores=SCORES,
        uses=(*_rules(asked), *_trials(asked)),
        model=minds.in_use().card.version if entering else "",
        entering=entering,
        sounding=tuple(
            (one.name, tuple(_sounding(asked, name) for name in one.found))
            for one in (entering.barred if entering else ())
        ),
        clean=entering is not None and not any(one.found for one in entering.barred),
        objectors=tuple(
            Objector(key, names[key].said, names[key].customer_id, objecting[key]) for key in some if key in names
        ),
        total=len(objecting),
        list_href=f"{reverse('scoring_limits')}#objected",
        more=listing.more(asked, rows=len(some), total=len(objecting)),
    )
    crumbs = (parts.Crumb("Settings", reverse("settings")), parts.Crumb("Limits of scoring"))
    return view.render(asked, "valence/limits.html", page=page, title="Limits of scoring", crumbs=crumbs)


def _sounding(asked: view.Asked, name: str) -> Sounding:
    """Return a name with the customers behind it, so that whoever judges it sees whom the company calls so."""
    column, _, word = name.partition(" ")
    if column != "segment":
        return Sounding(name)
    total = risks.by_segment(scope=asked.own).get(word, 0)
    return Sounding(name, total, f"{reverse('customers')}?{urlencode({'segment': word})}")


def _rules(asked: view.Asked) -> tuple[Use, ...]:
    """Return the rules that are on and ask how a customer stands."""
    found = ((one.rule, one.rule.asks & ASKED) for one in queries.every(now=asked.now) if one.state == queries.ON)
    return tuple(
        Use(
            name=rule.title,
            why=f"Rule, asks for {', '.join(sorted(fields.FIELDS[name].said for name in scores))}: tells somebody",
            href=asked.to("alert_rule", name=rule.name),
        )
        for rule, scores in found
        if scores
    )


def _trials(asked: view.Asked) -> tuple[Use, ...]:
    """Return the trials of playbooks that run: what is drawn is drawn by lot, and looked at is how the bond went."""
    return tuple(
        Use(
            name=" or ".join(one.arms),
            why="Trial of playbooks, drawn by lot; whether it helped is seen by the bond too",
            href=asked.to("playbook", name=one.arms[0]),
        )
        for one in trials.every(state="running")
    )
