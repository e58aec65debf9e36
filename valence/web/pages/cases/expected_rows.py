"""The visits, bills, promises and texts behind a number of Expectations, one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.flows.act import expected
from valence.insights import expectations, say
from valence.web import listing, parts, view
from valence.web.pages.cases.expectations import REACTIONS, say_quarter

QUARTER = re.compile(r"(\d{4})Q([1-4])")
ABOUTS = {"visit": "Visits", "bill": "Bills", "promise": "Other promises", expected.WORDS: "Answers and comments"}
CAME = {
    expected.TOLD: "told beforehand",
    expected.AS_IT_WAS: "as told",
    expected.OTHERWISE: "not as told",
    expected.NEVER: "nothing was told",
}
SAID = {"short": "less than expected", "as_expected": "as expected", "beyond": "more than expected"}
SHORT = {expectations.NOT_TOLD: "Nothing told", expectations.AS_TOLD: "As told", expectations.FAR: "Far from told"}
TONE = {expectations.NOT_TOLD: "o", expectations.AS_TOLD: "p"}


@dataclass(frozen=True)
class Row:
    """One of them, and how it came against what was told; a text says what the customer wrote."""

    key: int
    name: str
    title: str
    details: str
    standing: str
    tone: str
    at: datetime
    href: str


@dataclass(frozen=True)
class ExpectedRowsPage:
    """The rows that the address asks for, customer by customer."""

    title: str
    lead: str
    rows: tuple[Row, ...]
    total: int
    chips: tuple[parts.Chip, ...]
    more: parts.More
    of_texts: bool
    empty: parts.State | None


@view.page(section="handoffs")
def expected_rows(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the rows behind a number of Expectations."""
    wanted = _wanted(asked)
    found = expected.find(scope=asked.scope, asked=wanted, limit=listing.shown(asked), now=asked.now)
    names = customers.names(scope=asked.scope, keys=list({row.key for row in found.rows}))
    gone = parts.State("store", "Nothing fits", "Nothing that was counted fits these filters.")
    page = ExpectedRowsPage(
        title=ABOUTS[wanted.about],
        lead=f"**{say.many(found.total, 'row')}**, customer by customer. {asked.scope_words}".strip(),
        rows=tuple(_row(asked, one, names.get(one.key)) for one in found.rows),
        total=found.total,
        chips=_chips(asked, wanted),
        more=listing.more(asked, rows=len(found.rows), total=found.total),
        of_texts=wanted.about == expected.WORDS,
        empty=None if found.rows else gone,
    )
    crumbs = (parts.Crumb("Expectations", asked.to("expectations")), parts.Crumb(page.title))
    announce = say.many(found.total, "row")
    return view.render(
        asked, "valence/expected_rows.html", page=page, title=page.title, crumbs=crumbs, announce=announce
    )


def _wanted(asked: view.Asked) -> expected.Asked:
    """Return which rows the address asks for; parts that make no sense are left out."""
    about = asked.query.get("about", "")
    about = about if about in ABOUTS else "visit"
    came, reaction = asked.query.get("came", ""), asked.query.get("reaction", "")
    reaction = reaction if reaction in REACTIONS and about != expected.WORDS else ""
    quarter, since = _quarter(asked.query.get("quarter", "")), _quarter(asked.query.get("since", ""))
    last = _quarter(f"{asked.now.year}Q4") or 0
    return expected.Asked(
        about=about,
        quarters=(quarter,) if quarter else tuple(range(since, last + 1)) if since else (),
        came=came if came in (SAID if about == expected.WORDS else CAME) else "",
        reaction=reaction,
        took=bool(reaction) and asked.query.get("took") == "1",
    )


def _quarter(text: str) -> int | None:
    found = QUARTER.fullmatch(text)
    return 4 * int(found[1]) + int(found[2]) - 1 if found else None


def _chips(asked: view.Asked, wanted: expected.Asked) -> tuple[parts.Chip, ...]:
    first = say_quarter(wanted.quarters[0]) if wanted.quarters else ""
    when = "quarter" if len(wanted.quarters) == 1 else "since"
    taken = REACTIONS.get(wanted.reaction, "").lower()
    some = () if not taken else (parts.Chip("Counted", "first of a quarter", asked.here(reaction=None, took=None)),)
    return (
        *listing.chip(asked, field=when, name="Quarter" if when == "quarter" else "Since", value=first),
        *listing.chip(asked, field="came", name="Came", value={**CAME, **SAID}.get(wanted.came, "")),
        *some,
        *listing.chip(asked, field="took", name="Taken", value=taken if wanted.took else ""),
    )


def _row(asked: view.Asked, one: expected.Row, name: customers.Name | None) -> Row:
    told = one.encounter
    query = {"source": told.source, "id": told.interaction_id}
    return Row(
        key=one.key,
        name=name.said if name else "Customer",
        title=told.title,
        details=told.quote if one.short is None else " · ".join(told.details),
        standing="" if one.short is None else SHORT.get(one.short, "Not as told"),
        tone=TONE.get(one.short, "h") if one.short is not None else "o",
        at=told.at,
        href=asked.to("interaction", key=one.key, query=query),
    )
