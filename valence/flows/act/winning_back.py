"""Who is worth winning back: lost, leaving or unhappy because of us; whether the cause still stands; cases for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from valence.cases import asked_back, bad_encounters, queries
from valence.customers import consent
from valence.flows.act import casework
from valence.flows.weigh import minds
from valence.insights import two_shares
from valence.insights.winning_back import Attempts, Mended, mended
from valence.ledger.queries import losses, risks, weeks
from valence.terms import EVERYTHING, LossVerdict, Scope

LOST, LEAVING, UNHAPPY = "lost", "leaving", "unhappy"
PLAYBOOKS: Mapping[str, str] = {LOST: "win_back", LEAVING: "wants_to_leave", UNHAPPY: "angry_answer"}
MOST = 2_000
WEEKS = 8  # so many before somebody left are held against the last ones
WEEKS_KEPT = 110
ASKED_ONCE_IN = timedelta(days=365)
WAYS = ("email", "sms")


@dataclass(frozen=True)
class Candidate:
    """Somebody worth winning back. at: when they left, became likely to leave, or scored. facts: the causes, by name.

    asked_at: when they were last asked like this; case: the open one. may_offer: whether an offer may be made, or only
    put right what is owed.
    """

    group: str
    key: int
    at: datetime
    cause: str
    department: str
    facts: tuple[str, ...]
    value: float | None
    source: str = ""
    interaction_id: str = ""
    mended: Mended = Mended.CANNOT_SAY
    asked_at: datetime | None = None
    case: int | None = None
    may_offer: bool = False

    def can_ask(self, *, now: datetime) -> bool:
        """Say whether they may be asked now: nobody is at it, and they were not asked within a year."""
        return self.case is None and (self.asked_at is None or now - self.asked_at >= ASKED_ONCE_IN)


@dataclass(frozen=True)
class Found:
    """Those of one group, the most worth first; objected: how many are left out because they do not want to hear.

    is_part: there may be more than MOST of them, and so many were looked at: the latest who left, those with most at
    stake of whom may leave, the worst encounters.
    """

    candidates: tuple[Candidate, ...]
    objected: int
    is_part: bool = False


def find(*, scope: Scope, group: str, since: datetime, now: datetime) -> Found:
    """Return who of a group is worth winning back, of the customers one may see.

    Only where the cause is ours and named; never who left without choosing to, nor who objected to being written to.
    """
    by_group: Mapping[str, Callable[[Scope, datetime], Iterator[Candidate | None]]] = {
        LOST: _lost, LEAVING: _leaving, UNHAPPY: _unhappy,
    }  # fmt: skip
    looked = list(by_group[group](scope, since))
    found = [one for one in looked if one is not None and one.cause]
    keys = sorted({one.key for one in found})
    held = consent.of(customer_keys=keys)
    open_, asked = queries.open_of(keys=keys), asked_back.last(keys=keys, playbook=PLAYBOOKS[group])
    wanted = [one for one in found if one.key in held and not _objects(held[one.key])]
    shares, stands = _shares(), dict[tuple[object, ...], Mended]()
    told = (
        replace(
            one,
            mended=_mended(one, shares, stands),
            asked_at=asked.get(one.key),
            case=open_.get(one.key),
            may_offer=any(held[one.key].may(purpose="marketing", channel=way).allowed for way in WAYS),
        )
        for one in wanted
    )
    order = sorted(told, key=lambda one: (one.mended is not Mended.MENDED, -(one.value or 0.0), one.key))
    return Found(candidates=tuple(order), objected=len(found) - len(wanted), is_part=len(looked) >= MOST)


def attempts(*, seer: queries.Seer, group: str) -> Attempts:
    """Return what asking those of a group brought, of the cases one may see."""
    counts = queries.recovered(seer=seer, playbook=PLAYBOOKS[group])
    return Attempts(
        back=counts.get("recovered", 0),
        not_back=counts.get("not_recovered", 0),
        watched=counts.get("waiting", 0),
        granted=asked_back.granted(seer=seer, playbook=PLAYBOOKS[group]),
    )


def open_cases(*, found: Found, keys: Collection[int], by: str, now: datetime) -> casework.ByHand:
    """Open a case for each of those marked who may be asked now."""
    marked = [one for one in found.candidates if one.key in keys and one.can_ask(now=now)]
    handed = [
        casework.Handed(
            key=one.key,
            source=one.source,
            interaction_id=one.interaction_id,
            department="",
            occurred_at=one.at,
            rule=f"hand_{one.group}",
            reasons=(one.cause[:200],),
        )
        for one in marked
    ]
    return casework.open_by_hand(found=handed, by=by, now=now)


def _lost(scope: Scope, since: datetime) -> Iterator[Candidate]:
    asked, read = losses.Asked(verdict=LossVerdict.OURS, since=since.date()), _reader()
    for one in losses.rows(scope=scope, asked=asked, limit=MOST):
        told = list(dict.fromkeys(words for words in (one.began_words, one.hurt_words) if words))
        cause, facts = ", then ".join(told), read(told)
        yield Candidate(LOST, one.key, one.left_at, cause, one.began_department, facts, one.monthly_value)


def _leaving(scope: Scope, since: datetime) -> Iterator[Candidate]:
    read = _reader()
    for one in risks.rows(scope=scope, asked=risks.Asked(likely=True), limit=MOST):
        at, facts = one.became_likely_at or one.as_of, read([one.why])
        yield Candidate(LEAVING, one.key, at, one.why, one.why_department, facts, one.monthly_value)


def _unhappy(scope: Scope, since: datetime) -> Iterator[Candidate | None]:
    """Give who scored lowest and heard nothing since, None for who has left or was given; what they pay is not looked
    up.
    """
    asked = bad_encounters.Asked(since=since, why="lowest_score", followed=False)
    seen: set[int] = set()
    for row in bad_encounters.rows(scope=scope, asked=asked, limit=MOST):
        one = row.encounter
        if one.key in seen or row.has_left:
            yield None
            continue
        seen.add(one.key)
        cause = f"{one.score:g} on {one.scale}" if one.score is not None else "a very low score"
        yield Candidate(
            UNHAPPY, one.key, one.occurred_at, cause, one.department, (), None, one.source, one.interaction_id
        )


def _reader() -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return what tells which facts a cause in words names: thousands left for the same few causes."""
    pack = minds.pack()
    phrases = [(fact, pack.say_fact(fact).lower()) for fact in sorted(pack.harmful_facts)]

    @cache
    def named(said: str) -> tuple[str, ...]:
        return tuple(fact for fact, phrase in phrases if phrase in said)

    return lambda told: named(" | ".join(told).lower())


def _objects(one: consent.Held) -> bool:
    """Say whether somebody does not want to hear from us: not at all, or no offers."""
    no_offers = any(word.withdrawn for (purpose, _), word in one.words.items() if purpose == consent.Purpose.MARKETING)
    return no_offers or not any(one.may(purpose="service", channel=way).allowed for way in WAYS)


@dataclass(frozen=True)
class _Shares:
    """Weekly counts (with the fact, of all) by department and fact; `first`: the Monday of the first, without zone."""

    counts: Mapping[tuple[str, str], Sequence[tuple[int, int]]]
    first: datetime | None


def _shares() -> _Shares:
    last = weeks.last_week(scope=EVERYTHING)
    if last is None:
        return _Shares({}, None)
    until = last + timedelta(days=7)
    added: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(lambda: [(0, 0)] * WEEKS_KEPT)
    for one in weeks.series(scope=EVERYTHING, until=until, weeks=WEEKS_KEPT):
        if one.fact:
            before = added[one.department, one.fact]
            each = zip(before, one.interactions, one.whole, strict=True)
            added[one.department, one.fact] = [(a + n, b + of) for (a, b), n, of in each]
    return _Shares(added, datetime.combine(until, datetime.min.time()) - timedelta(weeks=WEEKS_KEPT))


def _mended(one: Candidate, shares: _Shares, known: dict[tuple[object, ...], Mended]) -> Mended:
    """Return whether what drove somebody away became rarer in the department where it began.

    known: what was found of the same facts, department and week; it is added to.
    """
    if shares.first is None or not one.facts:
        return Mended.CANNOT_SAY
    place = (one.at.replace(tzinfo=None) - shares.first).days // 7
    asked = (one.department, one.facts, place)
    if asked not in known:
        known[asked] = _since(place, shares, department=one.department, facts=one.facts)
    return known[asked]


def _since(place: int, shares: _Shares, *, department: str, facts: Sequence[str]) -> Mended:
    """Return whether facts became rarer in a department since the week at a place."""
    then, now = (0, 0), (0, 0)
    for fact in facts:
        counts = shares.counts.get((department, fact), ())
        then = _sum(then, counts[max(0, place - WEEKS) : max(0, place)])
        now = _sum(now, counts[-WEEKS:])
    return mended(then=two_shares.Share(*then), now=two_shares.Share(*now))


def _sum(before: tuple[int, int], counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return before[0] + sum(n for n, _ in counts), before[1] + sum(of for _, of in counts)
