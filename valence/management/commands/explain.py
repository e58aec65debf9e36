"""valence explain: one customer in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group, RenderableType

from valence import packs
from valence.customers.queries import UnknownCustomer
from valence.flows.find import explain
from valence.flows.weigh import minds
from valence.insights import say
from valence.management import command, figures, for_person

VERDICTS = {"ours": "Ours", "not_ours": "Not ours", "cannot_say": "Cannot say"}


class Command(command.Command):
    """Explain one customer."""

    help = (
        "Explain one customer: the bond, the chance of leaving and what moves it; of a lost one who lost her and how."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("customer", metavar="CUSTOMER", help="the company's own id of the customer")
        parser.add_argument(
            "--for-person", action="store_true", help="as one would tell it to the customer who asks what is known"
        )

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        try:
            found = explain.explain(customer_id=options["customer"], now=now)
        except UnknownCustomer:
            raise command.WrongUse(f"There is no customer {options['customer']}.") from None
        if options["for_person"]:
            told = tuple(for_person.letter(found=found, pack=minds.pack()))
            return command.Outcome(answer={"letter": told}, words="\n\n".join(told))
        return command.Outcome(answer=asdict(found), words=Group(*_said(found, minds.pack())))


def _said(found: explain.Explained, pack: packs.Pack) -> Iterator[RenderableType]:
    where = ", ".join(word for word in (found.segment, found.region) if word)
    yield f"{found.customer_id}{f' ({where})' if where else ''}: {_relationship(found)}"
    if found.bond:
        yield _bond(found)
    if found.objected:
        yield f"Not scored: objected on {_day(found.objected)}."
    elif not found.model:
        yield "There is no model yet, so nothing can be said about the bond. Run: valence train, then: valence score"
    yield from _chances(found)
    yield from _owed(found, pack)
    yield from _loss(found, pack)


def _day(at: datetime) -> str:
    """Say a day as the pages do: the day it was where the company is."""
    return f"{say.local(at):%d %b %Y}"


def _relationship(found: explain.Explained) -> str:
    until = found.left_at or found.as_of
    days = max(0, (until - found.joined_at).days)
    told = f"customer for {days:,} days, {found.interactions:,} interactions"
    if not found.left_at:
        return f"{told}, as known on {_day(found.as_of)}."
    why = " without choosing to" if found.left_kind == "involuntary" else ""
    return f"{told}, left{why} on {_day(found.left_at)}."


def _bond(found: explain.Explained) -> str:
    bond = found.bond
    if bond is None:
        return ""
    ago = f"; a month ago {bond.month_ago:.0f}" if bond.month_ago is not None else ""
    when = "Bond when leaving" if found.left_at else "Bond"
    return f"{when}: {bond.value:.0f} of 100 (likely {bond.low:.0f}–{bond.high:.0f}){ago}. A clean record is near 75."


def _chances(found: explain.Explained) -> Iterator[RenderableType]:
    if found.chances:
        told = "; ".join(
            f"within {each.days} days {each.value:.1%} (likely {each.low:.1%}–{each.high:.1%})"
            for each in found.chances
        )
        yield f"Chance of leaving by choice: {told}."
    if found.moves:
        yield figures.table(
            title="What moved it when leaving" if found.left_at else "What moves it now",
            headings=("What", "Department", "When", "Chance times", "likely from", "to", ""),
            rows=[_move(each) for each in found.moves],
        )


def _move(each: explain.Move) -> tuple[object, ...]:
    when = _day(each.at) if each.at else ""
    return (each.words, each.department, when, each.times, each.low, each.high, "signal" if each.is_signal else "")


def _owed(found: explain.Explained, pack: packs.Pack) -> Iterator[str]:
    for each in found.owed:
        due = f", due {_day(each.due_at)}" if each.due_at else ""
        who = pack.say_department(each.department) if each.department else "somebody"
        yield f"Promised by {who} on {_day(each.made_at)}: {each.words}{due}; {each.state}."


def _loss(found: explain.Explained, pack: packs.Pack) -> Iterator[RenderableType]:
    loss = found.loss
    if loss is None:
        if found.left_at and found.left_kind != "involuntary":
            yield "Why is not worked out yet. Run: valence score"
        return
    yield (
        f"Verdict: {VERDICTS[loss.verdict]}. {loss.attributable:.0%} of the risk at the decision came from us "
        f"(likely {loss.low:.0%}–{loss.high:.0%})."
    )
    if loss.began_department:
        began = pack.say_department(loss.began_department)
        yield f"It began in {began}: {loss.began_words} ({loss.root_interaction_id})."
    if loss.hurt_department:
        hurt = pack.say_department(loss.hurt_department)
        yield f"It hurt most in {hurt}: {loss.hurt_words} ({loss.top_interaction_id})."
    if loss.story:
        yield figures.table(
            title="The story, and whether the customer would have stayed then without each part",
            headings=(
                "When",
                "Department",
                "What",
                "Interaction",
                "Effect",
                "Would have stayed",
                "likely",
                "Began with",
            ),
            rows=[_step(each, pack) for each in loss.story],
        )


def _step(each: explain.Step, pack: packs.Pack) -> tuple[object, ...]:
    root = each.root_interaction_id if each.root_interaction_id != each.interaction_id else ""
    return (
        _day(each.at),
        pack.say_department(each.department) if each.department else "",
        each.words or pack.say_kind(each.kind),
        each.interaction_id,
        f"{each.effect:+.2f}",
        f"{each.p_would_have_stayed:.0%}",
        f"{each.p_low:.0%}–{each.p_high:.0%}",
        root,
    )
