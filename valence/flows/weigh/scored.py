"""One bucket of customers, worked out: what bond and journeys say, as rows of the ledger. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from valence import journeys as paths
from valence import packs, terms
from valence.bond import blame, calibration, context, marks, scoring, states
from valence.flows.act import promised
from valence.flows.weigh import minds
from valence.journeys import cells, signs
from valence.ledger import rows, rules

COLUMNS = tuple(dict.fromkeys((*marks.COLUMNS, *signs.COLUMNS, "source", "interaction_id", "caused_by")))
SIXTY = 1


@dataclass(frozen=True)
class Asked:
    """What to work out with. `likely_since`: who was likely to leave by the last score of this model, since when.

    `objecting`: keys of customers who object to being scored: nothing is kept of how they stand.
    """

    mind: minds.Mind
    pack: packs.Pack
    pressure: context.Pressure
    as_of: float
    likely_since: Mapping[int, datetime | None]
    objecting: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Bucket:
    """What came out: rows to be written as they are, counts to be added up. verdicts: ours, not ours, cannot say."""

    written: tuple[rows.Rows, ...]
    weeks: cells.Cells
    handoffs: cells.Cells
    words: marks.WordCounts
    customers: int
    likely: int
    verdicts: tuple[int, int, int]


@dataclass(frozen=True)
class Case:
    """The bucket's customers, what led to what, and the links that blame follows."""

    asked: Asked
    journeys: terms.Journeys
    relationships: terms.Relationships
    links: terms.Links
    followed: terms.Links
    root: terms.Keys


def bucket(*, asked: Asked, journeys: terms.Journeys, relationships: terms.Relationships) -> Bucket:
    """Return everything about these customers. journeys.keys must equal relationships.keys."""
    case = case_of(asked=asked, journeys=journeys, relationships=relationships)
    found_risks = risks(case=case)
    found = blame.blame(
        model=asked.mind.model,
        journeys=journeys,
        relationships=relationships,
        pressure=asked.pressure,
        links=case.followed,
    )
    regions = relationships.words["region"]
    verdicts = found.losses.verdict
    return Bucket(
        written=(found_risks, _losses(case, found.losses), _shares(case, found), _promises(case), states_of(case=case)),
        weeks=paths.weeks.count(journeys=journeys, regions=regions),
        handoffs=paths.handoffs.count(journeys=journeys, links=case.links, regions=regions),
        words=marks.count_words(journeys=journeys),
        customers=len(found_risks.customer),
        likely=int(found_risks.likely_to_leave.sum()),
        verdicts=(
            int(np.sum(verdicts == terms.LossVerdict.OURS)),
            int(np.sum(verdicts == terms.LossVerdict.NOT_OURS)),
            int(np.sum(verdicts == terms.LossVerdict.CANNOT_SAY)),
        ),
    )


def case_of(*, asked: Asked, journeys: terms.Journeys, relationships: terms.Relationships) -> Case:
    """Return the customers with what led to what. journeys.keys must equal relationships.keys."""
    harmful = minds.harmful(model=asked.mind.model)
    links = paths.links.infer(journeys=journeys, pack=asked.pack, harmful=harmful, known_habits=asked.mind.habits)
    followed = paths.links.to_faults(journeys=journeys, links=links, pack=asked.pack, harmful=harmful)
    root = paths.links.roots(links=followed, rows=len(journeys))
    return Case(asked, journeys, relationships, links, followed, root)


def risks(*, case: Case) -> rows.Risks:
    """Return the risks of those who are customers at the moment asked for and do not object to being scored."""
    asked, journeys = case.asked, case.journeys
    found = scoring.score(
        model=asked.mind.model,
        journeys=journeys,
        relationships=case.relationships,
        pressure=asked.pressure,
        as_of=asked.as_of,
    )
    place = np.searchsorted(case.relationships.keys, found.keys)
    likely, since = _likely(case, found, place)
    p30, p60 = found.p_leave[:, 0], found.p_leave[:, SIXTY]
    found_risks = rows.Risks(
        **_figures(asked, found, case.relationships),
        bond_30d_ago=found.bond_30d_ago,
        likely_to_leave=likely,
        became_likely_at=since,
        act_by=np.where(likely, rules.act_by(as_of=asked.as_of, became=since, p_30d=p30, p_60d=p60), np.nan),
        why=found.why_words,
        **_named(journeys, found.why_row, "why_"),
        why_department=_word(journeys, "department", found.why_row),
        root_department=_word(journeys, "department", _root_of(case, found.why_row)),
        last_contact_at=_last_contact(case)[place],
    )
    return found_risks.taken(_scorable(asked, found_risks.customer)) if asked.objecting else found_risks


def _scorable(asked: Asked, keys: terms.Keys) -> rows.Flags:
    return ~np.isin(keys, np.array(sorted(asked.objecting), np.int64))


def figures(*, asked: Asked, found: scoring.Scores, relationships: terms.Relationships) -> rows.RiskFigures:
    """Return the figures of scores that were made from states."""
    return rows.RiskFigures(**_figures(asked, found, relationships))


def _figures(asked: Asked, found: scoring.Scores, relationships: terms.Relationships) -> dict[str, Any]:
    """The columns that a score from journeys and one from states have in common."""
    chances = {
        f"p_{name}_{days}d": values[:, column]
        for name, values in (("leave", found.p_leave), ("low", found.p_low), ("high", found.p_high))
        for column, days in enumerate((30, 60, 90))
    }
    return {
        "customer": found.keys,
        "model": asked.mind.card.version,
        "as_of": asked.as_of,
        "bond": found.bond,
        "bond_low": found.bond_low,
        "bond_high": found.bond_high,
        **chances,
        "p_clean_60d": found.p_clean_60d,
        "value_at_risk": _value_at_risk(found, relationships),
    }


def _value_at_risk(found: scoring.Scores, relationships: terms.Relationships) -> terms.Floats:
    """The money a month that is expected to leave within 60 days; 0 where the value is unknown."""
    place = np.searchsorted(relationships.keys, found.keys)
    return np.nan_to_num(found.p_leave[:, SIXTY] * relationships.monthly_value[place])


def _likely(case: Case, found: scoring.Scores, place: terms.Keys) -> tuple[rules.Flags, terms.Days]:
    """Return who is likely to leave, and since when (NaN where not)."""
    since = {key: terms.days(moment) for key, moment in case.asked.likely_since.items() if moment}
    before = np.array([since.get(key, np.nan) for key in found.keys.tolist()])
    was = np.array([key in case.asked.likely_since for key in found.keys.tolist()], np.bool_)
    p60 = found.p_leave[:, SIXTY]
    likely = rules.likely_to_leave(p_60d=p60, p_clean_60d=found.p_clean_60d, was_likely=was)
    then = np.zeros((len(found), len(rules.LOOK_BACK_DAYS)), np.bool_)
    fresh = np.flatnonzero(likely & ~np.isfinite(before))
    then[fresh] = _likely_then(case, place[fresh])
    became = rules.became_likely_at(as_of=case.asked.as_of, before=before, likely_then=then)
    return likely, np.where(likely, became, np.nan)


def _likely_then(case: Case, customers: terms.Keys) -> rules.Flags:
    """Return for customers (k,) whether they were likely to leave on each day of rules.LOOK_BACK_DAYS, (k, d)."""
    model, days = case.asked.mind.model, len(rules.LOOK_BACK_DAYS)
    if not len(customers):
        return np.zeros((0, days), np.bool_)
    chosen = np.isin(np.arange(len(case.relationships)), customers)
    people = case.relationships.taken(chosen)
    journeys = case.journeys.aligned_to(people.keys)
    asked = np.repeat(np.arange(len(people)), days)
    at = case.asked.as_of - np.tile(np.array(rules.LOOK_BACK_DAYS, float), len(people))
    marked = marks.read(marks=model.marks, journeys=journeys)
    memory = model.layout.memory(marked=marked, journeys=journeys, customers=asked, at=at)
    around = context.context(relationships=people, customers=asked, at=at, pressure=case.asked.pressure)
    now, clean = (
        model.calibration.chance(calibration.log_summed_hazard(model=model, context=around, memory=each))[:, SIXTY]
        for each in (memory, np.zeros_like(memory))
    )
    nobody_was = np.zeros(len(asked), np.bool_)
    likely = rules.likely_to_leave(p_60d=now, p_clean_60d=clean, was_likely=nobody_was)
    return likely.reshape(len(people), days)


def _last_contact(case: Case) -> terms.Days:
    """Return when each customer (c,) last got in touch, NaN for never."""
    contact = np.flatnonzero(signs.read(journeys=case.journeys, pack=case.asked.pack).contact)
    last = np.full(len(case.journeys.keys), np.nan)
    np.fmax.at(last, case.journeys.owners()[contact], case.journeys.occurred[contact])
    return last


def _losses(case: Case, found: blame.Losses) -> rows.Losses:
    journeys = case.journeys
    return rows.Losses(
        customer=found.key,
        model=case.asked.mind.card.version,
        left_at=found.left,
        attributable=found.attributable,
        attributable_low=found.attributable_low,
        attributable_high=found.attributable_high,
        verdict=found.verdict,
        margin=found.margin,
        top_department=found.top_department,
        **_named(journeys, found.top_row, "top_"),
        root_department=found.root_department,
        **_named(journeys, found.root_row, "root_"),
        began_department=found.began_department,
        hurt_department=found.hurt_department,
        began_words=found.began_words,
        hurt_words=found.hurt_words,
        competitor_pressure=found.competitor_pressure,
    )


def _shares(case: Case, found: blame.Blame) -> rows.Shares:
    journeys, shares = case.journeys, found.shares
    return rows.Shares(
        loss=found.losses.key[shares.loss],
        **_named(journeys, shares.row),
        occurred_at=journeys.occurred[shares.row],
        kind=_word(journeys, "kind", shares.row),
        department=shares.department,
        words=shares.words,
        effect=shares.effect,
        effect_low=shares.effect_low,
        effect_high=shares.effect_high,
        p_would_have_stayed=shares.p_would_have_stayed,
        p_low=shares.p_low,
        p_high=shares.p_high,
        **_named(journeys, shares.root_row, "root_"),
        root_department=shares.root_department,
    )


def _promises(case: Case) -> rows.Promises:
    return promised.rows_of(journeys=case.journeys, now=case.asked.as_of, pack=case.asked.pack)


def states_of(*, case: Case) -> rows.States:
    """Return the states of those who are customers now and may be scored: others need none until that changes."""
    present = scoring.present_at(relationships=case.relationships, as_of=case.asked.as_of)
    model = case.asked.mind.model
    found = states.from_journeys(model=model, journeys=case.journeys, as_of=case.asked.as_of)
    present = present[_scorable(case.asked, found.keys[present])]
    return rows.States(
        customer=found.keys[present],
        model=case.asked.mind.card.version,
        at=found.at[present],
        sums=[memory.tobytes() for memory in found.memory[present].astype(np.float32)],
        newer=False,
    )


def weeks(*, counted: cells.Cells) -> rows.Weeks:
    """Return week counts as they are written."""
    said = {name: column.said() for name, column in counted.words.items()}
    return rows.Weeks(
        week=counted.week,
        region=said["region"],
        kind=said["kind"],
        department=said["department"],
        fact=said["fact"],
        interactions=counted.counts["interactions"],
        customers=counted.counts["customers"],
    )


def handoffs(*, counted: cells.Cells) -> rows.Handoffs:
    """Return counts of hand-offs as they are written."""
    said = {name: column.said() for name, column in counted.words.items()}
    return rows.Handoffs(
        week=counted.week,
        region=said["region"],
        cause_department=said["cause"],
        effect_department=said["effect"],
        links=counted.counts["links"],
        inferred=counted.counts["inferred"],
    )


def unknown_words(*, counts: marks.WordCounts, pack: packs.Pack) -> rows.UnknownWords:
    """Return the words that the pack does not know, most frequent first."""
    found = counts.unknown(pack=pack)
    return rows.UnknownWords(
        column=[column for column, _, _ in found],
        word=[word for _, word, _ in found],
        interactions=[count.interactions for _, _, count in found],
        customers=[count.customers for _, _, count in found],
    )


def _root_of(case: Case, row: terms.Keys) -> terms.Keys:
    return np.where(row >= 0, case.root[row], -1) if len(case.root) else row


def _word(journeys: terms.Journeys, name: str, row: terms.Keys) -> rows.Texts:
    words = signs.column(journeys=journeys, name=name)
    said = np.array([*words.vocabulary, ""], object)
    return said[np.where(row >= 0, words.codes[row], -1)] if len(journeys) else np.full(len(row), "", object)


def _named(journeys: terms.Journeys, row: terms.Keys, prefix: str = "") -> dict[str, Any]:
    """The two columns by which an interaction is found again; "" where there is none."""
    return {f"{prefix}source": _word(journeys, "source", row), f"{prefix}interaction_id": _text(journeys, row)}


def _text(journeys: terms.Journeys, row: terms.Keys) -> rows.Texts:
    texts = journeys.texts["interaction_id"]
    return np.where(row >= 0, texts[row], "") if len(journeys) else np.full(len(row), "", object)
