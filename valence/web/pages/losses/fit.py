"""Fit: whom what we sell does not suit although nothing went wrong, and what is said to them: never a refusal."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from valence.alerts import queries as rules_kept
from valence.flows.act import fitting
from valence.insights import fit, say
from valence.people import rules
from valence.web import listing, parts, view

RULE, PLAYBOOK = "may_not_fit", "honest_referral"
EMPTY = "It is counted after each score, from customers who began in the last three years and what they ordered."


@dataclass(frozen=True)
class Row:
    """A group: how many began, what of them left soon or asked for, against all others."""

    name: str
    field: str
    joined: int
    joined_href: str
    left: int
    left_href: str
    calm: str
    leaving: str
    leaving_range: str
    leaving_others: str
    contacts: str
    contacts_range: str
    contacts_others: str
    standing: str
    tone: str


@dataclass(frozen=True)
class FitPage:
    """Every group that is large enough to say something, those first whom we suit least."""

    lead: str
    rows: tuple[Row, ...]
    small: str
    rule: str
    rule_is_on: bool
    may_rule: bool
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    scope_words: str
    counted_at: str
    empty: parts.State | None


@view.page(section="losses")
def fit_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show whom what we sell may not fit."""
    page = _page(asked)
    announce = say.many(len(page.rows), "group")
    return view.render(asked, "valence/fit.html", page=page, title="Fit", announce=announce)


def _page(asked: view.Asked) -> FitPage:
    found = fitting.measured()
    field = asked.query.get("by", "")
    groups = found.groups(scope=asked.scope) if found else ()
    shown = [one for one in groups if one.enough and (one.field == field or field not in fit.FIELDS)]
    small = len([one for one in groups if not one.enough])
    rule = next((row for row in rules_kept.every(now=asked.now) if row.rule.name == RULE), None)
    return FitPage(
        lead=_lead(shown),
        rows=tuple(_row(asked, one) for one in shown),
        small=f"{say.many(small, 'group')} with fewer than {fit.FEWEST:.0f} calm half-years not shown."
        if small
        else "",
        rule=rule.rule.title if rule else "",
        rule_is_on=rule is not None and rule.state == rules_kept.ON,
        may_rule=asked.may(rules.Act.RULES),
        chips=listing.chip(asked, field="by", name="By", value=fit.FIELDS.get(field, "").lower()),
        choices=(listing.choices(asked, field="by", name="By", offered=fit.FIELDS),),
        scope_words=asked.scope_words,
        counted_at=say.clock(found.until) if found else "",
        empty=None if shown else parts.State("clock", "Nothing can be said yet", EMPTY),
    )


def _lead(groups: list[fit.Group]) -> str:
    if not groups:
        return "Whom what we sell does not suit, although nothing went wrong on our side."
    none = sum(one.may_not_fit for one in groups)
    of = say.many(len(groups), "group")
    if not none:
        return f"**None of {of}** surely leaves sooner than others, or needs far more help, where nothing went wrong."
    does = "leaves far sooner, or needs" if none == 1 else "leave far sooner, or need"
    return f"**{none} of {of}** {does} far more help, than others although nothing went wrong. It may not fit them."


def _row(asked: view.Asked, one: fit.Group) -> Row:
    leaving, contacts = one.leaving, one.contacts
    group = {"field": one.field, "word": one.word}
    return Row(
        name=say.sentence(fitting.said(group=one)),
        field=fit.FIELDS[one.field],
        joined=one.tally.joined,
        joined_href=asked.to("fit_rows", query=group),
        left=one.tally.left,
        left_href=asked.to("fit_rows", query={**group, "left": 1}),
        calm=say.count(one.tally.half_years),
        leaving=say.percent(leaving.value),
        leaving_range=say.percents(leaving.range.low, leaving.range.high),
        leaving_others=say.percent(leaving.others),
        contacts=say.decimal(contacts.value, places=2),
        contacts_range=f"{contacts.range.low:.2f}–{contacts.range.high:.2f}",
        contacts_others=say.decimal(contacts.others, places=2),
        standing="May not fit" if one.may_not_fit else "As others, or too few to say",
        tone="h" if one.may_not_fit else "o",
    )
