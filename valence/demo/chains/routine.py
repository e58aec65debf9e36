"""What happens to everybody: joining, offers, orders, bills, renewals, outages, questions, messages."""

from __future__ import annotations

import numpy as np

from valence.demo import world
from valence.demo.chains import calls, visits
from valence.demo.chains import scene as scenes
from valence.demo.chains.scene import Floats, Ints, Scene


def play(*, scene: Scene) -> None:
    """Write the whole journey of every customer as if nobody ever left."""
    _joining(scene=scene)
    _campaigns(scene=scene)
    _orders(scene=scene)
    _faults(scene=scene)
    _bills(scene=scene)
    _renewals(scene=scene)
    _outages(scene=scene)
    _questions(scene=scene)
    _messages(scene=scene)
    _intents(scene=scene)
    _reminders(scene=scene)


def _none(at: Floats) -> Ints:
    return np.full(len(at), -1, dtype=np.int64)


def _joining(*, scene: Scene) -> None:
    new = np.flatnonzero(scene.people.joined >= scene.operator.start)
    visits.order(scene=scene, customer=new, at=scene.people.joined[new], reason="new_customer",
                 cause=_none(scene.people.joined[new]), to_install=0.75)  # fmt: skip


def _campaigns(*, scene: Scene) -> None:
    """Write offers sent to whole regions; one in twenty leads to an order."""
    operator, rng, who = scene.operator, scene.rng, scene.people
    dates = np.random.default_rng([operator.seed, 1])
    count = int(operator.habits["campaigns"] * operator.years) + 1
    days = np.floor(dates.uniform(operator.start, operator.end, count)) + 0.4
    regions = dates.random((count, len(world.REGIONS))) < 0.55
    reached = regions[:, who.region] & (rng.random((count, len(who))) < 0.6) & (days[:, None] > who.begins[None, :])
    number, customer = np.nonzero(reached)
    at = days[number] + rng.uniform(0, 0.4, len(number))
    irrelevant = scene.happens(what="irrelevant", customer=customer, at=at)
    row = scene.sheet.add(
        customer=customer, at=at, kind="campaign", source="marketing", department="marketing",
        channel=rng.choice([4, 5, 6], size=len(at), p=[0.6, 0.25, 0.15]), touchpoint="newsletter", reason="offer",
        facts=scenes.facts(irrelevant=irrelevant),
    )  # fmt: skip
    taken = ~irrelevant & (rng.random(len(at)) < 0.05)
    visits.order(scene=scene, customer=customer[taken], at=scene.later(at=at[taken], low=0.1, high=9),
                 reason="upgrade", cause=row[taken], to_install=0.35)  # fmt: skip


def _orders(*, scene: Scene) -> None:
    for habit, reason, install in (("upgrades", "upgrade", 0.4), ("moves", "house_move", 0.95)):
        customer, at = scene.times(rate=scene.operator.habits[habit] * scene.people.restless**0.5)
        visits.order(scene=scene, customer=customer, at=at, reason=reason, cause=_none(at), to_install=install)


def _faults(*, scene: Scene) -> None:
    customer, at = scene.times(rate=scene.operator.habits["faults"] * scene.people.restless**0.5)
    visits.fault(scene=scene, customer=customer, at=at)


def _bills(*, scene: Scene) -> None:
    """Write a bill each cycle. A few are wrong, by Billing's own doing; dearer plans meet more of them."""
    who, rng = scene.people, scene.rng
    number = np.arange(int((scene.operator.end - scene.operator.start) / 30.44) + 2)
    due = who.first_bill[:, None] + who.cycle[:, None] * number[None, :]
    customer, which = np.nonzero(due < scene.operator.end)
    at = np.floor(due[customer, which]) + 0.25
    months = np.round(who.cycle[customer] / 30.44)
    expected = np.round(who.price[customer] * months, 2)
    dear = np.clip(who.price[customer] / 45, 0.5, 2.5)
    wrong = scene.happens(what="wrong_bill", customer=customer, at=at, times=dear)
    usage = np.where(rng.random(len(at)) < 0.3, rng.exponential(2.0, len(at)), 0)
    amount = np.round(expected + usage + np.where(wrong, 8 + rng.exponential(25, len(at)), 0), 2)
    row = scene.sheet.add(
        customer=customer, at=at, kind="bill", source="billing", department="billing", channel="email",
        touchpoint="invoice", reason="usage", amount=amount, expected_amount=expected,
    )  # fmt: skip
    calls.call_about_bill(scene=scene, customer=customer[wrong], at=at[wrong], cause=row[wrong], share=0.5)


def _renewals(*, scene: Scene) -> None:
    """Write the yearly renewal; some prices rise without notice."""
    who, operator = scene.people, scene.operator
    year = np.arange(1, 12)
    due = who.joined[:, None] + 365.25 * year[None, :]
    customer, which = np.nonzero((due >= who.begins[:, None]) & (due < operator.end))
    at = np.floor(due[customer, which]) + 0.4
    rise = scene.happens(what="price_rise", customer=customer, at=at)
    expected = np.round(who.price[customer], 2)
    amount = np.round(expected * np.where(rise, scene.rng.uniform(1.08, 1.35, len(at)), 1.0), 2)
    row = scene.sheet.add(
        customer=customer, at=at, kind="renewal", source="billing", department="sales", channel="email",
        touchpoint="newsletter", reason=np.where(rise, 17, 14), amount=amount, expected_amount=expected,
    )  # fmt: skip
    calls.call_about_bill(scene=scene, customer=customer[rise], at=at[rise], cause=row[rise], share=0.2)


def _outages(*, scene: Scene) -> None:
    """Write outages that strike whole regions; some customers call, and wait longer than usual."""
    operator, rng, who = scene.operator, scene.rng, scene.people
    dice = np.random.default_rng([operator.seed, 2])
    rates = operator.habits["outages"] * operator.region_habits["outages"] * operator.years
    struck = np.repeat(np.arange(len(world.REGIONS)), dice.poisson(rates))
    days = dice.uniform(operator.start, operator.end, len(struck))
    hours = np.minimum(dice.lognormal(1.0, 0.9, len(struck)), 40)
    reached = (struck[:, None] == who.region[None, :]) & (rng.random((len(struck), len(who))) < 0.28)
    reached &= days[:, None] > who.begins[None, :]
    number, customer = np.nonzero(reached)
    at = days[number] + rng.uniform(0, 0.02, len(number))
    lasted = np.round(np.maximum(hours[number] * rng.uniform(0.7, 1.1, len(number)), 0.2), 1)
    row = scene.sheet.add(customer=customer, at=at, kind="outage", source="network", department="network",
                          touchpoint="line", reason="outage", outage_hours=lasted)  # fmt: skip
    upset = rng.random(len(at)) < np.minimum(0.04 + lasted / 60, 0.35)
    calls.add(scene=scene, customer=customer[upset], at=at[upset] + rng.uniform(0.04, 0.6, int(upset.sum())),
              reason="outage", cause=row[upset], trouble=1.7)  # fmt: skip


def _questions(*, scene: Scene) -> None:
    for reason, share in (("question", 0.5), ("usage", 0.25), ("complaint", 0.25)):
        customer, at = scene.times(rate=scene.operator.habits["contacts"] * share * scene.people.restless)
        calls.add(scene=scene, customer=customer, at=at, reason=reason, cause=_none(at),
                  trouble=1.4 if reason == "complaint" else 0.8)  # fmt: skip


def _messages(*, scene: Scene) -> None:
    customer, at = scene.times(rate=scene.operator.habits["messages"])
    scene.sheet.add(customer=customer, at=at, kind="message", source="app", department="digital", channel="app",
                    touchpoint="app", reason="service_news")  # fmt: skip


def _intents(*, scene: Scene) -> None:
    """Write what people do who think of leaving for reasons of their own; none of it moves them."""
    who, rng = scene.people, scene.rng
    customer = np.repeat(np.flatnonzero(np.isfinite(who.intent_at)), 2)
    at = scene.later(at=who.intent_at[customer], low=0.5, high=scene.operator.around.intent_days)
    calling = rng.random(len(at)) < 0.45
    calls.without_effect(scene=scene, customer=customer[calling], at=at[calling], reason="contract_enquiry")
    sour = rng.random(len(at)) < 0.25
    calls.without_effect(scene=scene, customer=customer[sour], at=scene.later(at=at[sour], low=0.1, high=9),
                         reason="complaint", trouble=2.0)  # fmt: skip
    looking = rng.random(len(at)) < 0.35
    scene.sheet.add(
        customer=customer[looking], at=scene.later(at=at[looking], low=0.05, high=6), kind="message", source="app",
        department="digital", channel="app", touchpoint="contract_page", reason="contract_enquiry", acts=False,
    )  # fmt: skip


def _reminders(*, scene: Scene) -> None:
    """Write reminders before somebody is cut off for not paying, and to a few who then pay."""
    who, rng = scene.people, scene.rng
    cut = np.repeat(np.flatnonzero(np.isfinite(who.removed_at) & (rng.random(len(who)) < 0.6)), 2)
    customer, at = scene.times(rate=0.03)
    everyone = np.concatenate([cut, customer])
    before = np.concatenate([who.removed_at[cut] - rng.uniform(4, 50, len(cut)), at])
    late = before > who.begins[everyone] + 1
    scene.sheet.add(
        customer=everyone[late], at=before[late], kind="message", source="billing", department="billing",
        channel="post", touchpoint="invoice", reason="payment_reminder", acts=False,
    )  # fmt: skip
