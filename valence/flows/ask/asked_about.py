"""What surveys should have asked about and what came of it, read for the evidence: encounters, decisions, answers.

An answer belongs to the encounter that it names as its cause; without one, to the last encounter of its customer with
a team in the two days before. Its team is its own, else the encounter's.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pandas as pd
from django.conf import settings

from valence import interactions, sums, terms
from valence.customers import queries as customers
from valence.insights import scores
from valence.insights.integrity import moments as evidence
from valence.surveys import queries_asking
from valence.surveys.asking import Why

UNDUE, WITHHELD, ASKED = evidence.UNDUE, evidence.WITHHELD, evidence.ASKED
BROUGHT_ABOUT = frozenset({Why.NO_CONSENT, Why.NO_CHANNEL, Why.TOO_LATE})
IS_ASKED = frozenset({Why.ASKED, Why.ASKED_UNHAPPY})
SHARED = frozenset({"link", "store", "kiosk", "paper"})
SOON, BEFORE = timedelta(days=60), timedelta(days=2)
MOST_FACTS, MOST_REASONS = 10, 6
LEAST_TIMES = 20
PATIENCE = 5.0
STAFF = '"purpose":"staff"'
MARKS = {
    "seconds": r'"seconds":\s*([0-9.]+)',
    "device": r'"device":\s*"([0-9a-f]+)"',
    "straight": r'"straight":\s*(true|false)',
}
SAID_ASKED = r'"asked":\s*"([a-z_]+)"'
_COLUMNS = ("customer_key", "source", "interaction_id", "occurred_at", "team_id", "channel", "caused_by")


@sums.kept_so(patience=PATIENCE)
def scales(*, scope: terms.Scope, since: datetime, until: datetime) -> Mapping[str, int]:
    """Return how often each scale was answered in a period about something that happened, the commonest first."""

    def told(table: ibis.Table) -> ibis.Table:
        rows = table.filter(table.score.notnull() & table.scale.notnull() & (table.scale != ""))
        return rows.filter((rows.team_id.fill_null("") != "") | (rows.caused_by.fill_null("") != ""))

    if not interactions.ask(question=lambda table: told(table).limit(1), since=since, until=until):
        return {}
    keys = _keys(scope)

    def counted(table: ibis.Table) -> ibis.Table:
        mine = told(table).semi_join(ibis.memtable(keys), "customer_key")
        return mine.group_by("scale").aggregate(number=ibis._.count())

    counts = interactions.ask(question=counted, since=since, until=until)
    found = {row["scale"]: int(row["number"]) for row in counts}
    known = {name: number for name, number in found.items() if name in scores.SCALES}
    return dict(sorted(known.items(), key=lambda item: -item[1]))


def moments(*, scope: terms.Scope, since: datetime, until: datetime, scale: str) -> evidence.Moments:
    """Return everything that the evidence looks at, on one scale: values of `terms` only, nobody is named."""
    keys = _keys(scope)
    answers = _answers(keys, since, until, scale)
    decided = _decided(keys, since, until)
    whom = pd.DataFrame({"customer_key": _union(answers, decided, keys, since, until)})
    encounters = _encounters(whom, since, until)
    decided = _with_said(decided, encounters)
    rows = _joined(answers, encounters, decided)
    rows = rows[rows.team != ""].sort_values("occurred_at").reset_index(drop=True)
    rows["later"] = _later(rows, _troubles(whom, since, until), until)
    return _as_moments(rows, scores.SCALES[scale])


def _answers(keys: pd.DataFrame, since: datetime, until: datetime, scale: str) -> pd.DataFrame:
    def asked(table: ibis.Table) -> ibis.Table:
        rows = table.filter(table.score.notnull() & (table.scale == scale))
        said = rows.attributes.fill_null("")
        rows = rows.filter(~said.contains(STAFF)).semi_join(ibis.memtable(keys), "customer_key")
        marked = {name: rows.attributes.fill_null("").re_extract(mark, 1).fill_null("") for name, mark in MARKS.items()}
        return rows.select(*_COLUMNS, "score", "text", **marked)

    told = interactions.ask(question=asked, since=since, until=until)
    found = _frame(told, (*_COLUMNS, "score", "text", *MARKS))
    found["answer"] = found.source + ":" + found.interaction_id
    return found


def _encounters(whom: pd.DataFrame, since: datetime, until: datetime) -> pd.DataFrame:
    def asked(table: ibis.Table) -> ibis.Table:
        rows = table.filter(table.team_id.notnull() & (table.team_id != "") & table.score.isnull())
        rows = rows.semi_join(ibis.memtable(whom), "customer_key")
        said = rows.attributes.fill_null("").re_extract(SAID_ASKED, 1).fill_null("")
        return rows.select(*_COLUMNS, "facts", "promise", "reason", "wait_minutes", said=said)

    columns = (*_COLUMNS, "facts", "promise", "reason", "wait_minutes", "said")
    told = interactions.ask(question=asked, since=since - BEFORE - timedelta(days=30), until=until)
    found = _frame(told, columns)
    found["ref"] = found.source + ":" + found.interaction_id
    return found


def _troubles(whom: pd.DataFrame, since: datetime, until: datetime) -> pd.DataFrame:
    """Return when customers complained or scored low."""
    low = {name: one.least + (one.most - one.least) / 3 for name, one in scores.SCALES.items()}

    def asked(table: ibis.Table) -> ibis.Table:
        bad = [(table.scale == name) & (table.score <= limit) for name, limit in low.items()]
        rows = table.filter(ibis.or_(table.reason == "complaint", *bad))
        return rows.semi_join(ibis.memtable(whom), "customer_key").select("customer_key", "occurred_at")

    told = interactions.ask(question=asked, since=since, until=until + SOON)
    return _frame(told, ("customer_key", "occurred_at"))


def _decided(keys: pd.DataFrame, since: datetime, until: datetime) -> pd.DataFrame:
    told = queries_asking.decisions(since=since, until=until)
    rows = [(one.customer_key, one.ref, one.why) for one in told]
    found = pd.DataFrame(rows, columns=["customer_key", "ref", "why"]).astype({"customer_key": np.int64})
    return found[found.customer_key.isin(keys.customer_key)].drop_duplicates("ref", keep="last")


def _union(
    answers: pd.DataFrame, decided: pd.DataFrame, keys: pd.DataFrame, since: datetime, until: datetime
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return whose encounters matter: who answered, about whom was decided, of whom another tool says if it asked."""

    def asked(table: ibis.Table) -> ibis.Table:
        rows = table.filter(table.attributes.fill_null("").re_search(SAID_ASKED))
        return rows.semi_join(ibis.memtable(keys), "customer_key").select("customer_key").distinct()

    told = [row["customer_key"] for row in interactions.ask(question=asked, since=since, until=until)]
    return np.unique(np.concatenate([answers.customer_key, decided.customer_key, np.array(told, np.int64)]))


def _with_said(decided: pd.DataFrame, encounters: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions with those that another tool wrote into its encounters: `asked`, or why not."""
    said = encounters[encounters.said != ""][["customer_key", "ref", "said"]].rename(columns={"said": "why"})
    return pd.concat([said, decided], ignore_index=True).drop_duplicates("ref", keep="last")


def _joined(answers: pd.DataFrame, encounters: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each answer and for each encounter that was decided about, with what is known of both."""
    answers = answers.sort_values("occurred_at").reset_index(drop=True)
    named = answers.caused_by.where(answers.caused_by.isin(encounters.ref), "")
    handled = encounters.sort_values("occurred_at")[["customer_key", "occurred_at", "ref"]]
    last = pd.merge_asof(
        answers[["customer_key", "occurred_at"]], handled, on="occurred_at", by="customer_key",
        tolerance=pd.Timedelta(BEFORE), allow_exact_matches=False,
    )["ref"]  # fmt: skip
    near = last.where((named == "") & (answers.caused_by == ""), None)
    given = answers.assign(ref=named.where(named != "", near).fillna(""), answered_at=answers.occurred_at)
    given = given.drop(columns=["occurred_at", "source", "interaction_id", "caused_by"])
    about = encounters.drop(columns=["source", "interaction_id", "caused_by", "customer_key", "channel"])
    rows = given.merge(about.rename(columns={"team_id": "of"}), on="ref", how="left").merge(
        decided[["ref", "why"]], on="ref", how="left"
    )
    silent = decided[~decided.ref.isin(given.ref)].merge(about.rename(columns={"team_id": "of"}), on="ref")
    rows = pd.concat([rows, silent], ignore_index=True)
    for name in ("team_id", "of", "facts", "promise", "reason", "answer", "text", "why", "channel", *MARKS):
        rows[name] = (rows[name] if name in rows else pd.Series("", index=rows.index)).fillna("")
    rows["customer_key"] = rows.customer_key.astype(np.int64)
    rows["occurred_at"] = rows.occurred_at.fillna(rows.answered_at)
    rows["team"] = rows.team_id.where(rows.team_id != "", rows.of)
    return rows


def _later(rows: pd.DataFrame, troubles: pd.DataFrame, until: datetime) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return 1 where a customer complained, scored low or left within sixty days, NaN where they are not over."""
    at = rows.answered_at.fillna(rows.occurred_at)
    asked = pd.DataFrame({"customer_key": rows.customer_key, "at": at, "row": np.arange(len(rows))}).sort_values("at")
    events = troubles.rename(columns={"occurred_at": "trouble"}).sort_values("trouble")
    next_one = pd.merge_asof(
        asked, events, left_on="at", right_on="trouble", by="customer_key", direction="forward",
        allow_exact_matches=False, tolerance=pd.Timedelta(SOON),
    ).sort_values("row")["trouble"]  # fmt: skip
    people = customers.relationships()
    place = np.clip(np.searchsorted(people.keys, rows.customer_key), 0, max(len(people) - 1, 0))
    left = np.where(people.keys[place] == rows.customer_key, people.left[place], np.nan)
    left = np.where(people.voluntary[place], left, np.nan)
    days = _days(at)
    gone = (left > days) & (left <= days + SOON.days)
    unknown = days > terms.days(until) - SOON.days
    return np.where(unknown, np.nan, (next_one.notna().to_numpy() | gone).astype(float))


def _as_moments(rows: pd.DataFrame, scale: scores.Scale) -> evidence.Moments:
    team, teams = pd.factorize(rows.team, sort=True)
    facts, names = _facts(rows)
    seconds = pd.to_numeric(rows.seconds, errors="coerce").to_numpy(float)
    straight = rows.straight.map({"true": 1.0, "false": 0.0}).astype(float).to_numpy()
    device = np.where(rows.device == "", -1, pd.factorize(rows.device)[0])
    answered = ~rows.score.isna().to_numpy() if "score" in rows else np.zeros(len(rows), bool)
    asked = answered | rows.why.isin(IS_ASKED).to_numpy()
    state = np.where(asked, ASKED, np.where(rows.why.isin(BROUGHT_ABOUT), WITHHELD, UNDUE))
    return evidence.Moments(
        scale=scale,
        teams=tuple(str(name) for name in teams),
        fact_names=names,
        team=team.astype(np.int32),
        refs=rows.ref.to_numpy(object),
        answers=rows.answer.to_numpy(object),
        occurred=_days(rows.occurred_at),
        facts=facts,
        mix=_mix(rows),
        state=state.astype(np.int32),
        why=rows.why.to_numpy(object),
        score=rows.score.to_numpy(float),
        answered=_days(rows.answered_at),
        seconds=seconds,
        device=device.astype(np.int64),
        shared=rows.channel.isin(SHARED).to_numpy(),
        text=rows.text.to_numpy(object),
        straight=straight,
        later=rows.later.to_numpy(float),
        target=_target(scale.name),
    )


def _target(scale: str) -> float | None:
    """Return the mean score from which on a bonus is paid, None where nobody said or it is no number."""
    try:
        return float(settings.BONUS_TARGETS[scale])
    except (KeyError, ValueError):
        return None


def _facts(rows: pd.DataFrame) -> tuple[np.ndarray[Any, np.dtype[np.float64]], tuple[str, ...]]:
    """Return what went wrong or right, a column for each common fact: a broken promise and waiting among them."""
    said = [set(words.split("|")) - {""} for words in rows.facts]
    counted = Counter(fact for one in said for fact in one)
    common = [fact for fact, times in counted.most_common(MOST_FACTS) if times >= LEAST_TIMES]
    columns = [np.array([fact in one for one in said], float) for fact in common]
    broken = (rows.promise == "broken").to_numpy(float)
    waited = np.log1p(pd.to_numeric(rows.wait_minutes, errors="coerce").fillna(0.0).clip(0, 120).to_numpy(float))
    return np.column_stack([*columns, broken, waited]), (*common, "promise_broken", "wait")


def _mix(rows: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the case mix as zeros and ones: segment, region, and what it was about."""
    people = customers.relationships()
    place = np.clip(np.searchsorted(people.keys, rows.customer_key), 0, max(len(people) - 1, 0))
    said = {name: np.array(people.words[name].said(), dtype=object)[place] for name in ("segment", "region")}
    columns = []
    for values in (said["segment"], said["region"], rows.reason.to_numpy(object)):
        common = [word for word, times in Counter(values).most_common(MOST_REASONS + 1) if times >= LEAST_TIMES]
        columns += [(values == word).astype(float) for word in common[1:]]
    return np.column_stack(columns) if columns else np.zeros((len(rows), 0))


def _keys(scope: terms.Scope) -> pd.DataFrame:
    """Return the keys of the customers in scope."""
    return pd.DataFrame({"customer_key": customers.known_keys(scope=scope)})


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=list(columns))
    for name in columns:
        if name in ("score", "wait_minutes"):
            found[name] = found[name].astype(float)
        elif name == "customer_key":
            found[name] = found[name].astype(np.int64)
        elif name == "occurred_at":
            found[name] = pd.to_datetime(found[name], utc=True).astype("datetime64[us, UTC]")
        else:
            found[name] = found[name].fillna("")
    return found


def _days(at: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return moments as days since 1970, NaN where there is none."""
    since = pd.to_datetime(at, utc=True) - pd.Timestamp(0, tz=dt.UTC)
    return np.asarray(since / pd.Timedelta(days=1), float)
