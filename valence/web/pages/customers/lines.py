"""Beside a customer: the ids by which they are known, and the other lines of their account or household."""

from __future__ import annotations

from dataclasses import dataclass

from valence.customers import accounts, link_queries
from valence.customers import queries as customers
from valence.customers.rules_links import Relation
from valence.insights import say
from valence.people import rules
from valence.web import view

TIED = {Relation.ACCOUNT: "same account", Relation.HOUSEHOLD: "same household"}


@dataclass(frozen=True)
class IdRow:
    """One id: who it is there, and the link that ties it, where one may undo it."""

    who: link_queries.Who
    link: link_queries.LinkRow | None
    names: str


@dataclass(frozen=True)
class LineRow:
    """Another customer of the same account or household."""

    line: accounts.Line
    name: str
    under: str


@dataclass(frozen=True)
class Lines:
    """What stands beside a customer; both empty for nearly everybody. `says` adds the account up."""

    ids: tuple[IdRow, ...]
    others: tuple[LineRow, ...]
    says: str
    hidden: int
    may_undo: bool


def of(asked: view.Asked, *, key: int) -> Lines:
    """Return the ids and the other lines of a customer whom one may see."""
    account = accounts.beside(scope=asked.own, key=key)
    names = customers.names(scope=asked.own, keys=[line.key for line in account.lines])
    return Lines(
        ids=_ids(asked, key),
        others=tuple(_line(line, names.get(line.key)) for line in account.lines),
        says=_says(account),
        hidden=account.hidden,
        may_undo=asked.may(rules.Act.IMPORT),
    )


def _ids(asked: view.Asked, key: int) -> tuple[IdRow, ...]:
    known = link_queries.known_by(scope=asked.own, key=key)
    people = link_queries.who(scope=asked.own, keys=[one.key for one in known])
    return tuple(
        IdRow(
            who=people[one.key],
            link=one.links[0] if place and one.links else None,
            names=" and ".join(people[each.key].customer_id for each in known if each.key in people),
        )
        for place, one in enumerate(known)
        if one.key in people
    )


def _line(line: accounts.Line, name: customers.Name | None) -> LineRow:
    told = (TIED.get(line.relation, ""), line.plan, line.region)
    return LineRow(line=line, name=name.said if name else "No name", under=" · ".join(filter(None, told)))


def _says(account: accounts.Account) -> str:
    count = len(account.lines) + account.hidden + 1
    money = f", together **{say.money(account.monthly_value)}** a month" if account.monthly_value is not None else ""
    return f"{say.many(count, 'line')}{money}. Each stays or leaves by itself."
