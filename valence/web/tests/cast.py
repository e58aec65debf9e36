"""The cast: a small company with staff of each role and customers in three regions, made through the tables.

Alice administers, Anna analyses, Mark manages Coast, Carl owns cases in Valley, Vera only looks. Forty customers are
with us, the first twelve likely to leave; nine left by choice. Everything happened up to NOON.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from valence.customers import actions as customers
from valence.customers.rules import CustomerRecord
from valence.ledger.models import BondModel, HandoffCount, Loss, OpenPromise, Risk, Scoring, Share, WeekCount
from valence.people import actions as people
from valence.people.models import Person
from valence.sources.models import SourceDay
from valence.terms import Role

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
REGIONS = ("Coast", "Valley", "Hills")
STAFF = {
    "alice": (Role.ADMINISTRATOR, None),
    "anna": (Role.ANALYST, None),
    "mark": (Role.MANAGER, frozenset({"Coast"})),
    "carl": (Role.CASE_OWNER, frozenset({"Valley"})),
    "vera": (Role.VIEWER, frozenset({"Coast", "Valley"})),
}
FULL_NAMES = ("Ines Caldera", "Tomas Brandl", "Pell Street Dental", "Adaeze Moru", "Ruth Vantongeren", "Jo Lindqvist")
WHY = (
    ("Promise broken after a fee nobody mentioned", "billing", "sales"),
    ("Three visits, still not fixed", "field", "field"),
    ("Line down 11 h, no call back", "care", "network"),
    ("One-year price rise, no notice", "billing", "billing"),
)
PRESENT, LIKELY, LEFT = 40, 12, 9
HANDOFFS = (("sales", "billing"),) * 5 + (("field", "care"),) * 2 + (("", ""),) * 2


@dataclass(frozen=True)
class Cast:
    """Who there is: surrogate keys of customers present and gone, in order."""

    present: tuple[int, ...]
    gone: tuple[int, ...]


def make(*, now: datetime = NOON) -> Cast:
    """Write the whole cast into the database."""
    for name, (role, regions) in STAFF.items():
        people.create_person(
            name=name, password=PASSWORD, role=role, regions=regions, full_name=name.title(), by="cast", now=now
        )
    model = _model(now)
    keys = _introduce(now)
    present, gone = keys[:PRESENT], keys[PRESENT:]
    Risk.objects.bulk_create([_risk(key, n, model, now) for n, key in enumerate(present)])
    for n, key in enumerate(gone):
        _lose(key, n, model, now)
    _promise(present, now)
    _count(now)
    Scoring.objects.create(pk=1, as_of=now, model=model, scored_at=now, customers=PRESENT)
    SourceDay.objects.create(source="crm", day=now.date(), records=900, last_occurred_at=now, last_received_at=now)
    late = now - timedelta(days=9)
    SourceDay.objects.create(
        source="billing", day=late.date(), records=80, last_occurred_at=late, last_received_at=late
    )
    return Cast(present=present, gone=gone)


def theme(name: str, value: str) -> None:
    """Give somebody a theme."""
    Person.objects.filter(name=name).update(theme=value)


def _introduce(now: datetime) -> tuple[int, ...]:
    """Write who the customers are, and return their keys in order."""
    ids = [f"T-{300_000 + n}" for n in range(PRESENT + LEFT)]
    customers.put(records=[_record(n, customer_id, now) for n, customer_id in enumerate(ids)], now=now)
    return tuple(int(key) for key in customers.identify(customer_ids=ids, now=now))


def _record(n: int, customer_id: str, now: datetime) -> CustomerRecord:
    name = FULL_NAMES[n] if n < len(FULL_NAMES) else f"Robin Number{n}"
    gone = n >= PRESENT
    left_kind = {"left_kind": "voluntary"} if gone else {}
    return CustomerRecord(
        customer_id=customer_id,
        joined_at=now - timedelta(days=400 + 7 * n),
        left_at=now - timedelta(days=2 + 3 * (n - PRESENT)) if gone else None,
        left_said=gone,
        values={
            "region": REGIONS[n % 3],
            "segment": ("Family", "Single", "Business")[n % 3],
            "plan": "Fibre 500",
            "monthly_value": 40.0 + n,
            **left_kind,
        },
        personal={"name": name, "phone": f"+44 7700 {900_000 + n}"},
    )


def _model(now: datetime) -> str:
    tenths = [_tenth(0.002 * at) for at in range(1, 11)]
    held = {"auc": 0.684, "low": 0.661, "high": 0.706, "events": 412, "customers": 4100, "reliability": tenths}
    looked = {"low": 0.019, "high": 0.026, "left": 92, "at": (now - timedelta(days=60)).isoformat()}
    near, far = (
        {"state": state, "said": said, "happened": 0.022, **looked}
        for state, said in (("holds", 0.023), ("off", 0.031))
    )
    coefficients = [
        _coefficient("promise broken", "cause", "harm", 0.74, 0.24),
        _coefficient("fee not mentioned", "cause", "harm", 0.6, 0.3),
        _coefficient("came late", "cause", "harm", 0.22, 0.24),
        _coefficient("went the extra mile", "cause", "praise", -0.4, 0.3),
        _coefficient("a contact happened", "signal", "free", 0.3, 0.1),
    ]
    last = {"auc": None, "low": None, "high": None, "events": 0}
    figures = {
        "30d": {**held, "check": near},
        "60d": {**held, "check": far},
        "90d": last,
        "losses": 2140,
        "answers": 9310,
    }
    for version, in_use, age in (("2026-05-10-b", True, 2), ("2026-04-10-a", False, 32)):
        BondModel.objects.create(
            version=version,
            trained_at=now - timedelta(days=age),
            known_until=now - timedelta(days=age),
            pack="telco 1",
            parameters=b"",
            figures={**figures, "coefficients": coefficients, "prior_only": False},
            in_use=in_use,
        )
    return "2026-05-10-b"


def _tenth(said: float) -> dict[str, float]:
    return {"said": said, "happened": said * 1.05, "low": said / 2, "high": said * 1.5 + 0.004, "customers": 410}


def _coefficient(words: str, role: str, sign: str, weight: float, half: float) -> dict[str, object]:
    told = {"name": words.replace(" ", "_"), "words": words, "role": role, "sign": sign}
    return {**told, "weight": weight, "low": weight - half, "high": weight + half}


def _risk(key: int, n: int, model: str, now: datetime) -> Risk:
    likely = n < LIKELY
    chance = 0.34 - 0.015 * n if likely else 0.03
    why, department, root = WHY[n % len(WHY)] if likely else ("", "", "")
    return Risk(
        customer_id=key,
        model=model,
        as_of=now,
        bond=25.0 + n,
        bond_low=19.0 + n,
        bond_high=31.0 + n,
        bond_30d_ago=40.0,
        **{f"p_leave_{days}d": chance * days / 60 for days in (30, 60, 90)},
        **{f"p_low_{days}d": chance * days / 80 for days in (30, 60, 90)},
        **{f"p_high_{days}d": chance * days / 45 for days in (30, 60, 90)},
        p_clean_60d=0.02,
        value_at_risk=chance * (40.0 + n),
        likely_to_leave=likely,
        became_likely_at=now - timedelta(hours=20 + 30 * n) if likely else None,
        act_by=now + timedelta(days=1 + 3 * n) if likely else None,
        why=why,
        why_department=department,
        root_department=root,
        last_contact_at=now - timedelta(days=n),
    )


def _lose(key: int, n: int, model: str, now: datetime) -> None:
    began, hurt = HANDOFFS[n]
    left = now - timedelta(days=2 + 3 * n)
    loss = Loss.objects.create(
        customer_id=key,
        model=model,
        left_at=left,
        attributable=0.8 if began else 0.1,
        attributable_low=0.68 if began else 0.02,
        attributable_high=0.88 if began else 0.3,
        verdict="ours" if began else ("not_ours" if n % 2 else "cannot_say"),
        margin=0.3,
        top_department=hurt,
        root_department=began,
        began_department=began,
        hurt_department=hurt,
        began_words="fee not mentioned" if began else "",
        hurt_words="bill above what was told" if began else "",
    )
    if began:
        Share.objects.create(
            loss=loss,
            source="crm",
            interaction_id=f"i-{n}",
            occurred_at=left - timedelta(days=9),
            kind="bill",
            department=hurt,
            words="bill above what was told",
            effect=1.1,
            effect_low=0.7,
            effect_high=1.5,
            p_would_have_stayed=0.62,
            p_low=0.48,
            p_high=0.74,
            root_department=began,
        )


def _promise(keys: tuple[int, ...], now: datetime) -> None:
    states = ("overdue", "overdue", "open", "kept", "broken")
    for n, key in enumerate(keys[:10]):
        state = states[n % len(states)]
        due = now + timedelta(hours=8) if state == "open" else now - timedelta(days=3)
        OpenPromise.objects.create(
            customer_id=key,
            source="crm",
            interaction_id=f"p-{n}",
            department="billing",
            words="€49 back on the account",
            made_at=now - timedelta(days=20),
            due_at=due,
            state=state,
        )


def _count(now: datetime) -> None:
    monday = now.date() - timedelta(days=now.date().weekday())
    late = (20, 22, 19, 24, 21, 23, 20, 18, 22, 60)
    for back, number in enumerate(reversed(late), start=1):
        week: date = monday - timedelta(weeks=back)
        for fact, count in (("", 150), ("late", number)):
            WeekCount.objects.create(
                week=week,
                region="Coast",
                kind="visit",
                department="field",
                fact=fact,
                interactions=count,
                customers=count - 2,
            )
        HandoffCount.objects.create(
            week=week, region="Coast", cause_department="sales", effect_department="billing", links=30, inferred=9
        )
